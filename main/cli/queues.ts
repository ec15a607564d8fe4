// Queues and the messages in them.
import type { Verb } from './perform.ts'
import { number, size, table, time } from './output.ts'

export const queues: Verb = async (core) => {
  const found = await core.ask('queues', 'list', { server: 'local' })
  const rows = found.queues.map((queue) => [queue.nextHop, number(queue.messages), queue.status, time(queue.nextRetry), queue.lastError ?? '–'])
  return { json: found, text: rows.length === 0 ? 'No mail waits.' : table(['Next hop', 'Messages', 'Status', 'Next retry', 'Last error'], rows) }
}

export interface MessagesWanted {
  queue?: string
  limit: number
  offset: number
}

export function messages({ queue, limit, offset }: MessagesWanted): Verb {
  return async (core) => {
    const found = await core.ask('queues', 'messages', { server: 'local', queue, page: { limit, offset } })
    const rows = found.messages.map((message) => [
      message.id,
      message.from || '<>',
      message.recipients.join(', '),
      message.subject,
      size(message.size),
      time(message.received),
      time(message.nextRetry),
      message.lastError ?? '–',
    ])
    const shown = rows.length === 0 ? [] : [table(['Message', 'From', 'To', 'Subject', 'Size', 'Received', 'Next retry', 'Last error'], rows)]
    const all = rows.length === found.total
    const none = queue === undefined ? 'No mail waits.' : `No mail waits for ${queue}.`
    const count = found.total === 0 ? [none] : all ? [] : [`${number(rows.length)} of ${number(found.total)} messages.`]
    return { json: found, text: [...shown, ...count].join('\n') }
  }
}
