// The SMTP test in the view: what a form comes to, what each word from main makes of the rows, and the stores against the double.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { useWhere } from '../../renderer/console/place.ts'
import { asSaid, emptyDraft, optionsOf, problemsOf, shownProblems, useForm, write, type Draft } from '../../renderer/smtp/form.ts'
import { closeAllBut, connect, disconnect, isSecretNext, recall, say, type, useHand } from '../../renderer/smtp/hand.ts'
import { openSmtpTest } from '../../renderer/smtp/open.ts'
import { cancel, courseText, forget, lookUp, select, setServer, startTest, targetsOf, useTesting, withTold } from '../../renderer/smtp/testing.ts'
import { save, useSaving } from '../../renderer/parts/saving.ts'
import { allSpoken, askWhere, spokenOf } from '../../renderer/smtp/transcripts.ts'
import { hosts, routeTo, step } from './smtp.ts'

const { story } = await vi.hoisted(async () => {
  const { tell } = await import('./story.ts')
  const told = tell(5)
  vi.stubGlobal('window', { edgewise: told.api, addEventListener: () => undefined, removeEventListener: () => undefined })
  return { story: told }
})
const { smtp } = story

const testing = () => useTesting.getState()
const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 3_000, interval: 5 })
const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft, recipient: 'alice@example.test', ...more })

beforeEach(() => {
  closeAllBut([])
  forget()
  setServer('local')
  smtp.asked.length = 0
  smtp.cancelled.length = 0
  useForm.setState({ draft: draft({}), wasAsked: false })
})

describe('the form', () => {
  test('comes to the contract’s options; what is empty is left to the edge server', () => {
    expect(optionsOf(draft({}))).toEqual({ from: '', helo: null, port: null, source: null, tls: 'if-offered', auth: null, data: null, timeouts: { connect: 20, reply: 60 } })
    expect(optionsOf(draft({ from: ' bob@edge.test ', helo: 'edge.test', port: '2525', source: 'LAN', tls: 'implicit', user: 'ana', password: ' p ', sends: true, subject: 'S', body: 'B', connectTimeout: '0.5', replyTimeout: '5' }))).toEqual({
      from: 'bob@edge.test', helo: 'edge.test', port: 2525, source: 'LAN', tls: 'implicit', auth: { user: 'ana', password: ' p ' }, data: { subject: 'S', body: 'B' }, timeouts: { connect: 0.5, reply: 5 },
    })
  })

  test.each<[Partial<Draft>, RegExp]>([
    [{ recipient: 'alice' }, /^“alice” is not a mail address/],
    [{ recipient: 'alice@example.test\r\nRSET' }, /^There is a line break in it/],
    [{ from: 'bob@' }, /^“bob@” is not a mail address/],
    [{ helo: 'a b' }, /^“a b” has a character in it/],
    [{ host: 'mx..test' }, /^“mx\.\.test” has nothing between/],
    [{ port: '0' }, /^“0” is not a whole number from 1 to 65.535\.$/],
    [{ port: '25.5' }, /^“25\.5” is not a whole number/],
    [{ connectTimeout: '' }, /^“” is not a number of seconds from 0\.1 to 300\.$/],
    [{ replyTimeout: '601' }, /^“601” is not a number of seconds from 0\.1 to 600\.$/],
    [{ password: 'x' }, /^Type the user/],
    [{ sends: true, subject: 'a\nb' }, /^There is a line break in it/],
    [{ sends: true, body: 'x'.repeat(100_001) }, /./],
  ])('%o is refused beneath its field', (change, sentence) => {
    const field = Object.keys(change).at(-1) === 'password' ? 'user' : Object.keys(change).at(-1)
    expect(problemsOf(draft(change))).toEqual({ [field!]: expect.stringMatching(sentence) })
  })

  test.each([
    [' alice@example.test ', 'alice@example.test'],
    ['alice@b\u00fccher.test', 'alice@xn--bcher-kva.test'],
    ['\u00e4lice@example.test', '\u00e4lice@example.test'],
    ['"a@b"@\u4f8b\u3048.test', '"a@b"@xn--r8jz45g.test'],
    ['alice@[198.51.100.25]', 'alice@[198.51.100.25]'],
    ['alice@1.2.3', 'alice@1.2.3'],
    ['', ''],
  ])('%j is said as %j', (typed, said) => {
    expect(asSaid(typed)).toBe(said)
  })

  test('a message that is not sent is not judged, and an empty recipient only once somebody begins', () => {
    expect(problemsOf(draft({ subject: 'a\nb' }))).toEqual({})
    const form = { draft: draft({ recipient: '' }), wasAsked: false }
    expect(shownProblems(form)).toEqual({})
    expect(shownProblems({ ...form, wasAsked: true })).toEqual({ recipient: expect.stringMatching(/^Type an address/) })
  })
})

