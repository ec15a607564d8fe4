// Changing one entry within its line: tabs, spaces and whatever is not changed stay as they are.
import type { HostsEdit } from '../../preload/contract/hosts.ts'
import type { EntryParts } from './parts.ts'

/** From and up to a unit of the line, and what comes there instead. */
export interface Piece {
  from: number
  to: number
  put: string
}

type Set = Extract<HostsEdit, { kind: 'set' }>

/** In the order of the line. */
export function setPieces(units: string, entry: EntryParts, { address, names, comment }: Pick<Set, 'address' | 'names' | 'comment'>): Piece[] {
  return [
    ...(address === undefined ? [] : [{ ...entry.address, put: address }]),
    ...(names === undefined ? [] : namePieces(entry, names)),
    ...(comment === undefined ? [] : [commentPiece(units, entry, comment?.trim() ?? '')]),
  ]
}

/** Each in the place of the one that stood there; more follow the last one, fewer leave no gap. */
function namePieces({ names: old }: EntryParts, names: string[]): Piece[] {
  const both = Math.min(old.length, names.length)
  const pieces: Piece[] = []
  for (const [at, span] of old.slice(0, both).entries()) pieces.push({ ...span, put: names[at] ?? '' })
  const end = old[both - 1]?.to ?? 0
  const more = names.slice(both).map((name) => ` ${name}`).join('')
  const last = old.at(-1)?.to ?? end
  return more === '' && last === end ? pieces : [...pieces, { from: end, to: last, put: more }]
}

function commentPiece(units: string, entry: EntryParts, comment: string): Piece {
  const end = entry.names.at(-1)?.to ?? 0
  // The spaces before it go with it: they only held it apart.
  if (comment === '') return { from: entry.comment ? end : units.length, to: units.length, put: '' }
  if (!entry.comment) return { from: end, to: end, put: ` # ${comment}` }
  const text = units.slice(entry.comment.from)
  const before = text.length - text.trimStart().length
  if (before === text.length) return { from: entry.comment.from, to: units.length, put: ` ${comment}` }
  return { from: entry.comment.from + before, to: entry.comment.from + text.trimEnd().length, put: comment }
}
