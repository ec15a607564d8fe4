// What is asked about queues and messages: last errors in plain words, and actions on exactly what was chosen before.
import { randomUUID } from 'node:crypto'
import type { Asked } from '../preload/contract/call.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'
import type { ActEnd, Chosen, Outcome } from '../preload/contract/queues.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import { explained } from './transport/explained.ts'
import { listRemovals, removedIn } from './transport/removals.ts'
import type { Deed, Target, Targets, Transport } from './transport/transport.ts'

interface Selection {
  server: ServerId
  messages: Target[]
  /** Null where messages were chosen. */
  queues: string[] | null
  until: number
}

/** Milliseconds: long enough to read a question and answer it. */
const lifetime = 600_000
/** Each may hold a hundred thousand ids. */
const mostSelections = 4
/** Rows in one piece of progress. */
const mostRows = 500
/** Milliseconds in which rows gather. */
const gather = 100

export function queuesAnswers(transportOf: (server: ServerId) => Transport): Answers['queues'] {
  const selections = new Map<string, Selection>()

  const keep = (selection: Selection): string => {
    const now = Date.now()
    for (const [id, { until }] of selections) if (until < now || selections.size >= mostSelections) selections.delete(id)
    const id = randomUUID()
    selections.set(id, selection)
    return id
  }
  const kept = (id: string, server: ServerId): Selection => {
    const selection = selections.get(id)
    if (!selection || selection.server !== server || selection.until < Date.now())
      throw new Failure('changed-meanwhile', 'What was chosen is no longer known: that was more than ten minutes ago, or much else was chosen since.', 'Choose again.')
    // Once: a second click is a second question.
    selections.delete(id)
    return selection
  }

  return {
    list: async ({ server, filter }) => {
      const queues = await transportOf(server).queues(filter)
      return { queues: queues.map((queue) => ({ ...queue, explained: explained(queue.lastError) })) }
    },
    reasons: async ({ server }) => {
      const queues = await transportOf(server).queues()
      const reasons = queues.flatMap(({ nextHop, reasons: own }) => own.map((reason) => ({ nextHop, ...reason, explained: explained(reason.error) })))
      return { reasons: reasons.sort((a, b) => b.messages - a.messages || a.nextHop.localeCompare(b.nextHop)) }
    },
    messages: async ({ server, filter, sort, soon, page }) => {
      const { messages, total } = await transportOf(server).messages({ filter, sort, soon }, page)
      return { messages: messages.map((message) => ({ ...message, explained: explained(message.lastError) })), total }
    },
    allMessages: async ({ server, filter, sort, offset, limit }, { signal, progress }) => {
      const transport = transportOf(server)
      const chosen = await transport.select({ filter, sort })
      let left = 0
      const end = limit === null ? chosen.length : Math.min(chosen.length, offset + limit)
      for (let at = offset; at < end; at += mostRows) {
        signal.throwIfAborted()
        const ids = chosen.slice(at, Math.min(at + mostRows, end)).map(({ id }) => id)
        const { messages } = await transport.messages({ ids, brief: true }, { offset: 0, limit: ids.length })
        const waiting = messages.filter((message) => message.end === null)
        left += ids.length - waiting.length
        progress({ messages: waiting.map((message) => ({ ...message, explained: explained(message.lastError) })) })
      }
      return { total: chosen.length - left }
    },
    message: async ({ server, id }) => {
      const [message] = (await transportOf(server).messages({ ids: [id] }, { offset: 0, limit: 1 })).messages
      if (!message) return { message: null }
      const attempts = message.attempts.map((attempt) => ({ ...attempt, explained: explained(attempt.error) }))
      return { message: { ...message, attempts, explained: explained(message.lastError) } }
    },
    select: async ({ server, what }) => {
      const found = await chosen(transportOf(server), what)
      return { selection: keep({ server, ...found, until: Date.now() + lifetime }), messages: found.messages.length, queues: found.queues?.length ?? 0 }
    },
    act: async ({ server, selection, action }, asked) => {
      const { messages, queues } = kept(selection, server)
      const whole = queues !== null && (action.kind === 'suspend' || action.kind === 'resume')
      const total = whole ? queues.length : messages.length
      return act(transportOf(server), action, { targets: whole ? { queues } : { messages }, total }, asked)
    },
    removals: async ({ server }) => ({ removals: await removalsOf(transportOf(server)) }),
    putBack: async ({ server, removal }, asked) => {
      const transport = transportOf(server)
      const total = (await removalsOf(transport)).find(({ id }) => id === removal)?.messages ?? 0
      return act(transport, { kind: 'put-back', removal }, { targets: { messages: [] }, total }, asked)
    },
  }
}

/** As they lie in the home folder: known also while the service is stopped. */
const removalsOf = async (transport: Transport) => listRemovals(removedIn((await transport.properties()).home))

async function chosen(transport: Transport, what: Chosen): Promise<{ messages: Target[]; queues: string[] | null }> {
  if ('messages' in what) return { messages: await transport.select(what.messages), queues: null }
  const which = what.queues
  const found = await transport.queues('filter' in which ? which.filter : undefined)
  const queues = found.map(({ nextHop }) => nextHop).filter((name) => 'filter' in which || which.nextHops.some((one) => one.toLowerCase() === name))
  return { messages: queues.length === 0 ? [] : await transport.select({ queues }), queues }
}

async function act(transport: Transport, deed: Deed, { targets, total }: { targets: Targets; total: number }, { signal, progress }: Asked<{ rows: Outcome[]; done: number; total: number }>): Promise<ActEnd> {
  const counts: ActEnd['counts'] = {}
  let done = 0
  let rows: Outcome[] = []
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    clearTimeout(timer)
    timer = undefined
    while (rows.length > 0) {
      const now = rows.slice(0, mostRows)
      rows = rows.slice(mostRows)
      done += now.length
      progress({ rows: now, done, total })
    }
  }
  try {
    const { removal } = await transport.act(deed, targets, {
      signal,
      told: (more) => {
        for (const { outcome } of more) counts[outcome] = (counts[outcome] ?? 0) + 1
        rows.push(...more)
        timer ??= setTimeout(tell, gather)
      },
    })
    return { counts, folder: deed.kind === 'export' ? deed.folder : null, removal }
  } finally {
    tell()
  }
}
