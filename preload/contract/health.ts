// The health of DNS servers: whether, how and how fast each answers, and whether they agree.
import { z } from 'zod'

/**
 * `answers`: to all that was asked. `partly`: to some of it. `fails`: always SERVFAIL or such. `refuses`: always
 * REFUSED. `not-recursive`: knows only its own domains. `garbage`: nothing that can be read, or that answers what was
 * asked. `silent`: no answer within the limit. `closed`: nothing listens there, or it hangs up. `unreachable`: no way
 * leads there. `cancelled`: not waited for.
 */
export const healthStates = ['answers', 'partly', 'fails', 'refuses', 'not-recursive', 'garbage', 'silent', 'closed', 'unreachable', 'cancelled'] as const
export const healthState = z.enum(healthStates)
export type HealthState = z.infer<typeof healthState>

/** What became of one question. `no-data`: the name exists without such a record. `truncated`: only in part. */
export const answerVerdicts = ['records', 'no-data', 'no-domain', 'fails', 'refuses', 'not-recursive', 'truncated', 'garbage', 'silent', 'closed', 'unreachable', 'cancelled'] as const
export const healthAnswerSchema = z.object({
  name: z.string(),
  /** Why it was asked for. */
  purpose: z.enum(['root', 'accepted', 'waiting']),
  type: z.enum(['NS', 'MX', 'A', 'AAAA']),
  over: z.enum(['udp', 'tcp']),
  verdict: z.enum(answerVerdicts),
  /** Milliseconds. */
  ms: z.number(),
  /** The records' data, sorted. */
  values: z.array(z.string()),
  /** To be read after the server's address: `answers SERVFAIL`, `did not answer within 2.5 s`. */
  text: z.string(),
})
export type HealthAnswer = z.infer<typeof healthAnswerSchema>

export const healthNotes = ['udp-silent', 'tcp-silent', 'ignores-aaaa', 'no-recursion', 'truncated-without-tcp', 'differs'] as const
export const serverHealthSchema = z.object({
  server: z.string(),
  /** The adapters that have it, by id; none for a server of a list. */
  adapters: z.array(z.string()),
  family: z.union([z.literal(4), z.literal(6)]),
  state: healthState,
  /** Milliseconds of the fastest answer; null where there was none. */
  ms: z.number().nullable(),
  /** Recursion offered; null where nothing was answered. */
  recursion: z.boolean().nullable(),
  udp: healthState,
  tcp: healthState,
  answers: z.array(healthAnswerSchema),
  notes: z.array(z.object({ kind: z.enum(healthNotes), text: z.string() })),
  /** In words: `answers, 2 ms`, `silent over UDP`. */
  text: z.string(),
})
export type ServerHealth = z.infer<typeof serverHealthSchema>

export const healthOutcome = z.object({ health: z.array(serverHealthSchema) })
