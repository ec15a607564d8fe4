// A world for the relay's tests: real DNS servers, real destinations and a home folder, all on loopback.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import { openDnsServer } from '../../main/lab/dns.ts'
import type { Behaviour } from '../../main/lab/scenario.ts'
import { submit } from '../../main/lab/submit.ts'
import { readRecord, type ZoneRecord } from '../../main/lab/zone.ts'
import { EmbeddedTransport } from '../../main/transport/embedded/embedded.ts'
import { type Home, homeAt, makeHome } from '../../main/transport/embedded/home.ts'
import { worldOf } from '../../main/world/world-file.ts'

export interface Mail {
  from: string
  to: string[]
  text: string
}

export interface DnsServerOf {
  behaviour: Behaviour
  zone?: string[]
}

export interface Refusal {
  code: number
  text: string
}
export type Manner = 'accept' | Refusal | ((recipient: string) => Refusal | null | Promise<Refusal | null>)

export interface Plan {
  /** Adapter name → its DNS server. */
  adapters: Record<string, DnsServerOf>
  hosts?: string
  settings?: object
  /** Address → what it answers to RCPT; `accept` keeps the mail. */
  destinations?: Record<string, Manner>
}

export interface Stage {
  home: Home
  folder: string
  worldFile: string
  port: number
  arrived: Mail[]
  transport: EmbeddedTransport
  /** Another window or command on the same home folder. */
  open(): Promise<EmbeddedTransport>
  send(to: string, from?: string): Promise<void>
  setWorld(change: (world: Record<string, unknown>) => void): Promise<void>
  close(): Promise<void>
}

export const zone = ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25']

export const adapter = (name: string): DnsLookups['internal'] => ({ source: { kind: 'adapter', id: name, name }, protocol: 'any' })
export const lookups = (internal: DnsLookups['internal']): DnsLookups => ({ internal, external: internal, useExternalForInternet: false })

export async function openStage(plan: Plan): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewise-test-'))
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const arrived: Mail[] = []
  const reach: Record<string, string> = {}
  const port = await freePort()
  reach['127.0.0.1:2525'] = `127.0.0.1:${port}`

  const adapters = await Promise.all(
    Object.entries(plan.adapters).map(async ([name, { behaviour, zone: records = zone }], at) => {
      const server = await openDnsServer(behaviour, records.map(record))
      ends.push(server.stop)
      const address = `10.0.${at}.53`
      reach[`${address}:53`] = `127.0.0.1:${server.port}`
      return { name, addresses: [`10.0.${at}.2/24`], dnsServers: [address] }
    }),
  )
  for (const [address, manner] of Object.entries(plan.destinations ?? { '198.51.100.25': 'accept' as const })) {
    const server = destination(manner, arrived)
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    ends.push(() => new Promise<void>((done) => server.close(() => done())))
    const at = server.server.address()
    if (at === null || typeof at === 'string') throw new Error('no port')
    reach[`${address}:25`] = `127.0.0.1:${at.port}`
  }
  const worldFile = join(folder, 'world.json')
  const world: Record<string, unknown> = { adapters, hostsFile: join(folder, 'hosts'), reach }
  await writeFile(worldFile, JSON.stringify(world))
  await writeFile(join(folder, 'hosts'), plan.hosts ?? '127.0.0.1 localhost\n')
  const home = homeAt(join(folder, 'home'))
  const transports: EmbeddedTransport[] = []
  const open = async () => {
    const transport = new EmbeddedTransport({ home, world: await worldOf(worldFile), diesWithParent: true })
    transports.push(transport)
    return transport
  }
  const transport = await open()
  if (plan.settings) {
    await makeHome(home)
    await writeFile(home.settings, JSON.stringify(plan.settings))
  }
  let closed = false
  return {
    home,
    folder,
    worldFile,
    port,
    arrived,
    transport,
    open,
    send: (to, from = 'bob@sender.test') =>
      submit({ address: '127.0.0.1', port }, { from, to, subject: 'Hello' }, AbortSignal.timeout(10_000)),
    async setWorld(change) {
      change(world)
      await writeFile(worldFile, JSON.stringify(world))
    },
    async close() {
      if (closed) return
      closed = true
      await transport.control('stop', { signal: AbortSignal.timeout(10_000) }).catch(() => {})
      for (const one of transports) await one.close()
      for (const end of ends.reverse()) await end()
    },
  }
}

export function record(line: string): ZoneRecord {
  const read = readRecord(line)
  if ('problem' in read) throw new Error(read.problem)
  return read
}

export function destination(manner: Manner, arrived: Mail[]): SMTPServer {
  const judge = typeof manner === 'function' ? manner : () => (manner === 'accept' ? null : manner)
  return new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1,
    onRcptTo: ({ address }, _session, done) => {
      void Promise.resolve(judge(address)).then((refusal) => done(refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code })))
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        arrived.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() })
        done()
      })
    },
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  server.close()
  await once(server, 'close')
  if (at === null || typeof at === 'string') throw new Error('no port')
  return at.port
}

/** As a change does, without its guard. */
export async function save(transport: EmbeddedTransport, wanted: DnsLookups): Promise<void> {
  await transport.write((await transport.compose({ lookups: wanted })).after)
}

/** Asks again until it is so; the test's own time limit ends the wait. */
export async function eventually<T>(ask: () => T | Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask()
    if (holds(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** One message to several recipients, with whatever text. Rejects where it is not taken. */
export async function sendTo(port: number, recipients: string[], subject = 'Hello', body = 'text', { address = '127.0.0.1', from = 'bob@sender.test' } = {}): Promise<void> {
  const socket = createConnection(port, address)
  const lines = ['EHLO sender.test', `MAIL FROM:<${from}>`, ...recipients.map((one) => `RCPT TO:<${one}>`), 'DATA', `Subject: ${subject}\r\n\r\n${body.replace(/^\./gm, '..')}\r\n.`, 'QUIT']
  try {
    for (const line of ['', ...lines]) {
      if (line) socket.write(`${line}\r\n`)
      let heard = ''
      while (!/^\d{3} .*\r\n$/m.test(heard)) heard += String((await once(socket, 'data'))[0])
      if (!/^[23]/.test(heard)) throw new Error(`after “${line}” it said: ${heard}`)
    }
  } finally {
    socket.destroy()
  }
}
