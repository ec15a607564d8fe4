// Saves the hosts file so that it is wholly old or wholly new at every moment.
import { accessSync, chmodSync, closeSync, constants, fchmodSync, fchownSync, fstatSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, type BigIntStats } from 'node:fs'
import { Failure } from '../../preload/contract/failure.ts'
import { lockFile } from './file-lock.ts'
import { bytesIn, hashOf, isOfHash } from './file.ts'
import { sync, writeAll, writeInPlace } from './in-place.ts'
import { copyLabels } from './labels.ts'
import { refusal } from './refusal.ts'
import { bringBack, removeLeftTemporaries, syncFolder, withTemporary } from './temporary.ts'
import { wayTo, type Way } from './way.ts'
import { windowsFiles } from './windows-files.ts'

/** Besides the right to write, for its owner: as systems make a hosts file. */
const newMode = 0o644

/**
 * `expected` is the hash of what is to be replaced: that of no bytes where there is no file. Throws a Failure
 * `changed-meanwhile` where something else stands there, `needs-administrator` where this user may not, and `failed`
 * otherwise; what stood there still stands there then.
 *
 * Between the last look and the rename some microseconds remain in which what another program writes is lost: no system
 * has a rename that asks for a content. Two of Edgewise's own saves are kept apart by a lock.
 */
export async function saveHosts(path: string, bytes: Buffer, expected: string, { evenReadOnly }: { evenReadOnly: boolean }): Promise<void> {
  try {
    const way = wayTo(path)
    removeLeftTemporaries(way.target)
    if (!way.exists) return await make(way.target, bytes, expected)
    await unlocked(way, evenReadOnly, () => overwrite(way, bytes, expected))
  } catch (error) {
    throw refusal(path, error)
  }
}

const changed = (path: string): Failure =>
  new Failure('changed-meanwhile', `The hosts file “${path}” was changed by another program meanwhile, so nothing was written.`, 'Compare what stands there now with your edit, and save again.')

/** Like a rename that replaces nothing: where a file appeared meanwhile, it stays. */
async function make(target: string, bytes: Buffer, expected: string): Promise<void> {
  if (expected !== hashOf(Buffer.alloc(0))) throw changed(target)
  await withTemporary(target, async ({ fd, path }) => {
    writeAll(fd, bytes, 0, bytes.length)
    fchmodSync(fd, newMode)
    await sync(fd)
    try {
      linkSync(path, target)
    } catch (error) {
      throw isCode(error, 'EEXIST') ? changed(target) : error
    }
  })
  await syncFolder(target)
}

/** Read-only and hidden are put back however the write ends. */
async function unlocked(way: Way, evenReadOnly: boolean, write: () => Promise<void>): Promise<void> {
  const windows = await windowsFiles()
  const attributes = windows?.attributes(way.target)
  const hidden = attributes?.hidden ?? false
  if (!evenReadOnly && (way.readOnly || hidden))
    throw new Failure(
      'failed',
      `The hosts file “${way.target}” is ${[way.readOnly ? ['read-only'] : [], hidden ? ['hidden'] : []].flat().join(' and ')}, so it was not written.`,
      'Save it “even if read-only” (--even-read-only): that stays as it is afterwards.',
    )
  if (!windows || !attributes) return write()
  const bare = attributes.all & ~0x3
  if (bare !== attributes.all) windows.setAttributes(way.target, bare)
  try {
    await write()
  } finally {
    if (bare !== attributes.all) windows.setAttributes(way.target, attributes.all)
  }
}

