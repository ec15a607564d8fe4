// What can be asked of the relay through its control socket.
import { z } from 'zod'
import { call, stream } from '../../../preload/contract/call.ts'
import { inEffectSchema, resolutionSchema } from '../../../preload/contract/dns.ts'
import { messageFilterSchema, queueFilterSchema } from '../../../preload/contract/filter.ts'
import { limitsSchema } from '../../../preload/contract/limits.ts'
import { actionSchema, messageSchema, messageSortSchema, outcomeSchema, pageSchema, queueSchema } from '../../../preload/contract/queues.ts'

const targetSchema = messageSchema.pick({ id: true, from: true, received: true })
/** Messages of one act. */
export const mostTargets = 1_000

export const operations = {
  state: call(
    z.object({}),
    z.object({
      pid: z.number(),
      listening: z.string(),
      since: z.string(),
      version: z.string(),
      waiting: z.number().int(),
      /** Files that lay in the queue and are no messages, or none that can be read; they are kept. */
      unreadable: z.number().int(),
      /** While the queue is still read: how many of its messages are known. */
      reading: z.object({ read: z.number().int(), total: z.number().int() }).nullable(),
      useExternalForInternet: z.boolean(),
      limits: limitsSchema,
      inEffect: z.object({ internal: inEffectSchema, external: inEffectSchema }),
    }),
  ),
  queues: call(z.object({ filter: queueFilterSchema.optional() }), z.object({ queues: z.array(queueSchema) })),
  messages: call(
    z.object({ filter: messageFilterSchema.optional(), ids: z.array(z.string()).optional(), brief: z.boolean().optional(), sort: messageSortSchema.optional(), page: pageSchema }),
    z.object({ messages: z.array(messageSchema), total: z.number().int() }),
  ),
  select: stream(
    z.object({ filter: messageFilterSchema.optional(), ids: z.array(z.string()).optional(), queues: z.array(z.string()).optional(), sort: messageSortSchema.optional() }),
    z.array(targetSchema),
    z.object({}),
  ),
  actOnMessages: stream(
    z.object({ deed: actionSchema, targets: z.array(targetSchema).max(mostTargets), removal: z.string().nullable() }),
    z.array(outcomeSchema),
    z.object({}),
  ),
  actOnQueues: stream(z.object({ deed: z.enum(['suspend', 'resume']), nextHops: z.array(z.string()) }), z.array(outcomeSchema), z.object({})),
  putBack: stream(z.object({ removal: z.string() }), z.array(outcomeSchema), z.object({})),
  /** Long, though nothing is told of it: each DNS server that is silent is waited for before the next one is asked. */
  resolve: stream(z.object({ name: z.string().max(255), type: z.enum(['MX', 'A', 'AAAA', 'NS']) }), z.never(), resolutionSchema),
  /** Takes no mail from now on; answers with what is still being delivered. */
  drain: call(z.object({}), z.object({ delivering: z.array(z.string()) })),
  stop: call(z.object({}), z.object({})),
}
type Operations = typeof operations
export type OperationName = keyof Operations
export type OperationInput<N extends OperationName> = z.output<Operations[N]['input']>
export type OperationOutput<N extends OperationName> = z.output<Operations[N]['output']>
export type OperationProgress<N extends OperationName> = Operations[N] extends { progress: infer P extends z.ZodType } ? z.output<P> : never

export interface Doing<P> {
  /** Whoever asked has cancelled, or has gone. */
  signal: AbortSignal
  told(progress: P): void
}
export type OperationHandlers = { [N in OperationName]: (input: OperationInput<N>, doing: Doing<OperationProgress<N>>) => Promise<OperationOutput<N>> }
