// How a message or a queue of Postfix's is told to whoever asks, in the Queue Viewer's words.
import type { Attempt, Message, Queue } from '../../../preload/contract/queues.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import type { Entry } from './entry.ts'
import type { Hop } from './hops.ts'
import { stageOf } from './log-lines.ts'
import type { Story } from './stories.ts'

/** In a list, so that ten thousand of them stay a few megabytes. */
const mostListed = 5

interface Telling {
  story: Story | undefined
  /** When its last attempt failed, exactly; null where that cannot be read. */
  deferredAt: number | null
  whole: boolean
  /** Without a judgement of its error that was not made yet: the first one takes a tenth of a second. */
  atOnce?: boolean
}

export function toldOf(entry: Entry, { story, deferredAt, whole, atOnce = false }: Telling): Message {
  const { addresses, delays } = entry
  const attempts = attemptsOf(entry, story, deferredAt)
  const { subject, source } = entry.around.beyond(entry)
  const { delay, nextRetry } = entry
  const done = [...(story?.states.values() ?? [])].filter(({ status, address }) => status === 'Complete' && !addresses.includes(address))
  return {
    id: entry.id,
    queue: entry.nextHop,
    from: entry.from,
    recipients: whole ? [...addresses] : addresses.slice(0, mostListed),
    recipientCount: addresses.length,
    subject,
    size: entry.size,
    source,
    received: new Date(entry.arrived).toISOString(),
    expires: new Date(entry.expires).toISOString(),
    status: entry.status,
    nextRetry: nextRetry === null ? null : new Date(nextRetry).toISOString(),
    lastRetry: attempts.at(-1)?.at ?? null,
    lastError: delay?.text ?? null,
    reason: (atOnce ? delay?.judged : delay?.category) ?? null,
    retries: attempts.length + (story?.forgotten ?? 0),
    attempts: whole ? attempts : attempts.slice(-mostListed),
    states: whole ? [...addresses.map((address, at) => ({ address, status: delays[at] ? ('Retry' as const) : ('Ready' as const), lastError: delays[at]?.text ?? null })), ...done] : [],
    delayNotice: null,
    end: null,
    ...(entry.more ? { more: entry.more } : {}),
  }
}

/**
 * The log's, the last of them with the exact time where that can be read: most logs have whole seconds. Where the log
 * tells nothing, the one that Postfix keeps itself.
 */
function attemptsOf(entry: Entry, story: Story | undefined, deferredAt: number | null): Attempt[] {
  const attempts = (story?.attempts ?? []).filter(({ at }) => Date.parse(at) >= entry.arrived)
  const { delay } = entry
  if (deferredAt === null) return attempts
  const last = attempts.at(-1)
  const at = new Date(deferredAt).toISOString()
  const isThat = last !== undefined && Math.abs(Date.parse(last.at) - deferredAt) < 2_000
  if (last && isThat) return [...attempts.slice(0, -1), { ...last, at }]
  if (delay === null || (last && Date.parse(last.at) > deferredAt)) return attempts
  return [...attempts, { at, stage: stageOf(delay.text), error: delay.text }]
}

/** Of one that was never listed while it waited: what the log says. Null while it is not known how it ended. */
export function toldByLog(id: string, story: Story, nextHopOf: (address: string) => string): Message | null {
  if (story.end === null) return null
  const recipients = [...story.states.keys()]
  const last = story.attempts.at(-1)
  const received = new Date(story.began).toISOString()
  return {
    id,
    queue: nextHopOf(recipients[0] ?? ''),
    from: story.from ?? '',
    recipients,
    recipientCount: recipients.length,
    subject: '',
    size: story.size,
    source: story.source,
    received,
    expires: received,
    status: 'Active',
    nextRetry: null,
    lastRetry: last?.at ?? null,
    lastError: last?.error ?? null,
    reason: null,
    retries: story.attempts.length + story.forgotten,
    attempts: story.attempts,
    states: [...story.states.values()],
    delayNotice: null,
    end: story.end,
  }
}

interface Gathered {
  hop: Hop
  messages: number
  suspended: number
  active: number
  deferred: number
  due: number | null
  last: Entry | null
  reasons: Map<ReplyCategory, { messages: number; error: string }>
}

/** Each next hop with what waits for it; a message with several counts in each. */
export function queuesOf(entries: Iterable<Entry>, lastRetryOf: (entry: Entry) => number | null): Queue[] {
  const queues = new Map<string, Gathered>()
  for (const entry of entries) for (const hop of entry.allHops) gather(queues, hop, entry)
  return [...queues.values()].map((queue) => queueOf(queue, lastRetryOf)).sort((a, b) => (a.nextHop < b.nextHop ? -1 : 1))
}

function gather(queues: Map<string, Gathered>, hop: Hop, entry: Entry): void {
  let queue = queues.get(hop.name)
  if (!queue) queues.set(hop.name, (queue = { hop, messages: 0, suspended: 0, active: 0, deferred: 0, due: null, last: null, reasons: new Map() }))
  queue.messages++
  if (entry.isSuspended) queue.suspended++
  if (entry.where === 'active') queue.active++
  if (entry.where === 'deferred') queue.deferred++
  const { nextRetry, delay } = entry
  if (nextRetry !== null && (queue.due === null || nextRetry < queue.due)) queue.due = nextRetry
  if (delay === null) return
  // The one that is tried last waits longest for its next turn.
  if (queue.last === null || (entry.due ?? entry.arrived) >= (queue.last.due ?? queue.last.arrived)) queue.last = entry
  const category = delay.category ?? 'unknown'
  const known = queue.reasons.get(category)
  if (known) known.messages++
  else queue.reasons.set(category, { messages: 1, error: delay.text })
}

function queueOf({ hop, messages, suspended, active, deferred, due, last, reasons }: Gathered, lastRetryOf: (entry: Entry) => number | null): Queue {
  const lastRetry = last && lastRetryOf(last)
  return {
    nextHop: hop.name,
    deliveryType: hop.deliveryType,
    status: suspended === messages ? 'Suspended' : active > 0 ? 'Active' : deferred > 0 ? 'Retry' : 'Ready',
    messages,
    suspended,
    inbound: hop.isInbound,
    nextRetry: due === null ? null : new Date(due).toISOString(),
    lastRetry: lastRetry === null ? null : new Date(lastRetry).toISOString(),
    lastError: last?.delay?.text ?? null,
    reasons: [...reasons].map(([reason, known]) => ({ reason, ...known })).sort((a, b) => b.messages - a.messages),
  }
}
