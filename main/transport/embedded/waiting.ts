// A queue of the ledger: the messages for one next hop, counted as they come and go, so that a hundred thousand need
// not be looked through to tell of it.
import type { Queue } from '../../../preload/contract/queues.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import { deliveryType } from '../delivery-type.ts'
import type { Entry, Place } from './entry.ts'
import { Heap } from './heap.ts'

interface Reason {
  messages: number
  error: string
  at: string
}

export class WaitingFor implements Place {
  readonly nextHop: string
  readonly isInbound: boolean
  isSuspended: boolean
  readonly entries = new Set<Entry>()
  private active = 0
  /** Whose turn it is, and who waits for a delivery to the same next hop to end. */
  private readonly parked = new Heap<Entry>()
  private suspended = 0
  private readonly reasons = new Map<ReplyCategory, Reason>()
  private readonly counted = new Map<Entry, ReplyCategory>()
  private turns = new Heap<Entry>()

  constructor(nextHop: string, isInbound: boolean, isSuspended: boolean) {
    this.nextHop = nextHop
    this.isInbound = isInbound
    this.isSuspended = isSuspended
  }

  add(entry: Entry): void {
    this.entries.add(entry)
    this.count(entry, 1)
    this.judged(entry)
  }

  remove(entry: Entry): void {
    if (!this.entries.delete(entry)) return
    this.count(entry, -1)
    this.uncount(entry)
  }

  get delivering(): number {
    return this.active
  }

  park(entry: Entry): void {
    this.parked.push(entry.due, entry)
  }

  /** Undefined where nobody is left who may go now. */
  unpark(): Entry | undefined {
    for (let next = this.parked.pop(); next; next = this.parked.pop()) if (next.value.mayGo && next.value.due <= Date.now()) return next.value
    return undefined
  }

  /** Changes what is counted of an entry. */
  set(entry: Entry, change: { isActive?: boolean; isSuspended?: boolean }): void {
    const counts = this.entries.has(entry)
    if (counts) this.count(entry, -1)
    Object.assign(entry, change)
    if (counts) this.count(entry, 1)
  }

  /** After an attempt: its reason may be another. */
  judged(entry: Entry): void {
    this.uncount(entry)
    const { reason, lastError, lastRetry } = entry
    if (reason === null || lastError === null || lastRetry === null) return
    const known = this.reasons.get(reason) ?? { messages: 0, error: lastError, at: lastRetry }
    const latest = lastRetry >= known.at ? { error: lastError, at: lastRetry } : known
    this.reasons.set(reason, { ...latest, messages: known.messages + 1 })
    this.counted.set(entry, reason)
  }

  waits(entry: Entry): void {
    // Whose turn it is already has no next retry.
    if (entry.due <= Date.now()) return
    // What is no longer so stays in the heap until its time, or until it is most of it.
    if (this.turns.size > 2 * this.entries.size + 100) {
      this.turns = new Heap()
      for (const one of this.entries) if (one !== entry && one.due > Date.now()) this.turns.push(one.due, one)
    }
    this.turns.push(entry.due, entry)
  }

  private get nextRetry(): number | null {
    if (this.isSuspended) return null
    for (;;) {
      const top = this.turns.peek()
      if (!top) return null
      if (top.value.due === top.key && top.value.mayGo && top.key > Date.now()) return top.key
      this.turns.pop()
    }
  }

  private get latest(): Reason | null {
    let latest: Reason | null = null
    for (const reason of this.reasons.values()) if (latest === null || reason.at >= latest.at) latest = reason
    return latest
  }

  told(): Queue {
    const { latest, nextRetry } = this
    const reasons = [...this.reasons].map(([reason, { messages, error }]) => ({ reason, messages, error }))
    return {
      nextHop: this.nextHop,
      deliveryType: deliveryType(this.isInbound),
      status: this.isSuspended ? 'Suspended' : this.active > 0 ? 'Active' : nextRetry === null && this.suspended < this.entries.size ? 'Ready' : 'Retry',
      messages: this.entries.size,
      suspended: this.suspended,
      inbound: this.isInbound,
      nextRetry: nextRetry === null ? null : new Date(nextRetry).toISOString(),
      lastRetry: latest?.at ?? null,
      lastError: latest?.error ?? null,
      reasons: reasons.sort((a, b) => b.messages - a.messages),
    }
  }

  private count(entry: Entry, by: 1 | -1): void {
    if (entry.isActive) this.active += by
    if (entry.isSuspended) this.suspended += by
  }

  private uncount(entry: Entry): void {
    const reason = this.counted.get(entry)
    const known = reason && this.reasons.get(reason)
    if (!reason || !known) return
    this.counted.delete(entry)
    if (known.messages > 1) known.messages--
    else this.reasons.delete(reason)
  }
}
