// What a mail server of the lab says, to a client that writes line by line, and how its connections fail.
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { type LabDestination, type Manner, openDestination } from '../../main/lab/destination.ts'
import { submit } from '../../main/lab/submit.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function open(manner: Partial<Manner>): Promise<LabDestination> {
  const opened = await openDestination({ banner: 'mail.example.test', ...manner })
  stops.push(opened.stop)
  return opened
}

/** A client: `say` writes a line and gives the whole reply; `ended` is how the connection ended. */
class Client {
  private text = ''
  private wake = () => {}
  readonly ended: Promise<string>
  socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
    this.ended = new Promise((done) => {
      socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
      socket.on('close', () => done('closed'))
    })
    this.hear(socket)
  }

  private hear(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString()
      this.wake()
    })
  }

  async reply(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.text)?.[0]
      if (whole !== undefined) {
        this.text = this.text.slice(whole.length)
        return whole.trim()
      }
      const end = await Promise.race([new Promise<null>((done) => (this.wake = () => done(null))), this.ended])
      if (end !== null && this.text === '') throw new Error(`the connection ended: ${end}`)
    }
  }

  say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return this.reply()
  }

  async dialogue(...lines: string[]): Promise<string[]> {
    const replies = [await this.reply()]
    for (const line of lines) replies.push(await this.say(line))
    return replies
  }

  async startTls(): Promise<TLSSocket> {
    this.socket.removeAllListeners('data')
    const secure = connectTls({ socket: this.socket, servername: 'mail.example.test', rejectUnauthorized: false })
    stops.push(() => secure.destroy())
    await new Promise<void>((done, failed) => secure.once('secureConnect', done).once('error', failed))
    this.socket = secure
    this.hear(secure)
    return secure
  }
}

function client({ port }: LabDestination): Client {
  const socket = connect(port, '127.0.0.1')
  stops.push(() => socket.destroy())
  return new Client(socket)
}

const hello = ['EHLO edge.test', 'MAIL FROM:<bob@edge.test>', 'RCPT TO:<alice@example.test>']
const message = { from: 'bob@edge.test', to: 'alice@example.test', subject: 'Hello' }
const never = new AbortController().signal
const send = ({ port }: LabDestination, change: object = {}) => submit({ address: '127.0.0.1', port }, { ...message, ...change }, never)

describe('a mail server of the lab', () => {
  it('speaks SMTP in order', async () => {
    const replies = await client(await open({ maxSize: 1000 })).dialogue('DATA', 'NONSENSE', 'RCPT TO:<alice@example.test>', 'EHLO edge.test', 'MAIL FROM:<bob@edge.test>', 'MAIL FROM:<bob@edge.test>', 'RSET', 'NOOP', 'QUIT')
    expect(replies.map((reply) => reply.slice(0, 3))).toEqual(['220', '503', '502', '503', '250', '250', '503', '250', '250', '221'])
    expect(replies[4]).toBe('250-mail.example.test\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1000')
  })

  it.each([
    ['connect', '554 5.7.1 Not you', 0],
    ['ehlo', '500 5.5.1 What?', 1],
    ['mail', '450 4.1.8 Domain not found', 2],
    ['rcpt', '450 4.2.2 Mailbox full', 3],
    ['data', '451 4.3.0 Not now', 4],
  ] as const)('says what it was told to at %s', async (moment, reply, at) => {
    const replies = await client(await open({ replies: { [moment]: reply } })).dialogue(...hello, 'DATA')
    expect(replies[at]).toBe(reply)
  })

  it('says what it was told to of a message, and keeps none of it', async () => {
    const opened = await open({ replies: { message: '451 4.7.1 It looks like spam' } })
    await expect(send(opened)).rejects.toThrow('it said: 451 4.7.1 It looks like spam')
    expect(opened.delivered).toEqual([])
  })

  it('says a reply of several lines, each with its code, and hangs up after 421', async () => {
    const one = client(await open({ replies: { rcpt: '421-4.7.0 Too much\nof it\n4.7.0 today' } }))
    expect((await one.dialogue(...hello)).at(-1)).toBe('421-4.7.0 Too much\r\n421-of it\r\n421 4.7.0 today')
    expect(await one.ended).toBe('closed')
  })

  it('has a word for single recipients', async () => {
    const opened = await open({ recipients: { 'Gone@example.test': '550 5.1.1 No such user' } })
    expect((await client(opened).dialogue(...hello, 'RCPT TO:<gone@EXAMPLE.test>')).slice(-2)).toEqual(['250 2.1.5 Recipient ok', '550 5.1.1 No such user'])
  })

  it('greylists a pair of sender and recipient for its time, and no other longer', async () => {
    const opened = await open({ greylist: { seconds: 0.4, reply: '451 4.7.1 Come back' } })
    await expect(send(opened)).rejects.toThrow('451 4.7.1 Come back')
    await expect(send(opened)).rejects.toThrow('451 4.7.1 Come back')
    await new Promise((done) => setTimeout(done, 450))
    await send(opened)
    await expect(send(opened, { to: 'carol@example.test' })).rejects.toThrow('451 4.7.1 Come back')
    expect(opened.delivered.map(({ recipients }) => recipients)).toEqual([['alice@example.test']])
  })

  it('takes so many messages and no more within the time; one that never came does not count', async () => {
    const opened = await open({ rateLimit: { after: 2, seconds: 1, reply: '450 4.7.1 Slow down' } })
    await client(opened).dialogue(...hello, 'RSET')
    await send(opened)
    await send(opened)
    await expect(send(opened)).rejects.toThrow('450 4.7.1 Slow down')
    await new Promise((done) => setTimeout(done, 1_050))
    await send(opened)
    expect(opened.delivered).toHaveLength(3)
  })

  it('takes nothing too large, whether it is said before or not', async () => {
    const opened = await open({ maxSize: 5_000 })
    await send(opened, { size: 4_000 })
    await expect(send(opened, { size: 6_000 })).rejects.toThrow('552 5.3.4')
    expect((await client(opened).dialogue('EHLO edge.test', 'MAIL FROM:<bob@edge.test> SIZE=6000')).at(-1)).toMatch(/^552 5\.3\.4/)
    expect(opened.delivered).toHaveLength(1)
  })

  it('takes its time', async () => {
    const one = client(await open({ delay: 200 }))
    expect(await Promise.race([one.reply(), new Promise((done) => setTimeout(done, 50, 'nothing yet'))])).toBe('nothing yet')
  })

  it('survives what is no SMTP', async () => {
    const opened = await open({})
    for (const bytes of ['\0\0\0', 'x'.repeat(50_000), '\r\n\r\n\r\n', '.\r\n']) {
      const one = client(opened)
      one.socket.write(bytes)
      await one.reply()
      one.socket.destroy()
    }
    await send(opened)
    expect(opened.delivered).toHaveLength(1)
  })

  it('takes mail with a dot at the beginning of a line as it was', async () => {
    const opened = await open({})
    const one = client(opened)
    await one.dialogue(...hello, 'DATA')
    expect(await one.say('Subject: one\r\nX-Dot: two\r\n\r\n..\r\n.')).toBe('250 2.0.0 Message taken')
    expect(opened.delivered).toMatchObject([{ from: 'bob@edge.test', subject: 'one' }])
  })
})

