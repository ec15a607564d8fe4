// What waits, read from Exchange: a page by its bookmark where Exchange itself can choose and sort, all pages where it cannot.
import type { Filter } from '../../../preload/contract/filter.ts'
import type { MessageSort, Page, Queue } from '../../../preload/contract/queues.ts'
import { matcher } from '../filter.ts'
import { Views } from '../views.ts'
import { Listed, nameOf, queueOf } from './message.ts'
import { opathOf } from './opath.ts'
import type { ExchangeQueue } from './protocol.ts'
import type { Shell } from './shell.ts'

/** Asked for at once: Exchange's own default for Get-Message. */
const pageSize = 1_000
/** Get-Queue and Get-Message tell no more (their ResultSize). */
const mostListed = 250_000
/** Milliseconds that all messages are kept for, where they had to be read whole. */
const keptFor = 2_000

/** What Get-Message sorts by; the rest is put in order on this side. */
const sortable: Partial<Record<MessageSort['by'], string>> = {
  received: 'DateReceived',
  expires: 'ExpirationTime',
  from: 'FromAddress',
  subject: 'Subject',
  size: 'Size',
  retries: 'RetryCount',
}

interface Wanted {
  filter?: Filter | undefined
  sort?: MessageSort | undefined
}

export interface KnownQueue {
  raw: ExchangeQueue
  queue: Queue
}

export class Listing {
  private readonly shell: Shell
  private readonly domains: () => Promise<ReadonlySet<string>>
  private whole: { key: string; at: number; list: Listed[] } | null = null

  /** `domains`: the accepted ones. */
  constructor(shell: Shell, domains: () => Promise<ReadonlySet<string>>) {
    this.shell = shell
    this.domains = domains
  }

  /** What was read may be otherwise now. */
  outdate(): void {
    this.whole = null
  }

  /** By their identity. */
  async queues(signal: AbortSignal): Promise<Map<string, KnownQueue>> {
    const accepted = await this.domains()
    const found = new Map<string, KnownQueue>()
    for (let bookmark = 1; ; bookmark += pageSize) {
      const { queues } = await this.shell.ask('queues.list', { limit: pageSize, bookmark }, { signal })
      for (const raw of queues) found.set(raw.Identity, { raw, queue: queueOf(raw, accepted) })
      if (queues.length < pageSize) return found
    }
  }

  async page({ filter, sort = { by: 'received', descending: false } }: Wanted, page: Page, signal: AbortSignal): Promise<{ list: Listed[]; total: number }> {
    const queues = await this.queues(signal)
    const { text, isWhole } = opathOf(filter ?? { all: [] }, 'messages')
    const by = sortable[sort.by]
    if (!isWhole || by === undefined) {
      const all = ordered(await this.all(filter, queues, signal), { filter, sort })
      return { list: all.slice(page.offset, page.offset + page.limit), total: all.length }
    }
    const list: Listed[] = []
    for (let { offset, limit } = page; limit > 0; offset += pageSize, limit -= pageSize) {
      const { messages } = await this.shell.ask('messages.list', { ...said(text), sort: `${sort.descending ? '-' : '+'}${by}`, limit: Math.min(limit, pageSize), bookmark: offset + 1 }, { signal })
      list.push(...messages.map((raw) => new Listed(raw, queues.get(raw.Queue ?? '')?.queue ?? null)))
      if (messages.length < pageSize) break
    }
    return { list, total: text === undefined ? sum(queues) : (await this.shell.ask('messages.count', said(text), { signal })).count }
  }

  /** All that are meant, at this moment, in an order. */
  async chosen({ filter, sort = { by: 'received', descending: false } }: Wanted, signal: AbortSignal): Promise<Listed[]> {
    return ordered(await this.all(filter, await this.queues(signal), signal), { filter, sort })
  }

  /** Those in queues of these next hops. */
  async inQueues(nextHops: readonly string[], signal: AbortSignal): Promise<Listed[]> {
    const names = new Set(nextHops.map((name) => name.toLowerCase()))
    const queues = await this.queues(signal)
    return (await this.all(undefined, queues, signal)).filter(({ queueIdentity }) => names.has(nameOf(queues.get(queueIdentity)?.raw ?? { NextHopDomain: null, Identity: queueIdentity })))
  }

  private async all(filter: Filter | undefined, queues: ReadonlyMap<string, KnownQueue>, signal: AbortSignal): Promise<Listed[]> {
    const { text } = opathOf(filter ?? { all: [] }, 'messages')
    const key = text ?? ''
    if (this.whole?.key === key && Date.now() - this.whole.at < keptFor) return this.whole.list
    const list: Listed[] = []
    for (let bookmark = 1; bookmark <= mostListed; bookmark += pageSize) {
      const { messages } = await this.shell.ask('messages.list', { ...said(text), sort: '+DateReceived', limit: pageSize, bookmark }, { signal })
      for (const raw of messages) list.push(new Listed(raw, queues.get(raw.Queue ?? '')?.queue ?? null))
      if (messages.length < pageSize) break
    }
    this.whole = { key, at: Date.now(), list }
    return list
  }
}

const said = (filter: string | undefined) => (filter === undefined ? {} : { filter })

const sum = (queues: ReadonlyMap<string, KnownQueue>) => [...queues.values()].reduce((total, { raw }) => total + raw.MessageCount, 0)

function ordered(list: readonly Listed[], { filter, sort }: Wanted): Listed[] {
  const views = new Views<Listed>()
  for (const one of filter ? list.filter(matcher<Listed>(filter, (entry, field) => entry.field(field))) : list) views.add(one)
  return views.chosen({ sort }, 0)
}
