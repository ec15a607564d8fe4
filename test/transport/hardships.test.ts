// What strangers, crowds and bad moments do to the relay: it stays up, loses nothing and says what is so.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { EmbeddedTransport } from '../../main/transport/embedded/embedded.ts'
import { parseNextHop, settingsSchema } from '../../main/transport/embedded/settings.ts'
import { eventually, openStage, type Plan, sendTo, type Stage } from './stage.ts'

let stage: Stage
const open = async (plan: Plan) => (stage = await openStage(plan))
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await stage?.close()
  for (const end of ends.splice(0)) await end()
})

const all = { offset: 0, limit: 100 }
const signal = () => AbortSignal.timeout(15_000)
const start = async (transport: EmbeddedTransport) => (await transport.control('start', { signal: signal() })).service
const firstTried = async () => (await eventually(() => stage.transport.messages({}, all), ({ messages }) => messages.some(({ lastError }) => lastError !== null))).messages[0]
/** The sender’s own domain, so that notices come back to the test. */
const senders = [{ domain: 'sender.test', nextHop: '198.51.100.25' }]

const twoHosts = ['example.test MX 10 mail.example.test', 'example.test MX 20 other.example.test', 'mail.example.test A 198.51.100.25', 'other.example.test A 198.51.100.26']

/** A raw destination that says what it likes. */
async function speaker(answer: (line: string) => string | null): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(answer('') ?? '')
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\r\n').filter(Boolean)) socket.write(answer(line) ?? '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => new Promise((done) => server.close(done)))
  return (server.address() as AddressInfo).port
}

describe('a crowd', () => {
  it('of overdue messages: each sender is told once, and the relay lives', { timeout: 60_000 }, async () => {
    await open({ adapters: { DMZ: { behaviour: 'servfail' } }, settings: { acceptedDomains: senders } })
    const { pid } = await start(stage.transport)
    const count = 30
    await Promise.all(Array.from({ length: count }, (_, at) => stage.send(`a${at}@example${at % 3}.test`, `bob${at}@sender.test`)))
    await eventually(() => stage.transport.messages({}, all), ({ messages }) => messages.filter(({ lastError }) => lastError).length === count)
    await writeFile(stage.home.settings, JSON.stringify({ acceptedDomains: senders, limits: { delayNotificationTimeout: 1 } }))
    const { service } = await stage.transport.control('restart', { signal: signal() })
    expect(service.pid).not.toBe(pid)
    await eventually(() => stage.transport.messages({}, all), ({ messages }) => messages.length >= count && messages.every(({ attempts, delayNotice }) => attempts.length >= 2 && delayNotice !== null))
    await eventually(() => stage.arrived, (mails) => mails.length === count)
    expect(new Set(stage.arrived.flatMap(({ to }) => to)).size).toBe(count)
    expect((await stage.transport.serviceState()).pid).toBe(service.pid)
  })
})

describe('a zone that a stranger wrote', () => {
  it.each(['mail.example.test:99999', 'mail.example.test:2526'])('names no port: %s', async (exchange) => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: [`example.test MX 10 ${exchange}`, 'mail.example.test A 198.51.100.25'] } } })
    const { pid } = await start(stage.transport)
    await stage.send('alice@example.test')
    expect((await firstTried())?.lastError).toContain('DNS query failed')
    expect((await stage.transport.serviceState()).pid).toBe(pid)
  })

  it('costs no more than a few questions, however many mail hosts it names', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `example.test MX 10 m${at}.example.test`)
    await open({ adapters: { LAN: { behaviour: 'answer', zone: [...names, 'm1.example.test A 198.51.100.25'] } } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    const message = await firstTried()
    expect(message?.lastError).toMatch(/NonExistentDomain|DNS query failed/)
  })

  it.each(['0.0.0.0', '255.255.255.255', '224.0.0.1'])('cannot send mail to %s', async (address) => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: ['example.test MX 10 mail.example.test', `mail.example.test A ${address}`] } } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    expect((await firstTried())?.lastError).toContain(`is said to be at ${address}, where no host can be`)
  })

  it('cannot send mail in a circle', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } } })
    await stage.setWorld((world) => Object.assign(world['reach'] as object, { '198.51.100.25:25': `127.0.0.1:${stage.port}` }))
    const transport = await stage.open()
    await start(transport)
    await stage.send('alice@example.test')
    expect((await firstTried())?.lastError).toBe('451 4.4.6 Mail for this domain is led back to this server (mail loop)')
  })
})

