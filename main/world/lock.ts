// A lock file that names the process that holds it. A dead process's lock is stale, also when its id was given away again.
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'

interface Holder {
  pid: number
  /** When the process began, in the kernel's own clock; null where the system does not tell. */
  began: string | null
}

/** Takes the lock for this process. Answers null, or the id of the living process that holds it. */
export async function takeLock(file: string): Promise<number | null> {
  const mine = `${file}.${randomUUID()}`
  // Written whole before it is linked into place: nobody ever reads a lock without a process id.
  await writeFile(mine, `${process.pid} ${(await beganAt(process.pid)) ?? ''}\n`, { mode: 0o600 })
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
  const [pidText = '', began = ''] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ')
  const holder: Holder = { pid: Number(pidText), began: began === '' ? null : began }
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return null
  return (await lives(holder)) ? holder.pid : null
}

/** By rename, so that of two processes that find the same stale lock only one removes it. */
async function clearStale(file: string): Promise<void> {
  const aside = `${file}.stale.${randomUUID()}`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  // Between our look and the rename another process may have taken the lock: it keeps it.
  if ((await lockHolder(aside)) !== null) await linked(aside, file)
  await unlink(aside).catch(() => {})
}

async function lives({ pid, began }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const now = await beganAt(pid)
  return began === null || now === null || began === now
}

/** Field 22 of /proc/PID/stat (proc(5)), which no two processes with the same id share. The name in field 2 may hold anything. */
async function beganAt(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
