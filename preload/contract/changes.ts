// The guarded change: plan, probe, journal, apply, restart, verify, and kept or rolled back.
import { z } from 'zod'
import { call, stream } from './call.ts'
import { dnsLookupsSchema } from './dns.ts'
import { hostsWantedSchema, patchLineSchema } from './hosts.ts'
import { parameterValues } from './parameters.ts'
import { serverId } from './server-id.ts'

/** What is to be different; what is left out stays as it is. An edit of the hosts file is a change of its own. */
export const wantedSchema = z
  .strictObject({
    lookups: dnsLookupsSchema.partial().optional(),
    limits: parameterValues.optional(),
    log: parameterValues.optional(),
    hosts: hostsWantedSchema.optional(),
  })
  .refine(({ lookups, limits, log, hosts }) => !hosts || (!lookups && !limits && !log), 'the hosts file and the settings are changed one after the other.')
export type Wanted = z.output<typeof wantedSchema>

export const probeVerdicts = ['answers', 'denies', 'fails', 'silent'] as const

/** One DNS server of the new source, asked one question over the chosen protocol. */
export const probedSchema = z.object({
  server: z.string(),
  name: z.string(),
  type: z.string(),
  /** `answers`: with records; `denies`: the name or its records do not exist; `fails`: an error code; `silent`: nothing came. */
  verdict: z.enum(probeVerdicts),
  /** `10.0.0.10 answers: mail.example.test` */
  text: z.string(),
  /** Milliseconds. */
  ms: z.number(),
})
export type Probed = z.infer<typeof probedSchema>

export const planSchema = z.object({
  /** What will be done, a sentence each. */
  words: z.array(z.string()),
  diff: z.array(z.object({ what: z.string(), before: z.string(), after: z.string() })),
  /** Of the hosts file alone: its lines before and after. */
  patch: z.array(patchLineSchema).optional(),
  warnings: z.array(z.string()),
  probe: z.array(probedSchema),
  /** Why it is refused unless it is forced; null where nothing speaks against it. */
  refused: z.string().nullable(),
  /** The same as a command to copy; PowerShell only where the transport is Exchange. */
  command: z.object({ edgewise: z.string(), powershell: z.string().nullable() }),
})
export type Plan = z.infer<typeof planSchema>

/** What is known of a plan before any DNS server has answered. */
export const describedSchema = planSchema.pick({ words: true, diff: true, patch: true, warnings: true, command: true })
export type Described = z.infer<typeof describedSchema>

export const changeSteps = [
  'planned',
  'probed',
  'journalled',
  'applying',
  'applied',
  'draining',
  'stopping',
  'stopped',
  'starting',
  'serving',
  'verifying',
  'verified',
  'undecided',
  'failed',
  'rolling back',
  'restored',
  'kept',
  'rolled back',
] as const
export type ChangeStep = (typeof changeSteps)[number]

/** `at` in milliseconds since the change began. */
export const stepSchema = z.object({ step: z.enum(changeSteps), at: z.number(), text: z.string() })
export type Step = z.infer<typeof stepSchema>

export const changeSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['settings', 'hosts']).default('settings'),
  /** When it began, ISO 8601. */
  began: z.string(),
  /** Who made it: `the console`, `edgewise lookups set`, with the process id. */
  by: z.string(),
  words: z.array(z.string()),
  diff: planSchema.shape.diff,
  patch: planSchema.shape.patch,
  steps: z.array(stepSchema),
  state: z.enum(['open', 'kept', 'rolled back']),
  /** Why it ended as it did, with the evidence. */
  reason: z.string().nullable(),
  ended: z.string().nullable(),
  /** Whether a later start had to finish it or take it back. */
  resumed: z.boolean(),
})
export type Change = z.infer<typeof changeSchema>

export const progressSchema = z.discriminatedUnion('kind', [
  /** Of a plan alone: told before its probe, which may take seconds. */
  z.object({ kind: z.literal('described'), described: describedSchema }),
  z.object({ kind: z.literal('probed'), probed: probedSchema }),
  z.object({ kind: z.literal('step'), step: stepSchema }),
  /** “Keep these changes?”: rolled back unless `changes.keep` says otherwise before `until`. */
  z.object({ kind: z.literal('keep?'), id: z.uuid(), until: z.string(), text: z.string() }),
])
export type ChangeProgress = z.infer<typeof progressSchema>

export const changes = {
  plan: stream(z.object({ server: serverId, wanted: wantedSchema }), progressSchema, planSchema),
  run: stream(
    z.object({
      server: serverId,
      wanted: wantedSchema,
      restart: z.boolean(),
      /** Stop taking mail and deliver what is due before the restart. */
      drain: z.boolean().default(false),
      /** Also where no DNS server of the new source answers. */
      force: z.boolean().default(false),
      /** Also where it could not be verified. */
      keep: z.boolean().default(false),
      by: z.string().default('the console'),
    }),
    progressSchema,
    changeSchema,
  ),
  /** The answer to “Keep these changes?”. */
  keep: call(z.object({ server: serverId, id: z.uuid(), keep: z.boolean() }), z.object({})),
  /** Newest first; all of them unless a limit is given. */
  list: call(z.object({ server: serverId, limit: z.number().int().min(1).optional() }), z.object({ changes: z.array(changeSchema) })),
  show: call(z.object({ server: serverId, id: z.string() }), z.object({ change: changeSchema })),
  /** Finishes or takes back a change whose process died; null where none is open. */
  resume: stream(z.object({ server: serverId }), progressSchema, z.object({ change: changeSchema.nullable() })),
  /** What `rollBack` would do now; a Failure where it would be one. */
  planBack: stream(z.object({ server: serverId, id: z.string(), evenReadOnly: z.boolean().default(false) }), progressSchema, planSchema),
  /**
   * Takes a change that was kept back, as a guarded change of its own. Of the hosts file: the bytes before that save, so
   * that every later one is taken back with it.
   */
  rollBack: stream(
    z.object({
      server: serverId,
      id: z.string(),
      restart: z.boolean(),
      /** Of the hosts file: also where it is read-only or hidden. */
      evenReadOnly: z.boolean().default(false),
      by: z.string().default('the console'),
    }),
    progressSchema,
    changeSchema,
  ),
}
