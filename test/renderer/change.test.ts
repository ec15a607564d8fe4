// The guarded change as the console goes through it: what each word from main makes of it, and the store against the double.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Wanted } from '../../preload/contract/changes.ts'
import { limitDefaults } from '../../preload/contract/limits.ts'
import { useChange } from '../../renderer/change/change.ts'
import { canApply, commandWith, courseOf, isGoingBack, secondsLeft, sentOptions, withPlan, withProgress } from '../../renderer/change/course.ts'
import { endingOf } from '../../renderer/change/names.ts'
import { canGoBack, whatOf, withoutRepeats } from '../../renderer/change/journal.ts'
import { all } from './story.ts'

const { story } = await vi.hoisted(async () => {
  const { tell } = await import('./story.ts')
  const told = tell(5, 150)
  vi.stubGlobal('window', { edgewise: told.api })
  return { story: told }
})

const wanted = (...servers: string[]): Wanted => ({ lookups: { internal: { source: { kind: 'servers', servers }, protocol: 'any' }, external: all, useExternalForInternet: false } })
const plan = { words: ['A.'], diff: [{ what: 'a', before: '1', after: '2' }], warnings: [], probe: [], refused: null, command: { edgewise: 'edgewise lookups set internal --adapter LAN', powershell: null } }
const fresh = () => courseOf({ kind: 'wanted', wanted: wanted('10.0.0.10') }, true)

describe('what may be applied', () => {
  test('nothing while it is planned, and all that is planned and different', () => {
    expect(canApply(fresh())).toBe(false)
    expect(canApply(withPlan(fresh(), plan))).toBe(true)
    expect(canApply(withPlan(fresh(), { ...plan, diff: [] }))).toBe(false)
  })
  test('what is refused only by force', () => {
    const refused = withPlan(fresh(), { ...plan, refused: 'None answers.' })
    expect(canApply(refused)).toBe(false)
    expect(canApply({ ...refused, options: { ...refused.options, force: true } })).toBe(true)
  })
  test('options that go with another go only with it', () => {
    const course = withPlan(fresh(), plan)
    expect(sentOptions({ ...course, options: { restart: false, drain: true, force: true } })).toEqual({ restart: false, drain: false, force: false })
    expect(sentOptions({ ...course, refused: 'x', options: { restart: true, drain: true, force: true } })).toEqual({ restart: true, drain: true, force: true })
  })
})

test('the command has the flags of what is ticked, and restarts once all is written', () => {
  const two = 'edgewise lookups set internal --adapter LAN && edgewise limits set --delay-notification-timeout 60'
  expect(commandWith(two, { restart: false, drain: true, force: false })).toBe(two)
  expect(commandWith(two, { restart: true, drain: true, force: true })).toBe(
    'edgewise lookups set internal --adapter LAN --force && edgewise limits set --delay-notification-timeout 60 --force --restart --drain',
  )
})

test('the countdown shows whole seconds, the last one as 1', () => {
  const now = Date.parse('2026-01-05T12:00:00.000Z')
  expect(secondsLeft('2026-01-05T12:00:27.000Z', now)).toBe(27)
  expect(secondsLeft('2026-01-05T12:00:00.200Z', now)).toBe(1)
  expect(secondsLeft('2026-01-05T11:59:00.000Z', now)).toBe(0)
})

test('what is told of the probe once more while it runs does not grow the plan', () => {
  const probed = { server: '10.0.0.10', name: 'example.test', type: 'MX', verdict: 'answers', text: 'x', ms: 1 } as const
  const planning = withProgress(fresh(), { kind: 'probed', probed })
  expect(planning.probed).toHaveLength(1)
  expect(withProgress({ ...planning, phase: 'running' }, { kind: 'probed', probed }).probed).toHaveLength(1)
})

test('the question is over with the next step', () => {
  const asked = withProgress(fresh(), { kind: 'keep?', id: '3f2a9c1e-0000-4000-8000-000000000001', until: '2026-01-05T12:00:27.000Z', text: 'x' })
  expect(asked.question?.text).toBe('x')
  const back = withProgress(asked, { kind: 'step', step: { step: 'rolling back', at: 1, text: '' } })
  expect(back.question).toBeNull()
  expect(isGoingBack(back)).toBe(true)
})

