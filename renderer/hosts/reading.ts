// Reads rows of one state of the hosts file, page by page. A file that changes meanwhile ends it: rows of two states
// are never mixed.
import type { HostsFile, HostsRow } from '../../preload/contract/hosts.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled, valueOf } from '../api.ts'
import { pageOf, pageSize } from '../parts/pages.ts'
import { isWhole, type View } from './pages.ts'

/** Rows of one answer, where many are read one after the other. */
const largest = 10_000

export interface Reading {
  /** Known once the first page was read. */
  head(): { file: HostsFile; total: number }
  pages: ReadonlyMap<number, readonly HostsRow[]>
  /** Throws a Failure: `changed-meanwhile` where the file is no longer the one that was begun with. */
  page(at: number): Promise<readonly HostsRow[]>
  /** The place of the first row at or behind this line; `guess` is where it may well be. */
  placeOf(line: number, guess: number): Promise<number>
  /** The rows of all these places; given up as `cancelled` once they are not wanted any more. */
  between(from: number, to: number, isWanted?: () => boolean): Promise<HostsRow[]>
}

/** `hash`: of the file that is expected; null for whatever stands there. */
export function readingOf(server: ServerId, view: View, hash: string | null): Reading {
  let known: { file: HostsFile; total: number } | null = null
  const pages = new Map<number, readonly HostsRow[]>()

  const list = async (offset: number, limit: number): Promise<HostsRow[]> => {
    const { file, rows, total } = valueOf(await settled(edgewise.hosts.list({ server, ...view, page: { offset, limit } })))
    if (file.hash !== (known?.file.hash ?? hash ?? file.hash)) throw new Failure('changed-meanwhile', 'The hosts file was changed meanwhile.')
    known ??= { file, total }
    return rows
  }
  const head = () => {
    if (!known) throw new Error('Nothing was read yet.')
    return known
  }
  const page = async (at: number) => {
    const rows = pages.get(at) ?? (await list(at * pageSize, pageSize))
    pages.set(at, rows)
    return rows
  }
  return {
    head,
    pages,
    page,
    placeOf: async (line, guess) => {
      const last = head().total - 1
      if (last < 0) return 0
      if (isWhole(view)) return Math.min(line - 1, last)
      let [low, high] = [0, pageOf(last)]
      for (let at = Math.min(pageOf(guess), high); low <= high; at = Math.floor((low + high) / 2)) {
        const rows = await page(at)
        const [first, end] = [rows[0], rows.at(-1)]
        if (!first || line < first.line) high = at - 1
        else if (end && line > end.line) low = at + 1
        else return at * pageSize + rows.findIndex((row) => row.line >= line)
      }
      return Math.min(low * pageSize, last)
    },
    between: async (from, to, isWanted = () => true) => {
      const rows: HostsRow[] = []
      for (let offset = from; offset <= to; offset += largest) {
        if (!isWanted()) throw new Failure('cancelled', 'It is not wanted any more.')
        rows.push(...(await list(offset, Math.min(largest, to - offset + 1))))
      }
      return rows
    },
  }
}
