// The health of real DNS servers on loopback, good and bad, all at once.
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { healthOf, type HealthName, type HealthOptions } from '../../main/dns/health.ts'
import { namesToKnow, serversToAsk } from '../../main/dns/health-subject.ts'
import { adviceOn } from '../../main/dns/advice.ts'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { serverHealthSchema, type ServerHealth } from '../../preload/contract/health.ts'
import { isPublicAddress } from '../../main/world/public-address.ts'
import { a, AA, fails, framed, garbage, mx, otherId, otherQuestion, RA, rcode, reply, serve, silent, TC, type Behaviour, type Serving, type TestServer } from './server.ts'

const reach: HealthOptions['reach'] = (address, port) => ({ address, port })
const names: HealthName[] = [{ name: 'corp.test', purpose: 'accepted' }, { name: 'example.test', purpose: 'waiting' }]
const limit = 600

let servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
})

async function started(behave: Behaviour, serving: Serving = {}): Promise<TestServer> {
  const server = await serve(behave, serving)
  servers.push(server)
  return server
}

/** Knows the root and the two domains. */
const knows = (mailHost = 'mail.example.test'): Behaviour => (query) => {
  const { name, type } = query.question
  if (type === 'NS') return [reply(query, { answers: [{ type: 'NS', name: '.', ttl: 60, data: 'a.root-servers.test' }] })]
  if (type === 'MX') return [reply(query, { answers: [mx(name, mailHost)] })]
  return [reply(query, { answers: type === 'A' ? [a(name, '192.0.2.25')] : [] })]
}

async function health(behave: Behaviour, serving: Serving = {}, asked = names): Promise<ServerHealth> {
  const server = await started(behave, serving)
  const [found] = await healthOf([{ server: server.text, adapters: ['lan'] }], asked, { reach, signal: new AbortController().signal, limit })
  if (!found) throw new Error('no health')
  return serverHealthSchema.parse(found)
}
const kinds = ({ notes }: ServerHealth) => notes.map(({ kind }) => kind)

