// The relay's ledger: what waits, with each message's attempts and last error, which Haraka itself does not keep.
import { readFile, readdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fromJson } from '../../json.ts'
import { attemptSchema, type endSchema, type Message, type Page, type Queue } from '../../../preload/contract/queues.ts'

/** What the ledger learns of a message when the relay takes it up. */
export interface Arrival {
  id: string
  nextHop: string
  from: string
  recipients: string[]
  subject: string
  size: number
  received: Date
}

interface Entry extends Arrival {
  status: 'Active' | 'Ready' | 'Retry'
  nextRetry: Date | null
  history: History
}

const historySchema = z.object({
  // Earlier versions kept no stage.
  attempts: z.array(attemptSchema.extend({ stage: attemptSchema.shape.stage.default('other') })),
  delayNotice: z.string().nullable(),
})
type History = z.infer<typeof historySchema>
export type Attempt = Omit<z.infer<typeof attemptSchema>, 'at'>
export type End = Omit<z.infer<typeof endSchema>, 'at'>

/** Milliseconds for which a message that left the queue is remembered, for those who saw it wait. */
const remembered = 600_000
const mostRemembered = 10_000

/** Two days at the default interval are 288 attempts; the first and the latest tell the story. */
const mostAttempts = 100

export class Ledger {
  private readonly entries = new Map<string, Entry>()
  private readonly ended = new Map<string, Message>()
  private readonly keeping = new Map<string, Promise<void>>()
  private readonly kept: Map<string, History>
  private readonly folder: string
  private readonly changed: () => void

  private constructor(folder: string, kept: Map<string, History>, changed: () => void) {
    this.folder = folder
    this.kept = kept
    this.changed = changed
  }