describe('TLS of a mail server of the lab', () => {
  it.each([
    ['good', null],
    ['expired', null],
    ['wrong-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('%s: mail goes through it', async (tls, nameProblem) => {
    const opened = await open({ tls })
    const one = client(opened)
    const replies = await one.dialogue('EHLO edge.test', 'STARTTLS')
    expect(replies[1]).toContain('STARTTLS')
    const secure = await one.startTls()
    const { valid_to: validTo } = secure.getPeerCertificate()
    expect(Date.parse(validTo) < Date.now()).toBe(tls === 'expired')
    expect((secure.getPeerX509Certificate()?.checkHost('mail.example.test') ?? null) === null).toBe(nameProblem !== null)
    expect(await one.say('EHLO edge.test')).not.toContain('STARTTLS')
    for (const line of hello.slice(1)) expect(await one.say(line)).toMatch(/^250/)
    await one.say('DATA')
    expect(await one.say('Subject: sealed\r\n\r\nx\r\n.')).toMatch(/^250/)
    expect(opened.delivered).toMatchObject([{ subject: 'sealed' }])
  })
  it('broken: the handshake fails', async () => {
    const one = client(await open({ tls: 'broken' }))
    expect((await one.dialogue('EHLO edge.test', 'STARTTLS')).at(-1)).toMatch(/^220/)
    await expect(one.startTls()).rejects.toThrow()
  })
  it('refused: offered, and answered 454', async () => {
    const replies = await client(await open({ tls: 'refused' })).dialogue('EHLO edge.test', 'STARTTLS')
    expect(replies[1]).toContain('STARTTLS')
    expect(replies[2]).toMatch(/^454 4\.7\.0/)
  })
  it('none: not offered, and not done', async () => {
    const replies = await client(await open({})).dialogue('EHLO edge.test', 'STARTTLS')
    expect(replies[1]).not.toContain('STARTTLS')
    expect(replies[2]).toMatch(/^502/)
  })
})

describe('connections to a place of the lab', () => {
  it('no-banner: connected, and never a word', async () => {
    const one = client(await open({ connection: 'no-banner' }))
    await new Promise((done) => one.socket.once('connect', done))
    one.socket.write('EHLO edge.test\r\n')
    expect(await Promise.race([one.reply(), one.ended, new Promise((done) => setTimeout(done, 300, 'nothing'))])).toBe('nothing')
  })
  it('reset-after-banner', async () => {
    const one = client(await open({ connection: 'reset-after-banner' }))
    expect(await one.reply()).toBe('220 mail.example.test ESMTP')
    one.socket.write('EHLO edge.test\r\n')
    expect(await one.ended).toBe('ECONNRESET')
  })
  // Other systems refuse where Linux is silent; the README says so.
  it.runIf(process.platform === 'linux')('silent: neither connected nor refused, for everybody who comes', async () => {
    const opened = await open({ connection: 'silent' })
    const ends = [1, 2, 3, 4].map(() => {
      const { socket, ended } = client(opened)
      return Promise.race([ended, new Promise((done) => socket.once('connect', () => done('connected'))), new Promise((done) => setTimeout(done, 1_000, 'silence'))])
    })
    expect(await Promise.all(ends)).toEqual(['silence', 'silence', 'silence', 'silence'])
  })
})
