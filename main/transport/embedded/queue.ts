// The relay's ledger: what waits, with each message's attempts and last error, which Haraka itself does not keep.
import { readFile, readdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { attemptSchema, type Message, type Page, type Queue } from '../../../preload/contract/queues.ts'

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
  status: 'Active' | 'Retry'
  nextRetry: Date | null
  history: History
}

const historySchema = z.object({
  attempts: z.array(attemptSchema),
  delayNotice: z.string().nullable(),
})
type History = z.infer<typeof historySchema>

/** Two days at the default interval are 288 attempts; the first and the latest tell the story. */
const mostAttempts = 100

export class Ledger {
  private readonly entries = new Map<string, Entry>()
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

  /** The relay takes a message up to deliver it. */
  taken(arrival: Arrival): void {
    const known = this.entries.get(arrival.id)
    const history = known?.history ?? this.kept.get(arrival.id) ?? { attempts: [], delayNotice: null }
    this.kept.delete(arrival.id)
    this.entries.set(arrival.id, { ...arrival, status: 'Active', nextRetry: null, history })
    this.changed()
  }

  async deferred(arrival: Arrival, error: string, nextRetry: Date): Promise<void> {
    if (!this.entries.has(arrival.id)) this.taken(arrival)
    const entry = this.entries.get(arrival.id)
    if (!entry) return
    entry.recipients = arrival.recipients
    entry.status = 'Retry'
    entry.nextRetry = nextRetry
    entry.history.attempts.push({ at: new Date().toISOString(), error })
    if (entry.history.attempts.length > mostAttempts) entry.history.attempts.splice(1, 1)
    this.changed()
    await this.keep(entry)
  }

  /** Delivered, returned to its sender, or removed. */
  async gone(id: string): Promise<void> {
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

  async noticed(id: string): Promise<void> {
    const entry = this.entries.get(id)
    if (!entry) return
    entry.history.delayNotice = new Date().toISOString()
    this.changed()
    await this.keep(entry)
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

  messages(queue: string | undefined, page: Page): { messages: Message[]; total: number } {
    const all = [...this.entries.values()].filter((entry) => queue === undefined || entry.nextHop === queue.toLowerCase())
    all.sort((a, b) => a.received.getTime() - b.received.getTime())
    return { messages: all.slice(page.offset, page.offset + page.limit).map(messageOf), total: all.length }
  }

  /** Beside and renamed, so that a crash leaves the old history or the new one. */
  private async keep(entry: Entry): Promise<void> {
    const file = join(this.folder, `${entry.id}.json`)
    const beside = `${file}.${process.pid}.tmp`
    await writeFile(beside, JSON.stringify(entry.history))
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
  }
}

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
