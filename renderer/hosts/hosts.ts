// What the view shows of the hosts file: rows at hand, what is selected, where the keyboard is; kept over every change of it.
import { create } from 'zustand'
import { Failure, type FailureValue } from '../../preload/contract/failure.ts'
import type { HostsFile, HostsRow } from '../../preload/contract/hosts.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled, valueOf } from '../api.ts'
import { useChange } from '../change/change.ts'
import { isUnderWay } from '../change/course.ts'
import type { Subject } from './forms.ts'
import { nextMissing, pageOf, pageSize, rowAt, withPage, type Pages, type Seen } from '../parts/pages.ts'
import { isWhole, sameView, type HostsShow, type View } from './pages.ts'
import { readingOf, type Reading } from './reading.ts'

export interface Hosts {
  server: ServerId
  /** Null until it was read. */
  file: HostsFile | null
  /** What the rows belong to; what is typed is a moment ahead of it. */
  view: View
  typed: View
  /** Rows that the filter leaves. */
  total: number
  pages: Pages<HostsRow>
  failure: FailureValue | null
  /** Lines of the file, all of which the filter shows. */
  selected: ReadonlySet<number>
  /** The place of the row that the keyboard is on, and of the one from which Shift extends. */
  at: number
  anchor: number
  /** Lines of the whole file with something amiss. */
  problems: number
  /** What happened to the file last. */
  note: string | null
  asText: boolean
  /** The line of the keyboard's row, while it is typed anew in the text view. */
  editing: { line: number; was: string; text: string; subject: Subject } | null
  /** What takes a while just now: rows that are selected or acted upon are read. */
  busy: string | null
  /** Where the list is to stand; each object is obeyed once. */
  scroll: Seen | null
}

const nothing = (server: ServerId): Hosts => ({
  server,
  file: null,
  view: { filter: '', show: 'all' },
  typed: { filter: '', show: 'all' },
  total: 0,
  pages: new Map(),
  failure: null,
  selected: new Set(),
  at: 0,
  anchor: 0,
  problems: 0,
  note: null,
  asText: false,
  editing: null,
  busy: null,
  scroll: null,
})

export const useHosts = create<Hosts>(() => nothing('local'))
const { getState: get, setState: set } = useHosts

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
/** Milliseconds. */
const typedAfter = 120
/** Lines of one question where they stand now. */
const mostMoved = 50_000
/** Attempts to read one state of a file that others write all the time. */
const mostAttempts = 20
let seen: Seen = { from: 0, to: 60, rest: 0 }
let round = 0
let typing: ReturnType<typeof setTimeout> | undefined
let isLoading = false
/** Whether the next change that is seen is one's own. */
let isOwn = false

/** Follows the file for as long as the view is shown. */
export function followHosts(server: ServerId): () => void {
  if (get().server !== server) {
    set(nothing(server))
    seen = { from: 0, to: 60, rest: 0 }
  }
  // The list is drawn anew, and stands where it stood.
  set({ scroll: { ...seen } })
  const deaf = hostsChangesOf(server)(() => void reload())
  void reload()
  return () => {
    round++
    deaf()
  }
}

/** Who comes back to the window sees what was written beside it meanwhile. */
export const hostsChangesOf = (server: ServerId) => (again: () => void) => {
  const deaf = edgewise.hosts.changed((change) => {
    if (change.server === server) again()
  })
  window.addEventListener('focus', again)
  return () => {
    deaf()
    window.removeEventListener('focus', again)
  }
}

/** A word is not searched letter by letter. */
export function type(filter: string): void {
  set(({ typed }) => ({ typed: { ...typed, filter } }))
  clearTimeout(typing)
  typing = setTimeout(() => void reload(), typedAfter)
}

export function show(what: HostsShow): void {
  set(({ typed }) => ({ typed: { ...typed, show: what } }))
  void reload()
}

