// What the relay holds itself to: no mail on a full disk, so many connections to one domain, its certificate, its addresses.
import { createServer, type Socket } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { expiredCertificate, makeCertificate } from '../../main/lab/certificate.ts'
import { testHosts } from '../../main/smtp/test.ts'
import { FreeSpace } from '../../main/transport/embedded/free-space.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { adapter, eventually, lookups, openStage, zone, type Plan, type Stage } from './stage.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const soon = () => AbortSignal.timeout(20_000)
const settings = { lookups: lookups(adapter('LAN')) }

async function begin(plan: Partial<Plan> = {}): Promise<Stage> {
  const stage = await openStage({ adapters: { LAN: { behaviour: 'answer' } }, settings, ...plan })
  closers.push(() => stage.close())
  await stage.transport.control('start', { signal: soon() })
  return stage
}

describe('a relay whose disk is full', { timeout: 60_000 }, () => {
  it('takes no mail, and takes it again once there is room', async () => {
    const stage = await begin()
    await stage.setWorld((of) => (of['freeSpace'] = 1_000_000))
    await expect(stage.send('alice@example.test')).rejects.toThrow('452 4.3.1 Insufficient system storage')
    await stage.setWorld((of) => delete of['freeSpace'])
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (arrived) => arrived.length === 1)
  })
  it('is one with less free than the settings want, asked of the disk itself', async () => {
    const world = { freeSpace: null }
    expect(await new FreeSpace(world, tmpdir(), Number.MAX_SAFE_INTEGER).isShort()).toBe(true)
    expect(await new FreeSpace(world, tmpdir(), 0).isShort()).toBe(false)
    expect(await new FreeSpace(world, join(tmpdir(), 'no-such-folder'), Number.MAX_SAFE_INTEGER).isShort()).toBe(false)
  })
})

describe('connections to one domain', { timeout: 60_000 }, () => {
  it('are as many at the same time as the limit says, and all mail gets there', async () => {
    let open = 0
    let most = 0
    const slow = async () => {
      most = Math.max(most, ++open)
      await new Promise((done) => setTimeout(done, 100))
      open -= 1
      return null
    }
    const stage = await begin({ settings: { ...settings, limits: { maxPerDomainOutboundConnections: 2 } }, destinations: { '198.51.100.25': slow } })
    for (let count = 1; count <= 8; count += 1) await stage.send(`r${count}@example.test`)
    await eventually(() => stage.arrived, (arrived) => arrived.length === 8)
    expect(most).toBe(2)
  })
  it('to others do not wait for them', async () => {
    let release = () => {}
    const held = new Promise<null>((done) => (release = () => done(null)))
    const stage = await begin({
      adapters: { LAN: { behaviour: 'answer', zone: [...zone, 'other.test MX 10 mx.other.test', 'mx.other.test A 192.0.2.25'] } },
      settings: { ...settings, limits: { maxPerDomainOutboundConnections: 1 } }, destinations: { '198.51.100.25': () => held, '192.0.2.25': 'accept' },
    })
    closers.push(async () => release())
    for (const to of ['a@example.test', 'b@example.test', 'c@other.test']) await stage.send(to)
    await eventually(() => stage.arrived, (arrived) => arrived.length === 1)
    expect(stage.arrived[0]?.to).toEqual(['c@other.test'])
    release()
    await eventually(() => stage.arrived, (arrived) => arrived.length === 3)
  })
  it('leave from the outbound addresses in turn', async () => {
    const seen: (string | undefined)[] = []
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      seen.push(socket.remoteAddress)
      sockets.add(socket)
      socket.on('error', () => {}).end('421 4.3.2 Later\r\n')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    closers.push(() => {
      for (const socket of sockets) socket.destroy()
      return new Promise((done) => server.close(done))
    })
    const stage = await begin({ settings: { ...settings, outboundAddresses: ['203.0.113.12', '203.0.113.140'] } })
    const at = server.address()
    if (at === null || typeof at === 'string') throw new Error('no port')
    await stage.setWorld((of) => Object.assign(of, { sources: { '203.0.113.12': '127.0.0.11', '203.0.113.140': '127.0.0.12' }, reach: { ...(of['reach'] as object), '198.51.100.25:25': `127.0.0.1:${at.port}` } }))
    for (const to of ['a@example.test', 'b@example.test']) await stage.send(to)
    await eventually(() => seen, (all) => all.length === 2)
    expect([...seen].sort()).toEqual(['127.0.0.11', '127.0.0.12'])
    expect((await stage.transport.properties()).outboundAddresses).toEqual(['203.0.113.12', '203.0.113.140'])
  })
})

describe('the relay’s certificate', { timeout: 60_000 }, () => {
  async function files(made: { cert: string; key: string }) {
    const folder = await mkdtemp(join(tmpdir(), 'edgewise-test-'))
    closers.push(() => rm(folder, { recursive: true }))
    const certificate = { cert: join(folder, 'edge.crt'), key: join(folder, 'edge.key') }
    await writeFile(certificate.cert, made.cert)
    await writeFile(certificate.key, made.key)
    return certificate
  }
  async function greeted(stage: Stage) {
    const world = await worldOf(stage.worldFile)
    const target = { key: 'own', host: 'edge.test', address: '127.0.0.1', family: 4, port: 2525 } as const
    const [dialogue] = await testHosts([target], { recipient: 'postmaster@edge.test', from: '', helo: 'probe.test', tls: 'if-offered', auth: null, data: null, source: null, timeouts: { connect: 5, reply: 10 }, reach: (address, port) => world.reach(address, port), signal: soon() })
    return dialogue?.steps.find(({ stage: step }) => step === 'starttls')?.tls?.expiresInDays
  }

  it('is shown to those who ask for TLS, also one that has expired; without one there is no TLS', async () => {
    expect(await greeted(await begin({ settings: { ...settings, certificate: await files(makeCertificate('edge.test')) } }))).toBeGreaterThan(20)
    expect(await greeted(await begin({ settings: { ...settings, certificate: await files(expiredCertificate('edge.test')) } }))).toBeLessThan(-20)
    expect(await greeted(await begin())).toBeUndefined()
  })
  it('that is none, or another key’s, keeps the service from starting and is named', async () => {
    const mixed = await files({ cert: makeCertificate('edge.test').cert, key: makeCertificate('edge.test').key })
    await expect(begin({ settings: { ...settings, certificate: mixed } })).rejects.toMatchObject({ message: expect.stringContaining(mixed.cert) })
    await expect(begin({ settings: { ...settings, certificate: { ...mixed, key: '/nowhere/edge.key' } } })).rejects.toMatchObject({ message: expect.stringContaining('/nowhere/edge.key') })
  })
})
