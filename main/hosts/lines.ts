// The hosts file (hosts(5)) as lines that keep their bytes, so that printing them gives the same file.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isIP } from 'node:net'
import { Failure } from '../../preload/contract/failure.ts'

/** An address with its names, as one line of the file gives it. */
export interface HostsEntry {
  address: string
  /** As they are written; the first is the canonical one. */
  names: string[]
  /** What follows the `#`, without it and without the spaces around it; null where there is none. */
  comment: string | null
  /** Counted from 1. */
  line: number
}

export interface HostsLine {
  /** The whole line, its line ending included; a view of the bytes that were parsed. */
  bytes: Buffer
  /** Null where the line is empty, a comment, disabled by `#`, or none that a system would understand. */
  entry: HostsEntry | null
}

export interface Hosts {
  lines: HostsLine[]
}

/** Bytes. The largest lists of blocked names have 10 MB. */
const largest = 64 * 1024 * 1024
const newline = 0x0a

/** Takes any bytes, UTF-16 and binary ones too: they have lines without entries. */
export function parseHosts(bytes: Buffer): Hosts {
  const lines: HostsLine[] = []
  for (let start = 0; start < bytes.length; ) {
    const at = bytes.indexOf(newline, start)
    const end = at === -1 ? bytes.length : at + 1
    const line = bytes.subarray(start, end)
    lines.push({ bytes: line, entry: entryIn(line, lines.length + 1) })
    start = end
  }
  return { lines }
}

export const printHosts = ({ lines }: Hosts): Buffer => Buffer.concat(lines.map(({ bytes }) => bytes))

function entryIn(bytes: Buffer, line: number): HostsEntry | null {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '')
  const hash = text.indexOf('#')
  const [address = '', ...names] = (hash === -1 ? text : text.slice(0, hash)).split(/[ \t\r\n\f\v]+/).filter((word) => word !== '')
  if (names.length === 0 || isIP(address) === 0) return null
  return { address, names, comment: hash === -1 ? null : text.slice(hash + 1).trim(), line }
}

/**
 * The addresses of a name, as a resolver takes them: of each family the first line that has the name, in the order of
 * the lines. Names are compared without case and without the last dot.
 */
export function addressesIn({ lines }: Hosts, name: string): string[] {
  const plain = (text: string) => text.replace(/\.$/, '').toLowerCase()
  const wanted = plain(name)
  const found = new Map<number, string>()
  for (const { entry } of lines) {
    if (!entry?.names.some((given) => plain(given) === wanted)) continue
    const family = isIP(entry.address)
    if (!found.has(family)) found.set(family, entry.address)
    if (found.size === 2) break
  }
  return [...found.values()]
}

/** A file that does not exist has no entries. Throws a Failure where it cannot be read. */
export async function readHosts(path: string): Promise<Hosts> {
  const refused = (why: string, remedy: string) => new Failure('failed', `The hosts file “${path}” ${why}`, remedy)
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const about = await handle.stat()
      if (!about.isFile()) throw refused('is not a file.', 'Check the path of the hosts file.')
      if (about.size > largest) throw refused(`is larger than ${largest / 1024 / 1024} MB.`, 'Take out what does not belong there.')
      return parseHosts(await handle.readFile())
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return { lines: [] }
    if (code === 'EACCES' || code === 'EPERM') throw refused('may not be read.', 'Give this user the right to read it.')
    throw refused(`cannot be read (${String(code ?? error)}).`, 'Check the path of the hosts file.')
  }
}
