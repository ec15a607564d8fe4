// What a mail server's reply means: any bounce or last error, in a closed list of categories.
import { z } from 'zod'
import { call } from './call.ts'

export const replyCategories = [
  'dns-failure',
  'domain-invalid',
  'connect-failed',
  'greylisted',
  'rate-limited',
  'reputation-or-blocklist',
  'spam-content',
  'sender-ptr',
  'sender-dns',
  'auth-policy',
  'tls',
  'mailbox-full',
  'recipient-unknown',
  'too-large',
  'server-busy',
  'policy-other',
  'expired',
  'protocol-error',
  'unknown',
] as const
export type ReplyCategory = (typeof replyCategories)[number]

/** How far the delivery got when this was said; `queue` is the waiting itself. */
export const replyStages = ['dns', 'connect', 'banner', 'helo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'queue'] as const
export type ReplyStage = (typeof replyStages)[number]

export const explainedSchema = z.object({
  category: z.enum(replyCategories),
  /** Whether trying again is of no use, by the innermost code's first digit or by what the text says itself; null where neither tells. */
  permanent: z.boolean().nullable(),
  /** The basic code, such as “550”. */
  code: z.string().nullable(),
  /** The enhanced code, such as “5.7.1”. */
  enhanced: z.string().nullable(),
  /** The innermost reply, unwrapped and with its lines joined: what was judged. */
  inner: z.string(),
  /** In plain words: who said what, and what it means. */
  meaning: z.string(),
  remedy: z.string(),
  stage: z.enum(replyStages).nullable(),
  /** Whose words they are, where the text names the host. */
  host: z.string().nullable(),
  /** The SMTP command that was answered. */
  command: z.string().nullable(),
})
export type Explained = z.infer<typeof explainedSchema>

/** Characters; a bounce with all of the returned message may be long, but its reason stands near its beginning. */
export const longestReply = 1_000_000

export const smtp = {
  explain: call(z.object({ text: z.string().max(longestReply) }), explainedSchema),
}
