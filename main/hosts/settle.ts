// After a save that may have died half-way: what stands there, made whole again.
import { closeSync, openSync } from 'node:fs'
import { hostsBytes } from './file.ts'
import { putBack } from './in-place.ts'
import { refusal } from './refusal.ts'
import { bringBack } from './temporary.ts'
import { wayTo } from './way.ts'

/**
 * Which content the file has now; one that does not exist has that of no bytes. One that is torn between the two, as a
 * save in place leaves it when it dies (every byte is that of before or that of after at its place), is put back to
 * `before` first. Throws a Failure where it cannot be read, or is torn and cannot be written.
 */
export async function settleHosts(path: string, before: Buffer, after: Buffer): Promise<'before' | 'after' | 'foreign'> {
  try {
    bringBack(path)
    const { target } = wayTo(path)
    const now = (await hostsBytes(target)) ?? Buffer.alloc(0)
    if (now.equals(before)) return 'before'
    if (now.equals(after)) return 'after'
    if (!isTorn(now, before, after)) return 'foreign'
    const fd = openSync(target, 'r+')
    await putBack(fd, before, after).finally(() => closeSync(fd))
    return 'before'
  } catch (error) {
    throw refusal(path, error)
  }
}

function isTorn(now: Buffer, before: Buffer, after: Buffer): boolean {
  if (now.length < Math.min(before.length, after.length) || now.length > Math.max(before.length, after.length)) return false
  for (let at = 0; at < now.length; at += 1) {
    const byte = now[at]
    // A file system may know a file's new length before it has the bytes, which are zeros then.
    if (byte !== before[at] && byte !== after[at] && !(byte === 0 && at >= before.length)) return false
  }
  return true
}
