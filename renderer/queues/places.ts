// Where things stand after a refresh: the row of the keyboard, the topmost one, what is selected. Pure.
import { pageOf, pageSize, rowAt, type Pages, type Seen } from '../parts/pages.ts'

/** Ids of rows; `all` is whatever the filter leaves, at the moment of acting. */
export type Selected = ReadonlySet<string> | 'all'

export interface Rows<R> {
  pages: Pages<R>
  total: number
}

export interface Standing {
  /** The place of the row that the keyboard is on, and of the one from which Shift extends. */
  at: number
  anchor: number
  selected: Selected
}

export const clamp = (place: number, total: number) => Math.max(0, Math.min(place, total - 1))

/** The pages in which what is seen and the keyboard's row may stand now: where they stood, and as much higher or lower as there are fewer or more rows. */
export function likelyPages({ at }: Pick<Standing, 'at'>, seen: Seen, before: number, now: number): number[] {
  const places = [seen.from, seen.to, at].flatMap((place) => [place, place + now - before])
  return [...new Set(places.map((place) => pageOf(clamp(place, now))))]
}

/** The pages of a row's place and of so many rows above and below it. */
export function pagesAround(place: number, reach: number): number[] {
  const [first, last] = [pageOf(place - reach), pageOf(place + reach)]
  return Array.from({ length: last - first + 1 }, (_, step) => first + step)
}

/** The rows that were read anew, and between them those of before, as far as there still are as many. */
export function renewed<R>(before: Pages<R>, { pages, total }: Rows<R>): Pages<R> {
  return new Map([...[...before].filter(([page]) => page * pageSize < total), ...pages])
}

export function placesOf<R>({ pages }: Pick<Rows<R>, 'pages'>, idOf: (row: R) => string): Map<string, number> {
  return new Map([...pages].flatMap(([page, rows]) => rows.map((row, at): [string, number] => [idOf(row), page * pageSize + at])))
}

/** The rows that are read anew take the place of those before; whoever stood on a row stands on it still. */
export function settle<R>(before: Rows<R> & Standing, next: Rows<R>, seen: Seen, idOf: (row: R) => string): Standing & { top: number } {
  const now = placesOf(next, idOf)
  const placeNow = (place: number) => {
    const row = rowAt(before.pages, place)
    return row === undefined ? undefined : now.get(idOf(row))
  }
  const at = placeNow(before.at) ?? clamp(before.at, next.total)
  const anchor = before.anchor === before.at ? at : (placeNow(before.anchor) ?? clamp(before.anchor, next.total))
  return { at, anchor, selected: stillThere(before.selected, next, now), top: topNow(before, next, seen, at, placeNow) }
}

function topNow<R>(before: Rows<R> & Standing, next: Rows<R>, seen: Seen, at: number, placeNow: (place: number) => number | undefined): number {
  const height = seen.to - seen.from
  // Who looks at the first rows goes on to do so, unless the keyboard's row would leave the sight.
  if (seen.from === 0 && seen.rest === 0 && at <= height) return 0
  const inSight = Array.from({ length: height + 1 }, (_, step) => seen.from + step)
  const isSeen = before.at >= seen.from && before.at <= seen.to
  for (const place of isSeen ? [before.at, ...inSight] : inSight) {
    const moved = placeNow(place)
    if (moved !== undefined) return clamp(moved - (place - seen.from), next.total)
  }
  return clamp(seen.from, next.total)
}

/** Where all rows are at hand it is known which are gone; otherwise main tells it when something is done with them. */
function stillThere<R>(selected: Selected, { total }: Rows<R>, now: ReadonlyMap<string, number>): Selected {
  if (selected === 'all' || now.size < total) return selected
  const left = [...selected].filter((id) => now.has(id))
  return left.length === selected.size ? selected : new Set(left)
}
