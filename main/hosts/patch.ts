// What an edit does to the hosts file: as a diff with three lines of context, and in words.
import type { HostsEdit, PatchLine } from '../../preload/contract/hosts.ts'
import { matched } from './diff.ts'
import { lettersOf, unitsOf } from './encoding.ts'
import { LineIndex } from './line-index.ts'
import { partsOf } from './parts.ts'

const context = 3
/** Letters of a line, and lines of a patch: it is for eyes, and lies in the journal. */
const longestText = 4_000
const mostLines = 2_000

export const cut = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text)
export const textAt = (index: LineIndex, line: number): string => cut(lettersOf(unitsOf(index.content(line).subarray(0, longestText * 4), index.encoding), index.encoding))

/**
 * Where of a line only its ending changes, the text says which ending it had and has. A patch of more than 2000 lines
 * ends with a line that counts the rest.
 */
export function patchOf(before: Buffer, after: Buffer): PatchLine[] {
  const changes = changesBetween(new LineIndex(before), new LineIndex(after))
  const patch = changes.slice(0, mostLines)
  const rest = changes.length - patch.length
  if (rest > 0) patch.push({ kind: 'left out', line: changes[mostLines]?.line ?? 0, text: `${rest.toLocaleString('en')} more lines of this diff` })
  return patch
}

function changesBetween(before: LineIndex, after: LineIndex): PatchLine[] {
  if (before.bytes.equals(after.bytes)) return []
  const { begin, end, middle } = matched(before, after)
  const patch: PatchLine[] = []
  let kept: number[] = []
  for (let line = Math.max(1, begin - context + 1); line <= begin; line += 1) kept.push(line)
  const pushKept = (isLast: boolean) => {
    const isFirst = patch.length === 0
    const hidden = kept.length - 2 * context
    for (const [at, line] of kept.entries()) {
      const inHead = !isFirst && at < context
      const inTail = !isLast && at >= kept.length - context
      if (inHead || inTail) patch.push({ kind: 'kept', line, text: textAt(before, line) })
      else if (!isFirst && !isLast && at === context) patch.push({ kind: 'left out', line, text: hidden === 1 ? 'one line' : `${hidden.toLocaleString('en')} lines` })
    }
    kept = []
  }
  let [at, to] = [begin + 1, begin + 1]
  const [atEnd, toEnd] = [before.count - end, after.count - end]
  while (at <= atEnd || to <= toEnd) {
    const match = at <= atEnd ? (middle[at - begin - 1] ?? 0) : 0
    if (match !== 0 && match === to) {
      kept.push(at++)
      to += 1
      continue
    }
    pushKept(false)
    const [fromAt, fromTo] = [at, to]
    while (at <= atEnd && (middle[at - begin - 1] ?? 0) === 0) at += 1
    const next = at <= atEnd ? (middle[at - begin - 1] ?? toEnd + 1) : toEnd + 1
    to = next
    pushChanged(patch, before, after, { fromAt, at, fromTo, to })
  }
  for (let line = atEnd + 1; line <= Math.min(before.count, atEnd + context); line += 1) kept.push(line)
  pushKept(true)
  return patch
}

function pushChanged(patch: PatchLine[], before: LineIndex, after: LineIndex, { fromAt, at, fromTo, to }: { fromAt: number; at: number; fromTo: number; to: number }): void {
  const isEndingAlone = at - fromAt === 1 && to - fromTo >= 1 && before.content(fromAt).equals(after.content(fromTo))
  const shown = (index: LineIndex, line: number) => textAt(index, line) + (isEndingAlone && (line === fromAt || line === fromTo) ? endingText[index.ending(line)] : '')
  for (let line = fromAt; line < at; line += 1) patch.push({ kind: 'removed', line, text: shown(before, line) })
  for (let line = fromTo; line < to; line += 1) patch.push({ kind: 'added', line, text: shown(after, line) })
}

const endingText = { '': ' (without a line ending)', '\n': ' (with a line ending)', '\r\n': ' (with a line ending, CRLF)' }

/** More than so many lines are counted instead of named. */
const mostNamed = 5

/** A sentence each: “mx1.example.test is at 203.0.113.25.” */
export function wordsOf(edit: HostsEdit, before: Buffer): string[] {
  const index = new LineIndex(before)
  const each = (lines: number[], one: (line: number) => string, many: string) => (lines.length > mostNamed ? [`${lines.length.toLocaleString('en')} ${many}`] : lines.map(one))
  switch (edit.kind) {
    case 'add': {
      const named = edit.entries.slice(0, mostNamed).map(({ names, address }) => `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} at ${address}.`)
      const more = edit.entries.length - named.length
      return more === 0 ? named : [...named, `${more.toLocaleString('en')} more ${more === 1 ? 'entry is' : 'entries are'} added.`]
    }
    case 'set':
      return setWords(edit, index)
    case 'disable':
    case 'enable':
      return each(edit.lines, (line) => `Line ${line} is ${edit.kind}d: ${entryAt(index, line)}.`, `entries are ${edit.kind}d.`)
    case 'remove':
      return each(edit.lines, (line) => `Line ${line} is removed: “${shortened(textAt(index, line))}”.`, 'lines are removed.')
    case 'move':
      return [`${linesText(edit.lines)} moved ${edit.before === null ? 'to the end' : `before line ${edit.before}`}.`]
    case 'group':
      return [`${linesText(edit.lines)} put under the heading “# [${edit.name.trim()}]”.`]
    case 'text': {
      const text = shortened(edit.text)
      if (edit.instead) return [`Line ${edit.line} is “${text}” instead of “${shortened(textAt(index, edit.line))}”.`]
      return [`“${text}” is written ${edit.line === 0 ? 'before the first line' : `after line ${edit.line}`}.`]
    }
  }
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)
const linesText = (lines: number[]): string =>
  lines.length > mostNamed ? `${lines.length.toLocaleString('en')} lines are` : lines.length === 1 ? `Line ${lines[0]} is` : `Lines ${lines.join(', ')} are`

function entryAt(index: LineIndex, line: number): string {
  const { units, entry } = partsOf(index.content(line), index.encoding)
  if (!entry) return `“${shortened(textAt(index, line))}”`
  const letters = ({ from, to }: { from: number; to: number }) => lettersOf(units.slice(from, to), index.encoding)
  return `${shortened(entry.names.map(letters).join(', '))} ${entry.names.length === 1 ? 'is' : 'are'} at ${letters(entry.address)}`
}

function setWords({ line, address, names, comment }: Extract<HostsEdit, { kind: 'set' }>, index: LineIndex): string[] {
  const was = `before: ${entryAt(index, line)}`
  return [
    ...(address === undefined ? [] : [`Line ${line} has the address ${address} (${was}).`]),
    ...(names === undefined ? [] : [`Line ${line} has the ${names.length === 1 ? 'name' : 'names'} ${names.join(', ')} (${was}).`]),
    ...(comment === undefined ? [] : [comment?.trim() ? `Line ${line} has the comment “${shortened(comment.trim())}”.` : `Line ${line} has no comment.`]),
  ]
}