describe('a destination', () => {
  it('that defers one recipient and rejects another: the one waits with the answer, the other’s sender is told, nothing is left over', async () => {
    await open({
      adapters: { LAN: { behaviour: 'answer' } },
      settings: { acceptedDomains: senders },
      destinations: {
        '198.51.100.25': (recipient) =>
          recipient.startsWith('four') ? { code: 450, text: '4.2.0 come back' } : recipient.startsWith('five') ? { code: 550, text: '5.1.1 no such user' } : null,
      },
    })
    await start(stage.transport)
    await sendTo(stage.port, ['four@example.test', 'five@example.test'])
    const [returned] = await eventually(() => stage.arrived, (mails) => mails.length > 0)
    expect(returned).toMatchObject({ from: '', to: ['bob@sender.test'] })
    expect(returned?.text).toMatch(/Final-Recipient: rfc822;\s?five@example\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/)
    expect(returned?.text).toMatch(/Diagnostic-Code: smtp;\s?550 5\.1\.1 no such user/)
    expect(returned?.text).not.toContain('four@example.test:')
    const { messages } = await eventually(() => stage.transport.messages({}, all), ({ messages: some }) => some.length === 1 && some[0]?.lastError !== null)
    expect(messages[0]).toMatchObject({ recipients: ['four@example.test'], status: 'Retry', lastError: '451 4.4.0 Primary target IP address responded with: "450 4.2.0 come back"' })
  })

  it('that is no mail server, or refuses the STARTTLS that it offered: the mail waits or goes without, and is not returned', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } } })
    const port = await speaker((line) => (line === '' ? 'hello i am no smtp\r\n' : null))
    await stage.setWorld((world) => Object.assign(world['reach'] as object, { '198.51.100.25:25': `127.0.0.1:${port}` }))
    await start(await stage.open())
    await stage.send('alice@example.test')
    expect((await firstTried())?.lastError).toContain('hello i am no smtp')

    const asked: string[] = []
    const other = await speaker((line) => {
      asked.push(line.slice(0, 8))
      if (line === '') return '220 mail.example.test\r\n'
      if (line.startsWith('EHLO')) return '250-mail.example.test\r\n250 STARTTLS\r\n'
      return line.startsWith('STARTTLS') ? '502 5.5.1 no\r\n' : line.startsWith('DATA') ? '354 go\r\n' : line === '.' || /^(MAIL|RCPT)/.test(line) ? '250 2.0.0 ok\r\n' : null
    })
    await stage.setWorld((world) => Object.assign(world['reach'] as object, { '198.51.100.25:25': `127.0.0.1:${other}` }))
    await stage.transport.control('restart', { signal: signal() })
    await eventually(() => asked, (words) => words.includes('STARTTLS'))
    const { messages } = await eventually(() => stage.transport.messages({}, all), ({ messages: some }) => some[0]?.status === 'Retry')
    expect(messages[0]?.lastError).toContain('502')
  })

  it.each(['421 4.3.2 too busy', '554 5.7.1 not for you', 'hello i am no smtp'])('of two that greets with “%s”: the other one gets the mail', async (greeting) => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: twoHosts } }, destinations: { '198.51.100.26': 'accept' } })
    const busy = await speaker((line) => (line === '' ? `${greeting}\r\n` : null))
    await stage.setWorld((world) => Object.assign(world['reach'] as object, { '198.51.100.25:25': `127.0.0.1:${busy}` }))
    await start(await stage.open())
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
  })

  it('of two that greets with 421 while the other is not there: its answer is the last error, and the mail waits', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: twoHosts } } })
    const busy = await speaker((line) => (line === '' ? '220 mail.example.test\r\n' : '421 4.3.2 too busy\r\n'))
    await stage.setWorld((world) => Object.assign(world['reach'] as object, { '198.51.100.25:25': `127.0.0.1:${busy}`, '198.51.100.26:25': '127.0.0.1:1' }))
    await start(await stage.open())
    await stage.send('alice@example.test')
    expect(await firstTried()).toMatchObject({ status: 'Retry', lastError: '451 4.4.0 Primary target IP address responded with: "421 4.3.2 too busy"' })
  })

  it('that takes no mail at all (null MX): the sender is told 556 5.1.10, in a message that is clean', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: ['example.test MX 0 .'] } }, settings: { acceptedDomains: senders } })
    await start(stage.transport)
    await sendTo(stage.port, ['alice@example.test'], 'Grüße an alle')
    const [returned] = await eventually(() => stage.arrived, (mails) => mails.length > 0)
    expect(returned?.text).toMatch(/Status: 5\.1\.10\r\nDiagnostic-Code: smtp;\s?556 5\.1\.10 example\.test takes no mail/)
    const head = returned?.text.split('\r\n\r\n')[0] ?? ''
    expect(head).toMatch(/^[\s\x20-\x7e]*$/)
    expect(head).toContain(`=?utf-8?B?${Buffer.from('Undeliverable: Grüße an alle').toString('base64')}?=`)
  })
})

