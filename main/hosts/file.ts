// The hosts file as it stands on disk: its bytes, their hash, and what a save will have to mind.
import { createHash } from 'node:crypto'
import fs, { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { Failure } from '../../preload/contract/failure.ts'
import { encodingOf, isWide } from './encoding.ts'
import { wayTo, type Way } from './way.ts'
import { windowsFiles } from './windows-files.ts'

export interface HostsRead {
  path: string
  /** False where there is no file: then there are no bytes. */
  exists: boolean
  bytes: Buffer
  /** SHA-256 of the bytes, hexadecimal. */
  hash: string
  readOnly: boolean
  hidden: boolean
  /** How a save will write it where that is not the usual, each a part of a sentence: `in place, since the file is mounted`. */
  notes: string[]
}

/** Bytes. The largest lists of blocked names have 10 MB. */
const largest = 64 * 1024 * 1024

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Null where there is no file. Throws a Failure where it cannot be read: such a one is never taken for an empty one.
 *
 * Here and in the save, what takes microseconds is called directly: each way through node's pool of threads costs more,
 * on a busy machine a hundred times more. Reading all bytes and syncing them to the disk is waited for.
 */
export async function hostsBytes(path: string, hear?: Hear): Promise<Buffer | null> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      return await bytesIn(fd, path, hear)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unreadable(path, error)
  }
}

/** Called with each part in turn, while the next one is being read. */
type Hear = (part: Buffer) => unknown

/** Bytes of a part that is heard. */
const partSize = 2 * 1024 * 1024

/** Of a file that is open; at once, since node's own readFile takes a large file in small parts and joins them. */
export async function bytesIn(fd: number, path: string, hear?: Hear): Promise<Buffer> {
  try {
    const about = fstatSync(fd)
    if (!about.isFile()) throw refused(path, 'is not a file.', 'Check the path of the hosts file.')
    // The files of /proc have a length of 0 and are longer.
    let bytes = Buffer.allocUnsafeSlow(about.size + 1)
    let [length, heard] = [0, 0]
    const hearNew = () => {
      hear?.(bytes.subarray(heard, length))
      heard = length
    }
    for (;;) {
      if (bytes.length > largest) throw refused(path, `is larger than ${largest / 1024 / 1024} MB.`, 'Take out what does not belong there.')
      const reading = read(fd, bytes, length, Math.min(bytes.length - length, hear ? partSize : Infinity), length)
      hearNew()
      const { bytesRead } = await reading
      length += bytesRead
      // All of it, unless it grew: then there is more behind what it was.
      if (bytesRead === 0 || (length === about.size && fstatSync(fd).size === length)) {
        hearNew()
        return bytes.subarray(0, length)
      }
      if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length + 4096)])
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

const read = promisify(fs.read)

const refused = (path: string, why: string, remedy: string): Failure => new Failure('failed', `The hosts file “${path}” ${why}`, remedy)

function unreadable(path: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EACCES' || code === 'EPERM') return refused(path, 'may not be read.', 'Give this user the right to read it.')
  if (code === 'EBUSY') return refused(path, 'is held by another program (EBUSY), so it cannot be read.', 'Close the program that holds it and try again.')
  if (code === 'EIO') return refused(path, 'cannot be read from its disk (EIO).', 'Check the disk; the backups of Edgewise keep what it wrote before.')
  return refused(path, `cannot be read (${String(code ?? error)}).`, 'Check the path of the hosts file.')
}

/** The last one that was read here, as long as somebody still has it: to compare bytes is much quicker than to hash them. */
let last: { hash: string; bytes: WeakRef<Buffer> } | undefined

/** Whether a content is the one with this hash. */
export function isOfHash(bytes: Buffer, hash: string): boolean {
  const known = last?.hash === hash ? last.bytes.deref() : undefined
  return known ? known.equals(bytes) : hashOf(bytes) === hash
}

/** Throws a Failure where it cannot be read, and where it is a link that leads nowhere. */
export async function readHostsFile(path: string): Promise<HostsRead> {
  try {
    const way = wayTo(path)
    const hashing = createHash('sha256')
    const found = way.exists ? await hostsBytes(path, (part) => hashing.update(part)) : null
    const bytes = found ?? Buffer.alloc(0)
    const hash = hashing.digest('hex')
    last = { hash, bytes: new WeakRef(bytes) }
    const hidden = found !== null && ((await windowsFiles())?.attributes(way.target).hidden ?? false)
    return { path, exists: found !== null, bytes, hash, readOnly: found !== null && way.readOnly, hidden, notes: notesOf(path, way, bytes) }
  } catch (error) {
    throw unreadable(path, error)
  }
}

function notesOf(path: string, { target, inPlace }: Way, bytes: Buffer): string[] {
  const { encoding } = encodingOf(bytes)
  return [
    ...(target === path ? [] : [`“${target}”, where the link leads`]),
    ...(inPlace === null ? [] : [`in place, since ${inPlace}`]),
    ...(isWide(encoding) ? [`in ${encoding} as it is, in which no system finds an entry`] : []),
    ...(encoding === 'UTF-8 with BOM' ? ['with its byte order mark, behind which Linux does not find an entry on the first line'] : []),
  ]
}
