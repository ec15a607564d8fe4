import { createConnection } from 'node:net'
import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { ask } from '../../main/dns/ask.ts'
import { type LabDnsServer, openDnsServer } from '../../main/lab/dns.ts'
import type { Behaviour } from '../../main/lab/scenario.ts'
import { readRecord, type ZoneRecord } from '../../main/lab/zone.ts'

const running: LabDnsServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function open(behaviour: Behaviour, ...lines: string[]): Promise<LabDnsServer> {
  const records = lines.map(readRecord).filter((read): read is ZoneRecord => !('problem' in read))
  const server = await openDnsServer(behaviour, records)
  running.push(server)
  return server
}

const asking = (protocol: 'udp' | 'tcp' | 'any', timeout = 5_000) => ({ protocol, timeout, reach: (address: string, port: number) => ({ address, port }) })
const at = ({ port }: LabDnsServer) => ({ address: '127.0.0.1', port })

describe.each(['udp', 'tcp'] as const)('a DNS server of the lab over %s', (protocol) => {
  it('answers from its zone', async () => {
    const server = await open('answer', 'example.test MX 10 mail.example.test')
    expect(await ask(at(server), { name: 'example.test', type: 'MX' }, asking(protocol))).toMatchObject({
      kind: 'answer',
      rcode: 'NOERROR',
      recursionAvailable: true,
      authoritative: false,
      answers: [{ type: 'MX', data: { preference: 10, exchange: 'mail.example.test' } }],
    })
  })
  it.each([
    ['servfail', 'SERVFAIL'],
    ['refused', 'REFUSED'],
    ['nxdomain', 'NXDOMAIN'],
  ] as const)('that is %s says %s', async (behaviour, rcode) => {
    const server = await open(behaviour, 'example.test A 198.51.100.1')
    expect(await ask(at(server), { name: 'example.test', type: 'A' }, asking(protocol))).toMatchObject({ kind: 'answer', rcode, answers: [] })
  })
  it('that is silent says nothing', async () => {
    const server = await open('silent', 'example.test A 198.51.100.1')
    expect(await ask(at(server), { name: 'example.test', type: 'A' }, asking(protocol, 200))).toMatchObject({ kind: 'none', reason: 'silent' })
  })
  it('stops with a client connected, and listens no more', async () => {
    const server = await open('answer')
    const socket = createConnection(server.port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise((done) => socket.once('connect', done))
    await running.pop()?.stop()
    expect(await ask(at(server), { name: 'example.test', type: 'A' }, asking('tcp', 500))).toMatchObject({ kind: 'none', reason: 'refused' })
    socket.destroy()
  })
})

describe('a DNS server of the lab', () => {
  it('sends over TCP what is too long for UDP', async () => {
    const server = await open('answer', ...Array.from({ length: 120 }, (_, n) => `many.test A 198.51.100.${n + 1}`))
    expect(await ask(at(server), { name: 'many.test', type: 'A' }, asking('udp'))).toMatchObject({ truncated: true, answers: [] })
    const whole = await ask(at(server), { name: 'many.test', type: 'A' }, asking('any'))
    expect(whole).toMatchObject({ over: 'tcp', truncated: false })
    expect(whole.kind === 'answer' && whole.answers).toHaveLength(120)
  })
  it('survives what is no query', async () => {
    const server = await open('answer', 'example.test A 198.51.100.1')
    const udp = createSocket('udp4')
    for (const bytes of [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(12, 0xff), Buffer.alloc(600, 0xc0)]) await new Promise((sent) => udp.send(bytes, server.port, '127.0.0.1', sent))
    udp.close()
    const tcp = createConnection(server.port, '127.0.0.1')
    tcp.on('error', () => {})
    tcp.write(Buffer.from([0, 3, 1, 2, 3, 255, 255]))
    expect(await ask(at(server), { name: 'example.test', type: 'A' }, asking('any'))).toMatchObject({ kind: 'answer', rcode: 'NOERROR' })
    tcp.destroy()
  })
})
