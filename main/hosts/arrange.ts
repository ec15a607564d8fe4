// Lines that go, go elsewhere, or come under a heading: whole lines, whose bytes stay as they are.
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsEdit } from '../../preload/contract/hosts.ts'
import { bytesOf } from './encoding.ts'
import type { LineIndex } from './line-index.ts'
import { partsOf } from './parts.ts'

type Arrangement = Extract<HostsEdit, { kind: 'remove' | 'move' | 'group' }>

/** From and up to a line of the old file, or new text with its ending. */
type Piece = { from: number; to: number } | string

/** `lines` are the edit's, each once and in the order of the file. */
export function arranged(index: LineIndex, edit: Arrangement, lines: number[]): Buffer {
  switch (edit.kind) {
    case 'remove':
      return built(index, without(lines, 1, index.count + 1))
    case 'move': {
      const before = edit.before ?? index.count + 1
      if (before > index.count + 1) throw new Failure('bad-input', `Line ${before} is not there, so nothing can be moved before it: the hosts file has ${index.count} lines.`)
      return built(index, [...without(lines, 1, before), ...runsOf(lines), ...without(lines, before, index.count + 1)])
    }
    case 'group':
      return built(index, grouped(index, edit.name, lines))
  }
}

function grouped(index: LineIndex, name: string, lines: number[]): Piece[] {
  for (const line of lines) {
    const { kind } = partsOf(index.content(line), index.encoding)
    if (kind === 'blank' || kind === 'heading') throw new Failure('bad-input', `Line ${line} is ${kind === 'blank' ? 'blank' : 'a heading'}, which ends a group, so it cannot be in one.`)
  }
  const first = lines[0] ?? 1
  const rest = without(lines, first, index.count + 1)
  const next = rest[0]
  const nextKind = typeof next === 'object' ? partsOf(index.content(next.from), index.encoding).kind : 'blank'
  // Whatever comes next is not to become a part of the group.
  const gap = nextKind === 'blank' || nextKind === 'heading' ? [] : [index.newEnding]
  return [...without(lines, 1, first), `# [${name.trim()}]${index.newEnding}`, ...runsOf(lines), ...gap, ...rest]
}

function runsOf(lines: number[]): Piece[] {
  const runs: { from: number; to: number }[] = []
  for (const line of lines) {
    const last = runs.at(-1)
    if (last?.to === line) last.to = line + 1
    else runs.push({ from: line, to: line + 1 })
  }
  return runs
}

/** The lines from one up to another that are not among these. */
function without(lines: number[], from: number, to: number): Piece[] {
  const runs: Piece[] = []
  let at = from
  for (const line of lines) {
    if (line < from || line >= to) continue
    if (line > at) runs.push({ from: at, to: line })
    at = line + 1
  }
  if (to > at) runs.push({ from: at, to })
  return runs
}

/** The last line of a file may have no ending; anywhere else it gets one, or two lines would become one. */
function built(index: LineIndex, pieces: Piece[]): Buffer {
  const parts = [index.mark]
  const bare = index.count > 0 && index.ending(index.count) === '' ? index.count + 1 : 0
  for (const [at, piece] of pieces.entries()) {
    if (typeof piece === 'string') parts.push(bytesOf(piece, index.encoding))
    else {
      parts.push(index.bytes.subarray(index.start(piece.from), index.start(piece.to)))
      if (piece.to !== bare || at === pieces.length - 1) continue
      if (index.isCut) throw new Failure('bad-input', `Line ${index.count} ends in the middle of a letter, so no line can come behind it.`, 'Remove that line first.')
      parts.push(bytesOf(index.newEnding, index.encoding))
    }
  }
  return Buffer.concat(parts)
}