async function overwrite({ target, inPlace, readOnly }: Way, bytes: Buffer, expected: string): Promise<void> {
  // Refused here (EPERM) where the file is immutable, which a rename over it would learn too late.
  try {
    accessSync(target, constants.W_OK)
  } catch (error) {
    if (isCode(error, 'EPERM', 'EROFS')) throw error
  }
  const held = openSync(target, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  let standing: Promise<Standing> | undefined
  try {
    await lockFile(held, target)
    const about = fstatSync(held, { bigint: true })
    // Read and compared while the new content is on its way to the disk.
    standing = bytesIn(held, target).then((now) => {
      if (!isOfHash(now, expected)) throw changed(target)
      return { now, about }
    })
    // Awaited further down; until then its failure is no unhandled one.
    standing.catch(() => undefined)
    if (inPlace !== null || !(await replaced(target, held, standing, bytes))) await overItself(target, (await standing).now, bytes, readOnly)
  } finally {
    // However this ends, the file is not closed before it was read: its number may be another file's at once.
    await Promise.allSettled([standing])
    closeSync(held)
  }
}

/** What stands there, and how it was just before it was read. */
interface Standing {
  now: Buffer
  about: BigIntStats
}

/** False where it cannot be replaced without losing something; then nothing was done. */
async function replaced(target: string, held: number, reading: Promise<Standing>, bytes: Buffer): Promise<boolean> {
  try {
    return await withTemporary(target, async ({ fd, path, close }) => {
      if (!(await isLike(held, fd))) return false
      writeAll(fd, bytes, 0, bytes.length)
      fchmodSync(fd, fstatSync(held).mode & 0o7777)
      const syncing = sync(fd)
      await Promise.allSettled([reading, syncing])
      const [standing] = await Promise.all([reading, syncing])
      // Windows replaces no file that is open for writing.
      close()
      const windows = await windowsFiles()
      // From here to the rename nothing is waited for, so that as little time as can be lies between the last look and it.
      if (!stillStands(target, standing)) throw changed(target)
      if (windows) {
        try {
          windows.replace(target, path, `${path}.old`)
        } finally {
          bringBack(target)
          rmSync(`${path}.old`, { force: true })
        }
      } else renameSync(path, target)
      await syncFolder(target)
      return true
    })
  } catch (error) {
    // Mounted, and not told by any list of mounts.
    if (isCode(error, 'EBUSY', 'EXDEV') && !(await windowsFiles())) return false
    throw error
  }
}

/** Milliseconds. The clock of a file system is coarse: where the file had been written just before it was read, its time may not tell another write. */
const coarse = 50

function stillStands(target: string, { now, about }: Standing): boolean {
  const again = statSync(target, { bigint: true })
  const isSame = again.ino === about.ino && again.dev === about.dev && again.size === about.size && again.mtimeNs === about.mtimeNs && again.ctimeNs === about.ctimeNs
  return isSame && (Math.abs(Date.now() - Number(about.ctimeMs)) > coarse || readFileSync(target).equals(now))
}

/** Owner, access list and SELinux label; before anything is written into it, since without them the other way is taken. */
async function isLike(held: number, temporary: number): Promise<boolean> {
  if (await windowsFiles()) return true
  const [theirs, ours] = [fstatSync(held), fstatSync(temporary)]
  try {
    if (theirs.uid !== ours.uid || theirs.gid !== ours.gid) fchownSync(temporary, theirs.uid, theirs.gid)
  } catch {
    return false
  }
  return copyLabels(held, temporary)
}

async function overItself(target: string, now: Buffer, bytes: Buffer, readOnly: boolean): Promise<void> {
  const mode = statSync(target).mode & 0o7777
  const fd = openWritable(target, mode, readOnly)
  try {
    if (!(await bytesIn(fd, target)).equals(now)) throw changed(target)
    await writeInPlace(fd, now, bytes)
  } finally {
    if (readOnly) fchmodSync(fd, mode)
    closeSync(fd)
  }
}

function openWritable(target: string, mode: number, readOnly: boolean): number {
  try {
    return openSync(target, 'r+')
  } catch (error) {
    if (!readOnly || !isCode(error, 'EACCES')) throw error
    chmodSync(target, mode | 0o200)
    try {
      return openSync(target, 'r+')
    } catch (second) {
      chmodSync(target, mode)
      throw second
    }
  }
}

const isCode = (error: unknown, ...codes: string[]): boolean => error instanceof Error && 'code' in error && codes.includes(String(error.code))
