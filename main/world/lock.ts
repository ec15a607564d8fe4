// A lock file that names the process that holds it. A dead process's lock is stale, also when its id was given away again.
import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rmdir, stat, unlink, writeFile } from 'node:fs/promises'

interface Holder {
  pid: number
  /** When the process began, in the kernel's own clock; null where the system does not tell. */
  began: string | null
}

/** Milliseconds. */
const takeLimit = 10_000
const guardLimit = 3_000

/** Takes the lock for this process. Answers null, or the id of the living process that holds it. */
export async function takeLock(file: string): Promise<number | null> {
  const mine = `${file}.${randomUUID()}`
  // Written whole before it is linked into place: nobody ever reads a lock without a process id.
  await writeFile(mine, `${process.pid} ${(await stateOf(process.pid))?.began ?? ''}\n`, { mode: 0o600 })
  try {
    const end = Date.now() + takeLimit
    while (Date.now() < end) {
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
  return livingIn(await readFile(file, 'utf8').catch(() => ''))
}

async function livingIn(text: string): Promise<number | null> {
  const [pidText = '', began = ''] = text.trim().split(' ')
  const holder: Holder = { pid: Number(pidText), began: began === '' ? null : began }
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return null
  return (await lives(holder)) ? holder.pid : null
}

/**
 * Removes a stale lock. Only one process at a time may, and it looks again first: otherwise a slow one would remove the
 * lock that a faster one has taken meanwhile. A guard that outlives its process gives way after a while.
 */
async function clearStale(file: string): Promise<void> {
  const guard = `${file}.clearing`
  try {
    await mkdir(guard)
  } catch {
    const { mtimeMs } = await stat(guard).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > guardLimit) await rmdir(guard).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    return
  }
  try {
    // One that is not there now is not stale: it may be taken before it would be removed.
    if ((await livingIn(await readFile(file, 'utf8'))) === null) await unlink(file)
  } catch {
    // Given up by itself.
  } finally {
    await rmdir(guard).catch(() => {})
  }
}

async function lives({ pid, began }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const now = await stateOf(pid)
  // A zombie runs no more; it only waits for its parent to hear of its end.
  if (now !== null && 'ZX'.includes(now.state)) return false
  return began === null || now === null || began === now.began
}

/**
 * Fields 3 and 22 of /proc/PID/stat (proc(5)): no two processes with the same id share the second. The name in field 2
 * may hold anything. Null where the system does not tell.
 */
async function stateOf(pid: number): Promise<{ state: string; began: string } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, began] = [fields[0], fields[19]]
  return state && began ? { state, began } : null
}
