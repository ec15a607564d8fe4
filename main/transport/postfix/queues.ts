// Postfix's queues and messages: listed, chosen and acted on as every transport's.
import { mkdir } from 'node:fs/promises'
import type { Field, Filter } from '../../../preload/contract/filter.ts'
import type { Message, Page, Queue } from '../../../preload/contract/queues.ts'
import { matcher } from '../filter.ts'
import { queueField } from '../queue-field.ts'
import { pruneRemovals, removedIn } from '../removals.ts'
import type { Acting, Deed, MessagesWanted, Selecting, Target, Targets } from '../transport.ts'
import { Actions } from './actions.ts'
import type { Entry } from './entry.ts'
import { asTarget } from './holding.ts'
import type { Instance } from './instance.ts'
import { fieldsOf, Known } from './known.ts'
import { queuesOf, toldOf } from './told.ts'

/** Milliseconds between two looks while somebody watches; Postfix itself tells nobody. */
const watchEvery = 1_000
/** Without a log that can be read the queue is listed: not more often than one twentieth of the time. */
const listingShare = 20

export interface Where {
  /** As it is now; asked for every time, so that it is kept as long as its files are the same. */
  instance(): Promise<Instance>
  /** A folder of ours. */
  home: string
}

export class PostfixQueues {
  private readonly known: Known
  private readonly actions: Actions
  private readonly removed: string
  private readonly listeners = new Set<() => void>()
  private timer: NodeJS.Timeout | undefined
  private isReady: Promise<void> | null = null

  constructor({ instance, home }: Where) {
    this.removed = removedIn(home)
    this.known = new Known(instance, () => this.tell())
    this.actions = new Actions(this.known, home)
  }

  async queues(filter?: Filter): Promise<Queue[]> {
    const { instance } = await this.refreshed()
    await this.known.index.readTurns(this.known.index.entries.values(), instance)
    const queues = queuesOf(this.known.index.entries.values(), (entry) => this.known.lastRetry(entry))
    return filter ? queues.filter(matcher<Queue>(filter, queueField)) : queues
  }

  async messages({ ids, brief = false, soon = false, filter, sort }: MessagesWanted, page: Page): Promise<{ messages: Message[]; total: number }> {
    if (ids) return this.these(ids, { brief, page })
    const fields = fieldsOf(filter).add((sort?.by ?? 'received') as Field)
    // An order by something else, or a choice, needs all of them.
    const first = soon && !filter?.all.length && (sort === undefined || (sort.by === 'received' && !sort.descending)) && page.offset === 0
    const { instance } = await this.refreshed({ soon: first ? page.limit : soon ? Infinity : 0 })
    await this.known.readFor(fields, await this.known.setting())
    const { entries, total } = this.known.index.views.page({ filter, sort }, page, { revision: this.known.index.revision, expiration: 0 })
    await this.known.index.readTurns(entries, instance)
    const read = () => this.known.details.read(entries, instance, this.known.signal)
    if (!soon) await read()
    // Not before the rows are told: starting a program takes longer than they do.
    else if (!this.known.details.hasAll(entries)) setImmediate(() => void read().then(() => this.tell(), () => {}))
    return { messages: entries.map((entry) => this.told(entry, false, soon)), total }
  }

  private async these(ids: string[], { brief, page }: { brief: boolean; page: Page }): Promise<{ messages: Message[]; total: number }> {
    const { instance } = await this.refreshed()
    const { entries } = this.known.index
    const found = ids.flatMap((id) => entries.get(id) ?? this.known.endOf(id) ?? [])
    const shown = found.slice(page.offset, page.offset + page.limit)
    const waiting = shown.filter((one): one is Entry => 'hop' in one)
    await this.known.index.readTurns(waiting, instance)
    if (!brief || this.known.affordsDetails) await this.known.details.read(waiting, instance, this.known.signal)
    return { messages: shown.map((one) => ('hop' in one ? this.told(one, !brief) : one)), total: found.length }
  }

  private told(entry: Entry, whole: boolean, atOnce = false): Message {
    return toldOf(entry, { story: this.known.stories.find(entry.id), deferredAt: this.known.lastRetry(entry), whole, atOnce })
  }

  async select({ ids, queues, filter, sort }: Selecting): Promise<Target[]> {
    const setting = await this.refreshed()
    const { index } = this.known
    if (ids) return ids.flatMap((id) => index.entries.get(id) ?? []).map(asTarget)
    if (queues) return this.actions.in(queues).map(asTarget)
    await this.known.readFor(fieldsOf(filter).add((sort?.by ?? 'received') as Field), setting)
    return index.views.chosen({ filter, sort }, 0).map(asTarget)
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    await this.refreshed()
    try {
      return await this.actions.act(deed, targets, acting)
    } finally {
      this.known.outdate()
      this.tell()
    }
  }

  async waiting(): Promise<number> {
    await this.refreshed()
    return this.known.index.entries.size
  }

  /** Why attempts and deliveries are not known from the log; null where it is read. */
  async logProblem(): Promise<string | null> {
    const setting = await this.known.setting()
    await this.known.readLog(setting)
    return setting.log.problem
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener)
    this.timer ??= this.lookLater(watchEvery)
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size > 0) return
      clearTimeout(this.timer)
      this.timer = undefined
    }
  }

  async close(): Promise<void> {
    this.listeners.clear()
    clearTimeout(this.timer)
    this.timer = undefined
    await this.known.close()
  }

  private lookLater(after: number): NodeJS.Timeout {
    // Whoever only watches does not keep the program from its end.
    return setTimeout(() => void this.look(), after).unref()
  }

  private async look(): Promise<void> {
    const before = this.known.index.revision
    const began = Date.now()
    const isDifferent = await this.changedSince(before).catch(() => false)
    if (this.listeners.size === 0) return
    this.timer = this.lookLater(Math.max(watchEvery, listingShare * (Date.now() - began)))
    if (isDifferent) this.tell()
  }

  private async changedSince(revision: number): Promise<boolean> {
    const setting = await this.known.setting()
    if (await this.known.readLog(setting)) return true
    if (setting.log.problem === null) return false
    await this.known.refresh()
    return this.known.index.revision !== revision
  }

  /** The first time, what an action that was killed left behind is put right. */
  private async refreshed(how: { soon?: number } = {}) {
    this.isReady ??= this.prepare()
    // The first rows are no promise that nothing is being put right.
    if (!how.soon) await this.isReady
    return this.known.refresh(how)
  }

  private async prepare(): Promise<void> {
    await mkdir(this.removed, { recursive: true, mode: 0o700 }).catch(() => {})
    await pruneRemovals(this.removed).catch(() => {})
    await this.actions.mend().catch(() => {})
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}
