import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask } from '../../main/dns/ask.ts'
import { resolve } from '../../main/dns/resolve.ts'
import { type Lab, openLab } from '../../main/lab/lab.ts'
import { findScenario } from '../../main/lab/library.ts'
import { readScenario } from '../../main/lab/scenario.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }
import { submit } from '../../main/lab/submit.ts'
import { worldOf } from '../../main/world/world-file.ts'

let folder: string
const labs: Lab[] = []
const signal = new AbortController().signal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
  vi.stubEnv('TMPDIR', folder)
  vi.stubEnv('TEMP', folder)
})
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.stop()))
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

async function open(scenario = findScenario('wrong-adapter')): Promise<Lab> {
  const lab = await openLab(scenario, { signal })
  labs.push(lab)
  return lab
}

describe('a lab', () => {
  it('makes a world in which the scenario is true', async () => {
    const lab = await open()
    const world = await worldOf(lab.worldFile)
    expect((await world.adapters()).map(({ id, name, dnsServers, dnsSource }) => ({ id, name, dnsServers, dnsSource }))).toEqual([
      { id: 'LAN', name: 'LAN', dnsServers: ['10.0.0.10'], dnsSource: 'world file' },
      { id: 'DMZ', name: 'DMZ', dnsServers: ['203.0.113.53'], dnsSource: 'world file' },
    ])
    expect(readFileSync(world.hostsFile, 'utf8')).toBe('127.0.0.1 localhost\n')
    const options = { protocol: 'any', timeout: 5_000, reach: world.reach } as const
    expect(await resolve(['10.0.0.10'], { name: 'example.test', type: 'MX' }, options)).toMatchObject({ kind: 'records' })
    expect(await resolve(['203.0.113.53'], { name: 'example.test', type: 'MX' }, options)).toMatchObject({ kind: 'failed', text: '203.0.113.53 answered SERVFAIL' })
    expect(world.reach('127.0.0.1', 2525)).toEqual(lab.intake)
    await submit(world.reach('198.51.100.25', 25), { from: 'bob@edge.test', to: 'alice@example.test', subject: 'Hello' }, signal)
    expect(lab.delivered()).toMatchObject([{ subject: 'Hello' }])
    expect(readdirSync(lab.home)).toEqual([])
  })

  it('keeps to loopback what the scenario names and does not play', async () => {
    const lab = await open(
      readScenario({
        ...wrongAdapter,
        adapters: [{ name: 'LAN', addresses: ['10.0.0.12/24'], dnsServers: ['10.0.0.10', '10.0.0.11', '[fd00::11]:5353'] }],
        lookups: { internal: { servers: ['192.0.2.53'] }, external: { adapter: 'LAN' } },
        zone: ['far.test A 198.51.100.99', 'far.test AAAA 2001:db8::99'],
        dnsServers: [{ address: '10.0.0.10', behaviour: 'answer' }],
      }),
    )
    const world = await worldOf(lab.worldFile)
    for (const [address, port] of [['10.0.0.11', 53], ['fd00::11', 5353], ['192.0.2.53', 53], ['198.51.100.99', 25], ['2001:db8::99', 25]] as const)
      expect(world.reach(address, port)).toMatchObject({ address: '127.0.0.1' })
    const silent = await ask({ address: '10.0.0.11', port: 53 }, { name: 'far.test', type: 'A' }, { protocol: 'udp', timeout: 100, reach: world.reach })
    expect(silent).toMatchObject({ kind: 'none', reason: 'silent' })
  })

  it('gives the edge server an address with a name, and blocklists to ask', async () => {
    const lab = await open(readScenario({ ...wrongAdapter, egress: { address: '203.0.113.12', ptr: ['mail.edge.test'] }, blocklists: [{ zone: 'bl.test', lists: ['203.0.113.12'] }] }))
    const world = await worldOf(lab.worldFile)
    expect(world.egressAddress).toBe('203.0.113.12')
    expect(world.blocklists).toEqual(['bl.test'])
    const options = { protocol: 'any', timeout: 5_000, reach: world.reach } as const
    expect(await resolve(['10.0.0.10'], { name: '12.113.0.203.in-addr.arpa', type: 'PTR' }, options)).toMatchObject({ records: [{ data: 'mail.edge.test' }] })
    expect(await resolve(['10.0.0.10'], { name: '12.113.0.203.bl.test', type: 'A' }, options)).toMatchObject({ records: [{ data: '127.0.0.2' }] })
  })

  it('leads nowhere what is refused, unreachable, or named by a lie or the hosts file', async () => {
    const lab = await open(
      readScenario({
        ...wrongAdapter,
        hosts: '192.0.2.99 mail.example.test\n',
        dnsServers: [{ address: '10.0.0.10', behaviour: 'lie', addresses: ['192.0.2.66'] }],
        destinations: [{ address: '198.51.100.25', connection: 'refused' }, { address: '2001:db8::25', connection: 'unreachable' }],
      }),
    )
    const { reach } = await worldOf(lab.worldFile)
    const failure = (address: string) =>
      new Promise((done) => {
        const to = reach(address, 25)
        const socket = connect(to.port, to.address)
        socket.once('error', (error: NodeJS.ErrnoException) => done(error.code))
        socket.once('connect', () => socket.destroy(new Error('connected')))
      })
    for (const address of ['198.51.100.25', '192.0.2.99', '192.0.2.66']) expect(await failure(address)).toBe('ECONNREFUSED')
    expect(await failure('2001:db8::25')).toBe('ENETUNREACH')
  })

  it('gives a DNS server its own zone', async () => {
    const lab = await open(
      readScenario({ ...wrongAdapter, dnsServers: [{ address: '10.0.0.10', behaviour: 'answer', zone: ['example.test MX 5 other.test'] }, { address: '203.0.113.53', behaviour: 'answer' }] }),
    )
    const { reach } = await worldOf(lab.worldFile)
    const mx = async (server: string) => {
      const found = await resolve([server], { name: 'example.test', type: 'MX' }, { protocol: 'any', timeout: 5_000, reach })
      return found.kind === 'records' && found.records.map((record) => record.type === 'MX' && record.data.exchange)
    }
    expect(await mx('10.0.0.10')).toEqual(['other.test'])
    expect(await mx('203.0.113.53')).toEqual(['mail.example.test'])
  })

  it('stops wholly, and once', async () => {
    const lab = await open()
    const { reach } = await worldOf(lab.worldFile)
    const listeners = process.listenerCount('SIGTERM')
    await Promise.all([lab.stop(), lab.stop()])
    expect(existsSync(dirname(lab.worldFile))).toBe(false)
    expect(process.listenerCount('SIGTERM')).toBe(listeners - 1)
    await expect(submit(reach('198.51.100.25', 25), { from: 'a@b.test', to: 'c@d.test', subject: '' }, signal)).rejects.toThrow('ECONNREFUSED')
  })

  it('leaves nothing when it is cancelled while it opens', async () => {
    const cancel = new AbortController()
    const opening = openLab(findScenario('wrong-adapter'), { signal: cancel.signal })
    cancel.abort()
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' })
    expect(readdirSync(folder)).toEqual([])
  })

  it('says where its folder cannot be made', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'))
    vi.stubEnv('TEMP', join(folder, 'nowhere'))
    await expect(openLab(findScenario('wrong-adapter'), { signal })).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining(join(folder, 'nowhere')) })
  })

  it('sweeps up after a lab whose process was killed, and after no other', async () => {
    await open()
    const here = /^edgewise-lab-\d+-(\d+)-/.exec(readdirSync(folder)[0] ?? '')?.[1]
    // The highest process id that Linux gives is 2^22; what is of another namespace has an hour's grace.
    const [dead, gone, fresh, own] = [`4194305-${here}-a`, '4194305-1-b', '4194305-1-c', `${process.pid}-1-d`].map((name) => join(folder, `edgewise-lab-${name}`))
    for (const path of [dead, gone, fresh, own]) mkdirSync(path ?? '')
    const old = new Date(Date.now() - 2 * 3_600_000)
    for (const path of [gone, own]) utimesSync(path ?? '', old, old)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await open()
    expect([dead, gone, fresh, own].map((path) => existsSync(path ?? ''))).toEqual([false, false, true, true])
  })
})
