// Whether a filter means this queue or message: the same judgement in every transport.
import type { Condition, Field, Filter, FieldKind } from '../../preload/contract/filter.ts'
import { filterFields } from '../../preload/contract/filter.ts'

/** A field's value: times in milliseconds since 1970, null where there is none. */
export type FieldValue = string | readonly string[] | number | boolean | null
const mostRemembered = 1_000

/** Asked only for the fields that the filter names. */
export type FieldOf<T> = (of: T, field: Field) => FieldValue

/**
 * A test of one after the other. Upper and lower case are the same in text. A field that has no value is not equal to
 * and does not contain anything, and is neither over nor under, older nor newer.
 */
export function matcher<T>({ all }: Filter, valueOf: FieldOf<T>, now = Date.now()): (one: T) => boolean {
  const tests = all.map((condition) => ({ field: condition.field, holds: test(condition, now) }))
  return (one) => tests.every(({ field, holds }) => holds(valueOf(one, field)))
}

function test(condition: Condition, now: number): (value: FieldValue) => boolean {
  const kind: FieldKind = filterFields[condition.field].kind
  if (kind === 'yes-no') return (value) => value === condition.value
  if (kind === 'text' || kind === 'status' || kind === 'reason') return textTest(condition.is, String(condition.value).toLowerCase())
  const wanted = Number(condition.value)
  return numberTest(condition.is, kind === 'past' ? (value) => (now - value) / 1000 : kind === 'future' ? (value) => (value - now) / 1000 : (value) => value, wanted)
}

function textTest(is: Condition['is'], wanted: string): (value: FieldValue) => boolean {
  const one = is === 'contains' || is === 'not-contains' ? (text: string) => text.toLowerCase().includes(wanted) : (text: string) => text.toLowerCase() === wanted
  const known = remembering(one)
  const any = (value: FieldValue) => (typeof value === 'string' ? known(value) : Array.isArray(value) && value.some(one))
  return is === 'not-equals' || is === 'not-contains' ? (value) => !any(value) : any
}

/** Many have the same text one after the other: errors, senders, states. */
function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = test(text)
    if (answers.size < mostRemembered) answers.set(text, answer)
    return answer
  }
}

function numberTest(is: Condition['is'], measure: (value: number) => number, wanted: number): (value: FieldValue) => boolean {
  const holds = is === 'equals' ? (value: number) => value === wanted : is === 'over' || is === 'older-than' ? (value: number) => value > wanted : (value: number) => value < wanted
  return (value) => typeof value === 'number' && holds(measure(value))
}