describe('the store', () => {
  const state = () => useChange.getState().current
  const until = (phase: string) => vi.waitFor(() => expect(state()?.phase).toBe(phase), { timeout: 3_000, interval: 5 })
  const onEnded = vi.fn()
  const onClosed = vi.fn()
  const begin = { server: 'local', name: 'edge01', restart: true, onEnded, onClosed } as const
  beforeEach(async () => {
    useChange.getState().cancel()
    await vi.waitFor(() => {
      useChange.getState().close()
      expect(state()).toBeNull()
    })
    vi.clearAllMocks()
  })
  const planned = async (...servers: string[]) => {
    useChange.getState().plan(wanted(...servers), begin)
    await until('planned')
  }

  test('plans, applies, and is kept with the evidence', async () => {
    useChange.getState().plan(wanted('10.0.0.10'), begin)
    expect(state()?.phase).toBe('planning')
    useChange.getState().apply()
    expect(state()?.phase).toBe('planning')
    await until('planned')
    expect(state()?.probed).toMatchObject([{ server: '10.0.0.10', verdict: 'answers' }])
    useChange.getState().apply()
    await vi.waitFor(() => expect(state()?.steps.map(({ step }) => step)).toContain('serving'), { interval: 5 })
    await until('ended')
    expect(state()?.change).toMatchObject({ state: 'kept', reason: expect.stringContaining('was delivered') })
    expect(endingOf(state()!)).toBe('The changes are kept.')
    expect(onEnded).toHaveBeenCalledWith(true)
    expect(onClosed).not.toHaveBeenCalled()
    useChange.getState().close()
    expect(onClosed).toHaveBeenCalledWith(true)
  })

  test('servers that deny are rolled back by themselves', async () => {
    await planned('198.51.100.1')
    useChange.getState().apply()
    await until('ended')
    expect(state()?.change?.state).toBe('rolled back')
    expect(state()?.steps.map(({ step }) => step)).toContain('rolling back')
    expect(endingOf(state()!)).toBe('The changes were rolled back.')
    expect(onEnded).toHaveBeenCalledWith(false)
  })

  test('silent servers are refused; forced, the question is asked and answered', async () => {
    await planned('192.0.2.1')
    expect(state()?.refused).toBe('None of the DNS servers 192.0.2.1 answers.')
    useChange.getState().apply()
    expect(state()?.phase).toBe('planned')
    useChange.getState().choose({ force: true })
    useChange.getState().apply()
    await vi.waitFor(() => expect(state()?.question).not.toBeNull(), { timeout: 3_000, interval: 5 })
    useChange.getState().answer(true)
    await until('ended')
    expect(state()?.change).toMatchObject({ state: 'kept', reason: expect.stringContaining('kept by the administrator') })
  })

  test('unanswered, it is rolled back when the time is up', async () => {
    await planned('192.0.2.1')
    useChange.getState().choose({ force: true })
    useChange.getState().apply()
    await until('ended')
    expect(state()?.change).toMatchObject({ state: 'rolled back', reason: expect.stringContaining('Nobody said to keep it.') })
  })

  test('cancelled, it goes back, and shows the steps that were not told any more', async () => {
    await planned('10.0.0.10')
    useChange.getState().apply()
    await vi.waitFor(() => expect(state()?.steps.map(({ step }) => step)).toContain('applied'), { interval: 2 })
    useChange.getState().close()
    expect(state()).not.toBeNull()
    useChange.getState().cancel()
    expect(state()?.phase).toBe('cancelling')
    await until('ended')
    expect(state()?.change).toMatchObject({ state: 'rolled back', reason: 'It was cancelled.' })
    expect(state()?.steps.at(-1)?.step).toBe('rolled back')
  })

  test('a failure can be planned again', async () => {
    await planned('10.0.0.10')
    const { run } = story.api.changes
    Object.assign(story.api.changes, { run: () => ({ result: Promise.resolve({ ok: false, error: { code: 'failed', message: 'Another change is under way.' } }), cancel: () => undefined }) })
    useChange.getState().apply()
    await until('failed')
    Object.assign(story.api.changes, { run })
    expect(onEnded).toHaveBeenCalledWith(false)
    useChange.getState().again()
    await until('planned')
    expect(state()?.failure).toBeNull()
  })

  test('a plan that was closed is not heard any more', async () => {
    useChange.getState().plan(wanted('10.0.0.10'), begin)
    useChange.getState().cancel()
    expect(state()).toBeNull()
    expect(onClosed).toHaveBeenCalledWith(false)
    useChange.getState().plan({ limits: limitDefaults }, begin)
    await until('planned')
    expect(state()?.probed).toEqual([])
  })

  test('the way back begins with a plan of its own', async () => {
    await planned('10.0.0.10')
    useChange.getState().apply()
    await until('ended')
    const { change } = state()!
    useChange.getState().close()
    useChange.getState().goBack({ id: change!.id }, begin)
    await until('planned')
    expect(state()).toMatchObject({ phase: 'planned', described: { diff: [{ before: change!.diff[0]!.after }] } })
    useChange.getState().apply()
    await until('ended')
    expect(endingOf(state()!)).toBe('The change is taken back.')
  })
})

test('a change in one line, and whether it can be taken back', () => {
  expect(whatOf({ words: ['A.'] })).toBe('A.')
  expect(whatOf({ words: ['A.', 'B.', 'C.'] })).toBe('A. And 2 more.')
  expect(canGoBack({ state: 'kept', diff: plan.diff })).toBe(true)
  expect(canGoBack({ state: 'rolled back', diff: plan.diff })).toBe(false)
  expect(canGoBack({ state: 'kept', diff: [] })).toBe(false)
})

test('evidence is said once, where it came up', () => {
  const steps = (['failed', 'rolling back', 'restored', 'rolled back'] as const).map((step) => ({ step, at: 1, text: step === 'restored' ? 'Back.' : 'It still waits.' }))
  expect(withoutRepeats(steps).map(({ text }) => text)).toEqual(['It still waits.', '', 'Back.', ''])
})
