// One line of `postqueue -j`: a message as Postfix lists it, with every member that this version knows nothing of.
import { z } from 'zod'
import { Failure, firstProblem } from '../../../preload/contract/failure.ts'
import { fromJson } from '../../json.ts'

const recipientSchema = z.looseObject({ address: z.string(), delay_reason: z.string().optional() })

/** postqueue(1), JSON OBJECT FORMAT: “the list of members is expected to grow over time”. */
const listedSchema = z.looseObject({
  queue_name: z.string(),
  queue_id: z.string(),
  /** Seconds since 1970. */
  arrival_time: z.number(),
  message_size: z.number().catch(0),
  forced_expire: z.boolean().optional(),
  sender: z.string().catch(''),
  recipients: z.array(recipientSchema).catch([]),
})
export type Listed = z.infer<typeof listedSchema>

/** An id is a word of digits and letters: never an option, never a path. */
export const isQueueId = (text: string): boolean => /^[0-9A-Za-z]+$/.test(text)

/** What nearly all lines look like: one recipient, plain characters, no member that is new. */
const usual = /^\{"queue_name": "(\w+)", "queue_id": "(\w+)", "arrival_time": (\d+), "message_size": (\d+), (?:"forced_expire": false, )?"sender": "([ !#-[\]-~]*)", "recipients": \[\{"address": "([ !#-[\]-~]*)"(?:, "delay_reason": "([ !#-[\]-~]*)")?\}\]\}$/

/**
 * Throws a Failure where it is no message. The schema judges only what does not look right at once, and what looks like
 * nearly all is not even parsed as JSON: of a hundred thousand lines each step counts, in time and in garbage.
 */
export function readListed(line: string): Listed {
  const [, queue_name, queue_id, arrival, size, sender = '', address = '', delay_reason] = usual.exec(line) ?? []
  if (queue_name !== undefined && queue_id !== undefined && isQueueId(queue_id))
    return { queue_name, queue_id, arrival_time: Number(arrival), message_size: Number(size), sender, recipients: [delay_reason === undefined ? { address } : { address, delay_reason }] }
  const value = fromJson(line)
  const listed = looksRight(value) ? value : judged(value, line)
  if (!isQueueId(listed.queue_id)) throw unreadable(line, `“${listed.queue_id}” is no queue id`)
  return listed
}

function looksRight(value: unknown): value is Listed {
  if (typeof value !== 'object' || value === null) return false
  const one = value as Partial<Record<keyof Listed, unknown>>
  return (
    typeof one.queue_id === 'string' && typeof one.queue_name === 'string' && typeof one.arrival_time === 'number' && typeof one.message_size === 'number' &&
    typeof one.sender === 'string' && Array.isArray(one.recipients) && one.recipients.every(isRecipient)
  )
}

function isRecipient(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { address, delay_reason: reason } = value as Record<string, unknown>
  return typeof address === 'string' && (reason === undefined || typeof reason === 'string')
}

function judged(value: unknown, line: string): Listed {
  const parsed = listedSchema.safeParse(value)
  if (!parsed.success) throw unreadable(line, value === undefined ? 'it is no JSON' : firstProblem(parsed.error))
  return parsed.data
}

const unreadable = (line: string, problem: string) =>
  new Failure('failed', `postqueue listed something that is no message (${problem}): ${line.slice(0, 200)}`, 'See what “postqueue -j” prints.')

const known = new Set(['queue_name', 'queue_id', 'arrival_time', 'message_size', 'sender', 'recipients'])
const knownOfRecipient = new Set(['address', 'delay_reason'])

/** What is told beyond that, by Postfix's own names; null where that is nothing. */
export function moreOf(listed: Listed): Record<string, string> | null {
  const more: Record<string, string> = {}
  for (const name in listed) if (!known.has(name) && !(name === 'forced_expire' && listed[name] === false)) more[name] = printed(listed[name])
  for (const recipient of listed.recipients) for (const name in recipient) if (!knownOfRecipient.has(name)) more[`${recipient.address}: ${name}`] = printed(recipient[name])
  for (const _ in more) return more
  return null
}

const scratch = Buffer.alloc(1_024)

/** A piece of a line would keep the whole output in memory that it was cut from. */
export function ownCopy(text: string): string {
  if (text.length > scratch.length / 4) return Buffer.from(text).toString()
  return scratch.toString('utf8', 0, scratch.write(text))
}

const printed = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
