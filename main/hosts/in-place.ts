// Writing the hosts file over itself, where it cannot be replaced. At each moment every byte is that of the old or that
// of the new content at its place, so that whoever knows both can put it right after a crash.
import fs, { ftruncateSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { firstDifference } from './difference.ts'

/** The old content could not be put back either: `settleHosts` will, when the disk lets it. */
export class HalfWritten extends Error {}

/** `before` is what stands there. Throws the system's error; then `before` stands there again, or it is HalfWritten. */
export async function writeInPlace(fd: number, before: Buffer, after: Buffer): Promise<void> {
  try {
    // What makes it longer comes first: where the disk is full, nothing has been overwritten yet.
    writeAll(fd, after, before.length, after.length)
    writeAll(fd, after, firstDifference(before, after), Math.min(before.length, after.length))
    if (after.length < before.length) ftruncateSync(fd, after.length)
    await sync(fd)
  } catch (error) {
    await putBack(fd, before, after).catch((second: unknown) => {
      throw new HalfWritten(String(second), { cause: error })
    })
    throw error
  }
}

/** Of a file that is torn between the two. */
export async function putBack(fd: number, before: Buffer, after: Buffer): Promise<void> {
  writeAll(fd, before, firstDifference(before, after), before.length)
  ftruncateSync(fd, before.length)
  await sync(fd)
}

/** A system may write a part only. */
export function writeAll(fd: number, bytes: Buffer, from: number, to: number): void {
  for (let at = from; at < to; ) at += writeSync(fd, bytes, at, to - at, at)
}

export const sync = promisify(fs.fsync)
