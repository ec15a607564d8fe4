// The destination and the sender of the lab, against each other and against peers that misbehave.
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openDestination } from '../../main/lab/destination.ts'
import { listen } from '../../main/lab/dns.ts'
import { submit } from '../../main/lab/submit.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function destination(accepts: boolean) {
  const opened = await openDestination({ banner: 'mail.example.test', accepts })
  stops.push(opened.stop)
  return opened
}

/** A server that says what it is told to, to whatever it hears. */
async function peer(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    greet(socket)
  })
  stops.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  return listen(server)
}

const message = { from: 'bob@edge.test', to: 'alice@example.test', subject: 'Grüße aus Köln' }
const send = (port: number, signal = new AbortController().signal) => submit({ address: '127.0.0.1', port }, message, signal)

describe('a destination of the lab', () => {
  it('keeps what it was given', async () => {
    const { port, delivered } = await destination(true)
    await Promise.all([send(port), send(port)])
    expect(delivered).toHaveLength(2)
    expect(delivered[0]).toMatchObject({ from: 'bob@edge.test', recipients: ['alice@example.test'], subject: `=?utf-8?B?${Buffer.from(message.subject).toString('base64')}?=` })
    expect(delivered[0]?.headers.get('message-id')).toMatch(/^<.+@sender\.edge\.test>$/)
  })
  it('can defer, which the sender is told', async () => {
    const { port, delivered } = await destination(false)
    await expect(send(port)).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('after “RCPT TO:<alice@example.test>” it said: 451 4.3.2') })
    expect(delivered).toHaveLength(0)
  })
})

describe('the sender', () => {
  it('says that nobody listens', async () => {
    const opened = await openDestination({ banner: 'x.test', accepts: true })
    await opened.stop()
    await expect(send(opened.port)).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('ECONNREFUSED') })
  })
  it('says that the connection was closed', async () => {
    const port = await peer((socket) => socket.end('220 hello\r\n'))
    await expect(send(port)).rejects.toMatchObject({ code: 'failed', message: expect.stringMatching(/the connection was closed|it said: nothing|EPIPE|ECONNRESET/) })
  })
  it('does not read a reply for ever', async () => {
    const port = await peer((socket) => socket.write(`220-${'x'.repeat(20_000)}\r\n`))
    await expect(send(port)).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('its reply does not end') })
  })
  it('reads replies of many lines, in pieces', async () => {
    const port = await peer((socket) => {
      socket.write('220-one\r\n22')
      setImmediate(() => socket.write('0 two\r\n'))
      socket.once('data', () => socket.write('554-no\r\n554 mail\r\n'))
    })
    await expect(send(port)).rejects.toMatchObject({ message: expect.stringContaining('it said: 554-no 554 mail') })
  })
  it('can be cancelled while a server is silent', async () => {
    const cancel = new AbortController()
    const port = await peer(() => cancel.abort())
    await expect(send(port, cancel.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })
})
