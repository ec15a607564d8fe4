// Haraka's queue files: the length of an envelope in four bytes, the envelope as JSON, the message.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { fromJson } from '../../json.ts'

/** What a queue file says of its message. */
export interface Queued {
  filename: string
  file_size: number
  data_start: number
  todo: {
    domain: string
    /** Milliseconds since 1970. */
    queue_time: number
    mail_from: { address: string }
    rcpt_to: { address: string }[]
    notes: { edgewise?: { subject?: string | undefined; source?: string | undefined } | undefined }
  } | null
}

const address = z
  .object({ original: z.string(), user: z.string().nullish(), host: z.string().nullish() })
  .transform(({ original, user, host }) => ({ address: user && host ? `${user}@${host}` : original.replace(/^<|>$/g, '') }))

const envelopeSchema = z.object({
  domain: z.string(),
  queue_time: z.number(),
  mail_from: address,
  rcpt_to: z.array(address),
  notes: z.object({ edgewise: z.object({ subject: z.string().optional(), source: z.string().optional() }).optional() }).catch({}),
})

/** Larger than any envelope: a recipient takes some 200 bytes. */
const longestEnvelope = 64 * 1024 * 1024
const usualEnvelope = 4096

/**
 * Null where it is no whole queue file. At once, since a hundred thousand of them read with promises take four times
 * as long; whoever reads many lets others in between.
 */
export function readQueueFile(path: string, filename: string): Queued | null {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const about = fstatSync(file)
    if (!about.isFile() || about.size < 8) return null
    const first = Buffer.alloc(Math.min(usualEnvelope, about.size))
    if (readSync(file, first, 0, first.length, 0) < first.length) return null
    const length = first.readUInt32BE(0)
    if (length > longestEnvelope || about.size < 4 + length) return null
    const envelope = Buffer.alloc(length)
    const had = first.copy(envelope, 0, 4)
    if (had < length && readSync(file, envelope, had, length - had, 4 + had) < length - had) return null
    const todo = envelopeSchema.safeParse(fromJson(envelope.toString('utf8')))
    return todo.success ? { filename, file_size: about.size, data_start: 4 + length, todo: todo.data } : null
  } catch {
    return null
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** `arrival_nextattempt_attempts_pid_uid_counter_host` (Haraka, outbound/qfile.js). */
export function isQueueName(filename: string): boolean {
  return /^\d+(_[^_]+){6}$/.test(filename)
}

/** What Haraka was writing when it was killed: it was never acknowledged. */
export function isUnfinished(filename: string): boolean {
  return filename.includes('__tmp__') || (filename.startsWith('.') && filename.split('_').length === 7)
}

/** Stays the same through all attempts and restarts: arrival and unique tag of the queue file's name. */
export function messageId({ filename }: { filename: string }): string {
  const parts = filename.split('_')
  return `${parts[0]}-${parts[4]}`
}
