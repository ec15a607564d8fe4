// The mail servers of a scenario: what each answers, and how it fails.
import { z } from 'zod'
import { address } from './scenario-dns.ts'

export const mailAddress = z.string().regex(/^[^\s<>@]+@[^\s<>@]+$/, 'a mail address is wanted, such as alice@example.test')

/** One reply; its lines are set apart by \n, each after the first with the same code or none. */
const reply = z.string().regex(/^[2-5]\d\d[ -][\x20-\x7e]*(\n[\x20-\x7e]+)*$/, 'an SMTP reply is wanted, such as 450 4.2.2 Mailbox full')

export const replyMoments = ['connect', 'ehlo', 'starttls', 'mail', 'rcpt', 'data', 'message'] as const
export type ReplyMoment = (typeof replyMoments)[number]

const replies = z.strictObject({
  /** Instead of the greeting. */
  connect: reply.optional(),
  /** To EHLO and HELO. */
  ehlo: reply.optional(),
  starttls: reply.optional(),
  /** To MAIL FROM. */
  mail: reply.optional(),
  /** To RCPT TO, whoever the recipient is; `recipients` says more of single ones. */
  rcpt: reply.optional(),
  /** To DATA itself. */
  data: reply.optional(),
  /** To the message, after the dot. */
  message: reply.optional(),
} satisfies Record<ReplyMoment, z.ZodType>)

export const connections = ['answers', 'refused', 'silent', 'no-banner', 'reset-after-banner', 'unreachable'] as const
export const tlsKinds = ['none', 'good', 'expired', 'wrong-name', 'broken', 'refused'] as const

export const destination = z.strictObject({
  address,
  port: z.number().int().min(1).max(65535).default(25),
  /** What it calls itself in its greeting. */
  banner: z.string().regex(/^[\x20-\x7e]+$/, 'one line of ASCII is wanted').default('mail.example.test'),
  /** False: it defers every recipient with `451 4.3.2`. */
  accepts: z.boolean().default(true),
  /**
   * `refused`: a reset at once; `silent`: the connection times out; `no-banner`: connected, and never a word;
   * `reset-after-banner`; `unreachable`: this system has no route to the address.
   */
  connection: z.enum(connections).default('answers'),
  /** What it says instead of agreeing. */
  replies: replies.default({}),
  /** Replies to RCPT TO for single recipients. */
  recipients: z.record(mailAddress, reply).default({}),
  /** A sender and recipient seen for the first time from an address are deferred for so many seconds. */
  greylist: z.strictObject({ seconds: z.number().min(0).max(86_400), reply: reply.default('451 4.7.1 Greylisting in action, please come back later') }).optional(),
  /** After so many messages within the seconds, each further MAIL FROM gets the reply. */
  rateLimit: z
    .strictObject({ after: z.number().int().min(0), seconds: z.number().min(0).max(86_400), reply: reply.default('450 4.7.1 Error: too many messages from your address, slow down') })
    .optional(),
  /** So many connections at the same time; a further one is greeted with `421 4.7.0`. */
  connections: z.number().int().min(1).optional(),
  /** Bytes: offered as SIZE; a larger message gets 552. */
  maxSize: z.number().int().min(1).optional(),
  /**
   * `none`: no STARTTLS; `good`, `expired` and `wrong-name` say what its certificate is like; `broken`: the handshake
   * fails; `refused`: STARTTLS is offered, and answered 454.
   */
  tls: z.enum(tlsKinds).default('none'),
  /** True: it asks for the sender's certificate in TLS, and answers MAIL FROM with `454 4.7.5` where there is none that is valid. */
  clientCertificate: z.boolean().default(false),
  /** Milliseconds before each reply, the greeting included. */
  delay: z.number().int().min(0).max(60_000).default(0),
})
export type Destination = z.infer<typeof destination>
