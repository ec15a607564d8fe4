// Which messages and queues a filter means, and its text form: what cannot be understood means nothing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionSchema, type Condition, type Field, type FieldKind, type Filter, filterFields, filterSchema, isFieldOf, largestNumber, messageFilterSchema, operators, queueFilterSchema, queueStatuses } from '../../preload/contract/filter.ts'
import { parseFilter, printFilter } from '../../preload/contract/filter-text.ts'
import { replyCategories } from '../../preload/contract/smtp.ts'
import { type FieldValue, matcher } from '../../main/transport/filter.ts'

const fieldNames = Object.keys(filterFields) as Field[]
const whole = fc.integer({ min: 0, max: largestNumber })
const values: Record<FieldKind, fc.Arbitrary<string | number | boolean>> = {
  text: fc.string({ maxLength: 60, unit: 'binary' }),
  status: fc.constantFrom(...queueStatuses),
  reason: fc.constantFrom(...replyCategories),
  number: whole,
  bytes: whole,
  past: whole,
  future: whole,
  'yes-no': fc.boolean(),
}
const condition = (fields: Field[]): fc.Arbitrary<Condition> =>
  fc.constantFrom(...fields).chain((field) => {
    const { kind } = filterFields[field]
    const any = fc.record({ field: fc.constant(field), is: fc.constantFrom(...operators[kind]), value: values[kind] })
    return any.filter((one) => conditionSchema.safeParse(one).success).map((one) => conditionSchema.parse(one))
  })
const filter = (fields: Field[]): fc.Arbitrary<Filter> => fc.record({ all: fc.array(condition(fields), { minLength: 1, maxLength: 20 }) })

describe('the text of a filter', () => {
  it('is read as what was printed, whatever its values are', () => {
    for (const of of ['messages', 'queues'] as const)
      fc.assert(
        fc.property(filter(fieldNames.filter((field) => isFieldOf(field, of))), (given) => {
          expect(parseFilter(printFilter(given), of)).toEqual(given)
        }),
        { numRuns: 500 },
      )
  })

  it('says what it is read as', () => {
    expect(parseFilter('lastError contains "4.4.7" and received older-than 2h and size over 1mb and status is Retry and inbound is yes', 'messages')).toEqual({
      all: [
        { field: 'lastError', is: 'contains', value: '4.4.7' },
        { field: 'received', is: 'older-than', value: 7_200 },
        { field: 'size', is: 'over', value: 1_000_000 },
        { field: 'status', is: 'equals', value: 'Retry' },
        { field: 'inbound', is: 'equals', value: true },
      ],
    })
    expect(parseFilter('FROM is-not "a \\"b\\" \\\\ c" AND nextHop contains example', 'messages')).toEqual({
      all: [
        { field: 'from', is: 'not-equals', value: 'a "b" \\ c' },
        { field: 'nextHop', is: 'contains', value: 'example' },
      ],
    })
  })

  it.each([
    ['', /^At character 1 of the filter: the filter ends where a field of messages is missing/],
    ['   ', /^At character 4/],
    ['lastEror contains x', /^At character 1 .*“lastEror” is not a field of messages/],
    ['lastError has x', /^At character 11 .*“has” is not what lastError can be asked for: is, is-not, contains or contains-not/],
    ['lastError contains', /^At character 19 .*ends where a value for lastError is missing/],
    ['lastError contains "x', /^At character 20 .*not ended/],
    ['lastError contains "x"y', /^At character 20/],
    ['size over 1mb or size under 2', /^At character 15 .*“or”/],
    ['size over 1mb and', /^At character 18 .*ends where/],
    ['size over big', /^At character 11 .*“big” is no size/],
    ['size over "1mb"', /^At character 11/],
    ['size over -1b', /^At character 11/],
    ['received older-than 2', /^At character 21 .*“2” is no time/],
    ['received over 2h', /^At character 10/],
    ['status is Retrying', /^At character 11 .*Active, Connecting/],
    ['inbound is maybe', /^At character 12/],
    ['subject contains ""', /^At character 18 .*is empty/],
    ['messages over 3', /^At character 1 .*is not a field of messages/],
    ['retries over 999999999999999', /^At character 14 /],
    [Array(21).fill('size over 1b').join(' and '), /at most 20 conditions/],
    ['x'.repeat(100_000), /at most .* characters/],
  ])('means nothing where it cannot be read, and the place is named: %j', (text, problem) => {
    expect(parseFilter(text, 'messages')).toEqual({ problem: expect.stringMatching(problem) })
  })

  it('is read or refused with a sentence, whatever is typed', () => {
    const typed = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.constantFrom('lastError', 'size', 'is', 'over', 'and', '"', '\\', '1mb', 'Retry', 'contains', ' '), { maxLength: 12 }).map((parts) => parts.join(' ')))
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseFilter(text, 'messages')
        if ('problem' in parsed) expect(parsed.problem).toMatch(/\.$/)
        else expect(messageFilterSchema.parse(parsed).all.length).toBeGreaterThan(0)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the form of a filter', () => {
  it.each([
    {},
    { all: [{ field: 'from', is: 'contains' }] },
    { all: [{ field: 'from', is: 'over', value: 'x' }] },
    { all: [{ field: 'from', is: 'contains', value: '' }] },
    { all: [{ field: 'size', is: 'over', value: '1' }] },
    { all: [{ field: 'size', is: 'over', value: -1 }] },
    { all: [{ field: 'size', is: 'over', value: 1.5 }] },
    { all: [{ field: 'size', is: 'over', value: 1 }], any: [] },
    { all: [{ field: 'size', is: 'over', value: 1, not: true }] },
    { all: [{ field: '__proto__', is: 'equals', value: 'x' }] },
    { all: [{ field: 'from', is: 'equals', value: 'x'.repeat(501) }] },
    { all: Array(21).fill({ field: 'size', is: 'over', value: 1 }) },
    null,
  ])('is strict: %j', (given) => {
    expect(filterSchema.safeParse(given).success).toBe(false)
  })

  it('knows the fields of queues from those of messages', () => {
    const about = (field: 'subject' | 'nextHop') => ({ all: [{ field, is: 'contains', value: 'x' }] })
    expect(queueFilterSchema.safeParse(about('nextHop')).success).toBe(true)
    expect(messageFilterSchema.safeParse(about('nextHop')).success).toBe(true)
    expect(queueFilterSchema.safeParse(about('subject')).error?.issues[0]?.message).toBe('queues have no subject')
  })
})

