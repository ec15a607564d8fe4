// What window and command line ask: the route of transport and system, the test against a real relay's world, dialogues
// by hand with their bounds, and fields that can put no second command on the wire.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { SmtpDialogue, SmtpRoute, SmtpSteps } from '../../preload/contract/smtp-test.ts'
import { answer } from '../../main/answer.ts'
import { mostSessions, SmtpAnswers } from '../../main/smtp-answers.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { adapter, lookups, openStage, type Stage } from '../transport/stage.ts'
import { answering, polite, raw, type Raw } from './peers.ts'

let stage: Stage
let smtp: SmtpAnswers
beforeAll(async () => {
  const more = ['two.test MX 20 mx2.two.test', 'two.test MX 10 mail.example.test', 'mx2.two.test A 198.51.100.26', 'none.test MX 0 .', 'plain.test A 198.51.100.25', 'hosted.test MX 10 mx.hosted.test', 'mx.hosted.test A 198.51.100.99']
  stage = await openStage({
    adapters: {
      DMZ: { behaviour: 'answer', zone: ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25', ...more] },
      LAN: { behaviour: 'servfail' },
    },
    hosts: '198.51.100.25 mx.hosted.test\n',
    settings: { name: 'edge.corp.test', lookups: lookups(adapter('DMZ')), acceptedDomains: [{ domain: 'corp.test', nextHop: 'mailbox.corp.test:2526' }] },
    destinations: { '198.51.100.25': 'accept', '198.51.100.26': { code: 550, text: '5.1.1 User unknown' } },
  })
  const world = await worldOf(stage.worldFile)
  smtp = new SmtpAnswers(() => ({ world, transport: stage.transport }))
})
afterAll(async () => {
  smtp?.close()
  await stage?.close()
})

/** Of whatever was asked; a test looks only at what its own question is answered with. */
interface Value extends SmtpRoute, SmtpSteps {
  dialogues: SmtpDialogue[]
  route: SmtpRoute | null
  text: string
  session: string
  error: FailureValue
}

async function ask(name: string, input: object, signal = new AbortController().signal) {
  const told: Record<string, unknown>[] = []
  const result = await answer({ smtpTest: smtp.answers }, 'smtpTest', name, input, { signal, progress: (value) => void told.push(value as Record<string, unknown>) }, (what, error) => {
    throw new Error(what, { cause: error })
  })
  return { result, told, value: (result.ok ? result.value : { error: result.error }) as Value }
}
const about = (recipient: string, more: object = {}) => ({ server: 'local', recipient, ...more })

describe('the route', () => {
  it('is found by the transport and by this machine, and told where they agree', async () => {
    const { value } = await ask('route', about('alice@two.test'))
    const hosts = [{ host: 'mail.example.test', preference: 10, addresses: ['198.51.100.25'], port: null }, { host: 'mx2.two.test', preference: 20, addresses: ['198.51.100.26'], port: null }]
    expect(value).toMatchObject({ domain: 'two.test', transport: { hosts, problem: null }, system: { hosts, problem: null }, differences: [] })
  })
  it.each([
    ['plain.test', { hosts: [{ host: 'plain.test', preference: null, addresses: ['198.51.100.25'] }], problem: null }],
    ['hosted.test', { hosts: [{ host: 'mx.hosted.test', addresses: ['198.51.100.25'] }], text: expect.stringContaining('the hosts file has mx.hosted.test') }],
    ['none.test', { hosts: [], problem: expect.stringContaining('takes no mail (null MX)') }],
    ['nowhere.test', { hosts: [], problem: expect.stringMatching(/There is no domain nowhere\.test/) }],
    ['corp.test', { hosts: [{ host: 'mailbox.corp.test', port: 2526, addresses: [] }], problem: expect.stringContaining('mailbox.corp.test') }],
    ['[198.51.100.25]', { hosts: [{ host: '198.51.100.25', addresses: ['198.51.100.25'] }], problem: null }],
  ])('of %s', async (domain, transport) => {
    expect((await ask('route', about(`alice@${domain}`))).value).toMatchObject({ transport })
  })
  it('tells which of the transport’s DNS servers were silent, however long they are waited for; cancelled, waits no longer', async () => {
    const silent = { behaviour: 'silent' } as const
    const astray = await openStage({ adapters: { DMZ: { behaviour: 'answer' }, A: silent, B: silent, C: silent }, settings: { lookups: lookups({ source: { kind: 'servers', servers: ['10.0.1.53', '10.0.2.53', '10.0.3.53'] }, protocol: 'udp' }) } })
    const world = await worldOf(astray.worldFile)
    const other = new SmtpAnswers(() => ({ world, transport: astray.transport }))
    const asked = (signal: AbortSignal) => answer({ smtpTest: other.answers }, 'smtpTest', 'route', about('alice@example.test'), { signal, progress: () => {} })
    try {
      expect(await asked(new AbortController().signal)).toMatchObject({
        ok: true,
        value: { transport: { hosts: [], problem: expect.stringMatching(/10\.0\.1\.53 did not answer within 3 s, 10\.0\.2\.53 did not .*, 10\.0\.3\.53 did not/) } },
      })
      const abort = new AbortController()
      const cancelled = asked(abort.signal)
      abort.abort()
      expect(await cancelled).toMatchObject({ ok: false, error: { code: 'cancelled' } })
    } finally {
      await astray.close()
    }
  }, 60_000)
  it('differs where the transport asks other DNS servers than this machine', async () => {
    const astray = await openStage({ adapters: { DMZ: { behaviour: 'nxdomain' }, LAN: { behaviour: 'answer' } }, settings: { lookups: lookups(adapter('LAN')) } })
    try {
      const world = await worldOf(astray.worldFile)
      const other = new SmtpAnswers(() => ({ world, transport: astray.transport }))
      const route = await other.answers.route({ server: 'local', recipient: 'alice@example.test' }, { signal: new AbortController().signal, progress: () => {} })
      expect(route.system.problem).toMatch(/There is no domain example\.test/)
      expect(route.differences).toEqual([expect.stringMatching(/^The transport finds mail\.example\.test, but this machine does not: There is no domain/)])
    } finally {
      await astray.close()
    }
  })
})

describe('the test', () => {
  it('talks to all hosts of the real relay’s world, says the relay’s own name, and leaves no mail', async () => {
    const { value, told } = await ask('run', about('alice@two.test', { options: { from: 'bob@corp.test' } }))
    expect(value.dialogues).toMatchObject([
      { host: 'mail.example.test', address: '198.51.100.25', port: 25, outcome: 'accepted' },
      { host: 'mx2.two.test', address: '198.51.100.26', outcome: 'refused', text: expect.stringContaining('550 5.1.1 User unknown') },
    ])
    expect(value.text).toBe('2 dialogues: 1 accepted, 1 refused.')
    expect(value.dialogues[0]?.steps[2]?.sent).toBe('EHLO edge.corp.test')
    expect(told.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['begun', 'step', 'ended', 'route']))
    expect(stage.arrived).toEqual([])
  })
  it('sends a message where it is told to', async () => {
    const { value } = await ask('run', about('alice@example.test', { options: { from: 'bob@corp.test', data: { subject: 'Test', body: 'Hello' } } }))
    expect(value.dialogues).toMatchObject([{ outcome: 'accepted' }])
    expect(stage.arrived).toMatchObject([{ from: 'bob@corp.test', to: ['alice@example.test'], text: expect.stringContaining('Subject: Test') }])
  })
  it('talks to the relay itself', async () => {
    const { value } = await ask('run', about('alice@example.test', { host: '127.0.0.1', options: { port: stage.port, from: 'bob@corp.test' } }))
    expect(value.route).toBeNull()
    expect(value.dialogues).toMatchObject([{ host: '127.0.0.1', outcome: 'accepted' }])
    expect(value.dialogues[0]?.steps.map(({ stage: reached }) => reached)).toEqual(['connect', 'banner', 'ehlo', 'mail', 'rcpt', 'quit'])
  })
  it('goes by this machine’s hosts where the transport finds none, and says so', async () => {
    const astray = await openStage({ adapters: { DMZ: { behaviour: 'answer' }, LAN: { behaviour: 'servfail' } }, settings: { lookups: lookups(adapter('LAN')) } })
    try {
      const world = await worldOf(astray.worldFile)
      const other = new SmtpAnswers(() => ({ world, transport: astray.transport }))
      const result = await answer({ smtpTest: other.answers }, 'smtpTest', 'run', about('alice@example.test'), { signal: new AbortController().signal, progress: () => {} })
      expect(result).toMatchObject({ ok: true, value: { dialogues: [{ outcome: 'accepted' }], route: { transport: { hosts: [], problem: expect.stringContaining('SERVFAIL') } }, text: expect.stringMatching(/^1 dialogue: 1 accepted\. Mail would wait here: .*SERVFAIL/) } })
    } finally {
      await astray.close()
    }
  })
  it('cancelled, tells what was done', async () => {
    const abort = new AbortController()
    const progress = (value: unknown) => void ((value as { kind: string }).kind === 'begun' && abort.abort())
    const result = await answer({ smtpTest: smtp.answers }, 'smtpTest', 'run', about('alice@two.test'), { signal: abort.signal, progress })
    expect(result).toMatchObject({ ok: true, value: { dialogues: [{ outcome: 'cancelled' }, { outcome: 'cancelled' }], text: expect.stringContaining('2 cancelled') } })
  })
  it('is refused for an adapter or a host that is not there', async () => {
    expect((await ask('run', about('alice@example.test', { options: { source: 'no-such' } }))).value.error).toMatchObject({ code: 'not-found', remedy: 'There are “DMZ”, “LAN”.' })
    expect((await ask('run', about('alice@example.test', { host: 'mx.nowhere.test' }))).value.error).toMatchObject({ code: 'failed', message: expect.stringContaining('mx.nowhere.test has no address') })
  })
  it('tells that an adapter of a played world is not bound', async () => {
    const { value } = await ask('run', about('alice@example.test', { options: { source: 'DMZ' } }))
    expect(value.dialogues[0]).toMatchObject({ outcome: 'accepted', steps: expect.arrayContaining([expect.objectContaining({ stage: 'connect', findings: [expect.objectContaining({ kind: 'source', level: 'info' })] })]) })
  })
})