describe('the guided test', () => {
  test('shows the quick ones while the slow one is asked, and cancelled keeps what was heard', async () => {
    const ended = startTest()
    await until(() => testing().rows.filter(({ outcome }) => outcome !== null).length === 2)
    expect(testing().rows.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', null])
    expect(courseText(testing())).toBe('3 dialogues: 1 accepted, 1 refused, 1 under way.')
    expect(testing().isRouteOpen).toBe(true)
    cancel()
    expect(testing().phase).toBe('cancelling')
    await ended
    expect(testing()).toMatchObject({ phase: 'nothing', failure: null, recipient: 'alice@example.test' })
    expect(testing().rows.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'cancelled'])
    expect(testing().rows[1]?.steps.at(-1)?.explained?.category).toBe('recipient-unknown')
  })

  test('does not begin with a field that is wrong, or twice', async () => {
    write({ from: 'bob' })
    await startTest()
    expect(testing()).toMatchObject({ phase: 'nothing', rows: [] })
    write({ from: '' })
    const first = startTest()
    await startTest()
    await until(() => testing().rows.length === 3)
    cancel()
    await first
  })

  test('what comes after a new beginning is dropped', async () => {
    const old = startTest()
    await until(() => testing().rows.length === 3)
    forget()
    await old
    expect(testing()).toMatchObject({ phase: 'nothing', rows: [], text: null })
  })

  test('a failure is told, a cancelled look-up is none', async () => {
    story.fail('smtpTest.run', { code: 'not-found', message: 'There is no adapter.' })
    await startTest()
    expect(testing()).toMatchObject({ phase: 'nothing', failure: { message: 'There is no adapter.' } })
    story.fail('smtpTest.run', { code: 'cancelled', message: 'Cancelled.' })
    await startTest()
    expect(testing()).toMatchObject({ phase: 'nothing', failure: null, text: 'Cancelled.' })
    story.fail('smtpTest.run', null)
  })

  test('the row that was selected stays selected, and time is told from the steps', () => {
    const two = [{ key: 'a', host: 'a', address: '192.0.2.1', family: 4 as const, port: 25 }, { key: 'b', host: 'b', address: '192.0.2.2', family: 4 as const, port: 25 }]
    const begun = { ...testing(), selected: 'b', ...withTold({ ...testing(), selected: 'b' }, { kind: 'begun', dialogues: two }) }
    expect(begun.selected).toBe('b')
    const stepped = { ...begun, ...withTold(begun, { kind: 'step', dialogue: 'a', step: step('connect') }) }
    const later = { ...stepped, ...withTold(stepped, { kind: 'step', dialogue: 'a', step: step('banner', { at: '2026-01-05T12:00:01.000Z', ms: 500 }) }) }
    const { rows } = { ...later, ...withTold(later, { kind: 'ended', dialogue: 'a', outcome: 'failed', text: 'x' }) }
    expect(rows[0]).toMatchObject({ outcome: 'failed', ms: 1500 })
    expect(rows[1]).toMatchObject({ outcome: null, steps: [] })
  })
})

describe('looking up', () => {
  test('shows both sides and the hosts, of which none is tested', async () => {
    await lookUp()
    expect(testing()).toMatchObject({ phase: 'nothing', isTested: false, isRouteOpen: true, route: { differences: ['Only the transport finds mx3.example.test.'] } })
    expect(testing().rows.map(({ host, port }) => `${host}:${port}`)).toEqual(hosts.map((host) => `${host}:25`))
  })
  test('cancelled, nobody is asked any more, and what is found is dropped', async () => {
    const looking = lookUp()
    cancel()
    expect(testing().phase).toBe('nothing')
    await looking
    await until(() => smtp.cancelled.length > 0)
    expect(smtp.cancelled).toEqual(['route alice@example.test'])
    expect(testing()).toMatchObject({ route: null, rows: [], failure: null })
  })
  test('goes by this machine where the transport finds none, and by the port that is chosen', () => {
    const route = routeTo('example.test')
    const astray = { ...route, transport: { hosts: [], text: '', problem: 'SERVFAIL.' } }
    expect(targetsOf(astray, draft({ tls: 'implicit' })).map(({ port }) => port)).toEqual([465, 465])
    expect(targetsOf(route, draft({ port: '2525' })).map(({ port }) => port)).toEqual([2525, 2525, 2525])
  })
  test('from elsewhere: a domain’s postmaster, with the view opened and the hosts looked up', async () => {
    write({ from: 'bob@edge.test', host: 'mx9.test', sends: true })
    openSmtpTest('contoso.test')
    expect(useWhere.getState().place).toBe('smtp')
    expect(useForm.getState().draft).toMatchObject({ recipient: 'postmaster@contoso.test', from: 'bob@edge.test', host: '', sends: false })
    await until(() => testing().rows.length === 3)
    openSmtpTest('alice@contoso.test')
    expect(useForm.getState().draft.recipient).toBe('alice@contoso.test')
    await until(() => testing().phase === 'nothing')
  })
})

