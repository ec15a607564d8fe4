// The troubleshooter in the view: what each word from main makes of what is shown, and its stores against the double.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { longestWait, movedBetween, type Cause, type DiagnosisFinding, type Remedy } from '../../preload/contract/diagnosis.ts'
import type { RehearsalState } from '../../preload/contract/rehearsal.ts'
import { useChange } from '../../renderer/change/change.ts'
import { useWhere } from '../../renderer/console/place.ts'
import { save, useSaving } from '../../renderer/parts/saving.ts'
import { answerQuiz, forgetQuiz, isCauseHidden, isRightOf, useQuiz } from '../../renderer/rehearsal/quiz.ts'
import { askScenarios, endRehearsal, isDelivered, openQuizRehearsal, useRehearsal } from '../../renderer/rehearsal/rehearsal.ts'
import { askEgress, changeEgress, saveEgress, typeEgress, useEgress } from '../../renderer/troubleshooter/egress.ts'
import { clickName, remedyOf, withTimes } from '../../renderer/troubleshooter/names.ts'
import { askReport, askText } from '../../renderer/troubleshooter/reports.ts'
import { courseText, mailMoved, movedText, remediesOf, withTold, worstOf } from '../../renderer/troubleshooter/told.ts'
import { cancel, cure, findOut, forget, openTroubleshooter, setServer, type, useTroubleshooter } from '../../renderer/troubleshooter/troubleshooter.ts'
import { saved, useLan } from './diagnosis.ts'

const { story } = await vi.hoisted(async () => {
  const { tell } = await import('./story.ts')
  const told = tell(5)
  vi.stubGlobal('window', { edgewise: told.api, addEventListener: () => undefined, removeEventListener: () => undefined })
  return { story: told }
})

const now = () => useTroubleshooter.getState()
const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 3_000, interval: 5 })

const openRehearsal = async () => {
  const { edgewise } = window as unknown as { edgewise: typeof story.api }
  await edgewise.rehearsal.open({ scenario: 'wrong-adapter' }, () => undefined).result
}

beforeEach(async () => {
  for (const call of ['diagnosis.run', 'diagnosis.cure', 'diagnosis.setEgress']) story.fail(call, null)
  forgetQuiz()
  saved.length = 0
  await openRehearsal()
  forget('rehearsal')
})

const check = { name: 'smtp', title: 'SMTP' } as const
const finding = (id: string, verdict: DiagnosisFinding['verdict']): DiagnosisFinding => ({ id, check: 'smtp', target: 'example.test', verdict, text: id, at: '2026-01-01T00:00:00Z', raw: null })
const remedy = (more: Partial<Remedy>): Remedy => ({ ...useLan, ...more })
const cause = (more: Partial<Cause>): Cause => ({ name: 'ptr-missing', proof: 'proven', domains: [], text: '', for: [], against: [], missing: null, remedies: [], ...more })

