// How messages left Exchange's queues, as its message tracking log has it.
import type { End, Message } from '../../../preload/contract/queues.ts'
import { nameOf, numberOf } from './message.ts'
import type { Data } from './protocol.ts'
import type { Shell } from './shell.ts'

type Tracked = Data<'tracking.list'>['events'][number]

/** Events that are looked through. */
const mostEvents = 5_000
/** Milliseconds before now that are looked through for a message that was never seen waiting. */
const lookBack = 600_000

const hows: Record<string, End['how']> = { SEND: 'delivered', FAIL: 'returned' }

/** Messages that left since (ISO 8601), by their numbers. Where the log cannot be read, nothing is known of any. */
export async function left(shell: Shell, numbers: ReadonlySet<string>, since: string, signal: AbortSignal): Promise<Map<string, Tracked>> {
  if (numbers.size === 0) return new Map()
  const { events } = await shell.ask('tracking.list', { since, limit: mostEvents }, { signal }).catch(() => ({ events: [] }))
  return new Map(events.filter(({ EventId, InternalMessageId }) => EventId in hows && numbers.has(String(InternalMessageId))).map((event) => [String(event.InternalMessageId), event]))
}

export const leftText = ({ RecipientStatus, ServerHostname, ServerIp }: Tracked): string => [RecipientStatus[0] ?? 'It left.', ServerHostname && `(${ServerHostname}${ServerIp ? `, ${ServerIp}` : ''})`].filter(Boolean).join(' ')

export const lookedBack = (): string => new Date(Date.now() - lookBack).toISOString()

/** `known`: as it was last seen waiting. */
export function endedAs(id: string, event: Tracked, known: Message | undefined): Message {
  const at = new Date(event.Timestamp ?? Date.now()).toISOString()
  const { Sender, Recipients, EventId } = event
  const unseen: Message = {
    id,
    queue: nameOf({ NextHopDomain: Recipients[0]?.split('@').at(-1) ?? null, Identity: numberOf(id) }),
    from: Sender ?? '',
    recipients: [],
    recipientCount: 0,
    subject: '',
    size: 0,
    source: null,
    received: at,
    expires: at,
    status: 'Ready',
    nextRetry: null,
    lastRetry: null,
    lastError: null,
    reason: null,
    retries: 0,
    attempts: [],
    states: [],
    delayNotice: null,
    end: null,
  }
  return { ...(known ?? unseen), recipients: Recipients, recipientCount: Recipients.length, end: { how: hows[EventId] ?? 'removed', at, stage: 'smtp', text: leftText(event) } }
}
