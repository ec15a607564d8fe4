// The relay's ledger: what waits, whose turn is next, and what became of each attempt.
import type { Filter } from '../../../preload/contract/filter.ts'
import type { Attempt as AttemptValue, End as EndValue, Message, Page, Queue } from '../../../preload/contract/queues.ts'
import { matcher } from '../filter.ts'
import { Ended } from '../ended.ts'
import { queueField } from '../queue-field.ts'
import type { MessagesWanted, Selecting } from '../transport.ts'
import { Views } from '../views.ts'
import { Entry, type Arrival } from './entry.ts'
import { Heap } from './heap.ts'
import { type Histories, noHistory, withAttempt, type History } from './histories.ts'
import type { Suspensions } from './suspensions.ts'
import { WaitingFor } from './waiting.ts'

export type Attempt = Omit<AttemptValue, 'at'>
export type End = Omit<EndValue, 'at'>

export interface LedgerOptions {
  histories: Histories
  suspensions: Suspensions
  /** Seconds. */
  expiration: number
  /** Seconds after which the sender is told that the message waits. */
  delayNotice: number
  /** Messages for one next hop that are delivered at the same time. */
  mostPerDomain: number
  isInbound(domain: string): boolean
  /** Something is different for those who watch. */
  changed(): void
  /** It may be a message's turn. */
  turn(): void
}

export class Ledger {
  readonly expiration: number
  private readonly options: LedgerOptions
  private readonly entries = new Map<string, Entry>()
  private readonly waitingFor = new Map<string, WaitingFor>()
  private readonly turns = new Heap<Entry>()
  private readonly notices = new Heap<Entry>()
  private overdue: Entry[] = []
  private readonly views = new Views<Entry>()
  private readonly ended = new Ended()
  private readonly inherited = new Map<string, History>()
  private readonly attemptEnds = new Map<string, (() => void)[]>()
  /** Higher with each change. */
  revision = 0

  constructor(options: LedgerOptions) {
    this.options = options
    this.expiration = options.expiration
    for (const name of options.suspensions.queueNames) this.queueOf(name)
  }

  // What Haraka and its plugin tell.

  /** It is in the queue, and its turn comes. */
  waits(arrival: Arrival, due = Date.now()): Entry {
    const known = this.entries.get(arrival.id)
    if (known) {
      this.waitsAgain(known, arrival.filename, due)
      return known
    }
    const history = this.inherited.get(arrival.id) ?? this.options.histories.read(arrival.id) ?? noHistory()
    this.inherited.delete(arrival.id)
    const queue = this.queueOf(arrival.nextHop)
    const entry = new Entry(arrival, history, queue, due)
    entry.isSuspended = this.options.suspensions.hasMessage(entry.id)
    this.entries.set(entry.id, entry)
    queue.add(entry)
    this.views.add(entry)
    // A notice is never answered by a notice (RFC 3464 §2, RFC 5321 §6.1).
    if (history.delayNotice === null && entry.from !== '') this.noticeLater(entry)
    this.queued(entry)
    return entry
  }

  /** The relay delivers it now. */
  taken(arrival: Arrival): Entry {
    const entry = this.entries.get(arrival.id) ?? this.waits(arrival)
    this.activate(entry)
    return entry
  }

  async deferred(id: string, attempt: Attempt, states: History['states']): Promise<void> {
    const entry = this.entries.get(id)
    if (!entry) return
    const others = entry.history.states.filter(({ status }) => status === 'Complete')
    const history = withAttempt(entry.history, { at: new Date().toISOString(), ...attempt }, [...states, ...others])
    // On disk before it is shown: what was seen is still there after a crash.
    await this.options.histories.keep(id, history)
    if (entry.isGone) return
    // The sender may have been told while it was written.
    const { delayNotice } = entry.history
    entry.history = { ...history, delayNotice }
    if (delayNotice !== history.delayNotice) void this.options.histories.keep(id, entry.history)
    entry.judge()
    this.queueOf(entry.nextHop).judged(entry)
    if (entry.isOverdue && delayNotice === null) this.overdue.push(entry)
    this.change()
  }

  /** Its file lies in the queue under this name, and nobody delivers it any more. */
  waitsAgain(entry: Entry, filename: string, due: number): void {
    entry.filename = filename
    entry.due = due
    this.queueOf(entry.nextHop).set(entry, { isActive: false })
    this.queued(entry)
    this.unpark(entry.nextHop)
    this.attemptEnded(entry.id)
  }

