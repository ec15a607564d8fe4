// The temporary file beside the hosts file that becomes the new one; those that a killed save left are removed later.
import { randomBytes } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { sync } from './in-place.ts'

/** Milliseconds: no save writes so long without a word, and no process id of a save is still its own. */
const quiet = 10_000
const long = 3_600_000

/** A file that is new, empty and for its owner only. */
export interface Temporary {
  fd: number
  path: string
  close(): void
}

/** The file is gone afterwards, unless it was renamed. */
export async function withTemporary<T>(target: string, use: (temporary: Temporary) => Promise<T>): Promise<T> {
  const path = join(dirname(target), `.${basename(target)}.edgewise-${process.pid}-${randomBytes(6).toString('hex')}`)
  const fd = openSync(path, 'wx', 0o600)
  let isOpen = true
  const close = () => {
    if (isOpen) closeSync(fd)
    isOpen = false
  }
  try {
    return await use({ fd, path, close })
  } finally {
    close()
    rmSync(path, { force: true })
  }
}

/**
 * Windows replaces a file by two renames; where it failed or died between them, the old content has only the name that
 * it was given for that moment.
 */
export function bringBack(target: string): void {
  const old = namesBeside(target).find((name) => name.endsWith('.old'))
  if (old !== undefined && lstatSync(target, { throwIfNoEntry: false }) === undefined) renameSync(join(dirname(target), old), target)
}

/** Of the files that a save of ours makes; none where the folder cannot be read. */
function namesBeside(target: string): string[] {
  const begin = `.${basename(target)}.edgewise-`
  try {
    return readdirSync(dirname(target)).filter((name) => name.startsWith(begin) && /^\d+-[\da-f]{12}(\.old)?$/.test(name.slice(begin.length)))
  } catch {
    return []
  }
}

/** Only what has such a name, is a file of this user's, and whose process has ended; a stranger's is left alone. */
export function removeLeftTemporaries(target: string): void {
  for (const name of namesBeside(target)) {
    const path = join(dirname(target), name)
    const about = lstatSync(path, { throwIfNoEntry: false })
    if (!about?.isFile() || (process.getuid && about.uid !== process.getuid())) continue
    const age = Date.now() - about.mtimeMs
    if (age < quiet || (age < long && runs(Number(/edgewise-(\d+)-/.exec(name)?.[1])))) continue
    try {
      rmSync(path, { force: true })
    } catch {
      // It is in nobody's way.
    }
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * So that the new name is on disk too. Where a folder cannot be synced (Windows, some network file systems), the system
 * writes it when it pleases; the file is whole either way.
 */
export async function syncFolder(target: string): Promise<void> {
  try {
    const fd = openSync(dirname(target), 'r')
    await sync(fd).finally(() => closeSync(fd))
  } catch {
    // The new content is in place, and whole.
  }
}
