import { describe, expect, test } from 'vitest'
import { limitDefaults, type LimitName } from '../../preload/contract/limits.ts'
import type { ParameterValues } from '../../preload/contract/parameters.ts'
import { embeddedParameters } from '../../main/transport/embedded/parameters.ts'
import { areParametersChanged, parameterLabel, parameterProblem, parametersDraftOf, parametersOf, parametersProblem, type ParametersDraft } from '../../renderer/properties/parameters.ts'
import { isOwn, isWholeChanged, wantedOf, wholeOf, wholeProblem, type Saved } from '../../renderer/properties/whole.ts'
import { all } from './story.ts'

const draftOf = (values: ParameterValues) => parametersDraftOf(embeddedParameters, values)
const of = (draft: ParametersDraft, saved: ParameterValues) => parametersOf(embeddedParameters, draft, saved)
const isChanged = (draft: ParametersDraft, saved: ParameterValues) => areParametersChanged(embeddedParameters, draft, saved)
const problemOf = (draft: ParametersDraft) => parametersProblem(embeddedParameters, draft)
const parameter = (name: LimitName) => embeddedParameters.find((one) => one.name === name)!

const type = (limit: LimitName, text: string, saved: ParameterValues = limitDefaults): ParametersDraft => {
  const draft = draftOf(saved)
  return { ...draft, [limit]: { ...draft[limit]!, text } }
}

describe('each limit in the unit of its label', () => {
  test('Exchange’s defaults are 600 seconds, 2 days, 4 hours', () => {
    const draft = draftOf(limitDefaults)
    expect(draft).toMatchObject({ transientFailureRetryInterval: { text: '600' }, messageExpirationTimeout: { text: '2' }, delayNotificationTimeout: { text: '4' } })
    expect(parameterLabel(parameter('messageExpirationTimeout'), draft.messageExpirationTimeout!)).toBe('Maximum time since submission (days)')
  })

  test.each([
    ['90 seconds until a message expires', { messageExpirationTimeout: 90, delayNotificationTimeout: 1 }],
    ['a day and a second', { messageExpirationTimeout: 86_401 }],
    ['half an hour', { delayNotificationTimeout: 1_800 }],
    ['whole days and hours', { messageExpirationTimeout: 90 * 86_400, delayNotificationTimeout: 720 * 3_600 }],
  ])('%s come back unchanged', (_, some) => {
    const saved = { ...limitDefaults, ...some }
    expect(of(draftOf(saved), saved)).toEqual(saved)
    expect(isChanged(draftOf(saved), saved)).toBe(false)
  })

  test('what is no whole number of hours is shown in seconds, and says so', () => {
    const { delayNotificationTimeout } = draftOf({ ...limitDefaults, delayNotificationTimeout: 5_400 })
    expect(delayNotificationTimeout?.text).toBe('5400')
    expect(parameterLabel(parameter('delayNotificationTimeout'), delayNotificationTimeout!)).toMatch(/ \(seconds\)$/)
  })
})

describe('what is typed', () => {
  test.each([
    ['transientFailureRetryInterval', '1'],
    ['transientFailureRetryInterval', '43200'],
    ['messageExpirationTimeout', '90'],
    ['delayNotificationTimeout', ' 720 '],
  ] as const)('%s: “%s” is taken', (limit, text) => {
    expect(problemOf(type(limit, text))).toBeNull()
  })

  test.each([
    ['transientFailureRetryInterval', '0', /^“0” is not a whole number of seconds from 1 to 43.200\.$/],
    ['transientFailureRetryInterval', '43201', /from 1 to 43.200/],
    ['messageExpirationTimeout', '91', /^“91” is not a whole number of days from 1 to 90\.$/],
    ['delayNotificationTimeout', '721', /whole number of hours from 1 to 720/],
    ['delayNotificationTimeout', '1.5', /“1\.5” is not/],
    ['delayNotificationTimeout', '-1', /“-1” is not/],
    ['delayNotificationTimeout', '1e2', /“1e2” is not/],
    ['delayNotificationTimeout', ' ', /^Type a whole number of hours/],
    ['messageExpirationTimeout', '99999999999999999999', /from 1 to 90/],
  ] as const)('%s: “%s” is refused with a sentence', (limit, text, sentence) => {
    const draft = type(limit, text)
    expect(parameterProblem(parameter(limit), draft[limit]!)).toMatch(sentence)
    expect(problemOf(draft)).toMatch(/^Limits, /)
    expect(isChanged(draft, limitDefaults)).toBe(true)
  })

  test('in seconds the contract’s own least is the least', () => {
    const saved = { ...limitDefaults, messageExpirationTimeout: 90 }
    expect(problemOf(type('messageExpirationTimeout', '5', saved))).toBeNull()
    expect(problemOf(type('messageExpirationTimeout', '4', saved))).toContain('seconds from 5 to ')
  })

  test('is sent in seconds', () => {
    expect(of(type('messageExpirationTimeout', '3'), limitDefaults)).toEqual({ ...limitDefaults, messageExpirationTimeout: 259_200 })
  })

  test('written otherwise, it is no change', () => {
    expect(isChanged(type('transientFailureRetryInterval', '0600'), limitDefaults)).toBe(false)
  })
})

describe('all tabs together', () => {
  const saved: Saved = { lookups: { internal: all, external: all, useExternalForInternet: false }, limits: limitDefaults, log: {}, parameters: embeddedParameters }
  const whole = wholeOf(saved)

  test('nothing is wanted where nothing is different', () => {
    expect(isWholeChanged(whole, saved)).toBe(false)
    expect(wantedOf(whole, saved)).toEqual({})
  })

  test('only what is different is asked for', () => {
    expect(wantedOf({ ...whole, limits: type('transientFailureRetryInterval', '300') }, saved)).toEqual({ limits: { transientFailureRetryInterval: 300 } })
    const lookups = { ...whole.lookups, useExternalForInternet: true }
    expect(wantedOf({ ...whole, lookups }, saved)).toEqual({ lookups: { useExternalForInternet: true } })
  })

  test('a problem of any tab is one', () => {
    expect(wholeProblem({ ...whole, limits: type('transientFailureRetryInterval', 'x') }, saved)).toMatch(/^Limits, Transient failure retry interval: “x”/)
  })

  test('a draft without anything of the administrator’s gives way to what somebody else saved', () => {
    const theirs = { ...saved, limits: { ...limitDefaults, delayNotificationTimeout: 7_200 } }
    expect(isOwn({ draft: whole, saved }, saved)).toBe(true)
    expect(isOwn({ draft: whole, saved }, theirs)).toBe(false)
    expect(isOwn({ draft: { ...whole, limits: type('transientFailureRetryInterval', '300') }, saved }, theirs)).toBe(true)
    expect(isOwn(null, saved)).toBe(false)
  })
})