  left(id: string, end: End): void {
    const entry = this.entries.get(id)
    if (!entry) return
    this.ended.remember({ ...entry.told({ expiration: this.expiration, whole: true }), end: { at: new Date().toISOString(), ...end } })
    this.forget(entry)
  }

  /** What Haraka lets go of without a word: all that was in it went on in other queue files. */
  dropped(id: string): void {
    const entry = this.entries.get(id)
    if (entry) this.forget(entry)
  }

  /** Haraka gives the recipients that ended otherwise a queue file of their own: their history goes with them. */
  split(from: string, arrival: Arrival, ended: History['states']): void {
    const history = this.entries.get(from)?.history ?? noHistory()
    const others = history.states.filter(({ address, status }) => status === 'Complete' && !ended.some((one) => one.address === address))
    this.inherited.set(arrival.id, { ...structuredClone(history), states: [...ended, ...others] })
    this.taken(arrival)
  }

  // What the relay does with what waits.

  find(id: string): Entry | undefined {
    return this.entries.get(id)
  }

  /** Whose turn it is, taken for delivery; null where it is nobody's yet. */
  take(): Entry | null {
    for (;;) {
      const top = this.turns.peek()
      if (!top || top.key > Date.now()) return null
      this.turns.pop()
      if (top.value.due !== top.key || !top.value.mayGo) continue
      if (!this.hasRoom(top.value)) {
        this.queueOf(top.value.nextHop).park(top.value)
        continue
      }
      this.activate(top.value)
      return top.value
    }
  }

  /** Fewer than its next hop is to get at the same time are being delivered there. */
  hasRoom({ nextHop }: Entry): boolean {
    return this.queueOf(nextHop).delivering < this.options.mostPerDomain
  }

  /** When the next turn comes; null where nothing waits for one. */
  get nextTurn(): number | null {
    return this.turns.peek()?.key ?? null
  }

  /** Its turn is now, unless it is being delivered already. */
  retryNow(entry: Entry): void {
    if (entry.isActive) return
    entry.due = Date.now()
    this.queued(entry)
  }

  /** An action begins or ends its work on a message that is not being delivered. */
  hold(entry: Entry, isHeld: boolean): void {
    entry.isHeld = isHeld
    if (!isHeld) this.queued(entry)
  }

  suspend(entry: Entry, isSuspended: boolean): void {
    if (entry.isGone) return
    this.queueOf(entry.nextHop).set(entry, { isSuspended })
    if (!isSuspended) this.queued(entry)
    else this.noneComes(entry)
    this.change()
  }

  /** Holds for what comes later, too. */
  suspendQueue(nextHop: string, isSuspended: boolean): void {
    const queue = this.queueOf(nextHop)
    queue.isSuspended = isSuspended
    for (const entry of queue.entries) {
      if (isSuspended) this.noneComes(entry)
      else this.queued(entry)
    }
    this.drop(queue)
    this.change()
  }

  /** Resolves when the attempt that is under way, or the next, has ended. */
  attempt(entry: Entry): Promise<void> {
    return new Promise((resolve) => this.attemptEnds.set(entry.id, [...(this.attemptEnds.get(entry.id) ?? []), resolve]))
  }

  /** Messages whose sender is to be told now that they are delayed; each is told once. */
  delayed(): Entry[] {
    for (;;) {
      const top = this.notices.peek()
      if (!top || top.key > Date.now()) break
      this.notices.pop()
      const entry = top.value
      entry.isOverdue = true
      if (entry.retries > 0) this.overdue.push(entry)
    }
    const due = this.overdue.filter(({ isGone, history }) => !isGone && history.delayNotice === null)
    this.overdue = []
    for (const entry of due) {
      entry.history.delayNotice = new Date().toISOString()
      void this.options.histories.keep(entry.id, entry.history)
    }
    if (due.length > 0) this.change()
    return due
  }

  get nextNotice(): number | null {
    return this.notices.peek()?.key ?? null
  }

  // What is asked from outside.

  get waiting(): number {
    return this.entries.size
  }

  /** What is being delivered at this moment, by next hop and recipient. */
  get delivering(): string[] {
    return [...this.entries.values()].filter(({ isActive }) => isActive).map(({ nextHop, recipients }) => `${recipients.join(', ')} at ${nextHop}`)
  }

