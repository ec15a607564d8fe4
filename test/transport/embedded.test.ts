// The embedded relay for real: its own process, real DNS servers and destinations on loopback.
import { readdir, readFile, rm, writeFile, mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Filter } from '../../preload/contract/filter.ts'
import type { EmbeddedTransport } from '../../main/transport/embedded/embedded.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { adapter, eventually, lookups, openStage, type Plan, save, type Stage } from './stage.ts'

let stage: Stage
const open = async (plan: Plan) => (stage = await openStage(plan))
afterEach(() => stage?.close())

const all = { offset: 0, limit: 100 }
const toExample: Filter = { all: [{ field: 'nextHop', is: 'equals', value: 'example.test' }] }
const signal = () => AbortSignal.timeout(15_000)
const start = async (transport: EmbeddedTransport) => (await transport.control('start', { signal: signal() })).service
const waitingMessage = async () =>
  (await eventually(() => stage.transport.messages({}, all), ({ messages }) => messages.some(({ lastError }) => lastError !== null))).messages[0]

const wrongAndRight = { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer' } } as const

describe('the side that is asked', () => {
  it('uses the external side for Internet mail only where the send connector is told to', async () => {
    await open({ adapters: wrongAndRight })
    await save(stage.transport, { internal: adapter('DMZ'), external: adapter('LAN'), useExternalForInternet: true })
    await start(stage.transport)
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
  })

  it.each(['tcp', 'udp'] as const)('asks over %s alone when that is the protocol', async (protocol) => {
    await open({ adapters: { LAN: { behaviour: 'answer' } } })
    await save(stage.transport, lookups({ ...adapter('LAN'), protocol }))
    await start(stage.transport)
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
  })
})

describe('the next hop', () => {
  it('waits with the name of the DNS server that failed', async () => {
    await open({ adapters: wrongAndRight })
    await save(stage.transport, lookups(adapter('DMZ')))
    await start(stage.transport)
    await stage.send('alice@example.test')
    expect((await waitingMessage())?.lastError).toBe('451 4.4.0 DNS query failed. The error was: 10.0.0.53 answered SERVFAIL')
  })

  it('asks the hosts file before any DNS server', async () => {
    await open({ adapters: { DMZ: { behaviour: 'servfail' } }, hosts: '198.51.100.25\texample.test # by hand\n' })
    await start(stage.transport)
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
  })

  it('takes a mail host’s address from the hosts file where DNS has the MX only', async () => {
    await open({
      adapters: { LAN: { behaviour: 'answer', zone: ['example.test MX 10 mail.example.test'] } },
      hosts: '198.51.100.25 mail.example.test\n',
    })
    await start(stage.transport)
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
  })

  it('keeps mail for a domain that is said not to exist: a wrong adapter’s DNS server says so of every name', async () => {
    await open({ adapters: { DMZ: { behaviour: 'nxdomain' } } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    expect((await waitingMessage())?.lastError).toMatch(/^451 4\.4\.0 DNS query failed\. The error was: SMTPSEND\.DNS\.NonExistentDomain; nonexistent domain/)
  })

  it('says which host refused the connection, in the world’s addresses', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } }, destinations: {} })
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const at = closed.address()
    closed.close()
    await stage.setWorld((world) => Object.assign(world['reach'] as object, { '198.51.100.25:25': `127.0.0.1:${typeof at === 'object' ? at?.port : 0}` }))
    const transport = await stage.open()
    await start(transport)
    await stage.send('alice@example.test')
    expect((await waitingMessage())?.lastError).toMatch(/^441 4\.4\.1 .*mail\.example\.test \[198\.51\.100\.25\]:25: .*ECONNREFUSED/)
  })

  it('shows what the destination answered', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } }, destinations: { '198.51.100.25': { code: 450, text: '4.2.0 Greylisted, see you later' } } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    expect((await waitingMessage())?.lastError).toBe('451 4.4.0 Primary target IP address responded with: "450 4.2.0 Greylisted, see you later"')
  })

})

describe('accepted mail', () => {
  it('is served although empty, cut or foreign files lie in the queue; these are kept aside', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } } })
    await mkdir(stage.home.queue, { recursive: true })
    await writeFile(join(stage.home.queue, `${Date.now()}_${Date.now()}_0_1_AbCdEf_1_edge`), '')
    await writeFile(join(stage.home.queue, `${Date.now()}_${Date.now()}_0_1_AbCdEg_2_edge`), Buffer.from([0, 0, 9, 9, 123]))
    await writeFile(join(stage.home.queue, '.stray'), 'x')
    await start(stage.transport)
    await stage.send('alice@example.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
    expect(await readdir(stage.home.unreadable)).toHaveLength(3)
    // Nobody may take the queue for empty who does not look into that folder.
    expect((await stage.transport.serviceState()).note).toBe(`3 files of its queue cannot be read, and were moved to ${stage.home.unreadable}: mail may be in them that is not among what waits.`)
    for (const name of (await readdir(stage.home.unreadable)).slice(1)) await rm(join(stage.home.unreadable, name))
    expect((await stage.transport.serviceState()).note).toMatch(/^A file of its queue cannot be read, and was moved /)
  })
})

