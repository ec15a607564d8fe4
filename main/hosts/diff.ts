// Which lines of one hosts file stand in another, in the same order. What both begin and end with is found by bytes, so
// that one edit in 200,000 lines costs little; what lies between is matched by the lines that are there only once.
import { commonEnd, firstDifference } from './difference.ts'
import type { LineIndex } from './line-index.ts'

export interface Matched {
  before: LineIndex
  after: LineIndex
  /** Lines that both begin with, and end with. */
  begin: number
  end: number
  /** For each line of `before` between these, its line in `after`; 0 where it is not there. */
  middle: Int32Array
}

/** Of two stretches without a line that is there once, the product of their lengths up to which all pairs are compared. */
const mostPairs = 250_000

export function matched(before: LineIndex, after: LineIndex): Matched {
  const same = firstDifference(before.bytes, after.bytes)
  const begin = Math.min(before.endedBy(same), after.endedBy(same))
  const most = Math.min(before.bytes.length - before.start(begin + 1), after.bytes.length - after.start(begin + 1))
  // Two bytes make a letter of UTF-16, which an odd distance would take apart.
  const isAligned = before.encoding === after.encoding && !before.isCut && !after.isCut
  const common = isAligned ? commonEnd(before.bytes, after.bytes, most) : 0
  const startingFrom = (index: LineIndex) => {
    const first = index.bytes.length - common
    const ended = index.endedBy(first)
    return index.count - ended - (index.start(ended + 1) < first ? 1 : 0)
  }
  const end = common === 0 ? 0 : Math.min(startingFrom(before), startingFrom(after))
  const middle = new Int32Array(before.count - begin - end)
  const lines = (index: LineIndex) => Array.from({ length: index.count - begin - end }, (_, at) => index.line(begin + 1 + at).toString('latin1'))
  if (middle.length > 0 && after.count - begin - end > 0) match(lines(before), lines(after), (at, to) => (middle[at] = begin + 1 + to))
  return { before, after, begin, end, middle }
}

function match(before: string[], after: string[], pair: (at: number, to: number) => void): void {
  let [at, to] = [0, 0]
  for (const [anchorAt, anchorTo] of [...anchors(before, after), [before.length, after.length] as const]) {
    between(before, after, { at, to, atEnd: anchorAt, toEnd: anchorTo }, pair)
    if (anchorAt < before.length) pair(anchorAt, anchorTo)
    at = anchorAt + 1
    to = anchorTo + 1
  }
}

/** Lines that each has once: the longest series of them that is in the same order in both. */
function anchors(before: string[], after: string[]): [number, number][] {
  const once = (lines: string[]) => {
    const places = new Map<string, number>()
    for (const [at, line] of lines.entries()) places.set(line, places.has(line) ? -1 : at)
    return places
  }
  const [left, right] = [once(before), once(after)]
  const pairs: [number, number][] = []
  for (const [line, at] of left) {
    const to = right.get(line) ?? -1
    if (at !== -1 && to !== -1) pairs.push([at, to])
  }
  // The pairs are in the order of `before`; of each length of series, the one that ends earliest in `after` is kept.
  const ends: number[] = []
  const previous = new Int32Array(pairs.length)
  for (const [one, [, to]] of pairs.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < to) low = middle + 1
      else high = middle
    }
    previous[one] = low === 0 ? -1 : (ends[low - 1] ?? -1)
    ends[low] = one
  }
  const series: [number, number][] = []
  for (let one = ends.at(-1) ?? -1; one !== -1; one = previous[one] ?? -1) series.push(pairs[one] ?? [0, 0])
  return series.reverse()
}

interface Stretch {
  at: number
  to: number
  atEnd: number
  toEnd: number
}

function between(before: string[], after: string[], { at, to, atEnd, toEnd }: Stretch, pair: (at: number, to: number) => void): void {
  while (at < atEnd && to < toEnd && before[at] === after[to]) pair(at++, to++)
  while (atEnd > at && toEnd > to && before[atEnd - 1] === after[toEnd - 1]) pair(--atEnd, --toEnd)
  const [rows, columns] = [atEnd - at, toEnd - to]
  if (rows === 0 || columns === 0 || rows * columns > mostPairs) return
  // The longest common subsequence, from the end: `length` of what is left of both.
  const length = new Uint32Array((rows + 1) * (columns + 1))
  const cell = (row: number, column: number) => length[row * (columns + 1) + column] ?? 0
  for (let row = rows - 1; row >= 0; row -= 1)
    for (let column = columns - 1; column >= 0; column -= 1)
      length[row * (columns + 1) + column] = before[at + row] === after[to + column] ? cell(row + 1, column + 1) + 1 : Math.max(cell(row + 1, column), cell(row, column + 1))
  for (let [row, column] = [0, 0]; row < rows && column < columns; ) {
    if (before[at + row] === after[to + column]) pair(at + row++, to + column++)
    else if (cell(row + 1, column) >= cell(row, column + 1)) row += 1
    else column += 1
  }
}
