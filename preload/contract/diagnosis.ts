// Why mail waits: what the checks found, the causes that the findings prove, and who can do what about them.
import { z } from 'zod'
import { call, stream } from './call.ts'
import { progressSchema as changeProgress, wantedSchema } from './changes.ts'
import { serverId } from './server-id.ts'

/** In the order in which they bite: from the service over DNS and connection to what the destination says. */
export const causeNames = [
  'service-stopped', 'queue-suspended', 'expired', 'edge-busy', 'own-certificate',
  'dns-wrong-adapter', 'dns-server-silent', 'dns-server-refusing', 'dns-server-failing', 'dns-server-not-recursive', 'dns-server-ignores-aaaa', 'dns-split-horizon',
  'domain-not-found', 'domain-null-mx', 'domain-no-mail-host', 'mx-target-missing', 'mx-private-address',
  'hosts-override', 'mailbox-server-down', 'port25-filtered', 'no-ipv6-route', 'host-silent', 'host-refusing', 'smtp-proxied',
  'helo-bad', 'tls-failed', 'dnsbl-listed', 'reputation', 'rate-limited', 'destination-busy',
  'ptr-missing', 'ptr-mismatch', 'ptr-generic', 'sender-domain-dead', 'spf-fail', 'spf-error', 'dmarc-fail',
  'greylisted', 'greylisted-source-varies', 'recipient-unknown', 'mailbox-full', 'too-large', 'spam-content',
] as const
export type CauseName = (typeof causeNames)[number]

/** Worth knowing, and never a fault. */
export const noteNames = ['implicit-mx', 'mx-is-cname', 'helo-differs', 'list-not-usable', 'slow-peer', 'answers-differ'] as const
export type NoteName = (typeof noteNames)[number]

export const checkNames = ['service', 'waiting', 'dns-compared', 'dns-servers', 'hosts-file', 'smtp', 'own-smtp', 'sender', 'egress', 'blocklists'] as const
export type CheckName = (typeof checkNames)[number]

/** `good`: as it should be. `bad`: speaks for a cause. `odd`: worth a note. `not-known`: could not be found out, and why. */
export const findingVerdicts = ['good', 'bad', 'odd', 'not-known'] as const

/** A fact with its evidence. */
export const findingSchema = z.object({
  /** Within its diagnosis. */
  id: z.string(),
  check: z.enum(checkNames),
  /** What it is about: a domain, a host, an address, a DNS server; `*` for the edge server itself. */
  target: z.string(),
  verdict: z.enum(findingVerdicts),
  /** Who was asked and what was answered, as a sentence. */
  text: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** The answer as it came, or the transcript; null where the text is all there is. */
  raw: z.string().nullable(),
})
export type DiagnosisFinding = z.infer<typeof findingSchema>

export const remedyWho = ['this edge', 'your DNS owner', 'your network', 'the destination', 'wait'] as const

export const remedySchema = z.object({
  /** With its object: `use-adapter:LAN`, `edit-hosts:12`, `wait:2026-03-01T10:00:00Z`. */
  name: z.string(),
  who: z.enum(remedyWho),
  title: z.string(),
  /** What to do: the record to publish, what to open from where to where and how to test it, the text to send. */
  text: z.string(),
  /** A guarded change that does it; null where it takes something else. */
  wanted: wantedSchema.nullable(),
  /** What else one click does. */
  deed: z.enum(['retry', 'resume', 'start-service']).nullable(),
  /** Of waiting: until when, ISO 8601; null where nobody said. */
  until: z.string().nullable(),
})
export type Remedy = z.infer<typeof remedySchema>

/** `proven`: its evidence was observed. `likely`: consistent with all that is known. `ruled out`: an observation speaks against it. */
export const proofs = ['proven', 'likely', 'ruled out'] as const

const findingIds = z.array(z.string())
export const causeSchema = z.object({
  name: z.enum(causeNames),
  proof: z.enum(proofs),
  /** The domains that it is about; none where it is about the edge server itself. */
  domains: z.array(z.string()),
  text: z.string(),
  /** Ids of the findings that speak for it, and of those that speak against it. */
  for: findingIds,
  against: findingIds,
  /** What a likely cause lacks to be proven. */
  missing: z.string().nullable(),
  /** The best first. */
  remedies: z.array(remedySchema),
})
export type Cause = z.infer<typeof causeSchema>

export const noteSchema = z.object({ name: z.enum(noteNames), text: z.string(), findings: findingIds })
export type Note = z.infer<typeof noteSchema>

export const checkSchema = z.object({ name: z.enum(checkNames), title: z.string() })

