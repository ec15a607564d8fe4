// Who runs the relay of a home folder: a lock file with a process id. A dead process's lock is stale.
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'

/** Takes the lock for this process. Answers null, or the id of the living process that holds it. */
export async function takeLock(file: string): Promise<number | null> {
  const mine = `${file}.${process.pid}`
  // Written whole before it is linked into place: nobody ever reads a lock without a process id.
  await writeFile(mine, `${process.pid}\n`, { mode: 0o600 })
  try {
    for (let tries = 0; tries < 10; tries++) {
      if (await linked(mine, file)) return null
      const holder = await lockHolder(file)
      if (holder !== null) return holder
      await clearStale(file)
    }
    throw new Error(`${file} is taken and given up again and again`)
  } finally {
    await unlink(mine).catch(() => {})
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

export async function releaseLock(file: string): Promise<void> {
  if ((await lockHolder(file)) === process.pid) await unlink(file).catch(() => {})
}

/** The living process that holds the lock; null where nobody does. */
export async function lockHolder(file: string): Promise<number | null> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''))
  return Number.isInteger(pid) && pid > 0 && (await isRelay(pid)) ? pid : null
}

/** By rename, so that of two processes that find the same stale lock only one removes it. */
async function clearStale(file: string): Promise<void> {
  const aside = `${file}.stale.${process.pid}`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  // Between our look and the rename another process may have taken the lock: it keeps it.
  if ((await lockHolder(aside)) !== null) await linked(aside, file)
  await unlink(aside).catch(() => {})
}

/** Alive, and not a stranger that was given the dead relay's process id (where the system tells the command line). */
async function isRelay(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  if (pid === process.pid) return true
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return commandLine === null || commandLine.includes('relay')
}