/** After a save of one's own, with what it did in words. */
export async function saved(note: string): Promise<void> {
  isOwn = true
  await reload()
  set({ note })
}

/** The list tells what is seen of it; what is missing is asked for, one page at a time, the newest wish first. */
export async function need(now: Seen): Promise<void> {
  seen = now
  if (isLoading) return
  isLoading = true
  try {
    for (let page = missing(); page !== undefined; page = missing()) if (!(await load(page))) return
  } finally {
    isLoading = false
  }
}

function missing(): number | undefined {
  const { file, pages, total, at } = get()
  if (!file || total === 0) return undefined
  // The keyboard's row is shown in full, also where it is scrolled out of sight.
  return nextMissing(pages, seen.from, seen.to, total) ?? (pages.has(pageOf(at)) ? undefined : pageOf(at))
}

/** False where it is of no use to go on. */
async function load(page: number): Promise<boolean> {
  const { server, file, view } = get()
  const result = await settled(edgewise.hosts.list({ server, ...view, page: { offset: page * pageSize, limit: pageSize } }))
  const now = get()
  if (now.server !== server || now.file?.hash !== file?.hash || !sameView(now.view, view)) return true
  if (!result.ok) {
    set({ failure: result.error })
    return false
  }
  if (result.value.file.hash !== file?.hash) {
    void reload()
    return false
  }
  set({ pages: withPage(now.pages, page, result.value.rows, pageOf(seen.from)) })
  return true
}

/** Reads anew what is seen: after a change of the file, of the filter, or of nothing. The last one that was begun wins. */
export async function reload(): Promise<void> {
  const own = ++round
  const { current } = useChange.getState()
  if (current && isUnderWay(current)) isOwn = true
  for (let attempts = 0; attempts < mostAttempts; ) {
    try {
      const before = get()
      const next = await readAnew(before)
      if (own !== round) return
      // What was selected meanwhile has its place in the new lines still to be found; a hand on the keys ends by itself.
      if (next.selected && (before.selected !== get().selected || before.at !== get().at)) continue
      const { file } = get()
      const isOutside = file !== null && file.hash !== next.file.hash && !isOwn
      set({ ...next, ...(isOutside ? { note: `The file was changed outside this console at ${clock.format(new Date())}.` } : {}) })
      isOwn = false
      return
    } catch (error) {
      if (own !== round) return
      if (!(error instanceof Failure)) throw error
      if (error.code !== 'changed-meanwhile') return set({ failure: error.value })
      attempts++
    }
  }
  set({ failure: { code: 'failed', message: 'The hosts file changes faster than it can be read.', remedy: 'Find out what writes it all the time.' } })
}

/** What is selected stays out of it where lines and rows are the same as before. */
async function readAnew(before: Hosts): Promise<Partial<Hosts> & { file: HostsFile }> {
  const stood = seen
  const { server, typed, file } = before
  const reading = readingOf(server, typed, null)
  await reading.page(pageOf(seen.from))
  const { file: now } = reading.head()
  const isSameView = sameView(typed, before.view)
  const isSameFile = file === null || file.hash === now.hash
  const marks = isSameFile && isSameView ? null : await movedMarks(before, now)
  const at = marks ? await placeFor(reading, marks.at, before.at) : clamp(before.at, reading)
  const top = marks ? await topFor(reading, before, marks, at) : clamp(stood.from, reading)
  const bottom = clamp(top + stood.to - stood.from, reading)
  for (let page = pageOf(top); page <= pageOf(bottom); page++) await reading.page(page)
  await reading.page(pageOf(at))
  const selected = marks && (await stillSeen(reading, typed, marks.selected, isSameView ? null : marks.at))
  const { total } = reading.head()
  return {
    file: now,
    view: typed,
    total,
    pages: reading.pages,
    failure: null,
    ...(file?.hash === now.hash ? {} : { problems: await problemsOf(server) }),
    // Whoever has scrolled on meanwhile goes on from there.
    ...(selected ? { at, anchor: at, selected, scroll: { from: top + seen.from - stood.from, to: bottom, rest: seen.rest } } : {}),
  }
}