/** The address that destinations see. `given`: by the administrator. `world`: this machine’s setting. `local`: the one that connections come from. */
export const egressSchema = z.object({ address: z.string().nullable(), source: z.enum(['given', 'world', 'local', 'unknown']), text: z.string() })
export type Egress = z.infer<typeof egressSchema>

export const diagnosisSchema = z.object({
  target: z.string(),
  /** The domains that were looked at. */
  domains: z.array(z.string()),
  /** No cause is proven. */
  healthy: z.boolean(),
  /** The outcome in a sentence. */
  text: z.string(),
  /** Proven ones first, each kind in the order in which they bite. */
  causes: z.array(causeSchema),
  notes: z.array(noteSchema),
  findings: z.array(findingSchema),
  /** What was looked at, with the milliseconds that it took. */
  checks: z.array(checkSchema.extend({ ms: z.number(), findings: z.number().int() })),
  egress: egressSchema,
  /** ISO 8601. */
  at: z.string(),
  ms: z.number(),
})
export type Diagnosis = z.infer<typeof diagnosisSchema>

export const diagnosisProgress = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('check began'), check: checkSchema }),
  z.object({ kind: z.literal('finding'), finding: findingSchema }),
  z.object({ kind: z.literal('check ended'), check: checkSchema, ms: z.number() }),
])
export type DiagnosisProgress = z.infer<typeof diagnosisProgress>

/** A domain, a mail address, a queue’s next hop, a message’s id, or `*` for all that waits. */
const target = z.string().trim().min(1, 'say what is to be looked at: a domain, a mail address, a queue, a message’s id, or * for all that waits.').max(500)
const address = z.union([z.ipv4(), z.ipv6()], { error: (issue) => `“${String(issue.input)}” is not an IP address, such as 198.51.100.10.` })

export const curedSchema = z.object({
  done: z.boolean(),
  /** What was done, and how it ended. */
  text: z.string(),
  /** What moved: the causes that are gone, those that are new, the mail that was delivered. */
  moved: z.array(z.string()),
  /** The diagnosis after it. */
  after: diagnosisSchema,
})
export type CuredDiagnosis = z.infer<typeof curedSchema>

/** The best that one click does about a proven cause. */
export function oneClick({ causes }: Pick<Diagnosis, 'causes'>): Remedy | null {
  const remedies = causes.filter(({ proof }) => proof === 'proven').flatMap((cause) => cause.remedies)
  return remedies.find(({ wanted, deed }) => wanted !== null || deed !== null) ?? null
}

/** What moved from one diagnosis to the next, a sentence each. */
export function movedBetween(before: Pick<Diagnosis, 'causes'>, after: Pick<Diagnosis, 'causes'>): string[] {
  const proven = ({ causes }: Pick<Diagnosis, 'causes'>) => new Set(causes.filter(({ proof }) => proof === 'proven').map(({ name }) => name))
  const [old, fresh] = [proven(before), proven(after)]
  return [
    ...[...old].filter((name) => !fresh.has(name)).map((name) => `${name} is gone.`),
    ...[...old].filter((name) => fresh.has(name)).map((name) => `${name} is still there.`),
    ...[...fresh].filter((name) => !old.has(name)).map((name) => `${name} is what is left.`),
  ]
}

/** Milliseconds: one click waits no longer for a time to come, since the transport tries by itself then. */
export const longestWait = 120_000

export const diagnosis = {
  run: stream(z.object({ server: serverId, target }), diagnosisProgress, diagnosisSchema),
  /** Carries out a remedy of the last diagnosis of this target, then diagnoses again. */
  cure: stream(
    z.object({ server: serverId, target, remedy: z.string().max(1_000), by: z.string().max(200).default('the console') }),
    z.union([diagnosisProgress, changeProgress, z.object({ kind: z.literal('deed'), text: z.string() })]),
    curedSchema,
  ),
  egress: call(z.object({ server: serverId }), egressSchema),
  /** Null forgets the address that was given. */
  setEgress: call(z.object({ server: serverId, address: address.nullable() }), egressSchema),
  /** The last diagnosis of the target as files to hand on: mail addresses and paths are made unrecognisable. */
  report: call(z.object({ server: serverId, target }), z.object({ html: z.string(), json: z.string() })),
  /**
   * The same report as files, `NAME.html` and `NAME.json`; or where a remedy is named, its text for somebody else: by its
   * title too, since each of two destinations has a text of its own. An older file is never overwritten.
   */
  save: call(
    z.object({ server: serverId, target, remedy: z.object({ name: z.string().max(1_000), title: z.string().max(1_000) }).nullable(), file: z.string().min(1).max(1_000) }),
    z.object({ files: z.array(z.string()) }),
  ),
}
