// Which way the hosts file can be written: replaced by a rename, or in place where a rename would lose something.
import { accessSync, constants, lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../../preload/contract/failure.ts'

export interface Way {
  exists: boolean
  /** The file itself: where a link leads, which stays what it is. */
  target: string
  readOnly: boolean
  /** Why it is not replaced, as the end of a sentence; null where it is. */
  inPlace: string | null
}

/** Decided before anything is written. Throws a Failure where a link leads nowhere. */
export function wayTo(path: string): Way {
  const target = targetOf(path)
  const about = target === null ? undefined : statSync(target, { throwIfNoEntry: false })
  if (target === null || about === undefined) return { exists: false, target: path, readOnly: false, inPlace: null }
  return { exists: true, target, readOnly: (about.mode & 0o222) === 0, inPlace: reason(target, about.nlink) }
}

function targetOf(path: string): string | null {
  const about = lstatSync(path, { throwIfNoEntry: false })
  if (!about?.isSymbolicLink()) return about === undefined ? null : path
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new Failure('failed', `The hosts file “${path}” is a link to “${readlinkSync(path)}”, where there is no file.`, 'Make that file, or remove the link.')
  }
}

function reason(target: string, links: number): string | null {
  if (links > 1) return 'the file has other names (hard links), which would keep the old content'
  if (isMounted(target)) return 'the file is mounted'
  if (!mayWrite(dirname(target)) && mayWrite(target)) return 'its folder may not be written'
  return null
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** A file can be a mount point itself, as containers do with /etc/hosts; the device number does not tell. */
function isMounted(target: string): boolean {
  const path = realpathSync.native(target)
  return mounts().some((line) => line.split(' ')[4]?.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) === path)
}

/** Elsewhere than on Linux there is no such list, and a rename that is refused (EBUSY) leads to the other way. */
function mounts(): string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  } catch {
    return []
  }
}
