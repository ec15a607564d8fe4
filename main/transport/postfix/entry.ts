// One message of Postfix's queue, as small as it can be: a hundred thousand of them are kept.
import type { Field, queueStatuses } from '../../../preload/contract/filter.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import { reasonOf } from '../explained.ts'
import type { FieldValue } from '../filter.ts'
import type { Viewed } from '../views.ts'
import type { Hop, Hops } from './hops.ts'
import { type Listed, moreOf, ownCopy } from './listing.ts'

type Status = (typeof queueStatuses)[number]

/** Why a recipient's mail waits; thousands share one. */
export class Delay {
  readonly text: string
  /** Null also where it was not asked for yet. */
  judged: ReplyCategory | null = null

  constructor(text: string) {
    this.text = text
  }

  /** Judged when it is first asked for: most lists are looked at without it. */
  get category(): ReplyCategory | null {
    return (this.judged ??= reasonOf(this.text))
  }
}

/** What is known of it from elsewhere than the listing. */
export interface Beyond {
  retries: number
  /** Milliseconds since 1970. */
  lastRetry: number | null
  subject: string
  source: string | null
}

/** Asked only where it is needed: for a page, for an order or a filter by it. */
export interface Around {
  beyond(entry: Entry): Beyond
  /** Seconds. */
  lifetime(sender: string): number
}

export class Entry implements Viewed {
  readonly id: string
  readonly from: string
  /** Since 1970: a small number, which takes no room of its own. */
  private readonly seconds: number
  readonly around: Around
  size = 0
  /** Postfix's own name: active, deferred, hold, incoming. */
  where = ''
  /** Most messages have one recipient: a list of its own for each would be half of what is kept. */
  private to: string | readonly string[] = noAddresses
  private why: Delay | null | readonly (Delay | null)[] = null
  hop: Hop | null = null
  /** Of further recipients, where they are others'. */
  hops: readonly Hop[] | null = null
  more: Record<string, string> | null = null
  /** Of the deferred file's time, in milliseconds since 1970; undefined where that was not looked at. */
  due: number | null | undefined
  /** The listing that told it last. */
  round = 0
  isGone = false
  mark = 0

  constructor(listed: Listed, around: Around) {
    this.id = ownCopy(listed.queue_id)
    this.from = ownCopy(listed.sender)
    this.seconds = listed.arrival_time
    this.around = around
  }

  get arrived(): number {
    return this.seconds * 1000
  }

  isStill(listed: Listed): boolean {
    return this.from === listed.sender && this.seconds === listed.arrival_time
  }

  /** What is listed of it now; whether that is something else than before. */
  take(listed: Listed, hops: Hops, delayOf: (text: string) => Delay): boolean {
    const hasSame = this.hasSame(listed)
    const differs = !hasSame || this.where !== listed.queue_name
    this.size = listed.message_size
    // It was tried since: its next turn is another.
    if (this.where !== listed.queue_name || (this.due ?? 0) < Date.now()) this.due = undefined
    if (this.where !== listed.queue_name) this.where = places.find((place) => place === listed.queue_name) ?? ownCopy(listed.queue_name)
    if (!hasSame) {
      const addresses = listed.recipients.map(({ address }) => ownCopy(address))
      const delays = listed.recipients.map(({ delay_reason: reason }) => (reason === undefined || reason === '' ? null : delayOf(reason)))
      this.to = addresses.length === 1 ? (addresses[0] ?? '') : addresses
      this.why = delays.length === 1 ? (delays[0] ?? null) : delays
      this.route(hops)
    }
    this.more = moreOf(listed)
    return differs
  }

  get addresses(): readonly string[] {
    return typeof this.to === 'string' ? [this.to] : this.to
  }

  /** Of each recipient, why its mail waits. */
  get delays(): readonly (Delay | null)[] {
    return isList(this.why) ? this.why : [this.why]
  }

  route(hops: Hops): void {
    const [first = null, ...others] = typeof this.to === 'string' ? [hops.of(this.to)] : [...new Set(this.to.map((address) => hops.of(address)))]
    this.hop = first
    this.hops = others.length === 0 ? null : [...(first ? [first] : []), ...others]
  }

  private hasSame({ recipients }: Listed): boolean {
    const { addresses, delays } = this
    return addresses.length === recipients.length && recipients.every(({ address, delay_reason: reason = '' }, at) => addresses[at] === address && (delays[at]?.text ?? '') === reason)
  }

  get nextHop(): string {
    return this.hop?.name ?? ''
  }

  /** Where it waits: once for each of its next hops. */
  get allHops(): readonly Hop[] {
    return this.hops ?? (this.hop ? [this.hop] : [])
  }

  get delay(): Delay | null {
    return isList(this.why) ? (this.why.find((delay) => delay !== null) ?? null) : this.why
  }

  get isSuspended(): boolean {
    return this.where === 'hold'
  }

  get status(): Status {
    if (this.where === 'active') return 'Active'
    if (this.where === 'hold') return 'Suspended'
    return this.where === 'deferred' ? 'Retry' : 'Ready'
  }

  /** Null where it is its turn already, or where that cannot be read. */
  get nextRetry(): number | null {
    return this.where === 'deferred' && this.due != null && this.due > Date.now() ? this.due : null
  }

  get expires(): number {
    return this.arrived + this.around.lifetime(this.from) * 1000
  }

  field(field: Field): FieldValue {
    switch (field) {
      case 'nextHop':
        return this.hops ? this.hops.map(({ name }) => name) : this.nextHop
      case 'recipient':
        return this.addresses
      case 'received':
        return this.arrived
      case 'lastError':
        return this.delay?.text ?? null
      case 'reason':
        return this.delay?.category ?? null
      case 'inbound':
        return this.hop?.isInbound ?? false
      case 'deliveryType':
        return this.hop?.deliveryType ?? null
      case 'messages':
        return null
      case 'retries':
      case 'lastRetry':
      case 'subject':
      case 'source':
        return this.around.beyond(this)[field]
      default:
        return this[field]
    }
  }
}

const noAddresses: readonly string[] = []
const places = ['deferred', 'active', 'hold', 'incoming']
const isList = (why: Delay | null | readonly (Delay | null)[]): why is readonly (Delay | null)[] => Array.isArray(why)
