// One dialogue: guided and typed, with real servers and with hostile ones. No host can hold it or fool it.
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { SmtpStep } from '../../preload/contract/smtp-test.ts'
import { testHosts } from '../../main/smtp/test.ts'
import { answering, byHand, options, polite, raw, smtpServer, target, type Answers } from './peers.ts'

async function guided(peer: { address: string; port: number }, more: Parameters<typeof options>[0] = {}) {
  const [dialogue] = await testHosts([target(peer)], options(more))
  if (dialogue === undefined) throw new Error('no dialogue')
  return dialogue
}
const against = async (answers: Answers, more: Parameters<typeof options>[0] = {}) => {
  const peer = await raw(answering({ ...polite, ...answers }))
  return { peer, ...(await guided(peer, more)) }
}
const stages = (steps: SmtpStep[]) => steps.map(({ stage, verdict }) => `${stage} ${verdict}`)
const kinds = (steps: SmtpStep[]) => steps.flatMap(({ findings }) => findings.map(({ kind }) => kind))

describe('guided', () => {
  it('goes up to RCPT TO with a real server, and says goodbye before DATA', async () => {
    const told: string[] = []
    const peer = await smtpServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onMailFrom: ({ address }, _, done) => void (told.push(address), done()),
      onRcptTo: ({ address }, _, done) => void (told.push(address), done()),
      onData: (stream, _, done) => void (told.push('data'), stream.resume().on('end', done)),
    })
    const { steps, outcome } = await guided(peer)
    expect(stages(steps)).toEqual(['connect accepted', 'banner accepted', 'ehlo accepted', 'mail accepted', 'rcpt accepted', 'quit accepted'])
    expect(steps.map(({ sent }) => sent)).toEqual([null, null, 'EHLO edge.sender.test', 'MAIL FROM:<bob@sender.test>', 'RCPT TO:<alice@example.test>', 'QUIT'])
    expect({ told, outcome }).toEqual({ told: ['bob@sender.test', 'alice@example.test'], outcome: 'accepted' })
  })
  it('sends a message where it is told to, in seven bits with its dots doubled', async () => {
    const messages: string[] = []
    const peer = await smtpServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData: (stream, _, done) => {
        let text = ''
        stream.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => (messages.push(text), done()))
      },
    })
    const plain = await guided(peer, { from: '', data: { subject: 'Hello', body: 'one\n.\r\n..two\rthree\nQUIT\n' } })
    expect(plain.outcome).toBe('accepted')
    expect(messages[0]).toContain('Subject: Hello\r\n')
    expect(messages[0]).toMatch(/\r\n\r\none\r\n\.\r\n\.\.two\r\nthree\r\nQUIT\r\n$/)
    const umlauts = await guided(peer, { data: { subject: `Grüße ${'ß'.repeat(60)}`, body: 'Straße\0' } })
    expect(umlauts.outcome).toBe('accepted')
    const [, subject = ''] = /Subject: ((?:.*\r\n )*.*)\r\n/.exec(messages[1] ?? '') ?? []
    expect(subject.split('\r\n').every((line) => line.length <= 76)).toBe(true)
    expect(subject.replace(/=\?utf-8\?B\?(.*?)\?=(\r\n )?/g, (_, word: string) => Buffer.from(word, 'base64').toString())).toBe(`Grüße ${'ß'.repeat(60)}`)
    expect(Buffer.from(messages[1]?.split('\r\n\r\n')[1] ?? '', 'base64').toString()).toBe('Straße\0')
  })
  it('takes the older greeting where EHLO is not known', async () => {
    const { steps, outcome } = await against({ EHLO: '502 5.5.1 Unknown\r\n' })
    expect(stages(steps)).toEqual(['connect accepted', 'banner accepted', 'ehlo refused', 'helo accepted', 'mail accepted', 'rcpt accepted', 'quit accepted'])
    expect(outcome).toBe('accepted')
  })
  it.each([
    ['RCPT', '550 5.1.1 User unknown\r\n', 'refused', 'recipient-unknown', '5.1.1'],
    ['RCPT', '451 4.7.1 Greylisting in action, please come back later\r\n', 'deferred', 'greylisted', '4.7.1'],
    ['MAIL', '553 5.1.8 Sender domain does not exist\r\n', 'refused', 'sender-dns', '5.1.8'],
    ['banner', '554-mail.test refuses\r\n554 5.7.1 listed at zen.spamhaus.org\r\n', 'refused', 'reputation-or-blocklist', '5.7.1'],
  ] as const)('ends at a refusal of %s, explains it and says goodbye', async (verb, answer, verdict, category, enhanced) => {
    const { steps, outcome, text } = await against({ [verb]: answer })
    const last = steps.filter(({ stage }) => stage !== 'quit').at(-1)
    expect(last).toMatchObject({ verdict, reply: { enhanced }, explained: { category, remedy: expect.stringMatching(/\w/) } })
    expect({ outcome, text }).toEqual({ outcome: verdict, text: last?.text })
    expect(steps.at(-1)?.stage).toBe('quit')
  })
  it('says that nobody listens, and that nobody answers', async () => {
    const { port } = await raw(() => {}, '127.0.0.9')
    expect(await guided({ address: '127.0.0.8', port })).toMatchObject({ outcome: 'failed', text: expect.stringContaining('ECONNREFUSED'), steps: [{ stage: 'connect', explained: { category: 'connect-failed' } }] })
    expect(await guided({ address: '127.0.0.9', port }, { timeouts: { connect: 1, reply: 0.1 } })).toMatchObject({ outcome: 'failed', text: 'The host said nothing when it was connected to within 0.1 s.' })
  })
  it('warns of a name that many hosts do not take in EHLO', async () => {
    const peer = await raw(answering(polite))
    expect(kinds((await guided(peer, { helo: 'edge01' })).steps)).toEqual(['helo-name'])
    expect(kinds((await guided(peer, { helo: '[192.0.2.1]' })).steps)).toEqual([])
  })
  it('speaks with a host at an IPv6 address, from one too', async () => {
    const peer = await raw(answering(polite), '::1')
    const { outcome, source, family } = await guided(peer)
    expect({ outcome, source, family }).toEqual({ outcome: 'accepted', source: '::1', family: 6 })
  })
  it('comes from the adapter that was chosen', async () => {
    const from: string[] = []
    const peer = await raw((socket) => {
      from.push(socket.remoteAddress ?? '')
      answering(polite)(socket)
    })
    const source = { name: 'LAN', addresses: ['fd00::1', '127.0.0.77'] }
    expect(await guided(peer, { source })).toMatchObject({ source: '127.0.0.77', outcome: 'accepted' })
    expect(from).toEqual(['127.0.0.77'])
    expect(await guided(peer, { source: { name: 'LAN', addresses: ['fd00::1'] } })).toMatchObject({ outcome: 'failed', text: '“LAN” has no IPv4 address to come from.' })
    expect(await guided(peer, { source: { name: 'LAN', addresses: ['203.0.113.9'] } })).toMatchObject({ outcome: 'failed', text: expect.stringContaining('does not have it now') })
  })
})

