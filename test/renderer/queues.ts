// The double's queues: messages in memory that can be filtered, sorted, acted on and put back.
import { explained, reasonOf } from '../../main/transport/explained.ts'
import { matcher, type FieldValue } from '../../main/transport/filter.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Field } from '../../preload/contract/filter.ts'
import type { Answers } from '../../preload/contract/index.ts'
import type { Chosen, Message, Outcome, Queue, Removal } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'

export interface QueuesDouble {
  answers: Answers['queues']
  mail: Map<ServerId, Message[]>
  /** Instead of those that the mail makes. */
  queues: Map<ServerId, Queue[]>
  suspended: Set<string>
  /** How a retry ends. */
  retried: Pick<Outcome, 'outcome' | 'text'>
  /** An action stops after this many until it is cancelled; null: it goes on. */
  hangsAfter: number | null
  /** What the messages calls asked for: the view asks for what it shows, and for no more. */
  asked: { offset: number; limit: number }[]
  removals: Removal[]
}

/** Seconds. */
const hour = 3_600
const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

export function messageOf(id: string, more: Partial<Message> = {}): Message {
  const lastError = more.lastError === undefined ? '451 4.4.1 connect to mail.example.test[198.51.100.25]:25: connection timed out' : more.lastError
  const recipients = more.recipients ?? ['orders@example.test']
  return {
    id,
    queue: 'example.test',
    from: 'ana@contoso.test',
    recipients,
    recipientCount: recipients.length,
    source: '10.0.0.25',
    received: at(-700),
    expires: at(47 * hour),
    subject: `Order ${id}`,
    size: 14_220,
    status: 'Retry',
    nextRetry: at(60),
    lastRetry: at(-600),
    lastError,
    reason: reasonOf(lastError),
    retries: 1,
    attempts: lastError === null ? [] : [{ at: at(-600), stage: 'connect', error: lastError }],
    states: recipients.map((address) => ({ address, status: 'Retry', lastError })),
    delayNotice: null,
    end: null,
    ...more,
  }
}

/** Mail for as many destinations as there are kinds of errors, the oldest first. */
export function manyMessages(count: number): Message[] {
  const now = Date.now()
  return Array.from({ length: count }, (_, place) => {
    const kind = place % errors.length
    const to = `orders${place % 7}@example${kind}.test`
    return messageOf(`M${String(place).padStart(6, '0')}`, {
      queue: `example${kind}.test`,
      recipients: [to],
      received: new Date(now - (count - place) * 1000).toISOString(),
      lastError: errors[kind]!,
      subject: `Order ${place}`,
    })
  })
}

const errors = [
  '451 4.4.0 DNS query failed: 203.0.113.53 answered SERVFAIL for example0.test MX',
  '451 4.4.1 connect to mail.example1.test[198.51.100.25]:25: connection timed out',
  '450 4.2.0 <orders@example2.test>: Recipient address rejected: Greylisted, see http://postgrey.example2.test',
  '421 4.7.0 mail.example3.test Too many connections from your address',
]

