// A lock is one process's, and a dead one's lock is nobody's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockHolder, releaseLock, takeLock } from '../../main/world/lock.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewise-test-'))
  file = join(folder, 'lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('is taken once and given back', async () => {
  expect(await takeLock(file)).toBeNull()
  expect(await takeLock(file)).toBe(process.pid)
  expect(await lockHolder(file)).toBe(process.pid)
  await releaseLock(file)
  expect(await lockHolder(file)).toBeNull()
  expect(await takeLock(file)).toBeNull()
})

it('is taken from a dead process', async () => {
  const dead = spawn(process.execPath, ['-e', ''])
  await once(dead, 'exit')
  await writeFile(file, `${dead.pid} 1\n`)
  expect(await takeLock(file)).toBeNull()
})

it.each(['', 'nonsense', '-1', '0 0'])('is taken from a file that names no process: “%s”', async (text) => {
  await writeFile(file, text)
  expect(await takeLock(file)).toBeNull()
})

it('is taken from a dead process whose id another one got since', async () => {
  await takeLock(file)
  const [, began] = (await readFile(file, 'utf8')).trim().split(' ')
  if (!began) return expect(await takeLock(file)).toBe(process.pid)
  await writeFile(file, `${process.pid} ${Number(began) - 1}\n`)
  expect(await takeLock(file)).toBeNull()
})

it('is taken over although a guard was left by a process that died while it cleared', async () => {
  await writeFile(file, '1999999999 1\n')
  await mkdir(`${file}.clearing`)
  await utimes(`${file}.clearing`, 1, 1)
  expect(await takeLock(file)).toBeNull()
})

it('goes to one of many that find it stale at the same time', async () => {
  for (let round = 0; round < 20; round++) {
    await writeFile(file, '1999999999 1\n')
    const answers = await Promise.all(Array.from({ length: 20 }, () => takeLock(file)))
    expect(answers.filter((answer) => answer === null)).toHaveLength(1)
    expect(await readdir(folder)).toEqual(['lock'])
  }
})