describe('a DNS server', () => {
  test.each(['127.0.0.1', '::1'])('at %s that answers all: in how long, with recursion, over UDP and TCP', async (address) => {
    const found = await health(knows(), { address })
    expect(found).toMatchObject({ state: 'answers', udp: 'answers', tcp: 'answers', recursion: true, notes: [], family: address === '::1' ? 6 : 4, text: expect.stringMatching(/^answers, \d+ ms$/) })
    expect(found.ms).toBeGreaterThan(0)
    expect(found.answers.find(({ name, type }) => name === 'example.test' && type === 'MX')).toMatchObject({ purpose: 'waiting', verdict: 'records', values: ['10 mail.example.test'] })
  })

  test.each([
    ['fails', fails(rcode.SERVFAIL), 'fails'],
    ['refuses', fails(rcode.REFUSED), 'refuses'],
    ['denies everything, which is an answer', fails(rcode.NXDOMAIN), 'answers'],
    ['knows nothing and offers no recursion', ((query) => [reply(query, { flags: 0 })]) as Behaviour, 'not-recursive'],
    ['sends garbage', garbage, 'garbage'],
    ['answers another id', otherId, 'garbage'],
    ['answers another question', otherQuestion, 'garbage'],
    ['says nothing', silent, 'silent'],
  ])('that %s', async (_, behave, state) => {
    expect(await health(behave)).toMatchObject({ state, recursion: state === 'answers' || state === 'fails' || state === 'refuses' ? true : state === 'not-recursive' ? false : null })
  })

  test('where nothing listens, where no way leads, and what is no address', async () => {
    const gone = await serve(knows())
    await gone.close()
    const found = await healthOf([gone.text, 'fe80::1%no-adapter', 'no.address.test'].map((server) => ({ server, adapters: [] })), names, { reach, signal: new AbortController().signal, limit })
    expect(found.map(({ state }) => state)).toEqual(['closed', 'unreachable', 'unreachable'])
    // Something does listen here, and hangs up.
    expect(await health(silent, { tcp: (socket) => socket.destroy() })).toMatchObject({ state: 'closed', text: 'is no DNS server: it takes no questions' })
  })

  test('without TCP, or only with it, answers in part', async () => {
    const found = await health(knows(), { withTcp: false })
    expect(found).toMatchObject({ state: 'partly', udp: 'answers', tcp: 'closed', text: 'takes no questions over TCP, which long answers need' })
    const deaf = await health((query) => (query.over === 'udp' ? [] : knows()(query)))
    expect(deaf).toMatchObject({ state: 'partly', udp: 'silent', tcp: 'answers', text: 'does not answer over UDP' })
    expect([kinds(found), kinds(deaf)]).toEqual([['tcp-silent'], ['udp-silent']])
  })

  test('that ignores AAAA while A answers is told so', async () => {
    const ignoring: Behaviour = (query) => (query.question.type === 'AAAA' ? [] : knows()(query))
    const found = await health(ignoring)
    expect(found).toMatchObject({ state: 'partly', text: expect.stringContaining('ignores questions for AAAA') })
    expect(kinds(found)).toEqual(['ignores-aaaa', 'ignores-aaaa'])
    expect(kinds(await health(ignoring, {}, []))).toEqual(['ignores-aaaa'])
  })

  test('that fails for one domain answers in part and says which', async () => {
    const found = await health((query) => (query.question.name === 'corp.test' ? fails(rcode.SERVFAIL)(query) : knows()(query)))
    expect(found).toMatchObject({ state: 'partly', text: expect.stringMatching(/corp\.test.*SERVFAIL/) })
  })

  test('whose answer is cut is asked again over TCP; where that fails it answers only in part', async () => {
    const cuts: Behaviour = (query) => (query.over === 'udp' ? [reply(query, { flags: RA | TC })] : knows()(query))
    expect(await health(cuts)).toMatchObject({ state: 'answers', notes: [] })
    const found = await health(cuts, { withTcp: false })
    expect(found).toMatchObject({ state: 'partly', udp: 'partly' })
    expect(kinds(found)).toContain('truncated-without-tcp')
  })

  test('that is authoritative for a domain needs no recursion for it', async () => {
    expect(await health((query) => [reply(query, { flags: AA, answers: query.question.type === 'MX' ? [mx(query.question.name, 'mail.test')] : [] })])).toMatchObject({ state: 'answers' })
  })

  test.each<[string, (socket: Socket) => void]>([
    ['64 KB of nothing', (socket) => socket.once('data', () => socket.write(framed(Buffer.alloc(65_535, 0xff))))],
    ['one byte a second', (socket) => {
      const timer = setInterval(() => socket.write('\0'), 1000)
      socket.once('close', () => clearInterval(timer))
    }],
    ['a flood', (socket) => {
      const send = () => {
        while (socket.writable && socket.write(Buffer.alloc(65_537, 0xff)));
      }
      socket.on('drain', send).once('data', send)
    }],
  ])('that sends %s over TCP is bounded in time and memory', async (_, tcp) => {
    const before = process.memoryUsage.rss()
    const begun = performance.now()
    const found = await health(knows(), { tcp: (socket) => { socket.on('error', () => {}); tcp(socket) } })
    expect(performance.now() - begun).toBeLessThan(limit + 5000)
    expect(found).toMatchObject({ state: 'partly', udp: 'answers', tcp: expect.stringMatching(/^(silent|garbage)$/) })
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
  })
})

describe('several at once', () => {
  test('take no longer than the slowest, and each is told as soon as it is known', async () => {
    const [good, bad] = await Promise.all([Promise.all(Array.from({ length: 8 }, () => started(knows()))), Promise.all(Array.from({ length: 4 }, () => started(silent)))])
    const told: string[] = []
    const begun = performance.now()
    const all = [...bad, ...good].map(({ text }) => ({ server: text, adapters: [] }))
    const found = await healthOf(all, names, { reach, signal: new AbortController().signal, limit, told: ({ state }) => told.push(state) })
    expect(performance.now() - begun).toBeLessThan(limit + 400)
    expect(told).toEqual([...Array<string>(8).fill('answers'), ...Array<string>(4).fill('silent')])
    expect(found.map(({ server }) => server)).toEqual(all.map(({ server }) => server))
  })

  test('are let go when cancelled', async () => {
    const server = await started(silent)
    const begun = performance.now()
    const [found] = await healthOf([{ server: server.text, adapters: [] }], names, { reach, signal: AbortSignal.timeout(100), limit: 10_000 })
    expect(performance.now() - begun).toBeLessThan(2000)
    expect(found).toMatchObject({ state: 'cancelled' })
  })

  test('that say different things of mail say so, those of one adapter do not', async () => {
    const [inside, sibling, outside] = [await started(knows('mail.corp.test')), await started(knows('mail.corp.test')), await started((query) => (query.question.name === 'corp.test' ? fails(rcode.NXDOMAIN)(query) : knows('mail.corp.test')(query)))]
    const asked = [{ server: inside.text, adapters: ['lan'] }, { server: sibling.text, adapters: ['lan'] }, { server: outside.text, adapters: ['dmz'] }]
    const found = await healthOf(asked, names, { reach, signal: new AbortController().signal, limit })
    expect(found.map(kinds)).toEqual([['differs'], ['differs'], ['differs']])
    expect(found[0]?.notes[0]?.text).toBe(`answers corp.test MX: 10 mail.corp.test; ${outside.text} says that corp.test does not exist`)
    const same = await healthOf(asked.map((one) => ({ ...one, adapters: ['lan'] })), names, { reach, signal: new AbortController().signal, limit })
    expect(same.flatMap(kinds)).toEqual([])
  })
})

