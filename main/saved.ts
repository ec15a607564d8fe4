// A text in a file of the administrator's choice.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { Failure } from '../preload/contract/failure.ts'

/** For its owner only: mail addresses stand in it. An older file is never overwritten. */
export async function saveNew(file: string, text: string): Promise<string> {
  if (!isAbsolute(file)) throw new Failure('bad-input', `“${file}” is no whole path of a file.`, 'Begin it with the folder’s whole path.')
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new Failure('failed', `The folder ${folder} cannot be made: ${codeOf(error)}.`, 'Choose another.')
  })
  await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (codeOf(error) === 'EEXIST') throw new Failure('failed', `${file} is there already.`, 'Choose another name.')
    throw new Failure('failed', `${file} cannot be written: ${codeOf(error)}.`, 'Choose another folder, or make it writable.')
  })
  return file
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error))
