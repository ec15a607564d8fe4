// The rehearsal: a whole incident played in the lab, on loopback.
import { z } from 'zod'
import { call, stream } from './call.ts'

export const outcomeSchema = z.object({
  scenario: z.string(),
  before: z.object({ waiting: z.number().int(), lastError: z.string().nullable() }),
  causes: z.array(z.string()),
  remedy: z.string().nullable(),
  after: z.object({ waiting: z.number().int(), delivered: z.number().int() }),
  result: z.enum(['delivered', 'still waiting', 'nothing wrong']),
})
export type Outcome = z.infer<typeof outcomeSchema>

/** One thing that happened in the play, told as a sentence. */
export const sceneSchema = z.object({ text: z.string() })

export const rehearsalStateSchema = z.object({
  scenario: z.string(),
  title: z.string(),
  /** What the administrator faces. */
  story: z.string(),
  /** What is left to do, in order; `done` is judged by the lab's own world, not by clicks. */
  steps: z.array(z.object({ text: z.string(), done: z.boolean() })),
  waiting: z.number().int(),
  delivered: z.number().int(),
  lastError: z.string().nullable(),
})
export type RehearsalState = z.infer<typeof rehearsalStateSchema>

/** A scenario's name, or a whole scenario as main/lab/scenario.ts describes it; the lab judges what is in it. */
const scenario = z.union([z.string(), z.record(z.string(), z.unknown())])

export const rehearsal = {
  scenarios: call(z.object({}), z.object({ scenarios: z.array(z.object({ name: z.string(), title: z.string() })) })),
  /** Sets the scene and leaves the remedy to the administrator: the edge server `rehearsal` appears. */
  open: stream(z.object({ scenario }), sceneSchema, rehearsalStateSchema),
  /** Null while no rehearsal is open. */
  state: call(z.object({}), z.object({ rehearsal: rehearsalStateSchema.nullable() })),
  close: call(z.object({}), z.object({})),
  /** Plays a scenario from its beginning to its end, remedy included. */
  play: stream(z.object({ scenario }), sceneSchema, outcomeSchema),
}