describe('the delay notice', () => {
  it('tells the sender once, after the limit, as RFC 3464 has it', async () => {
    await open({
      adapters: { DMZ: { behaviour: 'servfail' } },
      settings: { name: 'edge.test', limits: { delayNotificationTimeout: 1 }, acceptedDomains: [{ domain: 'sender.test', nextHop: '198.51.100.25' }] },
    })
    await start(stage.transport)
    await stage.send('alice@example.test')
    const [notice] = await eventually(() => stage.arrived, (mails) => mails.length > 0)
    expect(notice).toMatchObject({ from: '', to: ['bob@sender.test'] })
    expect(notice?.text).toContain('Content-Type: multipart/report; report-type=delivery-status')
    expect(notice?.text).toMatch(/Reporting-MTA: dns;\s?edge\.test/)
    expect(notice?.text).toMatch(/Final-Recipient: rfc822;\s?alice@example\.test/)
    expect(notice?.text).toContain('Action: delayed')
    expect(notice?.text).toContain('Status: 4.4.7')
    expect(notice?.text).toContain('400 4.4.7 Message delayed')
    expect(notice?.text).toContain('Subject: Hello')
    const { messages } = await stage.transport.messages({ filter: toExample }, all)
    expect(messages[0]?.delayNotice).not.toBeNull()
    // Another restart tries the message again, but tells nobody again.
    await stage.transport.control('restart', { signal: signal() })
    await eventually(() => stage.transport.messages({ filter: toExample }, all), (page) => (page.messages[0]?.attempts.length ?? 0) >= 2)
    expect(stage.arrived).toHaveLength(1)
  })

  it('returns a message that is too old to be tried again', async () => {
    await open({
      adapters: { DMZ: { behaviour: 'servfail' } },
      settings: {
        limits: { messageExpirationTimeout: 5, transientFailureRetryInterval: 1 },
        acceptedDomains: [{ domain: 'sender.test', nextHop: '198.51.100.25' }],
      },
    })
    await start(stage.transport)
    await stage.send('alice@example.test')
    const [returned] = await eventually(() => stage.arrived, (mails) => mails.length > 0)
    expect(returned?.from).toBe('')
    expect(returned?.text).toContain('QUEUE.Expired')
    await eventually(() => stage.transport.queues(), (queues) => queues.length === 0)
  })
})

describe('what can be wrong', () => {
  it('says that the chosen adapter is missing, keeps the choice, and lets mail wait', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } } })
    await save(stage.transport, lookups({ source: { kind: 'adapter', id: 'gone', name: 'DMZ' }, protocol: 'any' }))
    await start(stage.transport)
    await stage.send('alice@example.test')
    expect((await waitingMessage())?.lastError).toContain('The adapter “DMZ” is missing')
    const properties = await stage.transport.properties()
    expect(properties.lookups.internal.source).toEqual({ kind: 'adapter', id: 'gone', name: 'DMZ' })
    expect(properties.inEffect?.internal).toMatchObject({ servers: [], problem: 'The adapter “DMZ” is missing.' })
  })

  it('names the port that is taken, and starts once it is free', async () => {
    await open({ adapters: {} })
    const other = createServer().listen(stage.port, '127.0.0.1')
    await once(other, 'listening')
    await expect(start(stage.transport)).rejects.toThrow(`The port 127.0.0.1:${stage.port} is taken by another program.`)
    expect((await stage.transport.serviceState()).state).toBe('stopped')
    other.close()
    await once(other, 'close')
    expect((await start(stage.transport)).state).toBe('running')
  })

  it('leaves a damaged settings file as it is, and a running service running', async () => {
    await open({ adapters: {} })
    const { pid } = await start(stage.transport)
    await writeFile(stage.home.settings, '{"lookups": 1')
    await expect(stage.transport.control('restart', { signal: signal() })).rejects.toThrow(/settings file .* is damaged/)
    await expect(save(stage.transport, lookups(adapter('LAN')))).rejects.toThrow(/damaged/)
    expect(await readFile(stage.home.settings, 'utf8')).toBe('{"lookups": 1')
    expect((await stage.transport.serviceState()).pid).toBe(pid)
  })

  it('says that the home folder cannot be written', async () => {
    await open({ adapters: {} })
    await writeFile(stage.home.folder, 'a file')
    await expect(start(stage.transport)).rejects.toThrow(/home folder .* cannot be written/)
  })
})