describe('what is told', () => {
  test('checks fill as their findings come, and end with their time', () => {
    let checks = withTold([], { kind: 'check began', check })
    expect(worstOf(checks[0]!)).toBeNull()
    checks = withTold(checks, { kind: 'finding', finding: finding('a', 'not-known') })
    checks = withTold(checks, { kind: 'finding', finding: finding('b', 'good') })
    expect(worstOf(checks[0]!)).toBe('good')
    checks = withTold(checks, { kind: 'finding', finding: finding('c', 'bad') })
    expect(courseText(checks)).toBe('0 of 1 check ended, 1 finding is bad.')
    checks = withTold(checks, { kind: 'check ended', check, ms: 7 })
    expect(checks).toMatchObject([{ ms: 7, findings: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }])
    expect(worstOf(checks[0]!)).toBe('bad')
    expect(courseText(checks)).toBe('1 of 1 check ended, 1 finding is bad.')
  })

  test('remedies stand by who can do them, one of two causes once, none of what is ruled out', () => {
    const tell = remedy({ name: 'tell-destination', who: 'the destination', text: 'To: a.test' })
    const tellOther = { ...tell, text: 'To: b.test' }
    const groups = remediesOf({ causes: [cause({ remedies: [tell, useLan] }), cause({ name: 'greylisted', proof: 'likely', remedies: [tell, tellOther] }), cause({ name: 'too-large', proof: 'ruled out', remedies: [remedy({ name: 'tell-sender' })] })] })
    expect(groups.map(({ who, offered }) => [who, offered.map((one) => [one.remedy.name, one.causes.map(({ name }) => name)])])).toEqual([
      ['this edge', [['use-adapter:LAN', ['ptr-missing']]]],
      ['the destination', [['tell-destination', ['ptr-missing', 'greylisted']], ['tell-destination', ['greylisted']]]],
    ])
  })

  test('one click is named by what it does, and nothing where it takes more than a click', () => {
    expect(clickName(remedy({ wanted: {} }))).toBe('Show the plan …')
    expect(clickName(remedy({ deed: 'start-service' }))).toBe('Start it now')
    expect(clickName(remedy({ deed: 'resume' }))).toBe('Resume now')
    expect(clickName(remedy({ deed: 'retry' }))).toBe('Try again now')
    expect(clickName(remedy({}))).toBeNull()
  })

  test('what is to be waited for longer than main does has no click', () => {
    const until = '2026-01-01T10:00:00Z'
    const at = (before: number) => clickName(remedy({ who: 'wait', deed: 'retry', until }), Date.parse(until) - before)
    expect([at(-1), at(longestWait), at(longestWait + 1)]).toEqual(['Wait, then try again', 'Wait, then try again', null])
  })

  test('until when is told in the locale’s way', () => {
    const text = withTimes('1 message waits; last attempt 2020-01-01T10:00:00Z, next 2020-01-02T10:00:00.123Z.')
    expect(text).toMatch(/^1 message waits; last attempt .*2020.*, next .*2020.*\.$/)
    expect(text).not.toMatch(/T10:00/)
    expect(remedyOf('use-adapter:LAN')).toBe('Ask the DNS servers of another adapter (use-adapter:LAN)')
    expect(remedyOf('dance')).toBe('dance')
  })

  test('what moved is told by titles, and by the mail', () => {
    const before = { causes: [cause({ name: 'greylisted' }), cause({ name: 'ptr-missing' })] }
    const after = { causes: [cause({ name: 'ptr-missing' }), cause({ name: 'tls-failed' }), cause({ name: 'too-large', proof: 'likely' })] }
    expect(movedBetween(before, after).map(movedText)).toEqual(['“The destination greylists” is gone.', '“The egress address has no PTR” is still there.', '“TLS fails” is what is left.'])
    expect([mailMoved(0, 0), mailMoved(2, 0), mailMoved(2, 1)]).toEqual([null, '2 messages waited, and nothing waits any more.', '2 messages waited, and 1 message still waits.'])
  })
})

describe('finding out', () => {
  test('checks stream in, and the outcome stands once all have ended; empty is all that waits', async () => {
    const ended = findOut()
    expect(now()).toMatchObject({ phase: 'looking', target: '*', diagnosis: null })
    await until(() => now().checks.length > 0)
    expect(now().checks[0]).toMatchObject({ ms: null })
    await ended
    expect(now()).toMatchObject({ phase: 'nothing', checks: [{ ms: 12, findings: [{ id: 'f1' }, { id: 'f2' }] }], diagnosis: { healthy: false, causes: [{ name: 'dns-wrong-adapter' }] } })
  })

  test('cancelled, what was found until then stays; another server’s findings go', async () => {
    const ended = findOut()
    await until(() => now().checks.length > 0)
    story.fail('diagnosis.run', { code: 'cancelled', message: 'Cancelled.' })
    cancel()
    expect(now().phase).toBe('cancelling')
    await ended
    expect(now().phase).toBe('nothing')
    await findOut()
    expect(now()).toMatchObject({ wasCancelled: true, failure: null, diagnosis: null })
    setServer('local')
    expect(now()).toMatchObject({ server: 'local', wasCancelled: false, checks: [] })
  })

  test('a failure is told, and the next beginning forgets it', async () => {
    story.fail('diagnosis.run', { code: 'not-found', message: '“x” is no domain.' })
    type('x')
    await findOut()
    expect(now()).toMatchObject({ phase: 'nothing', failure: { message: '“x” is no domain.' } })
    story.fail('diagnosis.run', null)
    await findOut()
    expect(now()).toMatchObject({ failure: null, target: 'x' })
  })

  test('from elsewhere the view opens and looks at once; what comes of an earlier round is dropped', async () => {
    type('old.test')
    const old = findOut()
    openTroubleshooter('rehearsal', 'example.test')
    await old
    expect(useWhere.getState().place).toBe('troubleshooter')
    await until(() => now().phase === 'nothing')
    expect(now()).toMatchObject({ typed: 'example.test', target: 'example.test', diagnosis: { target: 'example.test' } })
  })
})

