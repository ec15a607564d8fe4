// A list whose rows stay in main: the pages that are seen are at hand, and a refresh keeps selection, keyboard and scroll.
import { create } from 'zustand'
import type { Result } from '../../preload/contract/call.ts'
import { Failure, type FailureValue } from '../../preload/contract/failure.ts'
import type { Filter } from '../../preload/contract/filter.ts'
import { mostNamed } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { changesOf, follow, type Following } from '../parts/follow.ts'
import { nextMissing, pageOf, pageSize, rowAt, withPage, type Seen } from '../parts/pages.ts'
import { clamp, likelyPages, pagesAround, placesOf, renewed, settle, type Rows, type Standing } from './places.ts'

export interface Sort {
  by: string
  descending: boolean
}

export interface View {
  filter: Filter
  sort: Sort
}

/** Throws a Failure. */
export type Read<R> = (offset: number, limit: number) => Promise<{ rows: R[]; total: number }>

export interface Source<R> {
  view: View
  idOf(row: R): string
  /** What reads the rows of this moment, as far as they have one. */
  begin(server: ServerId, view: View): Read<R>
}

export interface List<R> extends Rows<R>, Standing {
  server: ServerId
  view: View
  /** Whether rows were read since the server was chosen. */
  isKnown: boolean
  failure: FailureValue | null
  /** Where the list is to stand; each object is obeyed once. */
  scroll: Seen | null
}

/** One page of it, until the list tells what it shows. */
const firstSeen: Seen = { from: 0, to: 30, rest: 0 }
/** Rows above and below, among which the keyboard's row is looked for after a refresh. */
const reach = 200

