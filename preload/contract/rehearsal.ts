// The rehearsal: a whole incident played in the lab, on loopback.
import { z } from 'zod'
import { call, stream } from './call.ts'

/** `returned`: to its sender, since the destination or the DNS refused it for good, or it expired. */
export const outcomeResults = ['delivered', 'still waiting', 'returned', 'nothing wrong'] as const

export const outcomeSchema = z.object({
  scenario: z.string(),
  before: z.object({ waiting: z.number().int(), lastError: z.string().nullable() }),
  /** All that were named, in the order in which they were. */
  causes: z.array(z.string()),
  remedy: z.string().nullable(),
  after: z.object({ waiting: z.number().int(), delivered: z.number().int() }),
  result: z.enum(outcomeResults),
  /** What the scenario says; `remedy` is null where it says nothing of it. */
  expected: z.object({ causes: z.array(z.string()), remedy: z.string().nullable(), result: z.enum(outcomeResults) }),
  /** Of the expected causes, those that were named. */
  named: z.array(z.string()),
  /** Named, and not expected. */
  false: z.array(z.string()),
  /** Expected, and not named. */
  missed: z.array(z.string()),
  /** For the whole play. */
  seconds: z.number(),
  /** No cause is false or missed, the remedy is the one that is expected, and it ended so. */
  asExpected: z.boolean(),
})
export type Outcome = z.infer<typeof outcomeSchema>

/** One of all scenarios: `failure` says why it did not come to its end. */
export const playedSchema = outcomeSchema.extend({ failure: z.string().nullable() })
export type Played = z.infer<typeof playedSchema>

/** One thing that happened in the play, told as a sentence. */
export const sceneSchema = z.object({ text: z.string() })

export const rehearsalStateSchema = z.object({
  scenario: z.string(),
  title: z.string(),
  /** What the administrator faces. */
  story: z.string(),
  /** The cause is hidden until its answer is asked for: title, story and steps do not give it away. */
  quiz: z.boolean(),
  /** What is left to do, in order; `done` is judged by the lab's own world, not by clicks. */
  steps: z.array(z.object({ text: z.string(), done: z.boolean() })),
  waiting: z.number().int(),
  delivered: z.number().int(),
  lastError: z.string().nullable(),
  /** What a diagnosis is to be asked about: `*` while mail waits, else what was returned, else whoever has theirs. */
  target: z.string(),
})
export type RehearsalState = z.infer<typeof rehearsalStateSchema>

/** A scenario's name, or a whole scenario as main/lab/scenario.ts describes it; the lab judges what is in it. */
const scenario = z.union([z.string(), z.record(z.string(), z.unknown())])

export const rehearsal = {
  scenarios: call(z.object({}), z.object({ scenarios: z.array(z.object({ name: z.string(), title: z.string() })) })),
  /** Sets the scene and leaves the remedy to the administrator: the edge server `rehearsal` appears. */
  open: stream(z.object({ scenario, quiz: z.boolean().default(false) }), sceneSchema, rehearsalStateSchema),
  /** Null while no rehearsal is open. */
  state: call(z.object({}), z.object({ rehearsal: rehearsalStateSchema.nullable() })),
  /** What the open scenario expects: the answer of a quiz. */
  answer: call(z.object({}), outcomeSchema.shape.expected.extend({ title: z.string(), story: z.string() })),
  close: call(z.object({}), z.object({})),
  /** Plays a scenario from its beginning to its end, remedy included. */
  play: stream(z.object({ scenario }), sceneSchema, outcomeSchema),
  /** Plays every scenario, as many at once as the machine can; each is told as it ends. `seconds` is for all of them together. */
  playAll: stream(z.object({}), playedSchema, z.object({ scenarios: z.array(playedSchema), asExpected: z.number().int(), seconds: z.number() })),
}