describe('hostile hosts', () => {
  it.each([
    ['a line of 1 MB', { RCPT: `250 ${'x'.repeat(1024 * 1024)}\r\n` }, 'line-too-long'],
    ['a line of 1 MB in EHLO', { EHLO: `250-${'x'.repeat(1024 * 1024)}\r\n` }, 'line-too-long'],
    ['no SMTP', { banner: 'SSH-2.0-OpenSSH_9\r\n' }, 'unreadable'],
    ['a code of nowhere', { RCPT: '999 What\r\n' }, 'wrong-code'],
    ['a code for something else', { RCPT: '354 Go on\r\n' }, 'wrong-code'],
    ['a code that only promises another', { RCPT: '150 Wait\r\n' }, 'wrong-code'],
    ['a code that is too good', { DATA: '250 Ok\r\n' }, 'wrong-code'],
    ['the end in the middle of a reply', { EHLO: (socket) => void socket.end('250-raw.test\r\n250-SI') }, 'closed'],
    ['a reset', { MAIL: (socket) => void socket.resetAndDestroy() }, 'closed'],
    ['silence', { MAIL: () => {} }, 'silent'],
  ] as [string, Answers, string][])('%s is a finding, and the end', async (_, answers, kind) => {
    const { steps, outcome } = await against(answers, { timeouts: { connect: 1, reply: 0.5 }, data: { subject: 'x', body: 'y' } })
    expect(kinds(steps.filter(({ stage }) => stage !== 'quit'))).toEqual([kind])
    expect(outcome).toBe('failed')
  })
  it('a reply without end costs a bounded time, and a bounded memory', async () => {
    const endless: Answers = {
      EHLO: (socket) => {
        const block = '250-more and more\r\n'.repeat(1_000)
        const pour = (): void => void socket.write(block, (error) => error ?? pour())
        pour()
      },
    }
    expect(await against(endless)).toMatchObject({ outcome: 'failed', steps: expect.arrayContaining([expect.objectContaining({ stage: 'ehlo', findings: [expect.objectContaining({ kind: 'reply-too-long' })] })]) })
  })
  it('a byte now and then is told as slow, within the limit of a reply', async () => {
    const drip: Answers = {
      banner: (socket) => {
        const timer = setInterval(() => socket.write('2'), 30)
        socket.on('close', () => clearInterval(timer))
      },
    }
    const { steps, text } = await against(drip, { timeouts: { connect: 1, reply: 0.3 } })
    expect(kinds(steps)).toEqual(['slow'])
    expect(text).toMatch(/did not come to the end of its reply when it was connected to within 0.3 s: 22+/)
  })
  it.each([
    ['bare line feeds', { MAIL: '250 Ok\n' }, 'bare-line-feed'],
    ['a NUL', { MAIL: '250 O\0k\r\n' }, 'null-byte'],
    ['letters that are not ASCII', { MAIL: '250 Gr\xfc\xdfe\r\n' }, 'eight-bit'],
    ['two replies for one', { MAIL: '250 Ok\r\n250 Ok again\r\n' }, 'unasked'],
    ['codes that contradict each other', { MAIL: '250-one\r\n550-two\r\n250 three\r\n' }, 'wrong-code'],
  ] as [string, Answers, string][])('%s are told, and it goes on', async (_, answers, kind) => {
    const { steps, outcome } = await against(answers)
    expect(kinds(steps)).toContain(kind)
    expect(outcome).toBe('accepted')
  })
  it('one that never has enough of AUTH gets no more', async () => {
    const peer = await raw((socket) => {
      socket.write('220 raw.test\r\n')
      socket.on('data', (chunk) => socket.write(chunk.toString().startsWith('EHLO') ? '250-raw.test\r\n250 AUTH LOGIN\r\n' : '334 VXNlcm5hbWU6\r\n'))
    })
    const { steps, outcome } = await guided(peer, { auth: { user: 'u', password: 'secret' } })
    // User, password, and the star that gives up: whoever gave up has nothing more to say.
    expect(steps.filter(({ stage }) => stage === 'auth').map(({ sent }) => sent)).toEqual(['AUTH LOGIN', '********', '********', '*'])
    expect(outcome).toBe('failed')
  })
  it('a reply as long as it may be stands in the transcript, not in a sentence', async () => {
    const long = `550-${'x'.repeat(7_000)}\r\n`.repeat(8)
    const { steps, text } = await against({ RCPT: `${long}550 5.1.1 Unknown\r\n` })
    expect(text.length).toBeLessThan(600)
    expect(text).toMatch(/^The host refuses the recipient: 550-x+…$/)
    expect(steps.find(({ stage }) => stage === 'rcpt')).toMatchObject({ reply: { enhanced: '5.1.1', lines: { length: 9 } }, text })
  })
})

