// Messages in an order, by pages: a list is put together once and kept while nothing changes.
import type { Field, Filter } from '../../preload/contract/filter.ts'
import type { MessageSort, Page } from '../../preload/contract/queues.ts'
import { type FieldValue, matcher } from './filter.ts'

/** What a list knows of a message, whichever transport it waits in. */
export interface Viewed {
  /** It left the queue. */
  readonly isGone: boolean
  /** Milliseconds since 1970. */
  readonly arrived: number
  readonly nextHop: string
  /** For those who put lists together. */
  mark: number
  /** `expiration` in seconds. */
  field(field: Field, expiration: number): FieldValue
}

interface View<Entry> {
  list: Entry[]
  revision: number
  /** When it was put together, and how long that took, in milliseconds. */
  at: number
  cost: number
}

/** Milliseconds: a filter may speak of ages. */
const staleAfter = 1_000
/**
 * A list that takes longer than this to put together, in milliseconds, is kept for ten times as long although
 * something changed: of a hundred thousand messages some change all the time.
 */
const costly = 20
/** Two windows with two tabs each. */
const mostViews = 4

interface Wanted {
  filter?: Filter | undefined
  sort?: MessageSort | undefined
}

const byArrivalFirst: MessageSort = { by: 'received', descending: false }

export class Views<Entry extends Viewed> {
  /** Oldest first; those that left are taken out when the list is next asked for. */
  private arrived: Entry[] = []
  private left = 0
  private isSorted = true
  private readonly views = new Map<string, View<Entry>>()
  private stamp = 0

  add(entry: Entry): void {
    const last = this.arrived.at(-1)
    if (last && last.arrived > entry.arrived) this.isSorted = false
    this.arrived.push(entry)
  }

  /** Of one that is gone. */
  remove(): void {
    this.left++
  }

  /** All that match, at this moment. */
  chosen({ filter, sort = byArrivalFirst }: Wanted, expiration: number): Entry[] {
    const found = this.matching(filter, expiration)
    return isPlain(sort) ? found : ordered(found, sort, expiration)
  }

  /** Oldest first. */
  private matching(filter: Filter | undefined, expiration: number): Entry[] {
    const all = this.all()
    if (!filter || filter.all.length === 0) return [...all]
    return all.filter(matcher<Entry>(filter, (entry, field) => entry.field(field, expiration)))
  }

  page({ filter, sort = byArrivalFirst }: Wanted, { offset, limit }: Page, { revision, expiration }: { revision: number; expiration: number }): { entries: Entry[]; total: number } {
    const list = this.view(filter, sort, revision, expiration)
    return { entries: list.slice(offset, offset + limit).filter(({ isGone }) => !isGone), total: list.length }
  }

  private view(filter: Filter | undefined, sort: MessageSort, revision: number, expiration: number): Entry[] {
    const plain = isPlain(sort)
    if (plain && (!filter || filter.all.length === 0)) return this.all()
    const key = JSON.stringify([filter?.all ?? [], sort])
    const known = this.views.get(key)
    const now = Date.now()
    if (known && now - known.at < staleAfter && known.revision === revision) return known.list
    if (known && known.cost > costly && now - known.at < 10 * known.cost) return known.list
    const begun = performance.now()
    const chosen = this.matching(filter, expiration)
    const list = plain ? chosen : ordered(this.nearlyOrdered(chosen, known?.list ?? []), sort, expiration)
    this.views.delete(key)
    this.views.set(key, { list, revision, at: now, cost: performance.now() - begun })
    const [oldest] = this.views.keys()
    if (this.views.size > mostViews && oldest !== undefined) this.views.delete(oldest)
    return list
  }

  /** In the order in which they were last told: putting a list in order that nearly is costs next to nothing. */
  private nearlyOrdered(chosen: Entry[], before: Entry[]): Entry[] {
    const stamp = ++this.stamp
    for (const entry of chosen) entry.mark = stamp
    const kept = before.filter((entry) => entry.mark === stamp)
    for (const entry of kept) entry.mark = 0
    for (const entry of chosen) if (entry.mark === stamp) kept.push(entry)
    return kept
  }

  private all(): Entry[] {
    if (this.left > 0) this.arrived = this.arrived.filter(({ isGone }) => !isGone)
    this.left = 0
    if (!this.isSorted) this.arrived.sort((a, b) => a.arrived - b.arrived)
    this.isSorted = true
    return this.arrived
  }
}

const isPlain = ({ by, descending }: MessageSort) => by === 'received' && !descending

/** What has no value comes last; equal ones in the order of their arrival. */
function ordered<Entry extends Viewed>(entries: Entry[], { by, descending }: MessageSort, expiration: number): Entry[] {
  const keyed = entries.map((entry) => ({ entry, key: keyOf(entry, by, expiration) }))
  const way = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.key !== b.key) {
      if (a.key === null) return 1
      if (b.key === null) return -1
      return a.key < b.key ? -way : way
    }
    return a.entry.arrived - b.entry.arrived
  })
  return keyed.map(({ entry }) => entry)
}

function keyOf(entry: Viewed, by: MessageSort['by'], expiration: number): string | number | null {
  if (by === 'queue') return entry.nextHop
  const value = entry.field(by, expiration)
  if (typeof value === 'string') return value.toLowerCase()
  return typeof value === 'number' ? value : null
}