describe('by hand', () => {
  const opened = async (peer: Raw, options: object = {}) => (await ask('open', about('alice@example.test', { host: 'raw.test', address: peer.address, options: { port: peer.port, tls: 'none', ...options } }))).value
  const typed = (session: string, text: string) => ask('step', { session, do: { kind: 'line', text } })

  it('goes step by step, edited and repeated, and keeps the password to itself', async () => {
    const peer = await raw(answering({ ...polite, EHLO: '250-raw.test\r\n250 AUTH PLAIN\r\n', AUTH: '235 Ok\r\n', RCPT: (socket, line) => void socket.write(line.includes('alice') ? '450 4.2.0 Greylisted\r\n' : '250 Ok\r\n') }))
    const { session, steps, next } = await opened(peer, { auth: { user: 'u', password: 'open sesame' } })
    expect(steps).toMatchObject([{ stage: 'connect' }, { stage: 'banner' }])
    expect(next).toEqual({ kind: 'line', text: 'EHLO edge.corp.test' })
    expect((await typed(session, 'EHLO edge.corp.test')).value.next).toEqual({ kind: 'auth', user: 'u' })
    expect((await ask('step', { session, do: { kind: 'auth', user: 'u', password: 'open sesame' } })).value).toMatchObject({ steps: [{ verdict: 'accepted' }], next: { kind: 'line', text: 'MAIL FROM:<>' } })
    await typed(session, 'MAIL FROM:<>')
    expect((await typed(session, 'RCPT TO:<alice@example.test>')).value).toMatchObject({ steps: [{ verdict: 'deferred', explained: { category: 'greylisted' } }] })
    expect((await typed(session, 'RCPT TO:<carol@example.test>')).value).toMatchObject({ steps: [{ verdict: 'accepted' }] })
    expect((await typed(session, 'QUIT')).value).toMatchObject({ next: null })
    expect((await typed(session, 'NOOP')).value.error).toMatchObject({ code: 'not-found', message: 'This dialogue has ended.' })
  })
  it('one step at a time, and closing cuts one that waits', async () => {
    const peer = await raw(answering({ ...polite, NOOP: () => {} }))
    const { session } = await opened(peer)
    const waiting = typed(session, 'NOOP')
    expect((await typed(session, 'RSET')).value.error).toMatchObject({ message: 'The last step still waits for its reply.' })
    await ask('close', { session })
    expect((await waiting).value).toMatchObject({ steps: [{ verdict: 'cancelled' }], next: null })
    await expect.poll(() => peer.sockets.size).toBe(0)
  })
  it('cancelled while the greeting is waited for, the connection goes at once and no dialogue is kept', async () => {
    const silent = await raw(() => {})
    const abort = new AbortController()
    const opening = ask('open', about('alice@example.test', { host: 'raw.test', address: silent.address, options: { port: silent.port, tls: 'none' } }), abort.signal)
    await expect.poll(() => silent.sockets.size).toBe(1)
    abort.abort()
    await expect.poll(() => silent.sockets.size).toBe(0)
    const { value } = await opening
    expect(value).toMatchObject({ steps: [{ stage: 'connect' }, { stage: 'banner', verdict: 'cancelled' }], next: null })
    expect((await typed(value.session, 'NOOP')).value.error).toMatchObject({ code: 'not-found' })
  })
  it('only so many at once, and none that failed is kept', async () => {
    const peer = await raw(answering(polite))
    const closed = await raw((socket) => void socket.end())
    for (let at = 0; at < mostSessions + 1; at++) expect(await opened(closed)).toMatchObject({ next: null })
    const sessions = await Promise.all(Array.from({ length: mostSessions }, () => opened(peer)))
    expect((await opened(peer)).error).toMatchObject({ code: 'failed', message: `${mostSessions} dialogues are open already.` })
    for (const { session } of sessions) await ask('close', { session })
    expect(await opened(peer)).toMatchObject({ session: expect.any(String) })
    smtp.close()
    await expect.poll(() => peer.sockets.size).toBe(0)
  })
})