describe('secrets', () => {
  const auth = { user: 'relay@corp.test', password: 'open sesame' }
  const encoded = Buffer.from(`\0${auth.user}\0${auth.password}`).toString('base64')

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('%s works with a real server and leaves no trace', async (method) => {
    const seen: unknown[] = []
    const peer = await smtpServer({
      authMethods: [method], allowInsecureAuth: true, disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password, validatePassword }, _, done) => {
        seen.push(username)
        const right = method === 'CRAM-MD5' ? validatePassword(auth.password) : password === auth.password
        done(right ? null : new Error('wrong'), right ? { user: username } : undefined)
      },
    })
    const { steps, outcome } = await guided(peer, { auth })
    expect({ outcome, seen }).toEqual({ outcome: 'accepted', seen: [auth.user] })
    expect(steps.find(({ stage }) => stage === 'auth')?.sent).toBe(method === 'PLAIN' ? 'AUTH PLAIN ********' : `AUTH ${method}`)
    const all = JSON.stringify(steps)
    for (const secret of [auth.password, encoded, Buffer.from(auth.password).toString('base64')]) expect(all).not.toContain(secret)
    expect(kinds(steps)).toEqual(method === 'CRAM-MD5' ? [] : ['password-in-clear'])
  })
  it('a host that repeats them is masked too', async () => {
    const { steps, peer } = await against({ EHLO: '250-raw.test\r\n250 AUTH PLAIN\r\n', AUTH: (socket, line) => void socket.write(`535 5.7.8 You said ${line}, that is ${auth.password}\r\n`) }, { auth })
    expect(peer.heard[0]?.toString()).toContain(`AUTH PLAIN ${encoded}\r\n`)
    expect(steps.find(({ stage }) => stage === 'auth')).toMatchObject({ verdict: 'refused', reply: { lines: ['535 5.7.8 You said AUTH PLAIN ********, that is ********'] } })
    for (const secret of [auth.password, encoded]) expect(JSON.stringify(steps)).not.toContain(secret)
  })
  it('half of one is not left where a sentence is cut', async () => {
    for (const before of [195, 490]) {
      const said = `535 ${'x'.repeat(before)}${auth.password}${'x'.repeat(600)}`
      for (const answer of [`${said}\r\n`, (socket: Socket) => void socket.end(said)])
        expect(JSON.stringify((await against({ EHLO: '250-raw.test\r\n250 AUTH PLAIN\r\n', AUTH: answer }, { auth })).steps)).not.toContain(auth.password.slice(0, 4))
    }
  })
  it('typed ones are masked', async () => {
    const peer = await raw(answering({ ...polite, AUTH: '334 VXNlcm5hbWU6\r\n', [encoded.toUpperCase()]: '535 No\r\n' }))
    const { type, steps } = await byHand(peer)
    await type('EHLO me.test')
    expect(await type(`auth plain ${encoded}`)).toMatchObject({ stage: 'auth', sent: 'auth plain ********' })
    expect(await type(encoded)).toMatchObject({ stage: 'auth', sent: '********', verdict: 'refused' })
    expect(JSON.stringify(steps)).not.toContain(encoded)
  })
  it('a password is not said in clear where encryption was wished for', async () => {
    const { steps, peer } = await against({ EHLO: '250-raw.test\r\n250 AUTH PLAIN\r\n' }, { auth, tls: 'if-offered' })
    expect(kinds(steps)).toEqual(['password-in-clear'])
    expect(peer.heard[0]?.toString()).not.toContain('AUTH')
  })
})