  /** Reads the attempts that an earlier run of the relay kept; a file that cannot be read costs its history only. */
  static async open(folder: string, changed: () => void): Promise<Ledger> {
    const kept = new Map<string, History>()
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.json')) continue
      const text = await readFile(join(folder, name), 'utf8').catch(() => '')
      const parsed = historySchema.safeParse(fromJson(text))
      if (parsed.success) kept.set(name.slice(0, -'.json'.length), parsed.data)
    }
    return new Ledger(folder, kept, changed)
  }

  /** It is in the queue, and its turn comes. */
  waits(arrival: Arrival): void {
    this.enter(arrival, 'Ready')
  }

  /** The relay takes a message up to deliver it. */
  taken(arrival: Arrival): void {
    this.enter(arrival, 'Active')
  }

  private enter(arrival: Arrival, status: Entry['status']): void {
    const known = this.entries.get(arrival.id)
    const history = known?.history ?? this.kept.get(arrival.id) ?? { attempts: [], delayNotice: null }
    this.kept.delete(arrival.id)
    this.entries.set(arrival.id, { ...arrival, status, nextRetry: null, history })
    this.changed()
  }

  async deferred(arrival: Arrival, attempt: Attempt, nextRetry: Date): Promise<void> {
    if (!this.entries.has(arrival.id)) this.taken(arrival)
    const entry = this.entries.get(arrival.id)
    if (!entry) return
    const attempts = [...entry.history.attempts, { at: new Date().toISOString(), ...attempt }]
    if (attempts.length > mostAttempts) attempts.splice(1, 1)
    // On disk before it is shown: what was seen is still there after a crash.
    await this.keep(entry, { ...entry.history, attempts })
    entry.history.attempts = attempts
    entry.recipients = arrival.recipients
    entry.status = 'Retry'
    entry.nextRetry = nextRetry
    this.changed()
  }

  async left(id: string, end: End): Promise<void> {
    const entry = this.entries.get(id)
    if (entry) this.remember({ ...messageOf(entry), end: { at: new Date().toISOString(), ...end } })
    await this.gone(id)
  }

  private remember(message: Message): void {
    this.ended.set(message.id, message)
    const old = new Date(Date.now() - remembered).toISOString()
    for (const [id, { end }] of this.ended) {
      if (this.ended.size <= mostRemembered && (end?.at ?? '') > old) break
      this.ended.delete(id)
    }
  }

  private async gone(id: string): Promise<void> {
    this.entries.delete(id)
    this.kept.delete(id)
    this.changed()
    await unlink(join(this.folder, `${id}.json`)).catch(() => {})
  }

  /** History of messages that are no longer in the queue, once the queue is loaded. */
  async forgetTheRest(): Promise<void> {
    for (const id of [...this.kept.keys()]) await this.gone(id)
  }

  /** Messages that have waited longer than the limit and whose sender was not told, with the time when the next is due. */
  overdue(limit: number, now: Date): { due: Message[]; nextDue: Date | null } {
    const due: Message[] = []
    let nextDue: Date | null = null
    for (const entry of this.entries.values()) {
      // A notice is never answered by a notice (RFC 3464 §2, RFC 5321 §6.1).
      if (entry.history.delayNotice !== null || entry.from === '') continue
      const at = new Date(entry.received.getTime() + limit * 1000)
      if (at <= now) {
        if (entry.history.attempts.length > 0) due.push(messageOf(entry))
      } else if (nextDue === null || at < nextDue) nextDue = at
    }
    return { due, nextDue }
  }

  /** Marks the sender as told; false where that was done before, or the message has left. */
  notice(id: string): boolean {
    const entry = this.entries.get(id)
    if (!entry || entry.history.delayNotice !== null) return false
    entry.history.delayNotice = new Date().toISOString()
    this.changed()
    void this.keep(entry, entry.history)
    return true
  }

  /** Haraka gives the recipients that ended otherwise a queue file of their own: their history goes with them. */
  split(from: string, arrival: Arrival): void {
    const history = this.entries.get(from)?.history
    if (history) this.kept.set(arrival.id, structuredClone(history))
    this.taken(arrival)
  }

  /** What Haraka lets go of without a word: all that was in it went on in other queue files. */
  async dropped(id: string): Promise<void> {
    if (this.entries.has(id)) await this.gone(id)
  }

  get waiting(): number {
    return this.entries.size
  }

  queues(): Queue[] {
    const queues = new Map<string, Queue>()
    for (const entry of this.entries.values()) {
      const queue = queues.get(entry.nextHop) ?? emptyQueue(entry.nextHop)
      queues.set(entry.nextHop, queue)
      queue.messages++
      const last = entry.history.attempts.at(-1)
      if (last && (queue.lastRetry === null || last.at >= queue.lastRetry)) {
        queue.lastRetry = last.at
        queue.lastError = last.error
      }
      if (entry.status === 'Active') queue.status = 'Active'
      const nextRetry = entry.nextRetry?.toISOString()
      if (nextRetry && (queue.nextRetry === null || nextRetry < queue.nextRetry)) queue.nextRetry = nextRetry
    }
    return [...queues.values()].sort((a, b) => a.nextHop.localeCompare(b.nextHop))
  }

  messages({ queue, ids }: { queue?: string | undefined; ids?: string[] | undefined }, page: Page): { messages: Message[]; total: number } {
    if (ids) return this.byIds(ids, page)
    const all = [...this.entries.values()].filter((entry) => queue === undefined || entry.nextHop === queue.toLowerCase())
    all.sort((a, b) => a.received.getTime() - b.received.getTime())
    return { messages: all.slice(page.offset, page.offset + page.limit).map(listed), total: all.length }
  }

  private byIds(ids: string[], page: Page): { messages: Message[]; total: number } {
    const found = ids.flatMap((id) => {
      const entry = this.entries.get(id)
      const message = entry ? messageOf(entry) : this.ended.get(id)
      return message ? [message] : []
    })
    return { messages: found.slice(page.offset, page.offset + page.limit), total: found.length }
  }

  /** What is being delivered at this moment, by next hop and recipient. */
  get delivering(): string[] {
    return [...this.entries.values()].filter(({ status }) => status === 'Active').map(({ nextHop, recipients }) => `${recipients.join(', ')} at ${nextHop}`)
  }

  /**
   * Beside and renamed, so that a crash leaves the old history or the new one; one at a time for a message. That it
   * cannot be written costs the history, not the mail.
   */
  private keep(entry: Entry, history: History): Promise<void> {
    const before = this.keeping.get(entry.id) ?? Promise.resolve()
    const now = before.then(() => this.keepNow(entry, history)).catch((error: unknown) => {
      process.stderr.write(`The attempts of ${entry.id} could not be kept: ${String(error)}\n`)
    })
    this.keeping.set(entry.id, now)
    void now.then(() => {
      if (this.keeping.get(entry.id) === now) this.keeping.delete(entry.id)
    })
    return now
  }

  private async keepNow(entry: Entry, history: History): Promise<void> {
    const file = join(this.folder, `${entry.id}.json`)
    const beside = `${file}.tmp`
    await writeFile(beside, JSON.stringify(history))
    await rename(beside, file)
    if (!this.entries.has(entry.id)) await unlink(file).catch(() => {})
  }
}

const emptyQueue = (nextHop: string): Queue => ({
  nextHop,
  deliveryType: 'DnsConnectorDelivery',
  status: 'Retry',
  messages: 0,
  nextRetry: null,
  lastRetry: null,
  lastError: null,
})

/** In a list, so that ten thousand of them stay a few megabytes. */
const mostListed = 5

function listed(entry: Entry): Message {
  const message = messageOf(entry)
  return { ...message, attempts: message.attempts.slice(-mostListed) }
}

function messageOf(entry: Entry): Message {
  return {
    id: entry.id,
    queue: entry.nextHop,
    from: entry.from,
    recipients: entry.recipients,
    subject: entry.subject,
    size: entry.size,
    received: entry.received.toISOString(),
    status: entry.status,
    nextRetry: entry.nextRetry?.toISOString() ?? null,
    lastError: entry.history.attempts.at(-1)?.error ?? null,
    attempts: entry.history.attempts,
    delayNotice: entry.history.delayNotice,
    end: null,
  }
}