export function queuesDouble(changed: (server: ServerId) => void, pause: () => Promise<unknown>): QueuesDouble {
  const selections = new Map<string, { messages: string[]; queues: string[] | null }>()
  const kept = new Map<string, { server: ServerId; messages: Message[] }>()
  const mailOf = (server: ServerId) => double.mail.get(server) ?? []
  const queuesOf = (server: ServerId) => double.queues.get(server) ?? queuesFrom(mailOf(server), double.suspended)
  const find = (server: ServerId, id: string) => mailOf(server).find((message) => message.id === id)
  const change = (server: ServerId, id: string, to: Partial<Message> | null) => double.mail.set(server, mailOf(server).flatMap((message) => (message.id !== id ? [message] : to ? [{ ...message, ...to }] : [])))

  const chosen = (server: ServerId, what: Chosen) => {
    if ('queues' in what) {
      const { queues } = what
      const meant = queuesOf(server).filter('filter' in queues ? matcher(queues.filter, queueField) : ({ nextHop }) => queues.nextHops.includes(nextHop))
      const names = meant.map(({ nextHop }) => nextHop)
      return { queues: names, messages: mailOf(server).filter(({ queue }) => names.includes(queue)) }
    }
    const { messages } = what
    return { queues: null, messages: mailOf(server).filter('filter' in messages ? matcher(messages.filter, messageField) : ({ id }) => messages.ids.includes(id)) }
  }

  const one = (server: ServerId, id: string, action: Parameters<Answers['queues']['act']>[0]['action']): Outcome => {
    if (!find(server, id)) return { id, outcome: 'gone', text: 'It is no longer in the queue.' }
    if (action.kind === 'retry') {
      if (double.retried.outcome === 'sent') change(server, id, null)
      return { id, ...double.retried }
    }
    if (action.kind === 'export') return { id, outcome: 'exported', text: `${id}.eml` }
    if (action.kind === 'remove') change(server, id, null)
    else change(server, id, { status: action.kind === 'suspend' ? 'Suspended' : 'Retry' })
    return { id, outcome: ({ remove: 'removed', suspend: 'suspended', resume: 'resumed' } as const)[action.kind], text: 'Done.' }
  }

  const told = async (outcomes: (() => Outcome)[], { progress, signal }: { progress(value: { rows: Outcome[]; done: number; total: number }): void; signal: AbortSignal }) => {
    const counts: Partial<Record<Outcome['outcome'], number>> = {}
    for (const [place, outcome] of outcomes.entries()) {
      if (place === double.hangsAfter) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      if (signal.aborted) throw new Failure('cancelled', 'It was cancelled.')
      const row = outcome()
      counts[row.outcome] = (counts[row.outcome] ?? 0) + 1
      progress({ rows: [row], done: place + 1, total: outcomes.length })
    }
    return counts
  }

  const double: QueuesDouble = {
    mail: new Map(),
    queues: new Map(),
    suspended: new Set(),
    retried: { outcome: 'sent', text: '250 2.0.0 taken' },
    hangsAfter: null,
    asked: [],
    removals: [],
    answers: {
      list: async ({ server, filter }) => ({ queues: queuesOf(server).filter(matcher(filter ?? { all: [] }, queueField)).map((queue) => ({ ...queue, explained: explained(queue.lastError) })) }),
      reasons: async ({ server }) => ({ reasons: queuesOf(server).flatMap(({ nextHop, reasons }) => reasons.map((reason) => ({ nextHop, ...reason, explained: explained(reason.error) }))) }),
      messages: async ({ server, filter, sort, page }) => {
        double.asked.push(page)
        const found = filter && filter.all.length > 0 ? mailOf(server).filter(matcher(filter, messageField)) : mailOf(server)
        const rows = sort && sort.by !== 'received' ? found.toSorted((a, b) => String(a[sort.by]).localeCompare(String(b[sort.by]), undefined, { numeric: true })) : found
        const ordered = sort?.descending ? rows.toReversed() : rows
        return { messages: ordered.slice(page.offset, page.offset + page.limit).map((message) => ({ ...message, states: [], explained: explained(message.lastError) })), total: found.length }
      },
      allMessages: async () => {
        throw new Failure('failed', 'The view asks for the page that it shows.')
      },
      message: async ({ server, id }) => {
        const message = find(server, id)
        return { message: message ? { ...message, explained: explained(message.lastError), attempts: message.attempts.map((attempt) => ({ ...attempt, explained: explained(attempt.error) })) } : null }
      },
      select: async ({ server, what }) => {
        const { messages, queues } = chosen(server, what)
        const selection = `S${selections.size + 1}`
        selections.set(selection, { messages: messages.map(({ id }) => id), queues })
        return { selection, messages: messages.length, queues: queues?.length ?? 0 }
      },
      act: async ({ server, selection, action }, asked) => {
        const found = selections.get(selection)
        if (!found) throw new Failure('changed-meanwhile', 'What was chosen is no longer known.', 'Choose again.')
        await pause()
        if (found.queues && (action.kind === 'suspend' || action.kind === 'resume')) {
          const { kind } = action
          const counts = await told(found.queues.map((id) => () => (kind === 'suspend' ? double.suspended.add(id) : double.suspended.delete(id), { id, outcome: kind === 'suspend' ? ('suspended' as const) : ('resumed' as const), text: '' })), asked)
          changed(server)
          return { counts, folder: null, removal: null }
        }
        const gone = mailOf(server).filter(({ id }) => found.messages.includes(id))
        const counts = await told(found.messages.map((id) => () => one(server, id, action)), asked).finally(() => changed(server))
        if (action.kind !== 'remove') return { counts, folder: action.kind === 'export' ? action.folder : null, removal: null }
        const removal = `R${kept.size + 1}`
        kept.set(removal, { server, messages: gone })
        double.removals.unshift({ id: removal, at: at(0), until: at(24 * hour), messages: gone.length, nextHops: [...new Set(gone.map(({ queue }) => queue))].slice(0, 3), ndr: action.ndr, folder: `/var/lib/edgewise/removed/${removal}` })
        return { counts, folder: null, removal }
      },
      removals: async () => ({ removals: double.removals }),
      putBack: async ({ removal }, asked) => {
        const found = kept.get(removal)
        if (!found) throw new Failure('not-found', `There is nothing to put back in the removal “${removal}”.`)
        await pause()
        const counts = await told(found.messages.map((message) => () => (double.mail.set(found.server, [...mailOf(found.server), message]), { id: message.id, outcome: 'put-back' as const, text: '' })), asked)
        double.removals = double.removals.filter(({ id }) => id !== removal)
        changed(found.server)
        return { counts, folder: null, removal: null }
      },
    },
  }
  return double
}