  queues(filter?: Filter): Queue[] {
    const queues = [...this.waitingFor.values()].map((queue) => queue.told())
    const found = filter ? queues.filter(matcher<Queue>(filter, queueField)) : queues
    return found.sort((a, b) => (a.nextHop < b.nextHop ? -1 : 1))
  }

  messages({ ids, brief = false, filter, sort }: MessagesWanted, page: Page): { messages: Message[]; total: number } {
    if (ids) {
      const found = ids.flatMap((id) => this.entries.get(id)?.told({ expiration: this.expiration, whole: !brief }) ?? this.ended.find(id) ?? [])
      return { messages: found.slice(page.offset, page.offset + page.limit), total: found.length }
    }
    const { entries, total } = this.views.page({ filter, sort }, page, this)
    return { messages: entries.map((entry) => entry.told({ expiration: this.expiration, whole: false })), total }
  }

  select({ ids, queues, filter, sort }: Selecting): readonly Entry[] {
    if (ids) return ids.flatMap((id) => this.entries.get(id) ?? [])
    return queues ? queues.flatMap((name) => this.in(name)) : this.views.chosen({ filter, sort }, this.expiration)
  }

  private in(nextHop: string): Entry[] {
    return [...(this.waitingFor.get(nextHop.toLowerCase())?.entries ?? [])]
  }

  private activate(entry: Entry): void {
    this.queueOf(entry.nextHop).set(entry, { isActive: true })
    this.change()
  }

  private noticeLater(entry: Entry): void {
    const { notices } = this
    // Most leave the queue long before: they must not stay in memory until then.
    if (notices.size > 2 * this.entries.size + 1_000) {
      notices.clear()
      for (const one of this.entries.values()) if (one !== entry && !one.isOverdue && one.from !== '' && one.history.delayNotice === null) notices.push(this.noticeAt(one), one)
    }
    notices.push(this.noticeAt(entry), entry)
  }

  private noticeAt({ received }: Entry): number {
    return received.getTime() + this.options.delayNotice * 1000
  }

  private queued(entry: Entry): void {
    this.change()
    if (!entry.mayGo) return
    // What is no longer so stays in the heap until its time, or until it is most of it.
    if (this.turns.size > 2 * this.entries.size + 1_000) {
      this.turns.clear()
      for (const one of this.entries.values()) if (one !== entry && one.mayGo) this.turns.push(one.due, one)
    }
    this.turns.push(entry.due, entry)
    this.queueOf(entry.nextHop).waits(entry)
    this.options.turn()
  }

  /** A delivery there is over: who waited for it alone goes next. */
  private unpark(nextHop: string): void {
    const entry = this.queueOf(nextHop).unpark()
    if (!entry) return
    this.turns.push(entry.due, entry)
    this.options.turn()
  }

  private forget(entry: Entry): void {
    entry.isGone = true
    this.entries.delete(entry.id)
    this.inherited.delete(entry.id)
    const queue = this.queueOf(entry.nextHop)
    queue.remove(entry)
    this.unpark(entry.nextHop)
    this.drop(queue)
    this.views.remove()
    void this.options.histories.forget(entry.id)
    this.options.suspensions.forget(entry.id)
    this.change()
    this.attemptEnded(entry.id)
  }

  /** A queue that is empty is none, unless it is to hold what comes. */
  private drop(queue: WaitingFor): void {
    if (queue.entries.size === 0 && !queue.isSuspended) this.waitingFor.delete(queue.nextHop)
  }

  private queueOf(nextHop: string): WaitingFor {
    const name = nextHop.toLowerCase()
    const known = this.waitingFor.get(name)
    if (known) return known
    const queue = new WaitingFor(name, this.options.isInbound(name), this.options.suspensions.hasQueue(name))
    this.waitingFor.set(name, queue)
    return queue
  }

  /** Who waits for its next attempt would wait in vain. */
  private noneComes(entry: Entry): void {
    if (!entry.isActive) this.attemptEnded(entry.id)
  }

  private attemptEnded(id: string): void {
    const waiting = this.attemptEnds.get(id)
    this.attemptEnds.delete(id)
    for (const resolve of waiting ?? []) resolve()
  }

  private change(): void {
    this.revision++
    this.options.changed()
  }
}
