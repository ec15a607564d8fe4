// The SMTP test: who takes mail for a recipient, and a dialogue with each of them, by itself or by hand.
import { z } from 'zod'
import { call, stream } from './call.ts'
import { serverId } from './server-id.ts'
import { explainedSchema } from './smtp.ts'
import { heloProblem, hostProblem, lineProblem, mailboxProblem } from './smtp-fields.ts'

/**
 * `none`: in clear. `if-offered`: STARTTLS where the host offers it, as mail servers do. `required`: STARTTLS in any
 * case. `implicit`: TLS from the first byte (port 465). A certificate that cannot be trusted is told and stops nothing,
 * `required` included: that asks for encryption, as Exchange's EncryptionOnly does.
 */
export const tlsModes = ['none', 'if-offered', 'required', 'implicit'] as const
export type TlsMode = (typeof tlsModes)[number]

const checked = (most: number, problem: (text: string) => string | null) =>
  z.string().max(most).superRefine((text, context) => {
    const found = problem(text)
    if (found !== null) context.addIssue({ code: 'custom', message: found })
  })

export const recipient = checked(320, mailboxProblem)

/** Characters; it is a test, no mailing. */
export const longestBody = 100_000
/** RFC 4954 §4: of a line while authentication is under way. */
export const longestLine = 12_288

const credentials = z.object({ user: z.string().min(1).max(1_000), password: z.string().max(1_000) })
const message = z.object({ subject: checked(900, lineProblem), body: z.string().max(longestBody) })

export const smtpOptions = z.object({
  /** The sender; empty for the null sender `<>`. */
  from: checked(320, (text) => (text === '' ? null : mailboxProblem(text))).default(''),
  /** Said in EHLO; null for the edge server's own name. */
  helo: checked(255, heloProblem).nullable().default(null),
  /** Null for the one that the transport is told for a domain of its own, else 25, or 465 with `implicit` TLS. */
  port: z.number().int().min(1).max(65_535).nullable().default(null),
  /** The id of the adapter whose address it comes from; null where the system chooses. */
  source: z.string().min(1).nullable().default(null),
  tls: z.enum(tlsModes).default('if-offered'),
  auth: credentials.nullable().default(null),
  /** Null stops before DATA: no mail is sent. */
  data: message.nullable().default(null),
  /** Seconds: for the connection, and for each whole reply, however slowly it comes. */
  timeouts: z.object({ connect: z.number().min(0.1).max(300).default(20), reply: z.number().min(0.1).max(600).default(60) }).prefault({}),
})
export type SmtpOptions = z.output<typeof smtpOptions>

