// What waits in the transport's queues, with Exchange's Queue Viewer's words, and what can be done with it.
import { z } from 'zod'
import { call, stream } from './call.ts'
import { messageFilterSchema, queueFilterSchema, queueStatuses } from './filter.ts'
import { explainedSchema, replyCategories } from './smtp.ts'
import { serverId } from './server-id.ts'

/** What lies in a queue with the same kind of error. */
export const queueReasonSchema = z.object({
  /** The category of the errors. */
  reason: z.enum(replyCategories),
  messages: z.number().int(),
  /** The latest of the errors. */
  error: z.string(),
})

/** A queue as its transport knows it. */
export const queueSchema = z.object({
  nextHop: z.string(),
  deliveryType: z.string(),
  status: z.enum(queueStatuses),
  messages: z.number().int(),
  /** How many of them are suspended one by one. */
  suspended: z.number().int(),
  /** For one of the accepted domains. */
  inbound: z.boolean(),
  /** ISO 8601, as all times here. */
  nextRetry: z.string().nullable(),
  lastRetry: z.string().nullable(),
  lastError: z.string().nullable(),
  reasons: z.array(queueReasonSchema),
})
export type Queue = z.infer<typeof queueSchema>

/** How far an attempt got: `smtp` means that the destination itself answered. */
export const attemptStages = ['dns', 'connect', 'smtp', 'other'] as const
export const attemptSchema = z.object({ at: z.string(), stage: z.enum(attemptStages), error: z.string() })
export type Attempt = z.infer<typeof attemptSchema>

/** How a message left the queue. */
export const endSchema = z.object({
  how: z.enum(['delivered', 'returned', 'removed']),
  at: z.string(),
  stage: z.enum(attemptStages),
  /** What the destination said, or why it was returned. */
  text: z.string(),
})
export type End = z.infer<typeof endSchema>

/** A recipient's own state: not all of a message's recipients need have met the same answer. */
export const recipientSchema = z.object({ address: z.string(), status: z.enum(['Complete', 'Ready', 'Retry']), lastError: z.string().nullable() })

/** A message as its transport knows it. */
export const messageSchema = z.object({
  id: z.string(),
  queue: z.string(),
  from: z.string(),
  /** In a list the first ones; `recipientCount` says how many there are. */
  recipients: z.array(z.string()),
  recipientCount: z.number().int(),
  subject: z.string(),
  /** Bytes. */
  size: z.number().int(),
  /** The address that it was taken from; null for the transport's own notices. */
  source: z.string().nullable(),
  received: z.string(),
  /** When it is returned to its sender if it was not delivered until then. */
  expires: z.string(),
  status: z.enum(queueStatuses),
  nextRetry: z.string().nullable(),
  lastRetry: z.string().nullable(),
  lastError: z.string().nullable(),
  reason: z.enum(replyCategories).nullable(),
  /** Attempts that failed, also those that are no longer listed. */
  retries: z.number().int(),
  /** In a list the latest ones only. */
  attempts: z.array(attemptSchema),
  /** Of each recipient; empty in a list. */
  states: z.array(recipientSchema),
  /** When the sender was told that the message is delayed. */
  delayNotice: z.string().nullable(),
  /** Null while it is in the queue. */
  end: endSchema.nullable(),
  /** What else the transport tells of it, by its own names; absent where there is nothing. */
  more: z.record(z.string(), z.string()).optional(),
  /** The file whose last `size` bytes are the message, where it may be read; not in a list. */
  stored: z.string().optional(),
})
export type Message = z.infer<typeof messageSchema>

const explained = explainedSchema.nullable()

/** A queue or message of the Queue Viewer: with its last error in plain words. */
export const queueRowSchema = queueSchema.extend({ explained })
export const messageRowSchema = messageSchema.extend({ explained })
export type QueueRow = z.infer<typeof queueRowSchema>
export type MessageRow = z.infer<typeof messageRowSchema>

/** All that is known of one message: every attempt that is kept, every recipient. */
export const messageDetailSchema = messageRowSchema.extend({ attempts: z.array(attemptSchema.extend({ explained })) })
export type MessageDetail = z.infer<typeof messageDetailSchema>

/** “example.org: 20 × connection timed out”. */
export const reasonSchema = z.object({ nextHop: z.string(), ...queueReasonSchema.shape, explained })
export type Reason = z.infer<typeof reasonSchema>

export const pageSchema = z.object({ offset: z.number().int().min(0), limit: z.number().int().min(1).max(10_000) })
export type Page = z.infer<typeof pageSchema>

export const messageSorts = ['id', 'queue', 'from', 'subject', 'size', 'source', 'received', 'expires', 'status', 'nextRetry', 'lastRetry', 'lastError', 'retries'] as const
/** Equal ones come in the order in which they were received. */
export const messageSortSchema = z.strictObject({ by: z.enum(messageSorts), descending: z.boolean() })
export type MessageSort = z.infer<typeof messageSortSchema>

