// How the letters of the hosts file are written, told from its bytes alone; nothing is ever converted.
import { isAscii, isUtf8 } from 'node:buffer'
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsFile } from '../../preload/contract/hosts.ts'

export type Encoding = HostsFile['encoding']

const marks: [Encoding, Buffer][] = [
  ['UTF-8 with BOM', Buffer.from([0xef, 0xbb, 0xbf])],
  ['UTF-16 LE', Buffer.from([0xff, 0xfe])],
  ['UTF-16 BE', Buffer.from([0xfe, 0xff])],
]
const noMark = Buffer.alloc(0)

/** Without a mark, what is no UTF-8 is ANSI: Windows' code page, which is taken to be 1252. */
export function encodingOf(bytes: Buffer): { encoding: Encoding; mark: Buffer } {
  for (const [encoding, mark] of marks) if (bytes.subarray(0, mark.length).equals(mark)) return { encoding, mark }
  return { encoding: isUtf8(bytes) ? 'UTF-8' : 'ANSI', mark: noMark }
}

/** Systems look for entries in single bytes: in UTF-16 glibc stops at the first NUL, and Windows finds no address either. */
export const isWide = (encoding: Encoding): boolean => encoding === 'UTF-16 LE' || encoding === 'UTF-16 BE'

/** Bytes of a letter that can part a line: space, `#`, digits, line ending. */
export const unitOf = (encoding: Encoding): 1 | 2 => (isWide(encoding) ? 2 : 1)

/**
 * A letter for each unit, so that what is found in it is at the same place in the bytes. Bytes beyond ASCII are not yet
 * letters: `lettersOf` makes them.
 */
export function unitsOf(bytes: Buffer, encoding: Encoding): string {
  if (encoding === 'UTF-16 LE') return bytes.toString('utf16le')
  if (encoding === 'UTF-16 BE') return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le')
  return bytes.toString('latin1')
}

/** Where code page 1252 is not Latin-1; its five gaps stay what they are, so that each byte has a letter of its own. */
const from80 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** In an ANSI file one program may have written a line in UTF-8 all the same: each line is read as what it is. */
export function lettersOf(units: string, encoding: Encoding): string {
  if (isWide(encoding) || !/[\x80-\xff]/.test(units)) return units
  const bytes = Buffer.from(units, 'latin1')
  if (encoding !== 'ANSI' || isUtf8(bytes)) return bytes.toString('utf8')
  return units.replace(/[\x80-\x9f]/g, (one) => from80[one.charCodeAt(0) - 0x80] ?? one)
}

/** The encoding of new letters in a line that has these bytes. */
export const encodingIn = (line: Buffer, encoding: Encoding): Encoding => (encoding === 'ANSI' && !isAscii(line) && isUtf8(line) ? 'UTF-8' : encoding)

/** Throws a Failure that names the letter which the encoding does not have. */
export function bytesOf(text: string, encoding: Encoding): Buffer {
  if (encoding === 'UTF-16 LE') return Buffer.from(text, 'utf16le')
  if (encoding === 'UTF-16 BE') return Buffer.from(text, 'utf16le').swap16()
  if (encoding !== 'ANSI') return Buffer.from(text, 'utf8')
  const units = Array.from(text, (letter) => {
    const at = from80.indexOf(letter)
    const code = at === -1 ? (letter.codePointAt(0) ?? 0) : at + 0x80
    if (code > 0xff || (at === -1 && code >= 0x80 && code < 0xa0))
      throw new Failure('bad-input', `The hosts file is written in ANSI, which has no “${letter}”.`, 'Write it with other letters; host names with letters beyond ASCII are looked up in their “xn--” form.')
    return code
  })
  return Buffer.from(units)
}
