// The diagnosis against real DNS servers on loopback, with a transport that only says what waits and what it asks.
import { afterEach, describe, expect, it } from 'vitest'
import type { DnsLookups, LookupSource } from '../../preload/contract/dns.ts'
import type { Queue } from '../../preload/contract/queues.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { diagnose } from '../../main/diagnosis/diagnose.ts'
import { answers, mx, serve } from '../dns/server.ts'
import { openLab } from '../../main/lab/lab.ts'
import { readScenario } from '../../main/lab/scenario.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }
import type { Transport } from '../../main/transport/transport.ts'
import { limitDefaults } from '../../preload/contract/limits.ts'
import { worldOf } from '../../main/world/world-file.ts'
import type { World } from '../../main/world/world.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})
const never = new AbortController().signal

async function worldWith(change: object = {}): Promise<World> {
  const lab = await openLab(readScenario({ ...structuredClone(wrongAdapter), ...change }), { signal: never })
  stops.push(lab.stop)
  return worldOf(lab.worldFile)
}

const dmz: LookupSource = { kind: 'adapter', id: 'DMZ', name: 'DMZ' }
const lan: LookupSource = { kind: 'adapter', id: 'LAN', name: 'LAN' }

function transportWith(source: LookupSource, domains = ['example.test'], external: LookupSource | null = null) {
  const lookups: DnsLookups = { internal: { source, protocol: 'any' }, external: { source: external ?? source, protocol: 'any' }, useExternalForInternet: external !== null }
  const queue = (nextHop: string): Queue => ({ nextHop, deliveryType: 'DnsConnectorDelivery', status: 'Retry', messages: 1, nextRetry: null, lastRetry: null, lastError: '451 4.4.0 DNS query failed', suspended: 0, inbound: false, reasons: [] })
  const transport = {
    queues: async () => domains.map(queue),
    messages: async () => ({ messages: [], total: 0 }),
    properties: async () => ({ name: 'edge.sender.test', home: '/nowhere', lookups, limits: limitDefaults, inEffect: null, acceptedDomains: [], hosts: { reads: true, text: '' }, service: { state: 'running', listening: null, since: null, note: null, pid: null } }) as unknown as Properties,
  } as unknown as Transport
  return { transport, lookups }
}

const why = (world: World, transport: Transport, signal = never) => diagnose({ world, transport }, { target: '*', signal })
const proven = async (...asked: Parameters<typeof why>) => (await why(...asked)).causes.filter(({ proof }) => proof === 'proven').map(({ name, remedies }) => ({ name, remedy: remedies[0]?.name ?? null }))

const dnsServers = (lanDoes: string, dmzDoes: string) => ({
  dnsServers: [
    { address: '10.0.0.10', behaviour: lanDoes },
    { address: '203.0.113.53', behaviour: dmzDoes },
  ],
})

describe('the wrong adapter is proven', () => {
  it.each([
    ['fails', 'servfail', '203.0.113.53 answered SERVFAIL'],
    ['refuses', 'refused', '203.0.113.53 answered REFUSED'],
    ['is silent', 'silent', '203.0.113.53 did not answer within 2.5 s'],
    ['denies what there is', 'nxdomain', '203.0.113.53 says that example.test does not exist'],
  ])('where its server %s and another adapter’s answers', async (_, behaviour, said) => {
    const world = await worldWith(dnsServers('answer', behaviour))
    const { causes: [cause], findings } = await why(world, transportWith(dmz).transport)
    expect(cause).toMatchObject({ name: 'dns-wrong-adapter', proof: 'proven', remedies: [{ name: 'use-adapter:LAN' }] })
    expect(findings.filter(({ id }) => cause?.for.includes(id)).map(({ text }) => text).sort()).toEqual([
      expect.stringMatching(new RegExp(`^Adapter “DMZ”, which the transport asks: .*${said}`)),
      expect.stringMatching(/^Adapter “LAN”: 10\.0\.0\.10 answers in \d+ ms: example\.test MX mail\.example\.test; mail\.example\.test is 198\.51\.100\.25$/),
    ])
    expect(findings.filter(({ check }) => check === 'dns-compared')).toHaveLength(2)
  })

  it('where it vanished', async () => {
    const { causes: [cause], findings } = await why(await worldWith(), transportWith({ kind: 'adapter', id: 'gone', name: 'WAN' }).transport)
    expect(cause).toMatchObject({ name: 'dns-wrong-adapter', remedies: [{ name: 'use-adapter:LAN' }] })
    expect(findings.find(({ id }) => id === cause?.for[0])?.text).toContain('The adapter “WAN” is missing.')
  })

  it('on the external side, where Internet mail asks there', async () => {
    const { causes: [cause] } = await why(await worldWith(), transportWith(lan, ['example.test'], dmz).transport)
    expect(cause?.remedies).toMatchObject([{ name: 'use-adapter:LAN', wanted: { lookups: { external: { source: lan, protocol: 'any' } } } }])
    expect(Object.keys(cause?.remedies[0]?.wanted?.lookups ?? {})).toEqual(['external'])
  })

  it('for a domain without MX whose own address answers', async () => {
    const world = await worldWith({ zone: ['example.test A 198.51.100.25'] })
    expect(await proven(world, transportWith(dmz).transport)).toEqual([{ name: 'dns-wrong-adapter', remedy: 'use-adapter:LAN' }])
  })
})