describe('what a filter means', () => {
  const now = 1_000_000_000
  const means = (text: string, one: Partial<Record<Field, FieldValue>>) => {
    const parsed = parseFilter(text, 'messages')
    if ('problem' in parsed) throw new Error(parsed.problem)
    return matcher<Partial<Record<Field, FieldValue>>>(parsed, (of, field) => of[field] ?? null, now)(one)
  }
  it.each<[string, Partial<Record<Field, FieldValue>>, boolean]>([
    ['from is ANA@contoso.test', { from: 'ana@Contoso.test' }, true],
    ['from contains contoso', { from: 'ana@CONTOSO.test' }, true],
    ['from contains-not contoso', { from: 'ana@contoso.test' }, false],
    ['recipient is b@x.test', { recipient: ['a@x.test', 'b@x.test'] }, true],
    ['recipient is-not b@x.test', { recipient: ['a@x.test', 'b@x.test'] }, false],
    ['lastError contains 4.4.7', { lastError: null }, false],
    ['lastError contains-not 4.4.7', { lastError: null }, true],
    ['received older-than 2h', { received: now - 7_200_001 }, true],
    ['received older-than 2h', { received: now - 7_199_999 }, false],
    ['received newer-than 2h', { received: now - 7_199_999 }, true],
    ['expires under 1h', { expires: now + 3_599_000 }, true],
    ['nextRetry over 1h', { nextRetry: null }, false],
    ['nextRetry under 1h', { nextRetry: null }, false],
    ['size over 1kb', { size: 1_000 }, false],
    ['size under 1kb', { size: 999 }, true],
    ['inbound is yes', { inbound: true }, true],
    ['inbound is no', { inbound: true }, false],
    ['status is retry and size over 1kb', { status: 'Retry', size: 1_001 }, true],
    ['status is retry and size over 1kb', { status: 'Ready', size: 1_001 }, false],
  ])('%s of %j: %s', (text, one, expected) => {
    expect(means(text, one)).toBe(expected)
  })
})