export function makeList<R>({ view: firstView, idOf, begin }: Source<R>) {
  const nothing = (server: ServerId, view: View): List<R> => ({
    server,
    view,
    isKnown: false,
    total: 0,
    pages: new Map(),
    failure: null,
    selected: new Set(),
    at: 0,
    anchor: 0,
    scroll: null,
  })
  const use = create<List<R>>(() => nothing('local', firstView))
  const { getState: get, setState: set } = use
  let seen: Seen = firstSeen
  let read = begin('local', firstView)
  /** Pages of the last refresh or later. The others are shown until they are read again: an old row is better than none. */
  let fresh: ReadonlySet<number> = new Set()
  let following: Following<null> | null = null
  let isLoading = false

  function turnTo(server: ServerId): void {
    if (get().server === server) return
    seen = firstSeen
    fresh = new Set()
    // What is asked for stands in the filter still, whichever server it is asked of.
    set(({ view }) => nothing(server, view))
    read = begin(server, get().view)
  }

  /** Follows the queues for as long as the list is shown. */
  const followQueues = (server: ServerId): (() => void) => {
    turnTo(server)
    // The list is drawn anew, and stands where it stood.
    set({ scroll: { ...seen } })
    const own = follow(refresh, changesOf(server), () => undefined)
    following = own
    return () => {
      if (following === own) following = null
      own.end()
    }
  }

  async function refresh(): Promise<Result<null>> {
    const { server, view } = get()
    const isMeant = () => get().server === server && get().view === view
    try {
      const next = await readAnew(begin(server, view))
      if (!isMeant()) return { ok: true, value: null }
      const now = get()
      const { top, ...standing } = settle(now, next.rows, seen, idOf)
      read = next.read
      fresh = new Set(next.rows.pages.keys())
      set({ total: next.rows.total, pages: renewed(now.pages, next.rows), ...standing, isKnown: true, failure: null, ...(standing.at === now.at && top === seen.from ? {} : { scroll: { from: top, to: top + seen.to - seen.from, rest: seen.rest } }) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (isMeant()) set({ failure: error.value })
    }
    void load()
    return { ok: true, value: null }
  }

  async function readAnew(readNow: Read<R>): Promise<{ rows: Rows<R>; read: Read<R> }> {
    const before = get()
    const pages = new Map<number, readonly R[]>()
    const add = async (page: number): Promise<number> => {
      const { rows, total } = await readNow(page * pageSize, pageSize)
      pages.set(page, rows)
      return total
    }
    const total = await add(pageOf(seen.from))
    const addAll = (wanted: number[]) => Promise.all([...new Set(wanted)].filter((page) => page >= 0 && page * pageSize < total && !pages.has(page)).map(add))
    await addAll(likelyPages(before, seen, before.total, total))
    const row = rowAt(before.pages, before.at)
    if (row !== undefined && !placesOf({ pages }, idOf).has(idOf(row))) await addAll([before.at, before.at + total - before.total].flatMap((place) => pagesAround(place, reach)))
    // Behind the last row there is nothing to be at hand.
    for (const page of pages.keys()) if (page * pageSize >= total) pages.delete(page)
    return { rows: { pages, total }, read: readNow }
  }

  /** The list tells what is seen of it. */
  const need = (now: Seen): void => {
    seen = now
    void load()
  }

  /** What is missing is asked for, one page at a time, the newest wish first. */
  async function load(): Promise<void> {
    if (isLoading) return
    isLoading = true
    try {
      for (let page = missing(); page !== undefined; page = missing()) {
        const own = read
        const { rows } = await own(page * pageSize, pageSize)
        // Others were read anew meanwhile.
        if (own !== read) continue
        const pages = withPage(get().pages, page, rows, pageOf(seen.from), pageOf(get().at))
        fresh = new Set([...fresh, page].filter((one) => pages.has(one)))
        set({ pages })
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      set({ failure: error.value })
    } finally {
      isLoading = false
    }
  }

  const missing = () => {
    const { isKnown, total, failure, at } = get()
    if (!isKnown || failure !== null || total === 0) return undefined
    // The keyboard's row is shown in full, also where it is scrolled out of sight.
    return nextMissing(fresh, seen.from, seen.to, total) ?? (fresh.has(pageOf(at)) ? undefined : pageOf(at))
  }

  /** Other rows than before: nothing is selected that nobody may see. */
  const show = (view: Partial<View>): void => {
    const isOther = view.filter !== undefined
    seen = { ...seen, from: 0, to: seen.to - seen.from, rest: 0 }
    set((now) => ({ view: { ...now.view, ...view }, pages: new Map(), at: 0, anchor: 0, scroll: { ...seen }, ...(isOther ? { selected: new Set() } : {}) }))
    read = begin(get().server, get().view)
    fresh = new Set()
    again()
  }
  const again = () => void following?.again()

  let asked = 0
  /** The rows from one place to the other: at once where they are at hand, otherwise when they were read. */
  const choose = async (one: number, other: number): Promise<void> => {
    const own = ++asked
    const { pages } = get()
    const from = Math.min(one, other)
    const length = Math.min(Math.abs(one - other) + 1, mostNamed)
    const known = Array.from({ length }, (_, step) => rowAt(pages, from + step)).filter((row) => row !== undefined)
    if (known.length === length) return set({ selected: new Set(known.map(idOf)) })
    try {
      const { rows } = await read(from, length)
      if (own === asked) set({ selected: new Set(rows.map(idOf)) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      set({ failure: error.value })
    }
  }
  const within = (place: number) => clamp(place, get().total)

  return {
    use,
    useView: () => use(({ view }) => view),
    idOf,
    follow: followQueues,
    /** Reads the first rows before they are looked at, so that they are there with the click. */
    prepare: (server: ServerId) => {
      turnTo(server)
      if (!get().isKnown && following === null) void refresh()
    },
    again,
    need,
    show,
    /** Alone, with the keyboard on it. */
    select: (place: number) => {
      if (get().total === 0) return
      const at = within(place)
      set({ at, anchor: at })
      void choose(at, at)
    },
    /** From the row where the selection began to this one, as many as can be named. */
    extendTo: (place: number) => {
      if (get().total === 0) return
      const { anchor } = get()
      const at = clamp(place, Math.min(get().total, anchor + mostNamed))
      set({ at: Math.max(at, anchor - mostNamed + 1) })
      void choose(anchor, get().at)
    },
    /** All that the filter leaves, without naming them. */
    selectAll: () => {
      asked++
      if (get().total > 0) set({ selected: 'all' })
    },
    /** One more, or one less. */
    toggle: (place: number) => {
      const row = rowAt(get().pages, place)
      if (row === undefined) return
      asked++
      const { selected } = get()
      const next = new Set(selected === 'all' ? [] : selected)
      if (!next.delete(idOf(row)) && next.size < mostNamed) next.add(idOf(row))
      set({ selected: next, at: place, anchor: place })
    },
    /** These are known to have left. */
    forget: (ids: readonly string[]) => {
      const { selected } = get()
      if (selected === 'all' || !ids.some((id) => selected.has(id))) return
      const gone = new Set(ids)
      set({ selected: new Set([...selected].filter((id) => !gone.has(id))) })
    },
    /** Only the keyboard. */
    moveTo: (place: number) => set({ at: within(place) }),
  }
}
export type ListOf<R> = ReturnType<typeof makeList<R>>

/** How many are selected. */
export const countOf = ({ selected, total }: Pick<List<unknown>, 'selected' | 'total'>) => (selected === 'all' ? total : selected.size)
