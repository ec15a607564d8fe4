// The rows that are at hand of a long list: aligned pages, of which the farthest are forgotten. Pure.

/** Rows of a page: some screens full, so that one page answers for a while of scrolling. */
export const pageSize = 200
/** Pages that are kept. */
const most = 40

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
export function nextMissing<R>(pages: Pages<R>, from: number, to: number, total: number): number | undefined {
  const last = pageOf(total - 1)
  const [first, end] = [pageOf(Math.min(from, total - 1)), pageOf(Math.min(to, total - 1))]
  const seen = Array.from({ length: end - first + 1 }, (_, at) => first + at)
  return [...seen, end + 1, first - 1].find((page) => page >= 0 && page <= last && !pages.has(page))
}

/** With one more, which stays whatever its place; `near` is the page beside which others are worth keeping. */
export function withPage<R>(pages: Pages<R>, page: number, rows: readonly R[], near: number): Pages<R> {
  const all = new Map(pages).set(page, rows)
  if (all.size <= most) return all
  const kept = [...pages].sort(([one], [other]) => Math.abs(one - near) - Math.abs(other - near)).slice(0, most - 1)
  return new Map(kept).set(page, rows)
}