const clamp = (place: number, reading: Reading) => Math.max(0, Math.min(place, reading.head().total - 1))

/** Lines of the whole file with something amiss. */
async function problemsOf(server: ServerId): Promise<number> {
  return valueOf(await settled(edgewise.hosts.list({ server, show: 'problems', page: { offset: 0, limit: 1 } }))).total
}

interface Marks {
  /** Where the row of the keyboard and the topmost row stand now; null for one that is gone or was not known. */
  at: number | null
  top: number | null
  selected: number[]
}

const lineAt = ({ pages, view }: Hosts, place: number): number | null => rowAt(pages, place)?.line ?? (isWhole(view) ? place + 1 : null)

async function movedMarks(before: Hosts, now: HostsFile): Promise<Marks> {
  const [at, top, selected] = [lineAt(before, before.at), lineAt(before, seen.from), [...before.selected]]
  const { file, server } = before
  if (!file || file.hash === now.hash) return { at, top, selected }
  const lines = [...selected, at ?? 1, top ?? 1].map((line) => Math.min(line, Math.max(1, file.lines)))
  const moved: (number | null)[] = []
  for (let from = 0; from < lines.length; from += mostMoved) {
    const answer = await settled(edgewise.hosts.moved({ server, hash: file.hash, lines: lines.slice(from, from + mostMoved) }))
    // What is not known any more cannot be found again; what is selected then would be a guess.
    if (!answer.ok && answer.error.code === 'not-found') return { at: null, top: null, selected: [] }
    const part = valueOf(answer)
    if (part.hash !== now.hash) throw new Failure('changed-meanwhile', 'The hosts file was changed meanwhile.')
    moved.push(...part.lines)
  }
  const [newAt, newTop] = moved.slice(-2)
  return {
    at: at === null ? null : (newAt ?? null),
    top: top === null ? null : (newTop ?? null),
    selected: moved.slice(0, -2).filter((line) => line !== null),
  }
}

async function placeFor(reading: Reading, line: number | null, before: number): Promise<number> {
  return line === null ? clamp(before, reading) : reading.placeOf(line, before)
}

/** Under another filter the keyboard's row stays as far from the top as it was. */
async function topFor(reading: Reading, before: Hosts, marks: Marks, at: number): Promise<number> {
  const isSameView = sameView(before.typed, before.view)
  const height = seen.to - seen.from
  if (isSameView) return placeFor(reading, marks.top, seen.from)
  const above = before.at - seen.from
  return clamp(at - (above >= 0 && above <= height ? above : Math.floor(height / 2)), reading)
}

/** What the filter no longer shows is not selected: no action shall touch a line that nobody sees. */
async function stillSeen(reading: Reading, view: View, lines: number[], only: number | null): Promise<ReadonlySet<number>> {
  const wanted = new Set(only === null ? lines : lines.filter((line) => line === only))
  if (wanted.size === 0 || isWhole(view)) return wanted
  const sorted = [...wanted].sort((one, other) => one - other)
  const from = await reading.placeOf(sorted[0]!, 0)
  const to = await reading.placeOf(sorted.at(-1)!, from)
  const rows = await reading.between(from, to)
  return new Set(rows.map(({ line }) => line).filter((line) => wanted.has(line)))
}

/** The rows of these places, from what is at hand or asked for, for as long as they are wanted. Throws a Failure. */
export async function rowsBetween(from: number, to: number, isWanted = () => true): Promise<HostsRow[]> {
  const { server, file, view, pages } = get()
  const at = Array.from({ length: to - from + 1 }, (_, place) => rowAt(pages, from + place))
  const known = at.filter((row) => row !== undefined)
  return known.length === at.length ? known : readingOf(server, view, file?.hash ?? null).between(from, to, isWanted)
}