export const smtpStages = ['connect', 'tls', 'banner', 'ehlo', 'helo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'message', 'rset', 'quit', 'other'] as const
export type SmtpStage = (typeof smtpStages)[number]

/** `failed`: there was no answer that can be used. A line within a message that is typed by hand is `accepted` unanswered. */
export const verdicts = ['accepted', 'deferred', 'refused', 'failed', 'cancelled'] as const
export type Verdict = (typeof verdicts)[number]

export const smtpFindings = [
  // How it speaks.
  'bare-line-feed', 'null-byte', 'eight-bit', 'line-too-long', 'reply-too-long', 'slow', 'silent', 'closed', 'wrong-code', 'unreadable', 'unasked', 'injection',
  // TLS.
  'tls-not-offered', 'tls-failed', 'certificate', 'password-in-clear',
  // What we are.
  'auth-not-offered', 'helo-name', 'source', 'smtputf8',
] as const
export const smtpFinding = z.object({ kind: z.enum(smtpFindings), level: z.enum(['info', 'warning', 'fault']), text: z.string() })
export type SmtpFinding = z.infer<typeof smtpFinding>

export const certificateSchema = z.object({
  subject: z.string(),
  issuer: z.string(),
  /** ISO 8601. */
  validFrom: z.string(),
  validTo: z.string(),
})

export const tlsSchema = z.object({
  /** `TLSv1.3` */
  protocol: z.string(),
  cipher: z.string(),
  /** The host's own first. */
  chain: z.array(certificateSchema),
  nameMatches: z.boolean(),
  /** Whole days; negative where it has expired. Null without a certificate. */
  expiresInDays: z.number().int().nullable(),
  /** Why the certificate cannot be trusted, as a sentence; null where it can. */
  problem: z.string().nullable(),
})
export type Tls = z.infer<typeof tlsSchema>

export const smtpReplySchema = z.object({
  code: z.number().int().nullable(),
  enhanced: z.string().nullable(),
  /** As they came, each with its code; what cannot be shown is escaped: `\x00`. */
  lines: z.array(z.string()),
})

export const smtpStepSchema = z.object({
  stage: z.enum(smtpStages),
  /** ISO 8601: when it was begun; its reply was whole `ms` milliseconds later. */
  at: z.string(),
  ms: z.number(),
  /** What went on the wire, line breaks as `\n`, secrets as `********`; null where only listened. */
  sent: z.string().nullable(),
  reply: smtpReplySchema.nullable(),
  verdict: z.enum(verdicts),
  /** What it means, as a sentence. */
  text: z.string(),
  /** Of a reply that defers or refuses. */
  explained: explainedSchema.nullable(),
  tls: tlsSchema.nullable(),
  findings: z.array(smtpFinding),
})
export type SmtpStep = z.infer<typeof smtpStepSchema>

export const dialogueSchema = z.object({
  /** Names the dialogue within its test. */
  key: z.string(),
  host: z.string(),
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  port: z.number().int(),
  /** The address it comes from, once connected. */
  source: z.string().nullable(),
  /** That of the last step but QUIT. */
  outcome: z.enum(verdicts),
  /** In one sentence: how far it came and what was said there. */
  text: z.string(),
  ms: z.number(),
  steps: z.array(smtpStepSchema),
})
export type SmtpDialogue = z.infer<typeof dialogueSchema>

/** What a transcript is made of. */
const spokenSchema = dialogueSchema.pick({ host: true, address: true, port: true, steps: true })
export type Spoken = z.infer<typeof spokenSchema>
/** Transcripts in one file: as many as a test has dialogues. */
const mostSaved = 100

/** One dialogue before it has begun. */
export const targetSchema = dialogueSchema.pick({ key: true, host: true, address: true, family: true, port: true })
export type SmtpTarget = z.infer<typeof targetSchema>

/** Who takes mail for the domain, as one side finds it. */
export const foundSchema = z.object({
  /** The preferred one first; without an MX the domain itself, with preference null. */
  hosts: z.array(z.object({
    host: z.string(),
    preference: z.number().int().nullable(),
    addresses: z.array(z.string()),
    /** Where the transport is told one that is not 25. */
    port: z.number().int().nullable(),
  })),
  /** In a sentence: what was found, and who said so. */
  text: z.string(),
  /** Why mail cannot be sent by this, as a sentence; null where it can. */
  problem: z.string().nullable(),
})
export type Found = z.infer<typeof foundSchema>

export const routeSchema = z.object({
  domain: z.string(),
  /** What the running transport service itself finds. */
  transport: foundSchema,
  /** What this machine's programs find. */
  system: foundSchema,
  /** Where they differ, a sentence each. */
  differences: z.array(z.string()),
})
export type SmtpRoute = z.infer<typeof routeSchema>

/** What may be done next in a dialogue by hand. */
export const handSchema = z.discriminatedUnion('kind', [
  /** Any command, or a line of a message after DATA. STARTTLS typed is STARTTLS done. */
  z.object({ kind: z.literal('line'), text: checked(longestLine, lineProblem) }),
  z.object({ kind: z.literal('starttls') }),
  /** With the mechanism that the host offers; encoded for it. */
  credentials.extend({ kind: z.literal('auth') }),
  /** DATA, and the message once it is wanted. */
  message.extend({ kind: z.literal('message') }),
])
export type Hand = z.infer<typeof handSchema>

const steps = z.object({
  steps: z.array(smtpStepSchema),
  /** What the guided test would do next, with the password left out; null where the connection is closed. */
  next: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('line'), text: z.string() }),
    z.object({ kind: z.literal('starttls') }),
    z.object({ kind: z.literal('auth'), user: z.string() }),
    z.object({ kind: z.literal('message'), subject: z.string(), body: z.string() }),
  ]).nullable(),
})
export type SmtpSteps = z.infer<typeof steps>

const about = z.object({ server: serverId, recipient })

export const smtpTest = {
  /** Tells nothing before its end, but can be cancelled. */
  route: stream(about, z.never(), routeSchema),
  /**
   * All hosts at once, each at every address, up to RCPT TO; on to the message only where `data` is given. Without
   * `host` the hosts that the transport finds, or where it finds none those that the system does.
   */
  run: stream(
    about.extend({ host: checked(255, hostProblem).nullable().default(null), options: smtpOptions.prefault({}) }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('route'), route: routeSchema }),
      z.object({ kind: z.literal('begun'), dialogues: z.array(targetSchema) }),
      z.object({ kind: z.literal('step'), dialogue: z.string(), step: smtpStepSchema }),
      z.object({ kind: z.literal('ended'), dialogue: z.string(), outcome: z.enum(verdicts), text: z.string() }),
    ]),
    z.object({ dialogues: z.array(dialogueSchema), route: routeSchema.nullable(), text: z.string() }),
  ),
  /** Connects for a dialogue by hand. It ends 10 minutes after its last step, and with the core; cancelled, at once. */
  open: stream(about.extend({ host: checked(255, hostProblem), address: z.string().max(100), options: smtpOptions.prefault({}) }), z.never(), steps.extend({ session: z.string() })),
  step: call(z.object({ session: z.string(), do: handSchema }), steps),
  close: call(z.object({ session: z.string() }), z.object({})),
  /** Writes the transcripts into a new file, for its owner only; an older one is never overwritten. */
  save: call(z.object({ file: z.string().min(1).max(1_000), dialogues: z.array(spokenSchema).min(1).max(mostSaved) }), z.object({ file: z.string() })),
}
