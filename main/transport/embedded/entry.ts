// One message in the relay's ledger, and how it is told to whoever asks.
import type { Field, queueStatuses } from '../../../preload/contract/filter.ts'
import type { Message } from '../../../preload/contract/queues.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import { deliveryType } from '../delivery-type.ts'
import { reasonOf } from '../explained.ts'
import type { FieldValue } from '../filter.ts'
import type { History } from './histories.ts'
import type { Viewed } from '../views.ts'
import { messageId, type Queued } from './queue-file.ts'

/** What the ledger learns of a message when the relay takes it up. */
export interface Arrival {
  id: string
  filename: string
  nextHop: string
  from: string
  recipients: string[]
  subject: string
  /** Bytes. */
  size: number
  source: string | null
  received: Date
}

export function arrivalOf(queued: Queued): Arrival {
  const { todo } = queued
  if (!todo) throw new Error(`${queued.filename} is not loaded yet`)
  const { subject = '', source = null } = todo.notes.edgewise ?? {}
  return {
    id: messageId(queued),
    filename: queued.filename,
    nextHop: todo.domain.toLowerCase(),
    from: todo.mail_from.address,
    recipients: todo.rcpt_to.map((recipient) => recipient.address),
    subject,
    size: Math.max(0, queued.file_size - queued.data_start),
    source,
    received: new Date(todo.queue_time),
  }
}

type Status = (typeof queueStatuses)[number]

/** In a list, so that ten thousand of them stay a few megabytes. */
const mostListed = 5

/** What an entry needs to know of where it waits. */
export interface Place {
  readonly isInbound: boolean
  readonly isSuspended: boolean
}

export class Entry implements Arrival, Viewed {
  readonly id: string
  readonly nextHop: string
  readonly from: string
  readonly subject: string
  readonly size: number
  readonly source: string | null
  readonly received: Date
  recipients: string[]
  filename: string
  history: History
  reason: ReplyCategory | null = null
  /** Being delivered: Haraka has it, and nobody else may touch its file. */
  isActive = false
  /** An action is at work on it: it is not handed to Haraka until that ended. */
  isHeld = false
  isSuspended = false
  /** It left the queue. */
  isGone = false
  /** Its sender is to be told of the delay after the next attempt. */
  isOverdue = false
  /** Milliseconds since 1970; when it is its turn. */
  due: number
  mark = 0
  private readonly place: Place

  constructor(arrival: Arrival, history: History, place: Place, due: number) {
    this.id = arrival.id
    this.filename = arrival.filename
    this.nextHop = arrival.nextHop
    this.from = arrival.from
    this.recipients = arrival.recipients
    this.subject = arrival.subject
    this.size = arrival.size
    this.source = arrival.source
    this.received = arrival.received
    this.history = history
    this.place = place
    this.due = due
    this.judge()
  }

  /** Works out the reason of the last error, after a new one came. */
  judge(): void {
    this.reason = reasonOf(this.lastError)
  }

  get lastError(): string | null {
    return this.history.attempts.at(-1)?.error ?? null
  }

  get lastRetry(): string | null {
    return this.history.attempts.at(-1)?.at ?? null
  }

  get retries(): number {
    return this.history.attempts.length + this.history.forgotten
  }

  get arrived(): number {
    return this.received.getTime()
  }

  get mayGo(): boolean {
    return !this.isActive && !this.isHeld && !this.isGone && !this.isSuspended && !this.place.isSuspended
  }

  get status(): Status {
    if (this.isActive) return 'Active'
    if (this.isSuspended || this.place.isSuspended) return 'Suspended'
    return this.due > Date.now() ? 'Retry' : 'Ready'
  }

  /** Null where it is its turn already, or where it has none. */
  get nextRetry(): number | null {
    return this.status === 'Retry' ? this.due : null
  }

  /** `expiration` in seconds. */
  expires(expiration: number): number {
    return this.arrived + expiration * 1000
  }

  /** Its value for a filter or an order. */
  field(field: Field, expiration: number): FieldValue {
    switch (field) {
      case 'recipient':
        return this.recipients
      case 'received':
        return this.arrived
      case 'expires':
        return this.expires(expiration)
      case 'lastRetry':
        return this.lastRetry === null ? null : Date.parse(this.lastRetry)
      case 'inbound':
        return this.place.isInbound
      case 'deliveryType':
        return deliveryType(this.place.isInbound)
      case 'messages':
        return null
      default:
        return this[field]
    }
  }

  /** In a list the latest attempts and the first recipients only. */
  told({ expiration, whole }: { expiration: number; whole: boolean }): Message {
    const { history, recipients, lastError } = this
    return {
      id: this.id,
      queue: this.nextHop,
      from: this.from,
      recipients: whole ? recipients : recipients.slice(0, mostListed),
      recipientCount: recipients.length,
      subject: this.subject,
      size: this.size,
      source: this.source,
      received: this.received.toISOString(),
      expires: new Date(this.expires(expiration)).toISOString(),
      status: this.status,
      nextRetry: this.nextRetry === null ? null : new Date(this.nextRetry).toISOString(),
      lastRetry: this.lastRetry,
      lastError,
      reason: this.reason,
      retries: this.retries,
      attempts: whole ? history.attempts : history.attempts.slice(-mostListed),
      states: whole ? states(recipients, history, lastError) : [],
      delayNotice: history.delayNotice,
      end: null,
    }
  }
}

/** Those who are still waited for share the last error, where nothing was said of each. */
function states(recipients: string[], { states: known }: History, lastError: string | null): Message['states'] {
  const waiting = recipients.map((address) => known.find((one) => one.address === address && one.status !== 'Complete') ?? { address, status: lastError === null ? ('Ready' as const) : ('Retry' as const), lastError })
  return [...waiting, ...known.filter(({ status }) => status === 'Complete')]
}