function queuesFrom(mail: readonly Message[], suspended: ReadonlySet<string>): Queue[] {
  return [...grouped(mail, ({ queue }) => queue)].map(([nextHop, messages]) => {
    const last = messages.findLast(({ lastError }) => lastError !== null)
    const reasons = [...grouped(messages, ({ reason }) => reason)].map(([reason, those]) => ({ reason, messages: those.length, error: those.at(-1)?.lastError ?? '' }))
    return {
      nextHop,
      deliveryType: 'DnsConnectorDelivery',
      status: suspended.has(nextHop) ? ('Suspended' as const) : ('Retry' as const),
      messages: messages.length,
      suspended: messages.filter(({ status }) => status === 'Suspended').length,
      inbound: false,
      nextRetry: last?.nextRetry ?? null,
      lastRetry: last?.lastRetry ?? null,
      lastError: last?.lastError ?? null,
      reasons,
    }
  })
}

function grouped<K>(mail: readonly Message[], keyOf: (message: Message) => K | null): Map<K, Message[]> {
  const groups = new Map<K, Message[]>()
  for (const message of mail) {
    const key = keyOf(message)
    if (key === null) continue
    const group = groups.get(key)
    if (group) group.push(message)
    else groups.set(key, [message])
  }
  return groups
}

const timeOf = (iso: string | null) => (iso === null ? null : Date.parse(iso))

function queueField(queue: Queue, field: Field): FieldValue {
  if (field === 'reason') return queue.reasons.map(({ reason }) => reason)
  if (field === 'nextRetry' || field === 'lastRetry') return timeOf(queue[field])
  return (queue as unknown as Record<string, FieldValue>)[field] ?? null
}

function messageField(message: Message, field: Field): FieldValue {
  if (field === 'nextHop') return message.queue
  if (field === 'recipient') return message.recipients
  if (field === 'inbound') return false
  if (field === 'received' || field === 'expires' || field === 'nextRetry' || field === 'lastRetry') return timeOf(message[field])
  return (message as unknown as Record<string, FieldValue>)[field] ?? null
}
