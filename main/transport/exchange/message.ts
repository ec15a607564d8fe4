// Exchange's messages and queues in the words of the Queue Viewer.
import type { Field } from '../../../preload/contract/filter.ts'
import { queueStatuses } from '../../../preload/contract/filter.ts'
import type { Attempt, Message, Queue } from '../../../preload/contract/queues.ts'
import { reasonOf } from '../explained.ts'
import type { FieldValue } from '../filter.ts'
import type { Viewed } from '../views.ts'
import { type LastError, readLastError } from './last-error.ts'
import type { ExchangeMessage, ExchangeQueue } from './protocol.ts'

type Status = (typeof queueStatuses)[number]

/** States that Exchange has and the Queue Viewer's list of states has not. */
const others: Record<string, Status> = { Locked: 'Active', PendingRemove: 'Active', PendingSuspend: 'Active' }
export const statusOf = (said: string): Status => queueStatuses.find((one) => one.toLowerCase() === said.toLowerCase()) ?? others[said] ?? 'Ready'

const iso = (date: string | null): string | null => (date === null || Number.isNaN(Date.parse(date)) ? null : new Date(date).toISOString())
const milliseconds = (date: string | null): number | null => (date === null || Number.isNaN(Date.parse(date)) ? null : Date.parse(date))

/** `152.1 MB (159,449,088 bytes)` where it did not come as a number; the separators are the server's. */
function sizeOf(size: ExchangeMessage['Size']): number {
  if (typeof size === 'number') return Math.round(size)
  const [, bytes = ''] = /\(([\d.,\s\u00a0\u202f]+)\s*bytes\)/i.exec(size ?? '') ?? []
  return Number(bytes.replace(/\D/g, '')) || 0
}

export function queueOf(queue: ExchangeQueue, acceptedDomains: ReadonlySet<string>): Queue {
  const error = readLastError(queue.LastError)
  return {
    nextHop: nameOf(queue),
    deliveryType: queue.DeliveryType ?? 'Undefined',
    status: statusOf(queue.Status),
    messages: queue.MessageCount,
    suspended: 0,
    inbound: acceptedDomains.has((queue.NextHopDomain ?? '').toLowerCase()) || queue.NextHopCategory === 'Internal',
    nextRetry: iso(queue.NextRetryTime),
    lastRetry: iso(queue.LastRetryTime),
    lastError: error?.text ?? null,
    reasons: error && queue.MessageCount > 0 ? [{ reason: reasonOf(error.text) ?? 'unknown', messages: queue.MessageCount, error: error.text }] : [],
  }
}

/** Submission, Poison and Unreachable have no next hop domain: their identity ends with their name. */
export const nameOf = ({ NextHopDomain, Identity }: Pick<ExchangeQueue, 'NextHopDomain' | 'Identity'>): string => (NextHopDomain || Identity.split('\\').at(-1) || Identity).toLowerCase()

/** The number of a message is the same in all queues that it waits in: its identity says which. */
export const numberOf = (identity: string): string => identity.split('\\').at(-1) ?? identity

/** How far it got: only a destination's own answer is a stage beyond the connection. */
export function stageOf({ text, host }: LastError): Attempt['stage'] {
  const reason = reasonOf(text)
  if (reason === 'dns-failure' || reason === 'domain-invalid') return 'dns'
  if (reason === 'connect-failed') return 'connect'
  return host !== null || /responded with|\b[245]\d\d[ -]/.test(text) ? 'smtp' : 'other'
}

/** One message as Get-Message lists it, with the queue that it waits in. */
export class Listed implements Viewed {
  readonly isGone = false
  mark = 0
  readonly error: LastError | null
  private readonly raw: ExchangeMessage
  private readonly queue: Queue | null

  constructor(raw: ExchangeMessage, queue: Queue | null) {
    this.raw = raw
    this.queue = queue
    this.error = readLastError(raw.LastError)
  }

  get identity(): string {
    return this.raw.Identity
  }

  get queueIdentity(): string {
    return this.raw.Queue ?? ''
  }

  get from(): string {
    return this.raw.FromAddress ?? ''
  }

  /** As the bridge said it: so it is compared before an action. */
  get received(): string {
    return this.raw.DateReceived ?? ''
  }

  get arrived(): number {
    return milliseconds(this.raw.DateReceived) ?? 0
  }

  get nextHop(): string {
    return this.queue?.nextHop ?? ''
  }

  get status(): Status {
    return this.queue?.status === 'Suspended' ? 'Suspended' : statusOf(this.raw.Status)
  }

  field(field: Field): FieldValue {
    switch (field) {
      case 'id':
        return this.identity
      case 'nextHop':
        return this.nextHop
      case 'deliveryType':
        return this.queue?.deliveryType ?? null
      case 'inbound':
        return this.queue?.inbound ?? false
      case 'status':
        return this.status
      case 'lastError':
        return this.error?.text ?? null
      case 'reason':
        return reasonOf(this.error?.text ?? null)
      case 'nextRetry':
        return milliseconds(this.queue?.nextRetry ?? null)
      case 'lastRetry':
        return milliseconds(this.queue?.lastRetry ?? null)
      case 'from':
        return this.from
      case 'subject':
        return this.raw.Subject
      case 'size':
        return sizeOf(this.raw.Size)
      case 'source':
        return this.raw.SourceIP
      case 'received':
        return this.arrived
      case 'expires':
        return milliseconds(this.raw.ExpirationTime)
      case 'retries':
        return this.raw.RetryCount ?? 0
      // Get-Message tells recipients of single messages alone, and of a message nothing else.
      case 'recipient':
      case 'messages':
        return null
    }
  }

  /** `recipients` where they were asked for. */
  told(recipients: readonly { Address: string; Status: string | null; LastError: string | null }[] = []): Message {
    const { raw, queue, error } = this
    // As the bridge said it, to the last digit: an action compares it.
    const received = this.received || new Date(0).toISOString()
    // Get-Message has no time of the last attempt: it is the queue's.
    const lastRetry = queue?.lastRetry ?? null
    return {
      id: this.identity,
      queue: this.nextHop,
      from: this.from,
      recipients: recipients.map(({ Address }) => Address),
      recipientCount: recipients.length,
      subject: raw.Subject ?? '',
      size: sizeOf(raw.Size),
      source: raw.SourceIP,
      received,
      expires: iso(raw.ExpirationTime) ?? received,
      status: this.status,
      nextRetry: queue?.nextRetry ?? null,
      lastRetry,
      lastError: error?.text ?? null,
      reason: reasonOf(error?.text ?? null),
      retries: raw.RetryCount ?? 0,
      attempts: error && lastRetry ? [{ at: lastRetry, stage: stageOf(error), error: error.text }] : [],
      states: recipients.map(({ Address, Status, LastError: last }) => ({ address: Address, status: recipientStatus(Status), lastError: readLastError(last)?.text ?? null })),
      delayNotice: null,
      end: null,
    }
  }
}

const recipientStatus = (said: string | null) => (['Complete', 'Ready', 'Retry'] as const).find((one) => one === said) ?? 'Ready'