const adapter = (more: Partial<Adapter>): Adapter => ({ id: more.name ?? 'LAN', name: 'LAN', description: '', mac: null, kind: 'ethernet', state: 'up', addresses: ['10.0.0.12/24'], dnsServers: ['10.0.0.10'], dnsSource: 'static', ...more })

describe('who is asked', () => {
  test('is each server of the adapters that are up once, or of those named, and of the list', () => {
    const adapters = [adapter({ id: 'lan' }), adapter({ id: 'dmz', dnsServers: ['203.0.113.53', '10.0.0.10'] }), adapter({ id: 'off', state: 'down', dnsServers: ['10.9.9.9'] })]
    expect(serversToAsk(adapters, undefined, ['10.0.0.99'])).toEqual([{ server: '10.0.0.10', adapters: ['lan', 'dmz'] }, { server: '203.0.113.53', adapters: ['dmz'] }, { server: '10.0.0.99', adapters: [] }])
    expect(serversToAsk(adapters, ['off'], [])).toEqual([{ server: '10.9.9.9', adapters: ['off'] }])
  })

  test('is asked for accepted domains and those that wait, also where the transport hangs or fails', async () => {
    const { signal } = new AbortController()
    const properties = async () => ({ acceptedDomains: [{ domain: 'corp.test', nextHop: '10.0.0.20' }], service: { state: 'running' } })
    const queues = async () => ['corp.test', '[10.0.0.20]', 'idle.test', 'example.test'].map((nextHop) => ({ nextHop, lastError: nextHop === 'example.test' ? '400 4.4.7' : null }))
    expect(await namesToKnow({ properties, queues }, signal)).toEqual([{ name: 'corp.test', purpose: 'accepted' }, { name: 'example.test', purpose: 'waiting' }, { name: 'idle.test', purpose: 'waiting' }])
    const stopped = async () => ({ ...(await properties()), service: { state: 'stopped' } })
    expect(await namesToKnow({ properties: stopped, queues }, signal)).toEqual([{ name: 'corp.test', purpose: 'accepted' }])
    const hangs = () => new Promise<never>(() => {})
    const begun = performance.now()
    expect(await namesToKnow({ properties: hangs, queues }, signal)).toEqual([])
    expect(await namesToKnow({ properties, queues: async () => Promise.reject(new Error('down')) }, signal)).toHaveLength(1)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})

describe('advice on an adapter', () => {
  const world = { isPublic: (address: string) => isPublicAddress(address, true) }
  test.each<[string, Partial<Adapter>, string[]]>([
    ['that is as it should be', {}, []],
    ['that is switched off', { state: 'down', dnsServers: [] }, ['not-usable']],
    ['that is not connected', { state: 'disconnected' }, ['not-usable']],
    ['without DNS servers', { dnsServers: [] }, ['no-dns-servers']],
    ['inside that asks outside', { dnsServers: ['10.0.0.10', '203.0.113.53'] }, ['public-dns']],
    ['outside that asks outside', { addresses: ['203.0.113.12/24', 'fe80::1/64'], dnsServers: ['203.0.113.53'] }, []],
    ['without an address of its own', { addresses: ['fe80::1/64'], dnsServers: ['203.0.113.53'] }, []],
    ['whose IPv6 servers come first', { dnsServers: ['fd00::10', '10.0.0.10'] }, ['ipv6-first']],
    ['whose IPv6 servers come last', { dnsServers: ['10.0.0.10', 'fd00::10'] }, []],
    ['that is the loopback', { kind: 'loopback', dnsServers: [] }, []],
  ])('%s', (_, more, wanted) => {
    expect(adviceOn(adapter(more), world).map(({ kind }) => kind)).toEqual(wanted)
  })
})
