// Real mail servers on loopback: npm's smtp-server, and a raw one that says whatever a test wants and keeps all it hears.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { SmtpStep, SmtpTarget } from '../../preload/contract/smtp-test.ts'
import { Dialogue, type DialogueOptions } from '../../main/smtp/dialogue.ts'

const ends: (() => unknown)[] = []
/** Also when a test fails. */
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
export const atEnd = (end: () => unknown) => void ends.push(end)

const file = (name: string) => readFileSync(join(import.meta.dirname, 'certificates', name))
/** `good` is for mail.example.test by an authority that nobody knows, `expired` likewise, `own` is self-signed for another name. */
export const certificate = (name: 'good' | 'expired' | 'own') => ({ key: file(`${name}.key`), cert: name === 'own' ? file('own.pem') : Buffer.concat([file(`${name}.pem`), file('authority.pem')]) })

export interface Raw {
  port: number
  address: string
  /** All bytes that came, of each connection. */
  heard: Buffer[]
  sockets: Set<Socket>
}

export async function raw(behave: (socket: Socket, connection: number) => void, address = '127.0.0.1'): Promise<Raw> {
  const heard: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const connection = heard.push(Buffer.alloc(0)) - 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => (heard[connection] = Buffer.concat([heard[connection] ?? chunk, chunk])))
    behave(socket, connection)
  })
  server.listen(0, address)
  await once(server, 'listening')
  atEnd(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((done) => server.close(done))
  })
  return { port: (server.address() as AddressInfo).port, address, heard, sockets }
}

/** What it says to each command, by its verb; `banner` at first. A function may do anything. */
export type Answers = Record<string, string | ((socket: Socket, line: string) => void)>
export const polite: Answers = {
  banner: '220 raw.test ESMTP\r\n', EHLO: '250-raw.test\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n', HELO: '250 raw.test\r\n', MAIL: '250 2.1.0 Ok\r\n', RCPT: '250 2.1.5 Ok\r\n', DATA: '354 Go on\r\n', '.': '250 2.0.0 Queued\r\n', QUIT: '221 2.0.0 Bye\r\n',
}

export function answering(answers: Answers): (socket: Socket) => void {
  return (socket) => {
    const say = (to: string, line: string) => {
      const answer = answers[to] ?? '500 5.5.1 What?\r\n'
      if (typeof answer === 'string') socket.write(answer, 'latin1')
      else answer(socket, line)
    }
    let held = ''
    let message = false
    say('banner', '')
    socket.on('data', (chunk) => {
      held += chunk.toString('latin1')
      for (let at = held.indexOf('\r\n'); at !== -1; at = held.indexOf('\r\n')) {
        const line = held.slice(0, at)
        held = held.slice(at + 2)
        if (message && line !== '.') continue
        const verb = message ? '.' : (line.split(' ')[0] ?? '').toUpperCase()
        message = verb === 'DATA'
        say(verb, line)
      }
    })
  }
}

export async function smtpServer(options: SMTPServerOptions = {}): Promise<{ port: number; address: string }> {
  const server = new SMTPServer({ disableReverseLookup: true, logger: false, closeTimeout: 1, authOptional: true, ...options })
  // A client that breaks off is no concern of a test's.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  atEnd(() => new Promise<void>((done) => server.close(done)))
  return { port: (server.server.address() as AddressInfo).port, address: '127.0.0.1' }
}

export const target = ({ address, port }: { address: string; port: number }, host = 'mail.example.test'): SmtpTarget => ({ key: `${host} ${address}:${port}`, host, address, family: address.includes(':') ? 6 : 4, port })

export const options = (more: Partial<DialogueOptions> = {}): Omit<DialogueOptions, 'target'> => ({
  recipient: 'alice@example.test', from: 'bob@sender.test', helo: 'edge.sender.test', tls: 'none', auth: null, data: null, source: null,
  timeouts: { connect: 5, reply: 5 }, reach: (address, port) => ({ address, port }), signal: new AbortController().signal, ...more,
})

/** A dialogue by hand that has been opened, and a way to do the next thing in it. */
export async function byHand(peer: { address: string; port: number }, more: Parameters<typeof options>[0] = {}) {
  const dialogue = new Dialogue({ ...options(more), target: target(peer) })
  atEnd(() => dialogue.close())
  const steps: SmtpStep[] = []
  const told = (step: SmtpStep) => void steps.push(step)
  await dialogue.open(told)
  const type = async (text: string): Promise<SmtpStep | undefined> => {
    await dialogue.do({ kind: 'line', text }, told)
    return steps.at(-1)
  }
  return { dialogue, steps, told, type }
}
