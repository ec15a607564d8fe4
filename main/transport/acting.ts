// What acting on messages needs in every transport: one after the other, and how it ended in words.
import { mkdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { Failure } from '../../preload/contract/failure.ts'
import type { Message, Outcome } from '../../preload/contract/queues.ts'
import { reason } from './reason.ts'

/** How it ended for one message. */
export type Ended = Pick<Outcome, 'outcome' | 'text'>

export async function makeFolder(folder: string): Promise<void> {
  if (!isAbsolute(folder)) throw new Failure('bad-input', `“${folder}” is no whole path of a folder.`)
  try {
    await makeWithParents(folder)
    if (!(await stat(folder)).isDirectory()) throw new Error('a file stands in its place')
  } catch (error) {
    throw new Failure('failed', `The folder ${folder} cannot be written: ${reason(error)}.`, 'Choose another, or make it writable.')
  }
}

/** As mkdir does with `recursive`, which never ends where a file system refuses with ENOENT, as /proc does. */
async function makeWithParents(folder: string): Promise<void> {
  const make = () => mkdir(folder, { mode: 0o700 })
  const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)
  try {
    await make()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeWithParents(dirname(folder))
    await make()
  }
}

export const failed = (error: unknown): Ended => ({ outcome: 'failed', text: error instanceof Failure ? error.message : `${reason(error)}.` })

export function gone(end: Message['end']): Ended {
  if (!end) return { outcome: 'gone', text: 'It is no longer in the queue.' }
  return { outcome: 'gone', text: `It was ${end.how} before: ${end.text}` }
}

/** Cancelled, it begins with no further one. */
export async function inTurn<T>(list: readonly T[], atOnce: number, signal: AbortSignal, work: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values()
  const worker = async () => {
    for (const one of rest) {
      if (signal.aborted) return
      await work(one)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, worker))
}
