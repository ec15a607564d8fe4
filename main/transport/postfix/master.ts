// The running master of an instance: found by the lock that it holds, which everybody may see.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instance } from './instance.ts'

export interface Master {
  pid: number
  /** When it began. */
  since: Date
  /** It is stopped by a signal or a debugger: it would not hear that it is to end. */
  isHalted: boolean
}

/** Null where this instance does not run. */
export async function findMaster({ queueDir }: Pick<Instance, 'queueDir'>): Promise<Master | null> {
  const file = await stat(join(queueDir, 'pid', 'master.pid')).catch(() => null)
  if (!file) return null
  const pid = holderOf(await readFile('/proc/locks', 'utf8').catch(() => ''), file.ino)
  return pid === null ? null : { pid, since: file.mtime, isHalted: 'Tt'.includes((await stateOf(pid)) ?? '-') }
}

/** `3: FLOCK  ADVISORY  WRITE 21676 fe:00:2458299 0 EOF` (proc(5)); the file's number alone, since some file systems tell another device. */
export function holderOf(locks: string, inode: number): number | null {
  for (const line of locks.split('\n')) {
    const [, pid, of] = /^\d+: (?:FLOCK|POSIX|OFDLCK)\s+\w+\s+WRITE\s+(\d+) [\da-f]+:[\da-f]+:(\d+) /.exec(line) ?? []
    if (Number(of) === inode && Number(pid) > 0) return Number(pid)
  }
  return null
}

/** Field 3 of /proc/PID/stat; null where it is gone. */
async function stateOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[0] || null
}

/** When its queue manager began, which a reload starts anew; null where that is not known. */
export async function managerSince(pid: number): Promise<Date | null> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  for (const child of children.split(' ').filter((one) => one !== '')) {
    const text = await readFile(`/proc/${child}/stat`, 'utf8').catch(() => '')
    if (!/\((n|o)?qmgr\) /.test(text)) continue
    const [up = ''] = (await readFile('/proc/uptime', 'utf8')).split(' ')
    // Field 22, in hundredths of a second since the machine began (proc(5), USER_HZ).
    const began = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]) / 100
    return new Date(Date.now() - (Number(up) - began) * 1000)
  }
  return null
}
