// How things are printed for people and for programs, and which exit code says what.
import type { FailureCode } from '../../preload/contract/failure.ts'

export const exitCodes: Record<FailureCode, number> = {
  'bad-input': 2,
  'not-found': 2,
  failed: 1,
  'changed-meanwhile': 1,
  'timed-out': 1,
  'unknown-call': 1,
  'foreign-sender': 1,
  'needs-administrator': 3,
  'transport-unreachable': 4,
  'rolled-back': 5,
  // What a shell reports for a program that was interrupted.
  cancelled: 130,
}

/** One line of JSON. Control characters beyond JSON's own are escaped too: a terminal may obey them. */
export function printed(value: object): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Text that came from outside, such as a subject: without what could command the terminal or turn its direction. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
}

/** Columns set apart by two spaces; the last one is as long as it is. */
export function table(head: string[], rows: string[][]): string {
  const lines = [head, ...rows.map((row) => row.map(plain))]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))))
  return lines.map((line) => line.map((cell, column) => (column === line.length - 1 ? cell : padded(cell, widths[column] ?? 0))).join('  ')).join('\n')
}

/** Names and values below each other. */
export function facts(pairs: [string, string | null][]): string {
  const shown = pairs.filter((pair): pair is [string, string] => pair[1] !== null)
  const widest = Math.max(...shown.map(([name]) => width(name)))
  return shown.map(([name, value]) => `${padded(name, widest)}  ${plain(value)}`).join('\n')
}

const padded = (text: string, to: number) => text + ' '.repeat(to - width(text))

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** How many columns a terminal gives a text: Chinese, Japanese and Korean characters take two, combining marks none. */
function width(text: string): number {
  let columns = 0
  for (const character of text) columns += /\p{Mn}/u.test(character) ? 0 : wide.test(character) ? 2 : 1
  return columns
}

export function time(iso: string | null): string {
  if (iso === null) return '–'
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso))
}

export function duration(milliseconds: number): string {
  const [value, unit, digits] = milliseconds < 1000 ? [milliseconds, 'millisecond', 0] : [milliseconds / 1000, 'second', 1]
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, maximumFractionDigits: digits }).format(value)
}

export function size(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const step = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return new Intl.NumberFormat(undefined, { style: 'unit', unit: units[step] ?? 'byte', maximumFractionDigits: 1 }).format(bytes / 1000 ** step)
}

export function number(value: number): string {
  return new Intl.NumberFormat().format(value)
}
