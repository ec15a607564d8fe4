// Which queues or messages are meant: one form for lists, counts and actions, of the view and of the command line.
import { z } from 'zod'
import { replyCategories } from './smtp.ts'

export const queueStatuses = ['Active', 'Connecting', 'Ready', 'Retry', 'Suspended'] as const

/** What a field holds; it decides which operators and values a condition on it can have. */
export type FieldKind = 'text' | 'status' | 'reason' | 'number' | 'bytes' | 'past' | 'future' | 'yes-no'
export type Subject = 'queues' | 'messages'

const both: Subject[] = ['queues', 'messages']
const onlyMessages: Subject[] = ['messages']

/** Every field that can be filtered by: what it holds, and of what. */
export const filterFields = {
  /** The next hop domain: a queue's own, or that of a message's queue. */
  nextHop: { kind: 'text', of: both },
  deliveryType: { kind: 'text', of: both },
  status: { kind: 'status', of: both },
  lastError: { kind: 'text', of: both },
  /** The category of the last error. */
  reason: { kind: 'reason', of: both },
  /** For one of the accepted domains. */
  inbound: { kind: 'yes-no', of: both },
  nextRetry: { kind: 'future', of: both },
  lastRetry: { kind: 'past', of: both },
  /** How many messages a queue has. */
  messages: { kind: 'number', of: ['queues'] as Subject[] },
  id: { kind: 'text', of: onlyMessages },
  from: { kind: 'text', of: onlyMessages },
  /** Any of a message's recipients. */
  recipient: { kind: 'text', of: onlyMessages },
  subject: { kind: 'text', of: onlyMessages },
  size: { kind: 'bytes', of: onlyMessages },
  source: { kind: 'text', of: onlyMessages },
  received: { kind: 'past', of: onlyMessages },
  expires: { kind: 'future', of: onlyMessages },
  /** How many attempts failed. */
  retries: { kind: 'number', of: onlyMessages },
} as const satisfies Record<string, { kind: FieldKind; of: readonly Subject[] }>
export type Field = keyof typeof filterFields

/**
 * Which operators a field has, by what it holds. Of a time in the past `older-than`, of one in the future `over` and
 * `under` count the seconds between it and now.
 */
export const operators = {
  text: ['equals', 'not-equals', 'contains', 'not-contains'],
  status: ['equals', 'not-equals'],
  reason: ['equals', 'not-equals'],
  number: ['equals', 'over', 'under'],
  bytes: ['over', 'under'],
  past: ['older-than', 'newer-than'],
  future: ['over', 'under'],
  'yes-no': ['equals'],
} as const satisfies Record<FieldKind, readonly string[]>
export type Operator = (typeof operators)[FieldKind][number]

export const mostConditions = 20
export const longestValue = 500
/** Beyond any size or count of mail, and a whole number in every system. */
export const largestNumber = 2 ** 48

const whole = z.number().int().min(0).max(largestNumber)
const values = {
  text: z.string().max(longestValue),
  status: z.enum(queueStatuses),
  reason: z.enum(replyCategories),
  number: whole,
  bytes: whole,
  past: whole,
  future: whole,
  'yes-no': z.boolean(),
} satisfies Record<FieldKind, z.ZodType>

type FieldOf<K extends FieldKind> = { [F in Field]: (typeof filterFields)[F]['kind'] extends K ? F : never }[Field]

const fieldsOf = <K extends FieldKind>(kind: K) =>
  z.enum((Object.keys(filterFields) as Field[]).filter((field) => filterFields[field].kind === kind) as [FieldOf<K>, ...FieldOf<K>[]])

const condition = <K extends FieldKind>(kind: K) => z.strictObject({ field: fieldsOf(kind), is: z.enum(operators[kind]), value: values[kind] })

export const conditionSchema = z.discriminatedUnion('field', [
  // Every text contains the empty one: nobody means that.
  condition('text').refine(({ is, value }) => value !== '' || !is.includes('contains'), { path: ['value'], message: 'is empty' }),
  condition('status'),
  condition('reason'),
  condition('number'),
  condition('bytes'),
  condition('past'),
  condition('future'),
  condition('yes-no'),
])
export type Condition = z.infer<typeof conditionSchema>

/** All conditions hold; with none, everything is meant. */
export const filterSchema = z.strictObject({ all: z.array(conditionSchema).max(mostConditions) })
export type Filter = z.infer<typeof filterSchema>

const about = (subject: Subject) =>
  filterSchema.superRefine(({ all }, context) => {
    all.forEach(({ field }, at) => {
      if (!isFieldOf(field, subject)) context.addIssue({ code: 'custom', path: ['all', at, 'field'], message: `${subject} have no ${field}` })
    })
  })
export const queueFilterSchema = about('queues')
export const messageFilterSchema = about('messages')

export const isFieldOf = (field: Field, subject: Subject): boolean => filterFields[field].of.includes(subject)