/** As many can be named one by one; more are chosen by a filter. */
export const mostNamed = 10_000
const names = z.array(z.string().min(1).max(500)).min(1).max(mostNamed)
/** What an action is to be done with: messages, or whole queues (then it holds for mail that comes later, too). */
export const chosenSchema = z.union([
  z.strictObject({ messages: z.union([z.strictObject({ ids: names }), z.strictObject({ filter: messageFilterSchema })]) }),
  z.strictObject({ queues: z.union([z.strictObject({ nextHops: names }), z.strictObject({ filter: queueFilterSchema })]) }),
])
export type Chosen = z.infer<typeof chosenSchema>

/** Export takes nothing out of the queue; a removal is exported first, and can be put back for a day. */
export const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('retry') }),
  z.strictObject({ kind: z.literal('suspend') }),
  z.strictObject({ kind: z.literal('resume') }),
  /** `ndr`: whether the sender is told. */
  z.strictObject({ kind: z.literal('remove'), ndr: z.boolean() }),
  /** To a folder of this machine, one .eml file a message; it is made where it is not there. */
  z.strictObject({ kind: z.literal('export'), folder: z.string().min(1).max(4096) }),
])
export type Action = z.infer<typeof actionSchema>

/**
 * How the action ended for one message or queue. `gone`: it is no longer what was chosen: it left the queue, or its
 * id is another message's now. `deferred`: it was tried and waits again, or its attempt did not end in time.
 */
export const outcomes = ['sent', 'deferred', 'failed', 'gone', 'suspended', 'resumed', 'removed', 'exported', 'put-back'] as const
export const outcomeSchema = z.object({ id: z.string(), outcome: z.enum(outcomes), text: z.string() })
export type Outcome = z.infer<typeof outcomeSchema>

/** The next ones that ended; `done` of `total` with them. */
export const actedSchema = z.object({ rows: z.array(outcomeSchema), done: z.number().int(), total: z.number().int() })
export const actEndSchema = z.object({
  counts: z.partialRecord(z.enum(outcomes), z.number().int()),
  /** Where the exported messages lie. */
  folder: z.string().nullable(),
  /** What puts the removed messages back. */
  removal: z.string().nullable(),
})
export type ActEnd = z.infer<typeof actEndSchema>

/** Messages that were removed together. */
export const removalSchema = z.object({
  id: z.string(),
  at: z.string(),
  /** Until then they can be put back; afterwards they are deleted. */
  until: z.string(),
  messages: z.number().int(),
  /** Next hops of the messages, a few of them. */
  nextHops: z.array(z.string()),
  ndr: z.boolean(),
  folder: z.string(),
})
export type Removal = z.infer<typeof removalSchema>

const server = serverId

export const queues = {
  list: call(z.object({ server, filter: queueFilterSchema.optional() }), z.object({ queues: z.array(queueRowSchema) })),
  /** What waits, by destination and reason; the most messages first. */
  reasons: call(z.object({ server }), z.object({ reasons: z.array(reasonSchema) })),
  /**
   * The oldest first, where no order is asked for. With `soon` the first of them may come, and be counted, before all are
   * known: who asks so listens for changes, and asks again.
   */
  messages: call(
    z.object({ server, filter: messageFilterSchema.optional(), sort: messageSortSchema.optional(), soon: z.boolean().optional(), page: pageSchema }),
    z.object({ messages: z.array(messageRowSchema), total: z.number().int() }),
  ),
  /**
   * Every message that waits at one moment, each once, however long the list: those of them that left before they are
   * told are left out and not counted. As many as `limit` after `offset` others; null for all.
   */
  allMessages: stream(
    z.object({ server, filter: messageFilterSchema.optional(), sort: messageSortSchema.optional(), offset: z.number().int().min(0), limit: z.number().int().min(1).nullable() }),
    z.object({ messages: z.array(messageRowSchema) }),
    z.object({ total: z.number().int() }),
  ),
  /** Null where nothing is known of it any more. */
  message: call(z.object({ server, id: z.string().max(500) }), z.object({ message: messageDetailSchema.nullable() })),
  /** Keeps which ones are meant, with their senders and arrivals, for ten minutes: an action is done with exactly those. */
  select: call(z.object({ server, what: chosenSchema }), z.object({ selection: z.string(), messages: z.number().int(), queues: z.number().int() })),
  act: stream(z.object({ server, selection: z.string().max(100), action: actionSchema }), actedSchema, actEndSchema),
  /** The latest first. */
  removals: call(z.object({ server }), z.object({ removals: z.array(removalSchema) })),
  putBack: stream(z.object({ server, removal: z.string().max(100) }), actedSchema, actEndSchema),
}
