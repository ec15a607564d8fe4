// What waits in the transport's queues, with Exchange's Queue Viewer's words.
import { z } from 'zod'
import { call } from './call.ts'
import { serverId } from './server-id.ts'

export const queueStatuses = ['Active', 'Connecting', 'Ready', 'Retry', 'Suspended'] as const

export const queueSchema = z.object({
  nextHop: z.string(),
  deliveryType: z.string(),
  status: z.enum(queueStatuses),
  messages: z.number().int(),
  /** ISO 8601, as all times here. */
  nextRetry: z.string().nullable(),
  lastRetry: z.string().nullable(),
  lastError: z.string().nullable(),
})
export type Queue = z.infer<typeof queueSchema>

/** How far an attempt got: `smtp` means that the destination itself answered. */
export const attemptStages = ['dns', 'connect', 'smtp', 'other'] as const
export const attemptSchema = z.object({ at: z.string(), stage: z.enum(attemptStages), error: z.string() })

/** How a message left the queue. */
export const endSchema = z.object({
  how: z.enum(['delivered', 'returned']),
  at: z.string(),
  stage: z.enum(attemptStages),
  /** What the destination said, or why it was returned. */
  text: z.string(),
})

export const messageSchema = z.object({
  id: z.string(),
  queue: z.string(),
  from: z.string(),
  recipients: z.array(z.string()),
  subject: z.string(),
  /** Bytes. */
  size: z.number().int(),
  received: z.string(),
  status: z.enum(queueStatuses),
  nextRetry: z.string().nullable(),
  lastError: z.string().nullable(),
  attempts: z.array(attemptSchema),
  /** When the sender was told that the message is delayed. */
  delayNotice: z.string().nullable(),
  /** Null while it is in the queue. */
  end: endSchema.nullable(),
})
export type Message = z.infer<typeof messageSchema>

export const pageSchema = z.object({ offset: z.number().int().min(0), limit: z.number().int().min(1).max(10_000) })
export type Page = z.infer<typeof pageSchema>

export const queues = {
  list: call(z.object({ server: serverId }), z.object({ queues: z.array(queueSchema) })),
  messages: call(
    z.object({ server: serverId, queue: z.string().optional(), page: pageSchema }),
    z.object({ messages: z.array(messageSchema), total: z.number().int() }),
  ),
}
