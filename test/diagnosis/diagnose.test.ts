// The diagnosis against real DNS servers on loopback, with a transport that only says what waits and what it asks.
import { afterEach, describe, expect, it } from 'vitest'
import type { DnsLookups, LookupSource } from '../../preload/contract/dns.ts'
import type { Queue } from '../../preload/contract/queues.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { diagnose } from '../../main/diagnosis/diagnose.ts'
import { lookupsWith, wantedBy } from '../../main/diagnosis/remedies.ts'
import { openLab } from '../../main/lab/lab.ts'
import { readScenario } from '../../main/lab/scenario.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }
import type { Transport } from '../../main/transport/transport.ts'
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
  const queue = (nextHop: string): Queue => ({ nextHop, deliveryType: 'DnsConnectorDelivery', status: 'Retry', messages: 1, nextRetry: null, lastRetry: null, lastError: '451 4.4.0 DNS query failed' })
  const transport = {
    queues: async () => domains.map(queue),
    properties: async () => ({ lookups, inEffect: null }) as unknown as Properties,
  } as unknown as Transport
  return { transport, lookups }
}

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
    const { causes, findings } = await diagnose({ world, transport: transportWith(dmz).transport }, { signal: never })
    expect(causes).toMatchObject([{ name: 'dns-wrong-adapter', remedy: 'use-adapter:LAN' }])
    expect(causes[0]?.evidence).toEqual([
      expect.stringMatching(new RegExp(`^Adapter “DMZ”, which the transport asks: .*${said}`)),
      expect.stringMatching(/^Adapter “LAN”: 10\.0\.0\.10 answers in \d+ ms: example\.test MX mail\.example\.test; mail\.example\.test is 198\.51\.100\.25$/),
    ])
    expect(findings).toHaveLength(2)
  })

  it('where it vanished', async () => {
    const world = await worldWith()
    const { causes } = await diagnose({ world, transport: transportWith({ kind: 'adapter', id: 'gone', name: 'WAN' }).transport }, { signal: never })
    expect(causes).toMatchObject([{ name: 'dns-wrong-adapter', remedy: 'use-adapter:LAN', evidence: [expect.stringContaining('The adapter “WAN” is missing.'), expect.any(String)] }])
  })

  it('on the external side, where Internet mail asks there', async () => {
    const world = await worldWith()
    const { transport } = transportWith(lan, ['example.test'], dmz)
    const [cause] = (await diagnose({ world, transport }, { signal: never })).causes
    expect(cause?.remedy).toBe('use-adapter:LAN')
    const { lookups } = await wantedBy(cause?.remedy ?? '', { world, transport })
    expect(lookups).toMatchObject({ internal: { source: lan }, external: { source: lan }, useExternalForInternet: true })
  })

  it('for a domain without MX whose own address answers', async () => {
    const world = await worldWith({ zone: ['example.test A 198.51.100.25'] })
    expect((await diagnose({ world, transport: transportWith(dmz).transport }, { signal: never })).causes).toMatchObject([{ remedy: 'use-adapter:LAN' }])
  })
})

describe('nothing is named', () => {
  it.each([
    ['where the chosen adapter answers', {}, lan],
    ['where every adapter’s server fails', dnsServers('servfail', 'servfail'), dmz],
    ['where every adapter’s server denies', dnsServers('nxdomain', 'nxdomain'), dmz],
    ['where no adapter was chosen', {}, { kind: 'servers', servers: ['203.0.113.53'] } as LookupSource],
    ['for a null MX', { zone: ['example.test MX 0 .'] }, dmz],
    ['where the mail host is nowhere', { zone: ['example.test MX 10 gone.test'] }, dmz],
    ['where the other adapter is down', { adapters: [{ ...wrongAdapter.adapters[0], state: 'down' }, wrongAdapter.adapters[1]] }, dmz],
  ])('%s', async (_, change, source) => {
    const world = await worldWith(change)
    expect((await diagnose({ world, transport: transportWith(source).transport }, { signal: never })).causes).toEqual([])
  })
  it('where no mail waits', async () => {
    expect(await diagnose({ world: await worldWith(), transport: transportWith(dmz, []).transport }, { signal: never })).toEqual({ findings: [], causes: [] })
  })
})

describe('the diagnosis', () => {
  it('says what it could not find out, and goes on', async () => {
    const world = await worldWith()
    const broken: World = { ...world, adapters: world.adapters, reach: () => { throw new Error('no way out') } }
    const { findings, causes } = await diagnose({ world: broken, transport: transportWith(dmz).transport }, { signal: never })
    expect(findings).toMatchObject([{ verdict: 'not-known', text: 'Not known, because: no way out' }])
    expect(causes).toEqual([])
  })
  it('can be cancelled', async () => {
    const world = await worldWith(dnsServers('silent', 'silent'))
    const cancel = new AbortController()
    const running = diagnose({ world, transport: transportWith(dmz).transport }, { signal: cancel.signal })
    setImmediate(() => cancel.abort())
    await expect(running).rejects.toThrow()
  })
  it('looks at a name that cannot be one', async () => {
    const { causes } = await diagnose({ world: await worldWith(), transport: transportWith(dmz, ['no name', '']).transport }, { signal: never })
    expect(causes).toEqual([])
  })
})

describe('a remedy', () => {
  const adapters = ['a', 'b'].map((id) => ({ id, name: 'DMZ', description: '', mac: null, kind: 'ethernet' as const, state: 'up' as const, addresses: [], dnsServers: [], dnsSource: '' }))
  const { lookups } = transportWith(dmz)
  it('keeps the protocol and the other side', () => {
    expect(lookupsWith('use-adapter:b', lookups, adapters)).toEqual({ ...lookups, internal: { source: { kind: 'adapter', id: 'b', name: 'DMZ' }, protocol: 'any' } })
  })
  it.each(['use-adapter:LAN', 'use-adapter:', 'retry', ''])('“%s” that means nothing here is refused', (remedy) => {
    expect(() => lookupsWith(remedy, lookups, adapters)).toThrow(expect.objectContaining({ code: 'failed' }))
  })
})
