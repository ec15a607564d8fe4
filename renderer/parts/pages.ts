// The rows that are at hand of a long list: aligned pages, of which the farthest are forgotten. Pure.

/** Rows of a page: so few that a page can come between two frames, while the list is scrolled. */
export const pageSize = 50
/** Pages that are kept. */
const most = 40
/** Pages that are at hand above and below what is seen, before a hand that scrolls on gets there. */
const ahead = 4

export type Pages<R> = ReadonlyMap<number, readonly R[]>

/** What is seen of a list, and where a list is to stand. */
export interface Seen {
  /** Places of the first and the last row that are seen. */
  from: number
  to: number
  /** Of the first one, what is hidden above: in pixels. */
  rest: number
}

export const pageOf = (place: number) => Math.floor(place / pageSize)

export const rowAt = <R>(pages: Pages<R>, place: number): R | undefined => pages.get(pageOf(place))?.[place % pageSize]

/** The page that is to be asked for next: of what is seen, then of its neighbours, since a hand scrolls on. */
export function nextMissing(pages: { has(page: number): boolean }, from: number, to: number, total: number): number | undefined {
  const last = pageOf(total - 1)
  const [first, end] = [pageOf(Math.min(from, total - 1)), pageOf(Math.min(to, total - 1))]
  const seen = Array.from({ length: end - first + 1 }, (_, at) => first + at)
  const neighbours = Array.from({ length: ahead }, (_, at) => [end + 1 + at, first - 1 - at]).flat()
  return [...seen, ...neighbours].find((page) => page >= 0 && page <= last && !pages.has(page))
}

/** With one more, which stays whatever its place; `near` are the pages beside which others are worth keeping. */
export function withPage<R>(pages: Pages<R>, page: number, rows: readonly R[], ...near: number[]): Pages<R> {
  const all = new Map(pages).set(page, rows)
  if (all.size <= most) return all
  const far = (one: number) => Math.min(...near.map((other) => Math.abs(one - other)))
  const kept = [...pages].sort(([one], [other]) => far(one) - far(other)).slice(0, most - 1)
  return new Map(kept).set(page, rows)
}
