// Selects rows as a list of Windows does, by place; the lines of rows that are not at hand are asked for.
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsRow } from '../../preload/contract/hosts.ts'
import { pageOf, rowAt } from '../parts/pages.ts'
import { reload, rowsBetween, useHosts } from './hosts.ts'
import { isWhole } from './pages.ts'
import { readingOf } from './reading.ts'

const { getState: get, setState: set } = useHosts
let asked = 0

/** Alone, with the keyboard on it. */
export async function select(place: number): Promise<void> {
  const at = clamp(place)
  set({ at, anchor: at })
  await choose(at, at)
}

/** From the row where the selection began to this one. */
export async function extendTo(place: number): Promise<void> {
  const at = clamp(place)
  set({ at })
  await choose(Math.min(get().anchor, at), Math.max(get().anchor, at))
}

export async function selectAll(): Promise<void> {
  if (get().total > 0) await choose(0, get().total - 1)
}

/** One more, or one less. */
export function toggle(place: number): void {
  const line = lineOf(place)
  if (line === null) return
  const selected = new Set(get().selected)
  if (!selected.delete(line)) selected.add(line)
  asked++
  set({ selected, at: place, anchor: place })
}

/** Only the keyboard. */
export const moveTo = (place: number) => set({ at: clamp(place) })

/** To this line, whatever the filter hides. */
export async function goTo(line: number): Promise<void> {
  if (!isWhole(get().view)) {
    set({ typed: { filter: '', show: 'all' } })
    await reload()
  }
  await select(line - 1)
  set({ scroll: { from: Math.max(0, line - 4), to: line + 56, rest: 0 } })
}

/** The place of a line that is shown. Throws a Failure. */
export async function placeOf(line: number): Promise<number> {
  const { server, file, view, at } = get()
  if (isWhole(view)) return line - 1
  const reading = readingOf(server, view, file?.hash ?? null)
  await reading.page(pageOf(at))
  return reading.placeOf(line, at)
}

/** In the order of the file. */
export const selectedLines = () => [...get().selected].sort((one, other) => one - other)

/** Those rows, for as long as they stay selected. Throws a Failure. */
export async function selectedRows(): Promise<HostsRow[]> {
  const { selected } = get()
  const lines = selectedLines()
  const [first, last] = [lines[0], lines.at(-1)]
  if (first === undefined || last === undefined) return []
  set({ busy: 'Reading the selected lines …' })
  try {
    const rows = await rowsBetween(await placeOf(first), await placeOf(last), () => get().selected === selected)
    return rows.filter(({ line }) => selected.has(line))
  } finally {
    set({ busy: null })
  }
}

const clamp = (place: number) => Math.max(0, Math.min(place, get().total - 1))

function lineOf(place: number): number | null {
  const { pages, view } = get()
  return rowAt(pages, place)?.line ?? (isWhole(view) ? place + 1 : null)
}

async function choose(from: number, to: number): Promise<void> {
  const own = ++asked
  const { file, view, total } = get()
  if (total === 0) return
  if (isWhole(view)) return set({ busy: null, selected: new Set(Array.from({ length: to - from + 1 }, (_, at) => from + at + 1)) })
  set({ busy: 'Selecting …' })
  try {
    const rows = await rowsBetween(from, to, () => own === asked)
    // Another choice or another file may have come before the answer.
    if (own === asked && get().file?.hash === file?.hash) set({ selected: new Set(rows.map(({ line }) => line)) })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // A file that has changed is read anew already.
    if (error.code !== 'changed-meanwhile' && error.code !== 'cancelled') set({ failure: error.value })
  } finally {
    if (own === asked) set({ busy: null })
  }
}
