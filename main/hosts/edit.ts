// One edit of the hosts file: it touches the lines that it names, and no byte of another.
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsEdit } from '../../preload/contract/hosts.ts'
import { arranged } from './arrange.ts'
import { bytesOf, encodingIn, unitOf } from './encoding.ts'
import { LineIndex } from './line-index.ts'
import { partsOf, type EntryParts, type Parts } from './parts.ts'
import { setPieces, type Piece } from './set.ts'

type Of<Kind extends HostsEdit['kind']> = Extract<HostsEdit, { kind: Kind }>

/** The bytes after the edit. Throws a Failure `bad-input` that says which line cannot be edited, and why. */
export function edited(bytes: Buffer, edit: HostsEdit): Buffer {
  const index = new LineIndex(bytes)
  switch (edit.kind) {
    case 'add':
      return inserted(index, edit.after ?? index.count, edit.entries.map(entryText))
    case 'set':
      return set(index, edit)
    case 'enable':
      return enabled(index, linesOf(index, edit.lines))
    case 'disable':
      return disabled(index, linesOf(index, edit.lines))
    case 'remove':
    case 'move':
    case 'group':
      return arranged(index, edit, linesOf(index, edit.lines))
    case 'text':
      return edit.instead ? typed(index, edit) : inserted(index, edit.line, [edit.text])
  }
}

const entryText = ({ address, names, comment }: Of<'add'>['entries'][number]): string =>
  [address, ...names, ...(comment?.trim() ? [`# ${comment.trim()}`] : [])].join(' ')

const refused = (line: number, why: string, remedy?: string): Failure => new Failure('bad-input', `Line ${line} ${why}`, remedy)

function known(index: LineIndex, line: number): number {
  if (!index.has(line)) throw refused(line, `is not there: the hosts file has ${index.count === 1 ? 'one line' : `${index.count} lines`}.`)
  return line
}

/** Each once, in the order of the file. */
const linesOf = (index: LineIndex, lines: number[]): number[] => [...new Set(lines)].sort((a, b) => a - b).map((line) => known(index, line))

function partsAt(index: LineIndex, line: number): Parts & { entry: EntryParts | null } {
  return partsOf(index.content(line), index.encoding)
}

/** What it is, for the sentence that says why it cannot be edited so. */
const kindText: Record<Parts['kind'], string> = {
  entry: 'is an entry in effect',
  disabled: 'is disabled',
  heading: 'is a heading',
  comment: 'is a comment',
  blank: 'is blank',
  unreadable: 'is none that a system understands',
}

function set(index: LineIndex, edit: Of<'set'>): Buffer {
  const parts = partsAt(index, known(index, edit.line))
  if (!parts.entry) throw refused(edit.line, `${kindText[parts.kind]}, so it has no address and no names to change.`, 'Edit it as text.')
  return spliced(index, edit.line, setPieces(parts.units, parts.entry, edit))
}

function disabled(index: LineIndex, lines: number[]): Buffer {
  const mark = bytesOf('#', index.encoding)
  return pieced(index.bytes, lines.map((line) => {
    const { kind } = partsAt(index, line)
    if (kind !== 'entry') throw refused(line, `${kindText[kind]}, so it cannot be disabled.`)
    return { from: index.start(line), to: index.start(line), put: mark }
  }))
}

/** Exactly the `#` goes, so that disabling it again gives the same line. */
function enabled(index: LineIndex, lines: number[]): Buffer {
  const unit = unitOf(index.encoding)
  return pieced(index.bytes, lines.map((line) => {
    const { kind, units } = partsAt(index, line)
    if (kind !== 'disabled') throw refused(line, `${kindText[kind]}, so it cannot be enabled.`, kind === 'comment' ? 'Edit it as text, or add an entry.' : undefined)
    const at = index.start(line) + units.indexOf('#') * unit
    return { from: at, to: at + unit, put: Buffer.alloc(0) }
  }))
}

function typed(index: LineIndex, { line, text }: Of<'text'>): Buffer {
  if (line === 0) throw new Failure('bad-input', 'Lines are counted from 1, so there is no line 0 to replace.')
  known(index, line)
  const { units } = partsAt(index, line)
  return spliced(index, line, [{ from: 0, to: units.length, put: text }])
}

/** New lines behind this one, which gets an ending where it has none. */
function inserted(index: LineIndex, after: number, texts: string[]): Buffer {
  if (after > 0) known(index, after)
  const { encoding, newEnding } = index
  const at = after === 0 ? index.mark.length : index.start(after + 1)
  const begin = after > 0 && index.ending(after) === '' ? newEnding : ''
  if (begin !== '' && index.isCut) throw refused(after, 'ends in the middle of a letter, so nothing can be added behind it.', 'Remove that line first.')
  return pieced(index.bytes, [{ from: at, to: at, put: bytesOf(begin + texts.map((text) => text + newEnding).join(''), encoding) }])
}

function spliced(index: LineIndex, line: number, pieces: Piece[]): Buffer {
  const unit = unitOf(index.encoding)
  const start = index.start(line)
  const encoding = encodingIn(index.content(line), index.encoding)
  return pieced(index.bytes, pieces.map(({ from, to, put }) => ({ from: start + from * unit, to: start + to * unit, put: bytesOf(put, encoding) })))
}

/** In the order of their places. */
function pieced(bytes: Buffer, pieces: { from: number; to: number; put: Buffer }[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const { from, to, put } of pieces) {
    parts.push(bytes.subarray(at, from), put)
    at = to
  }
  return Buffer.concat([...parts, bytes.subarray(at)])
}
