import { createConnection } from 'node:net'
import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { ask } from '../../main/dns/ask.ts'
import { type LabDnsServer, type Manner, openDnsServer } from '../../main/lab/dns.ts'
import type { Behaviour } from '../../main/lab/scenario.ts'
import { readRecord, type ZoneRecord } from '../../main/lab/zone.ts'

const running: LabDnsServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

const open = (behaviour: Behaviour, ...lines: string[]) => openWith({}, behaviour, ...lines)

async function openWith(manner: Manner, behaviour: Behaviour, ...lines: string[]): Promise<LabDnsServer> {
  const records = lines.map(readRecord).filter((read): read is ZoneRecord => !('problem' in read))
  const server = await openDnsServer(behaviour, records, manner)
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

describe('a DNS server of the lab that misbehaves', () => {
  const zone = ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25', 'mail.example.test AAAA 2001:db8::25']
  const address = (answer: Awaited<ReturnType<typeof ask>>) => (answer.kind === 'answer' ? answer.answers.map((record) => ('data' in record ? record.data : null)) : [])

  it('lies about hosts, and about nothing else', async () => {
    const server = await openWith({ addresses: ['198.51.100.66', '198.51.100.67'] }, 'lie', ...zone)
    expect(address(await ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('udp')))).toEqual(['198.51.100.66', '198.51.100.67'])
    expect(address(await ask(at(server), { name: 'mail.example.test', type: 'AAAA' }, asking('udp')))).toEqual([])
    expect(address(await ask(at(server), { name: 'example.test', type: 'MX' }, asking('udp')))).toEqual([{ preference: 10, exchange: 'mail.example.test' }])
    expect(await ask(at(server), { name: 'other.test', type: 'A' }, asking('udp'))).toMatchObject({ rcode: 'NXDOMAIN' })
  })
  it('answers late', async () => {
    const server = await openWith({ delay: 300 }, 'slow', ...zone)
    const question = { name: 'mail.example.test', type: 'A' } as const
    expect(await ask(at(server), question, asking('udp', 100))).toMatchObject({ kind: 'none', reason: 'silent' })
    expect(address(await ask(at(server), question, asking('udp')))).toEqual(['198.51.100.25'])
    expect(address(await ask(at(server), question, asking('tcp')))).toEqual(['198.51.100.25'])
  })
  it('stops while an answer is due', async () => {
    const server = await openWith({ delay: 60_000 }, 'slow', ...zone)
    const asked = ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('udp', 300))
    await running.pop()?.stop()
    expect(await asked).toMatchObject({ kind: 'none' })
  })
  it('answers over TCP only', async () => {
    const server = await open('truncate', ...zone)
    expect(await ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('udp'))).toMatchObject({ truncated: true, answers: [] })
    expect(await ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('any'))).toMatchObject({ over: 'tcp', truncated: false, answers: [{ data: '198.51.100.25' }] })
  })
  it('takes TCP and never answers there', async () => {
    const server = await openWith({ tcp: false }, 'answer', ...zone)
    expect(await ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('tcp', 300))).toMatchObject({ kind: 'none', reason: 'silent' })
    expect(address(await ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('udp')))).toEqual(['198.51.100.25'])
  })
  it('ignores questions for IPv6 addresses alone', async () => {
    const server = await open('ignore-aaaa', ...zone)
    expect(await ask(at(server), { name: 'mail.example.test', type: 'AAAA' }, asking('udp', 300))).toMatchObject({ kind: 'none', reason: 'silent' })
    expect(address(await ask(at(server), { name: 'mail.example.test', type: 'A' }, asking('udp')))).toEqual(['198.51.100.25'])
  })
  it('offers no recursion and refers to the root', async () => {
    const server = await open('not-recursive', ...zone)
    expect(await ask(at(server), { name: 'example.test', type: 'MX' }, asking('udp'))).toMatchObject({ rcode: 'NOERROR', recursionAvailable: false, authoritative: false, answers: [], authorities: [{ type: 'NS', name: '.' }] })
  })
  it('is an authority for a zone of its own', async () => {
    const server = await openWith({ authoritative: true }, 'answer', ...zone)
    expect(await ask(at(server), { name: 'example.test', type: 'MX' }, asking('udp'))).toMatchObject({ authoritative: true, recursionAvailable: true })
  })
})

describe('records over the wire', () => {
  it.each([
    ['a.test SOA ns.a.test hostmaster.a.test 1 7200 3600 1209600 300', 'SOA', { mname: 'ns.a.test', rname: 'hostmaster.a.test', serial: 1, minimum: 300 }],
    ['a.test SRV 0 1 587 mail.a.test', 'SRV', { priority: 0, weight: 1, port: 587, target: 'mail.a.test' }],
    ['a.test CAA 0 issue "ca.test"', 'CAA', { flags: 0, tag: 'issue', value: 'ca.test' }],
    ['a.test TLSA 3 1 1 00ff', 'TLSA', { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from('00ff', 'hex') }],
    ['a.test DS 1 13 2 abcd', 'DS', { keyTag: 1, algorithm: 13, digestType: 2, digest: Buffer.from('abcd', 'hex') }],
    ['a.test DNAME b.test', 'DNAME', 'b.test'],
    ['a.test PTR b.test', 'PTR', 'b.test'],
    ['a.test TYPE65 \\# 3 000100', 'UNKNOWN_65', Buffer.from([0, 1, 0])],
  ])('%s', async (line, type, data) => {
    const server = await open('answer', line)
    const answer = await ask(at(server), { name: 'a.test', type: type as 'SOA' }, asking('udp'))
    const [first] = answer.kind === 'answer' ? answer.answers : []
    expect(first).toMatchObject(typeof data === 'string' || Buffer.isBuffer(data) ? { data } : { data: expect.objectContaining(data) })
  })
})