describe('the wrong adapter is not named', () => {
  it.each([
    ['where the chosen adapter answers', {}, lan, []],
    ['where every adapter’s server fails', dnsServers('servfail', 'servfail'), dmz, [{ name: 'dns-server-failing', remedy: 'wait:unknown' }]],
    ['where every adapter’s server denies', dnsServers('nxdomain', 'nxdomain'), dmz, [{ name: 'domain-not-found', remedy: 'tell-sender' }]],
    ['where no adapter was chosen', {}, { kind: 'servers', servers: ['203.0.113.53'] } as LookupSource, [{ name: 'dns-server-failing', remedy: 'use-servers:10.0.0.10' }]],
    ['for a null MX', { ...dnsServers('answer', 'answer'), zone: ['example.test MX 0 .'] }, dmz, [{ name: 'domain-null-mx', remedy: 'tell-sender' }]],
    ['where the mail host is nowhere', { ...dnsServers('answer', 'answer'), zone: ['example.test MX 10 gone.test'] }, dmz, [{ name: 'mx-target-missing', remedy: 'tell-destination:example.test' }]],
    ['where the other adapter is down', { adapters: [{ ...wrongAdapter.adapters[0], state: 'down' }, wrongAdapter.adapters[1]] }, dmz, [{ name: 'dns-server-failing', remedy: 'wait:unknown' }]],
  ])('%s', async (_, change, source, expected) => {
    expect(await proven(await worldWith(change), transportWith(source).transport)).toEqual(expected)
  })
  it('where no mail waits', async () => {
    const found = await why(await worldWith(), transportWith(dmz, []).transport)
    expect(found).toMatchObject({ healthy: true, text: 'No mail waits, and nothing wrong was found.', domains: [] })
    expect(found.causes.filter(({ proof }) => proof !== 'ruled out')).toEqual([])
  })
})

describe('the diagnosis', () => {
  it('says what it could not find out, and goes on', async () => {
    const world = await worldWith()
    const broken: World = { ...world, adapters: world.adapters, hostsFile: world.hostsFile, isPublic: world.isPublic, reach: () => { throw new Error('no way out') } }
    const { findings, causes } = await why(broken, transportWith(dmz).transport)
    expect(findings.filter(({ check }) => check === 'dns-compared')).toMatchObject([{ verdict: 'not-known', text: 'Not known, because: no way out' }])
    expect(causes.filter(({ proof }) => proof === 'proven')).toEqual([])
  })
  it('can be cancelled', async () => {
    const world = await worldWith(dnsServers('silent', 'silent'))
    const cancel = new AbortController()
    const running = why(world, transportWith(dmz).transport, cancel.signal)
    setImmediate(() => cancel.abort())
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  })
  it('looks at a name that cannot be one', async () => {
    expect((await proven(await worldWith(), transportWith(dmz, ['no name', '']).transport)).map(({ name }) => name)).not.toContain('dns-wrong-adapter')
  })
  it('tells each finding as it comes, and each check when it begins and ends', async () => {
    const told: string[] = []
    const { findings, checks } = await diagnose({ world: await worldWith(), transport: transportWith(dmz).transport }, { target: '*', signal: never, told: (one) => told.push(one.kind === 'finding' ? one.finding.id : `${one.kind} ${one.check.name}`) })
    for (const { name } of checks) expect(told).toEqual(expect.arrayContaining([`check began ${name}`, `check ended ${name}`]))
    expect(told.filter((one) => !one.startsWith('check')).sort()).toEqual(findings.map(({ id }) => id).sort())
    for (const cause of (await why(await worldWith(), transportWith(dmz).transport)).causes) for (const id of [...cause.for, ...cause.against]) expect(findings.map((one) => one.id)).toContain(id)
  })
  it.each(['nonsense', 'two words.test', '@', 'alice@'])('refuses “%s”, which is no target', async (target) => {
    await expect(diagnose({ world: await worldWith(), transport: transportWith(dmz).transport }, { target, signal: never })).rejects.toMatchObject({ code: expect.stringMatching(/^(not-found|bad-input)$/) })
  })
  it('asks no DNS server anything twice', async () => {
    const { Questions } = await import('../../main/diagnosis/questions.ts')
    const server = await serve(answers(mx('example.test', 'mail.example.test')))
    stops.push(server.close)
    const questions = new Questions((address, port) => ({ address, port }), never)
    const ask = () => questions.resolve([server.text], { name: 'example.test', type: 'MX' }, 'any')
    const all = await Promise.all([ask(), ask(), questions.agreed([server.text], { name: 'Example.test', type: 'MX' })])
    expect(all.map(({ kind }) => kind)).toEqual(['records', 'records', 'records'])
    expect(server.asked).toHaveLength(1)
  })
})