describe('the process', () => {
  it('that is told to stop while it starts, stops', async () => {
    await open({ adapters: {} })
    const starting = stage.transport.control('start', { signal: signal() }).catch(() => null)
    const other = await stage.open()
    await eventually(() => other.serviceState(), ({ state }) => state !== 'stopped')
    const { service } = await other.control('stop', { signal: signal() })
    expect(service.state).toBe('stopped')
    await starting
  })

  it('that hangs is said to hang, and is ended by a restart without loss', { timeout: 60_000 }, async () => {
    await open({ adapters: { DMZ: { behaviour: 'servfail' } } })
    const { pid } = await start(stage.transport)
    await stage.send('alice@example.test')
    await firstTried()
    process.kill(pid ?? 0, 'SIGSTOP')
    const other = await stage.open()
    expect(await other.serviceState()).toMatchObject({ state: 'running', pid, note: expect.stringContaining('does not answer') })
    const { service } = await other.control('restart', { signal: AbortSignal.timeout(40_000) })
    expect(service).toMatchObject({ state: 'running', note: null })
    expect(service.pid).not.toBe(pid)
    expect((await other.messages({}, all)).total).toBe(1)
  })

  it('ends when its home folder is taken away', { timeout: 30_000 }, async () => {
    await open({ adapters: {} })
    const { pid } = await start(stage.transport)
    await rm(stage.home.folder, { recursive: true })
    await eventually(() => isAlive(pid ?? 0), (alive) => !alive)
  })

  it('starts although folders and foreign files lie in its queue', async () => {
    await open({ adapters: {} })
    await mkdir(join(stage.home.queue, `${Date.now()}_${Date.now()}_0_1_AbCdEf_1_edge`), { recursive: true })
    expect((await start(stage.transport)).state).toBe('running')
  })

  it('is not mistaken for a dead one’s zombie', async () => {
    // A parent that never hears of its child’s end, as in a container without an init.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] })
    ends.push(async () => parent.kill('SIGKILL'))
    const [text] = await once(parent.stdout, 'data')
    const zombie = Number(String(text))
    const state = () => readFile(`/proc/${zombie}/stat`, 'utf8').then((stat) => stat.split(') ')[1]?.[0], () => null)
    if ((await state()) === null) return
    await eventually(state, (now) => now === 'Z')
    await open({ adapters: {} })
    await mkdir(stage.home.folder, { recursive: true })
    await writeFile(stage.home.lock, `${zombie}\n`)
    expect((await stage.transport.serviceState()).state).toBe('stopped')
    expect((await start(stage.transport)).state).toBe('running')
  })
})

describe('settings', () => {
  it.each([{ name: 'a\nMAIL FROM:<evil@x>' }, { name: 'a b' }, { acceptedDomains: [{ domain: 'a.test', nextHop: 'a b!!' }] }, { acceptedDomains: [{ domain: 'a.test', nextHop: '127.0.0.1:99999' }] }, { acceptedDomains: [...senders, { domain: 'SENDER.test', nextHop: 'x' }] }])('are refused: %j', (settings) => {
    expect(settingsSchema.safeParse(settings).success).toBe(false)
  })

  it.each([
    ['mailbox.test', 'mailbox.test', 25],
    ['mailbox.test:2525', 'mailbox.test', 2525],
    ['10.0.0.1', '10.0.0.1', 25],
    ['10.0.0.1:26', '10.0.0.1', 26],
    ['fd00::1', 'fd00::1', 25],
    ['[fd00::1]:26', 'fd00::1', 26],
  ])('read the next hop %s', (text, host, port) => {
    expect(parseNextHop(text)).toEqual({ host, port })
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
