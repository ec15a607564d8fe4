// Queues and the messages in them.
import type { Filter } from '../../preload/contract/filter.ts'
import type { MessageRow, MessageSort } from '../../preload/contract/queues.ts'
import { number, size, table, time } from './output.ts'
import type { Core, Said, Verb } from './perform.ts'
import { filterOf } from './queue-actions.ts'

export interface QueuesWanted {
  filter?: string
  reasons?: true
  over?: number
}

export function queues({ filter, reasons, over }: QueuesWanted): Verb {
  return async (core) => {
    const found = await core.ask('queues', 'list', { server: 'local', ...(filter !== undefined && { filter: filterOf(filter, 'queues') }) })
    const waiting = found.queues.reduce((sum, { messages }) => sum + messages, 0)
    const exitCode = over !== undefined && waiting > over ? 1 : 0
    // Refused while the queue is still read: until then too few are known to say that all is well.
    if (over !== undefined && exitCode === 0) await core.ask('queues', 'select', { server: 'local', what: { messages: { filter: nothing } } })
    await sayIfReading(core)
    const { json, text } = reasons ? await byReason(core, new Set(found.queues.map(({ nextHop }) => nextHop))) : { json: found, text: listed(found.queues.map((queue) => [queue.nextHop, number(queue.messages), queue.status, time(queue.nextRetry), queue.lastError ?? '–'])) }
    const limit = over === undefined ? [] : [`${number(waiting)} wait, ${exitCode === 1 ? 'more than' : 'not more than'} ${number(over)}.`]
    return { json: over === undefined ? json : { ...json, waiting, over: exitCode === 1 }, text: [text, ...limit].join('\n'), exitCode }
  }
}

const nothing: Filter = { all: [{ field: 'id', is: 'equals', value: '' }] }

async function byReason(core: Core, nextHops: Set<string>): Promise<Said> {
  const reasons = (await core.ask('queues', 'reasons', { server: 'local' })).reasons.filter(({ nextHop }) => nextHops.has(nextHop))
  const rows = reasons.map(({ nextHop, messages, reason, explained }) => [nextHop, number(messages), reason, explained?.meaning ?? '–'])
  return { json: { reasons }, text: rows.length === 0 ? 'No mail waits that was tried.' : table(['Next hop', 'Messages', 'Reason', 'What it means'], rows) }
}

const listed = (rows: string[][]) => (rows.length === 0 ? 'No mail waits.' : table(['Next hop', 'Messages', 'Status', 'Next retry', 'Last error'], rows))

export interface MessagesWanted {
  queue?: string
  filter?: string
  /** Judged by the contract, which names those that there are. */
  sort?: MessageSort['by']
  descending?: true
  limit?: number
  offset: number
}

/** As many come in one answer, all of them at one moment. */
const pageLimit = 1_000
const shownInText = 100

export function messages({ queue, filter: text, sort, descending, limit, offset }: MessagesWanted): Verb {
  return async (core) => {
    const filter: Filter = { all: [...(text === undefined ? [] : filterOf(text, 'messages').all), ...(queue === undefined ? [] : [{ field: 'nextHop', is: 'equals', value: queue } as const])] }
    const order = { by: sort ?? 'received', descending: descending ?? false }
    const most = limit ?? (core.json ? null : shownInText)
    const shown: MessageRow[] = []
    let told = 0
    const take = (messages: MessageRow[]) => {
      told += messages.length
      if (core.json) for (const message of messages) core.tell({ message }, '')
      else shown.push(...messages)
    }
    const wanted = { server: 'local', filter, sort: order } as const
    let total: number
    if (most === null || most > pageLimit) total = (await core.ask('queues', 'allMessages', { ...wanted, offset, limit: most }, ({ messages }) => take(messages))).total
    else {
      const page = await core.ask('queues', 'messages', { ...wanted, page: { offset, limit: most } })
      take(page.messages)
      total = page.total
    }
    await sayIfReading(core)
    const none = text !== undefined ? 'No message is meant.' : queue === undefined ? 'No mail waits.' : `No mail waits for ${queue}.`
    const count = total === 0 ? [none] : told === total ? [] : [`${number(told)} of ${number(total)} messages.`]
    return { json: { total }, text: [...(shown.length === 0 ? [] : [asTable(shown)]), ...count].join('\n') }
  }
}

function asTable(shown: MessageRow[]): string {
  const rows = shown.map((message) => [
    message.id,
    message.from || '<>',
    message.recipients.join(', ') + (message.recipientCount > message.recipients.length ? ', …' : ''),
    message.subject,
    size(message.size),
    time(message.received),
    message.status === 'Suspended' ? 'suspended' : time(message.nextRetry),
    message.lastError ?? '–',
  ])
  return table(['Message', 'From', 'To', 'Subject', 'Size', 'Received', 'Next retry', 'Last error'], rows)
}

/** A list that is not whole must not look as if it were. */
async function sayIfReading(core: Core): Promise<void> {
  const { service } = await core.ask('servers', 'serviceState', { server: 'local' })
  if (service.state === 'running' && service.note !== null) process.stderr.write(`edgewise: ${service.note}\n`)
}
