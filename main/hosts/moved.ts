// Where lines stand after somebody else wrote the file, and the same edit on what stands there now.
import type { HostsEdit, ThreeWay } from '../../preload/contract/hosts.ts'
import { matched, type Matched } from './diff.ts'
import { edited } from './edit.ts'
import { hashOf } from './file.ts'
import { LineIndex } from './line-index.ts'
import { patchOf, textAt } from './patch.ts'

/**
 * Null for a line that is gone. A line that was changed is the one at its place, where as many lines stand there as
 * before; one that was moved is found again if it is there only once.
 */
export function movedLines(before: Buffer, after: Buffer, lines: number[]): (number | null)[] {
  const found = matched(new LineIndex(before), new LineIndex(after))
  const changed = changedPlaces(found)
  return lines.map((line) => (line > found.before.count ? null : (unchangedPlace(found, line) ?? changed.get(line) ?? null)))
}

function unchangedPlace({ before, after, begin, end, middle }: Matched, line: number): number | null {
  if (line <= begin) return line
  if (line > before.count - end) return line + after.count - before.count
  return middle[line - begin - 1] || null
}

/** Of the lines that are not the same at the same place in the order. */
function changedPlaces({ before, after, begin, end, middle }: Matched): Map<number, number> {
  const places = new Map<number, number>()
  const [atEnd, toEnd] = [before.count - end + 1, after.count - end + 1]
  const gone: number[] = []
  const come = new Map<string, number>()
  let [at, to] = [begin + 1, begin + 1]
  for (let line = begin + 1; line <= atEnd; line += 1) {
    const match = line === atEnd ? toEnd : (middle[line - begin - 1] ?? 0)
    if (match === 0) continue
    for (let other = to; other < match; other += 1) {
      const text = after.line(other).toString('latin1')
      come.set(text, come.has(text) ? 0 : other)
    }
    for (let one = at; one < line; one += 1) {
      gone.push(one)
      if (line - at === match - to) places.set(one, to + one - at)
    }
    at = line + 1
    to = match + 1
  }
  const again = new Map<string, number>()
  for (const line of gone) {
    const text = before.line(line).toString('latin1')
    again.set(text, (again.get(text) ?? 0) + 1)
  }
  for (const line of gone) {
    const text = before.line(line).toString('latin1')
    const place = again.get(text) === 1 ? come.get(text) : undefined
    if (place) places.set(line, place)
  }
  return places
}

/** What somebody else wrote meanwhile beside what the edit wanted. Throws a Failure where `base` does not take the edit. */
export function threeWay(base: Buffer, theirs: Buffer, edit: HostsEdit): ThreeWay {
  const ours = edited(base, edit)
  const found = matched(new LineIndex(base), new LineIndex(theirs))
  const changed = changedPlaces(found)
  const oursIndex = new LineIndex(ours)
  // Enabling, disabling and editing leave every line at its number; the others leave its text.
  const oursAt = (line: number) => (edit.kind === 'remove' ? '' : textAt(edit.kind === 'move' || edit.kind === 'group' ? found.before : oursIndex, line))
  const conflicts = touchedLines(edit)
    .filter((line) => unchangedPlace(found, line) === null)
    .map((line) => {
      const place = changed.get(line)
      return { line, before: textAt(found.before, line), theirs: place === undefined ? '' : textAt(found.after, place), ours: oursAt(line) }
    })
  const merged = conflicts.length > 0 ? null : { hash: hashOf(theirs), edit: carried(edit, found, changed) }
  return {
    theirs: patchOf(base, theirs),
    ours: patchOf(base, ours),
    merged: merged && { ...merged, patch: patchOf(theirs, edited(theirs, merged.edit)) },
    conflicts,
  }
}

/** Those whose content the edit is about; a place between lines is none. */
function touchedLines(edit: HostsEdit): number[] {
  switch (edit.kind) {
    case 'add':
      return []
    case 'set':
      return [edit.line]
    case 'text':
      return edit.instead ? [edit.line] : []
    default:
      return [...new Set(edit.lines)].sort((a, b) => a - b)
  }
}

/** With the numbers that the lines have now. */
function carried(edit: HostsEdit, found: Matched, changed: Map<number, number>): HostsEdit {
  const place = (line: number) => unchangedPlace(found, line) ?? changed.get(line) ?? null
  // Where the line is gone that it was to follow, it follows the one before that.
  const behind = (line: number): number => {
    for (let one = line; one > 0; one -= 1) {
      const now = place(one)
      if (now !== null) return now
    }
    return 0
  }
  const before = (line: number): number | null => {
    for (let one = line; one <= found.before.count; one += 1) {
      const now = place(one)
      if (now !== null) return now
    }
    return null
  }
  const each = (lines: number[]) => lines.flatMap((line) => place(line) ?? [])
  switch (edit.kind) {
    case 'add':
      return { ...edit, after: edit.after === null ? null : behind(edit.after) || null }
    case 'set':
      return { ...edit, line: place(edit.line) ?? edit.line }
    case 'text':
      return { ...edit, line: behind(edit.line) }
    case 'move':
      return { ...edit, lines: each(edit.lines), before: edit.before === null ? null : before(edit.before) }
    default:
      return { ...edit, lines: each(edit.lines) }
  }
}
