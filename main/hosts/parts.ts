// The parts of one line of the hosts file (hosts(5)) and where they stand in it.
import { isIP } from 'node:net'
import type { HostsRow } from '../../preload/contract/hosts.ts'
import { lettersOf, unitsOf, type Encoding } from './encoding.ts'

/** From and up to a unit of the line. */
export interface Span {
  from: number
  to: number
}

export interface EntryParts {
  address: Span
  names: Span[]
  /** Behind the `#`, up to the end; null where there is none. */
  comment: Span | null
}

export interface Parts {
  kind: HostsRow['kind']
  units: string
  /** Of an entry, also one that is disabled. */
  entry: EntryParts | null
  /** Of a heading `# [NAME]`. */
  heading: string | null
}

/** The spaces of C's isspace(): glibc takes all of them. A no-break space is part of a name. */
const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d)
const hash = 0x23

/**
 * `content` is the line without its ending and without the byte order mark. A line with a NUL is unreadable: glibc ends
 * it there, other systems do not, and nobody meant it.
 */
export function partsOf(content: Buffer, encoding: Encoding): Parts {
  const units = unitsOf(content, encoding)
  const at = afterSpaces(units, 0)
  if (at === units.length) return { kind: 'blank', units, entry: null, heading: null }
  if (units.charCodeAt(at) !== hash) {
    const entry = units.includes('\0') ? null : entryFrom(units, at)
    return { kind: entry ? 'entry' : 'unreadable', units, entry, heading: null }
  }
  const entry = units.includes('\0') ? null : entryFrom(units, afterSpaces(units, at + 1))
  // “# 10.0.0.1 is free, I think” is no entry that was disabled: what follows the address must all be host names.
  if (entry?.names.every(({ from, to }) => isLikeHost(lettersOf(units.slice(from, to), encoding)))) return { kind: 'disabled', units, entry, heading: null }
  const heading = /^\s*#\s*\[([^[\]]+)\]\s*$/.exec(units)?.[1]
  if (heading === undefined) return { kind: 'comment', units, entry: null, heading: null }
  return { kind: 'heading', units, entry: null, heading: lettersOf(heading, encoding).trim() }
}

const isLikeHost = (name: string): boolean => /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*$/u.test(name)

function afterSpaces(units: string, from: number): number {
  let at = from
  while (at < units.length && isSpace(units.charCodeAt(at))) at += 1
  return at
}

function afterWord(units: string, from: number): number {
  let at = from
  for (; at < units.length; at += 1) {
    const code = units.charCodeAt(at)
    if (code === hash || isSpace(code)) break
  }
  return at
}

function entryFrom(units: string, from: number): EntryParts | null {
  const address = { from, to: afterWord(units, from) }
  if (isIP(units.slice(address.from, address.to)) === 0) return null
  const names: Span[] = []
  for (let at = afterSpaces(units, address.to); ; ) {
    if (at === units.length || units.charCodeAt(at) === hash) {
      if (names.length === 0) return null
      return { address, names, comment: at === units.length ? null : { from: at + 1, to: units.length } }
    }
    const name = { from: at, to: afterWord(units, at) }
    names.push(name)
    at = afterSpaces(units, name.to)
  }
}