describe('the remedy', () => {
  const beginWith = async (target: string) => {
    type(target)
    await findOut()
  }

  test('a deed is done at once; then it is looked at again, and says what moved', async () => {
    await beginWith('example.test')
    await cure(useLan)
    expect(now()).toMatchObject({ phase: 'nothing', told: [useLan.title], diagnosis: { healthy: true } })
    expect(now().moved?.moved).toEqual(['“The transport asks the wrong adapter” is gone.', '1 message waited, and nothing waits any more.'])
  })

  test('a guarded change goes through its own dialog, and is looked at again only once it is kept', async () => {
    await beginWith('example.test')
    const wanted = { lookups: { internal: { source: { kind: 'adapter', id: '00:50:56:ab:12:34', name: 'LAN' }, protocol: 'any' } } } as const
    await cure(remedy({ wanted }))
    await until(() => useChange.getState().current?.phase === 'planned')
    expect(now()).toMatchObject({ moved: null, diagnosis: { healthy: false } })
    useChange.getState().apply()
    await until(() => useChange.getState().current?.phase === 'ended')
    await until(() => now().moved !== null && now().moved!.moved.length === 2)
    expect(now()).toMatchObject({ phase: 'nothing', diagnosis: { healthy: true }, moved: { moved: ['“The transport asks the wrong adapter” is gone.', '1 message waited, and nothing waits any more.'] } })
    useChange.getState().close()
  })

  test('of a message that left by the remedy, its domain is looked at instead', async () => {
    await beginWith('B2C6')
    story.fail('diagnosis.cure', { code: 'not-found', message: '“B2C6” is no message.' })
    await cure(useLan)
    expect(now()).toMatchObject({ phase: 'nothing', failure: null, moved: { text: 'Done.' } })
  })

  test('a remedy that fails is told, with what was found still there', async () => {
    await beginWith('example.test')
    story.fail('diagnosis.cure', { code: 'failed', message: 'It did not start.' })
    await cure(useLan)
    expect(now()).toMatchObject({ phase: 'nothing', moved: null, failure: { message: 'It did not start.' }, diagnosis: { healthy: false } })
  })
})

describe('what is handed on', () => {
  test('the report, and the text for somebody else, under a name of its own', async () => {
    type('example.test')
    await findOut()
    await askReport()
    expect(useSaving.getState().file).toMatch(/ diagnosis\.html$/)
    await save()
    await askText(useLan)
    await save()
    expect(useSaving.getState()).toMatchObject({ phase: 'saved', failure: null })
    expect(saved).toMatchObject([{ target: 'example.test', remedy: null }, { target: 'example.test', remedy: { name: 'use-adapter:LAN', title: useLan.title } }])
  })
})

describe('the egress address', () => {
  test('is kept, and what is refused stays to be mended', async () => {
    await askEgress('rehearsal')
    changeEgress()
    typeEgress(' 198.51.100.10 ')
    story.fail('diagnosis.setEgress', { code: 'bad-input', message: 'That is no address.' })
    await saveEgress('rehearsal')
    expect(useEgress.getState()).toMatchObject({ typed: ' 198.51.100.10 ', isSaving: false, failure: { message: 'That is no address.' } })
    story.fail('diagnosis.setEgress', null)
    await saveEgress('rehearsal')
    expect(useEgress.getState()).toMatchObject({ typed: null, failure: null, egress: { address: '198.51.100.10', source: 'given' } })
  })
})

describe('the rehearsal', () => {
  test('is delivered once each step is done, not once the queue is empty: returned mail waits no more either', () => {
    const state: RehearsalState = { scenario: '', title: '', story: '', quiz: false, steps: [{ text: 'a', done: true }, { text: 'b', done: false }], waiting: 0, delivered: 1, lastError: null, target: '*' }
    expect(isDelivered(state)).toBe(false)
    expect(isDelivered({ ...state, steps: state.steps.map((step) => ({ ...step, done: true })) })).toBe(true)
  })

  test('nothing that was found of one is shown of the next', async () => {
    await findOut()
    expect(now().diagnosis).not.toBeNull()
    await endRehearsal()
    expect(now()).toMatchObject({ diagnosis: null, checks: [] })
  })

  test('is what is asked about, whichever edge server is selected', async () => {
    useWhere.getState().select('local')
    openTroubleshooter('rehearsal', '*')
    expect(useWhere.getState().server).toBe('rehearsal')
    await until(() => now().phase === 'nothing')
  })
})

describe('the quiz', () => {
  test('hides the cause until it is named, and judges by what is expected', async () => {
    await askScenarios()
    await openQuizRehearsal(() => 0.99)
    const { open, scenes } = useRehearsal.getState()
    expect(scenes).toEqual([])
    expect(open).toMatchObject({ quiz: true })
    expect(isCauseHidden(open, null)).toBe(true)
    await answerQuiz('port25-filtered')
    expect(useQuiz.getState().answered).toMatchObject({ picked: 'port25-filtered', isRight: false, expected: { causes: ['dns-wrong-adapter'] } })
    expect(isCauseHidden(open, useQuiz.getState().answered)).toBe(false)
    forgetQuiz()
    await answerQuiz(null)
    expect(useQuiz.getState().answered).toMatchObject({ picked: null, isRight: false, expected: { causes: ['dns-wrong-adapter'] } })
    expect([isRightOf('dns-wrong-adapter', ['dns-wrong-adapter', 'greylisted']), isRightOf('nothing', []), isRightOf('nothing', ['expired'])]).toEqual([true, true, false])
  })
})