describe('no field puts a second command on the wire', () => {
  const lineBreak = fc.constantFrom('\r\n', '\n', '\r', '\0', '\u2028', '\r\n.\r\n', '>\r\nRCPT TO:<evil@example.test', '%0d%0a', '\\r\\n')
  const text = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), lineBreak, fc.constantFrom('a@b.test', 'edge.test', 'RSET', '>', '"', '@')), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  /** Every line that went out, and none of another kind than the test's own. */
  const own = /^(EHLO|HELO|MAIL FROM:<|RCPT TO:<|AUTH PLAIN [\w+/=]+$|DATA$|QUIT$)/
  const commands = (heard: Buffer) => heard.toString('latin1').split('\r\n').slice(0, -1)

  it('in a guided test', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('recipient', 'from', 'helo', 'host', 'user', 'password'), async (typed, field) => {
        const peer = await raw(answering({ ...polite, EHLO: '250-raw.test\r\n250-AUTH PLAIN\r\n250 SMTPUTF8\r\n', AUTH: '235 Ok\r\n' }))
        const options = { port: peer.port, tls: 'none', from: field === 'from' ? typed : 'bob@corp.test', ...(field === 'helo' ? { helo: typed } : {}), auth: { user: field === 'user' ? typed : 'u', password: field === 'password' ? typed : 'p' } }
        await ask('run', about(field === 'recipient' ? typed : 'alice@example.test', { host: field === 'host' ? typed : '127.0.0.1', options }))
        for (const heard of peer.heard) {
          const lines = commands(heard)
          expect(heard.includes(Buffer.from('\n')) ? heard.toString('latin1').replaceAll('\r\n', '') : '').not.toMatch(/[\r\n\0]/)
          for (const line of lines) expect(line).toMatch(own)
          for (const verb of ['EHLO', 'MAIL', 'RCPT', 'QUIT']) expect(lines.filter((line) => line.startsWith(verb)).length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)
  it('in a message', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (subject, body) => {
        const peer = await raw(answering(polite))
        const { result } = await ask('run', about('alice@example.test', { host: '127.0.0.1', options: { port: peer.port, tls: 'none', data: { subject, body } } }))
        const [heard] = peer.heard
        if (!result.ok) {
          expect(heard).toBeUndefined()
          return
        }
        const [before = '', after = ''] = (heard ?? Buffer.alloc(0)).toString('latin1').split('DATA\r\n')
        expect(commands(Buffer.from(before)).map((line) => line.slice(0, 4))).toEqual(['EHLO', 'MAIL', 'RCPT'])
        // The message ends once, at its own end.
        expect(after.split('\r\n.\r\n')).toEqual([expect.any(String), 'QUIT\r\n'])
        expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
      }),
      { numRuns: 100 },
    )
  }, 60_000)
  it('in a line typed by hand', async () => {
    const peer = await raw((socket) => {
      socket.write('220 raw.test\r\n')
      socket.on('data', (chunk) => socket.write('250 Ok\r\n'.repeat(Math.max(1, chunk.toString().split('\n').length - 1))))
    })
    const { value: { session } } = await ask('open', about('alice@example.test', { host: 'raw.test', address: peer.address, options: { port: peer.port, tls: 'none' } }))
    let sent = 0
    await fc.assert(
      fc.asyncProperty(text.filter((line) => !/^\s*(quit|data|auth|starttls)/i.test(line)), async (line) => {
        const { result, value } = await ask('step', { session, do: { kind: 'line', text: line } })
        if (result.ok && value.steps[0]?.sent !== null) sent++
        const heard = peer.heard[0]?.toString('latin1') ?? ''
        expect(heard.split('\r\n')).toHaveLength(sent + 1)
        expect(heard.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
      }),
      { numRuns: 200 },
    )
    expect(sent).toBeGreaterThan(10)
  }, 60_000)
})

it.each([
  ['', 'type an address'],
  ['alice', 'is not a mail address'],
  ['alice@', 'is not a mail address'],
  ['alice@example..test', 'nothing between two of its dots'],
  ['a b@example.test', 'must be quoted'],
  ['alice@example.test>', 'has a character in it that no domain has'],
  ['alice@example.test\r\nRSET', 'there is a line break in it'],
  [`${'a'.repeat(65)}@example.test`, 'more than 64 characters'],
])('the recipient %j is refused in a sentence', async (recipient, sentence) => {
  const { value } = await ask('run', about(recipient))
  expect(value.error).toMatchObject({ code: 'bad-input', message: expect.stringContaining(sentence) })
})
it.each(['"a b"@example.test', 'grüße@bücher.test', 'a+b=c/d@example.test', "o'brien@sub.example.test", 'alice@[IPv6:2001:db8::1]'])('the recipient %s is one', async (recipient) => {
  expect((await ask('route', about(recipient))).result.ok).toBe(true)
})