describe('by hand', () => {
  const key = `${hosts[0]} 198.51.100.1`
  const talk = () => useHand.getState().talks[key]!
  const begin = async () => {
    await lookUp()
    await connect(testing().rows[0]!)
  }
  const line = (text: string) => say(key, { kind: 'line', text })

  test('proposes the next line, keeps what was sent, and comes back to one’s own', async () => {
    await begin()
    expect(talk()).toMatchObject({ phase: 'open', line: 'EHLO edge01' })
    await line('EHLO edge01')
    await line('RCPT TO:<a@example.test>')
    type(key, 'RCPT TO:<half')
    recall(key, -1)
    expect(talk().line).toBe('RCPT TO:<a@example.test>')
    recall(key, -1)
    recall(key, -1)
    expect(talk().line).toBe('EHLO edge01')
    recall(key, 1)
    recall(key, 1)
    expect(talk().line).toBe('RCPT TO:<half')
    await line('EHLO edge01')
    expect(talk().history).toEqual(['RCPT TO:<a@example.test>', 'EHLO edge01'])
    expect(smtp.asked).toHaveLength(3)
  })

  test('keeps no secret in the history, and knows when the next line is one', async () => {
    await begin()
    await line('AUTH LOGIN')
    expect(isSecretNext(talk())).toBe(true)
    await line('AUTH PLAIN c2VjcmV0')
    expect(isSecretNext(talk())).toBe(false)
    expect(JSON.stringify(talk())).not.toContain('c2VjcmV0')
    await say(key, { kind: 'auth', user: 'ana', password: 'open sesame' })
    expect(JSON.stringify(talk())).not.toContain('open sesame')
  })

  test('one step at a time; hung up while a reply is waited for, it is cut', async () => {
    await begin()
    const slow = line('SLOW')
    await until(() => talk().phase === 'waiting' && smtp.asked.length === 1)
    expect(await line('RSET')).toBe(false)
    disconnect(key)
    await slow
    expect(talk()).toMatchObject({ phase: 'closed', session: null })
    expect(talk().steps.at(-1)?.verdict).toBe('cancelled')
    await connect(testing().rows[0]!)
    expect(talk()).toMatchObject({ phase: 'open' })
    expect(talk().steps).toHaveLength(2)
  })

  test('what main refuses is told, and the line stays; a dialogue that has ended is closed', async () => {
    await begin()
    type(key, 'EHLO x')
    story.fail('smtpTest.step', { code: 'bad-input', message: 'there is a NUL in it.' })
    await line('EHLO x')
    expect(talk()).toMatchObject({ phase: 'open', line: 'EHLO x', failure: { message: 'there is a NUL in it.' } })
    story.fail('smtpTest.step', null)
    smtp.open.clear()
    await line('EHLO x')
    expect(talk()).toMatchObject({ phase: 'closed', failure: { message: 'This dialogue has ended.' } })
  })

  test('left while it is connecting, that is cancelled, and no session stays open', async () => {
    await lookUp()
    const connecting = connect(testing().rows[0]!)
    await until(() => talk().phase === 'connecting')
    closeAllBut([])
    await connecting
    expect(smtp.cancelled).toEqual([`open ${hosts[0]}`])
    await until(() => smtp.open.size === 0)
    expect(useHand.getState().talks).toEqual({})
  })

  test('another edge server’s rows take theirs with them', async () => {
    await begin()
    expect(smtp.open.size).toBe(1)
    closeAllBut([`${hosts[1]} 198.51.100.2`])
    await until(() => smtp.open.size === 0)
  })

  test('a host that does not answer leaves a closed dialogue with its reason', async () => {
    await lookUp()
    select(`${hosts[2]} 198.51.100.3`)
    await connect(testing().rows[2]!)
    expect(useHand.getState().talks[`${hosts[2]} 198.51.100.3`]).toMatchObject({ phase: 'closed', session: null, steps: [{ text: 'No answer.' }] })
  })
})

describe('transcripts', () => {
  test('of what is shown, or of all that was said, are saved where the administrator says', async () => {
    await lookUp()
    expect(allSpoken()).toEqual([])
    const [row] = testing().rows
    await connect(row!)
    const talk = useHand.getState().talks[row!.key]
    expect(spokenOf(row!, talk, 'steps')).toBeNull()
    expect(spokenOf(row!, talk, 'hand')).toMatchObject({ host: hosts[0], port: 25, steps: [{ stage: 'connect' }, { stage: 'banner' }] })
    await askWhere(allSpoken())
    expect(useSaving.getState().file).toMatch(/^\/var\/lib\/edgewise\/exported\/\d{4}-\d\d-\d\d \d{6} SMTP test\.txt$/)
    await save()
    expect(useSaving.getState()).toMatchObject({ phase: 'saved', failure: null })
    expect(smtp.saved).toMatchObject([{ dialogues: [{ host: hosts[0] }] }])
    useSaving.setState({ phase: 'asked' })
    await save()
    expect(useSaving.getState()).toMatchObject({ phase: 'asked', failure: { message: expect.stringContaining('is there already') } })
  })
})
