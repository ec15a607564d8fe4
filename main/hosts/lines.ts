// The hosts file (hosts(5)) as lines that keep their bytes, so that printing them gives the same file.
import { isIP } from 'node:net'
import type { HostsFile } from '../../preload/contract/hosts.ts'
import { isWide, lettersOf, type Encoding } from './encoding.ts'
import { hostsBytes } from './file.ts'
import { LineIndex } from './line-index.ts'
import { partsOf, type Span } from './parts.ts'

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
  /** The whole line, its line ending included and the byte order mark not; a view of the bytes that were parsed. */
  bytes: Buffer
  /** Null where the line is empty, a comment, disabled by `#`, or none that a system would understand. */
  entry: HostsEntry | null
}

export interface Hosts {
  encoding: HostsFile['encoding']
  /** Of the lines that have one. */
  lineEndings: HostsFile['lineEndings']
  lines: HostsLine[]
  /** The same bytes, by line. */
  index: LineIndex
}

/** Takes any bytes, binary ones too. In UTF-16 the lines have no entries, since no system finds one there. */
export function parseHosts(bytes: Buffer): Hosts {
  const index = new LineIndex(bytes)
  const { encoding, lineEndings, count } = index
  const lines: HostsLine[] = []
  for (let line = 1; line <= count; line += 1) lines.push({ bytes: index.line(line), entry: isWide(encoding) ? null : entryIn(index.content(line), encoding, line) })
  return { encoding, lineEndings, lines, index }
}

export const printHosts = ({ index, lines }: Hosts): Buffer => Buffer.concat([index.mark, ...lines.map(({ bytes }) => bytes)])

function entryIn(content: Buffer, encoding: Encoding, line: number): HostsEntry | null {
  const { kind, units, entry } = partsOf(content, encoding)
  if (kind !== 'entry' || !entry) return null
  const letters = ({ from, to }: Span) => lettersOf(units.slice(from, to), encoding)
  return { address: letters(entry.address), names: entry.names.map(letters), comment: entry.comment && letters(entry.comment).trim(), line }
}

/** Equal for two names that a resolver does not tell apart: without case and without the last dot. */
export const plainName = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()

/** Equal for two ways to write one address. */
export const addressKey = (address: string): string => (isIP(address) === 6 && !address.includes('%') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address.toLowerCase())

/**
 * The addresses of a name, as a resolver takes them: of each family the first line that has the name, in the order of
 * the lines.
 */
export function addressesIn({ lines }: Hosts, name: string): string[] {
  const wanted = plainName(name)
  const found = new Map<number, string>()
  for (const { entry } of lines) {
    if (!entry?.names.some((given) => plainName(given) === wanted)) continue
    const family = isIP(entry.address)
    if (!found.has(family)) found.set(family, entry.address)
    if (found.size === 2) break
  }
  return [...found.values()]
}

/** A file that does not exist has no entries. Throws a Failure where it cannot be read. */
export const readHosts = async (path: string): Promise<Hosts> => parseHosts((await hostsBytes(path)) ?? Buffer.alloc(0))