describe('by hand', () => {
  it('suggests what a guided test would do, and goes on from what was typed', async () => {
    const peer = await raw(answering({ ...polite, RCPT: (socket, line) => void socket.write(line.includes('alice') ? '550 5.1.1 Unknown\r\n' : '250 Ok\r\n') }))
    const { dialogue, type, steps, told } = await byHand(peer, { data: { subject: 'Hello', body: 'x' } })
    expect(dialogue.next).toEqual({ kind: 'line', text: 'EHLO edge.sender.test' })
    await type('EHLO edge.sender.test')
    expect(dialogue.next).toEqual({ kind: 'line', text: 'MAIL FROM:<bob@sender.test>' })
    await type('mail from:<>')
    expect(await type('RCPT TO:<alice@example.test>')).toMatchObject({ verdict: 'refused' })
    expect(dialogue.next).toEqual({ kind: 'line', text: 'QUIT' })
    expect(await type('RCPT TO:<carol@example.test>')).toMatchObject({ verdict: 'accepted' })
    expect(dialogue.next).toMatchObject({ kind: 'message' })
    await dialogue.do({ kind: 'message', subject: 'Hello', body: 'x' }, told)
    expect(await type('NOOP')).toMatchObject({ stage: 'other', verdict: 'refused' })
    await type('QUIT')
    expect(dialogue.next).toBeNull()
    expect(await type('NOOP')).toMatchObject({ verdict: 'failed', text: 'The connection is closed: nothing was sent.' })
    expect(stages(steps).slice(-5)).toEqual(['data accepted', 'message accepted', 'other refused', 'quit accepted', 'other failed'])
  })
  it('takes a message line by line', async () => {
    const peer = await raw(answering(polite))
    const { type } = await byHand(peer)
    for (const line of ['EHLO me.test', 'MAIL FROM:<>', 'RCPT TO:<alice@example.test>']) await type(line)
    expect(await type('DATA')).toMatchObject({ stage: 'data', reply: { code: 354 } })
    expect(await type('Subject: hello')).toMatchObject({ stage: 'message', reply: null, verdict: 'accepted' })
    expect(await type('.')).toMatchObject({ stage: 'message', reply: { code: 250 }, verdict: 'accepted' })
    expect(peer.heard[0]?.toString()).toMatch(/DATA\r\nSubject: hello\r\n\.\r\n$/)
  })
  it('says letters that are not ASCII only to hosts that take them', async () => {
    const plain = await raw(answering(polite))
    const first = await byHand(plain)
    await first.type('EHLO me.test')
    expect(await first.type('RCPT TO:<grüße@example.test>')).toMatchObject({ verdict: 'failed', sent: null, findings: [{ kind: 'smtputf8' }] })
    expect(plain.heard[0]?.toString()).not.toContain('RCPT')
    const taking = await raw(answering({ ...polite, EHLO: '250-raw.test\r\n250 SMTPUTF8\r\n' }))
    const { steps, outcome } = await guided(taking, { recipient: 'grüße@example.test' })
    expect(outcome).toBe('accepted')
    expect(steps.map(({ sent }) => sent)).toEqual(expect.arrayContaining(['MAIL FROM:<bob@sender.test> SMTPUTF8', 'RCPT TO:<grüße@example.test>']))
  })
})
