// Whole incidents with a real relay, real DNS servers and real mail hosts on loopback: diagnosed, cured, looked at again.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Changes } from '../../main/change/changes.ts'
import { diagnosesOf, diagnosisAnswers } from '../../main/diagnosis-answers.ts'
import type { Edge } from '../../main/edgewise.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { oneClick, type Diagnosis } from '../../preload/contract/diagnosis.ts'
import { eventually, openStage, adapter, lookups, type Plan, type Stage } from '../transport/stage.ts'
import { rawHost, type RawHost, type Script } from './raw-smtp.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const zone = ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25', 'sender.test MX 10 edge.sender.test', 'edge.sender.test A 203.0.113.10']
const settings = { name: 'edge.sender.test', lookups: lookups(adapter('LAN')) }

async function scene(plan: Partial<Plan> = {}, world: object = {}): Promise<{ stage: Stage; edge: Edge; ask: ReturnType<typeof diagnosisAnswers> }> {
  const stage = await openStage({ adapters: { LAN: { behaviour: 'answer', zone } }, settings, ...plan })
  closers.push(() => stage.close())
  await stage.setWorld((of) => Object.assign(of, { egressAddress: '203.0.113.10', blocklists: [] }, world))
  const real = await worldOf(stage.worldFile)
  const edge: Edge = { world: real, transport: stage.transport, changes: new Changes(stage.home.folder, { world: real, transport: stage.transport }) }
  await stage.transport.control('start', { signal: AbortSignal.timeout(20_000) })
  return { stage, edge, ask: diagnosisAnswers(() => edge) }
}

const quiet = () => ({ signal: AbortSignal.timeout(60_000), progress: () => {} })
const run = (ask: ReturnType<typeof diagnosisAnswers>, target = 'example.test') => ask.run({ server: 'local', target }, quiet()) as Promise<Diagnosis>
const proven = ({ causes }: Diagnosis) => causes.filter(({ proof }) => proof === 'proven').map(({ name }) => name)

async function waits(stage: Stage, count = 1): Promise<void> {
  await eventually(async () => (await stage.transport.messages({}, { offset: 0, limit: 10 })).messages, (messages) => messages.length === count && messages.every(({ lastError }) => lastError !== null))
}

async function cured(ask: ReturnType<typeof diagnosisAnswers>, found: Diagnosis, target = 'example.test') {
  const remedy = oneClick(found)
  return ask.cure({ server: 'local', target, remedy: remedy?.name ?? '', by: 'a test' }, quiet())
}

/** A raw host in the place of a destination. */
async function withHost(stage: Stage, address: string, script: Script = {}): Promise<RawHost> {
  const host = await rawHost(script)
  closers.push(host.close)
  await stage.setWorld((of) => Object.assign(of['reach'] as object, { [`${address}:25`]: `127.0.0.1:${host.port}` }))
  return host
}

describe('a healthy route', () => {
  it('names nothing, says what it looked at, and is told nothing past RCPT TO', async () => {
    const { stage, ask } = await scene()
    const host = await withHost(stage, '198.51.100.25')
    const found = await run(ask, 'alice@example.test')
    expect(found).toMatchObject({ healthy: true, text: expect.stringContaining('Nothing wrong was found with mail for example.test.') })
    expect(found.causes.filter(({ proof }) => proof === 'proven')).toEqual([])
    expect(found.checks.every(({ name }) => found.findings.some(({ check }) => check === name) || name === 'blocklists' || name === 'waiting')).toBe(true)
    expect(host.heard).toEqual(['EHLO edge.sender.test', 'MAIL FROM:<>', 'RCPT TO:<alice@example.test>', 'QUIT'])
    expect(found.findings.filter(({ raw }) => raw === null || raw.trim() === '')).toEqual([])
    expect(found.findings.find(({ check }) => check === 'hosts-file')?.raw).toContain('1: 127.0.0.1 localhost')
    const said = found.findings.find(({ check }) => check === 'smtp')
    expect(said?.raw).toContain('> RCPT TO:<alice@example.test>')
  })
})

// Each starts a relay two or three times.
describe('an incident', { timeout: 90_000 }, () => {
  it('of a wrong adapter is cured by the other', async () => {
    const { stage, ask } = await scene({ adapters: { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer', zone } }, settings: { ...settings, lookups: lookups(adapter('DMZ')) } })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    const found = await run(ask)
    expect(proven(found)).toEqual(['dns-wrong-adapter'])
    const { done, moved, after } = await cured(ask, found)
    expect(done).toBe(true)
    expect(moved).toEqual(['dns-wrong-adapter is gone.'])
    expect(after.healthy).toBe(true)
    expect(stage.arrived).toHaveLength(1)
  })

  it('of a hosts entry is cured by disabling its line', async () => {
    const { stage, ask } = await scene({ hosts: '127.0.0.1 localhost\n203.0.113.99 mail.example.test\n' })
    await stage.setWorld((of) => Object.assign(of['reach'] as object, { '203.0.113.99:25': '127.0.0.1:1' }))
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    const found = await run(ask)
    expect(proven(found)).toEqual(['hosts-override'])
    expect(oneClick(found)?.name).toBe('edit-hosts:2')
    const { text, after } = await cured(ask, found)
    expect([text, after.healthy]).toEqual([expect.stringMatching(/^Kept: /), true])
    expect(await readFile(join(stage.folder, 'hosts'), 'utf8')).toBe('127.0.0.1 localhost\n#203.0.113.99 mail.example.test\n')
    expect(stage.arrived).toHaveLength(1)
  })

  it('of a message is told how it ended, once it left the queue for its remedy', async () => {
    const { stage, edge, ask } = await scene({ hosts: '127.0.0.1 localhost\n203.0.113.99 mail.example.test\n' })
    await stage.setWorld((of) => Object.assign(of['reach'] as object, { '203.0.113.99:25': '127.0.0.1:1' }))
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    const [message] = (await stage.transport.messages({}, { offset: 0, limit: 1 })).messages
    const id = message?.id ?? ''
    // A double of a transport that knows nothing more of what left its queue.
    const forgetful = Object.assign(Object.create(edge.transport) as typeof edge.transport, {
      messages: async (...[wanted, page]: Parameters<typeof edge.transport.messages>) => (wanted.ids ? { messages: [], total: 0 } : edge.transport.messages(wanted, page)),
    })
    const forgetfulEdge = { ...edge, transport: forgetful }
    const askForgetful = diagnosisAnswers(() => forgetfulEdge)
    await run(askForgetful, id)
    const found = await run(ask, id)
    expect(proven(found)).toEqual(['hosts-override'])
    expect((await cured(ask, found, id)).moved[0]).toMatch(new RegExp(`^Message ${id} was delivered`))
    await expect(askForgetful.cure({ server: 'local', target: id, remedy: 'edit-hosts:2', by: 'a test' }, quiet())).rejects.toMatchObject({ code: 'changed-meanwhile' })
  })

  it('of a suspended queue is cured by resuming it', async () => {
    const { stage, ask } = await scene()
    await stage.transport.act({ kind: 'suspend' }, { queues: ['example.test'] }, { signal: AbortSignal.timeout(10_000), told: () => {} })
    await stage.send('alice@example.test', 'bob@sender.test')
    await eventually(() => stage.transport.queues(), (queues) => queues.length === 1)
    const found = await run(ask, '*')
    expect(proven(found)).toEqual(['queue-suspended'])
    await cured(ask, found, '*')
    await eventually(() => stage.arrived, (arrived) => arrived.length === 1)
  })

  it('of a service that was stopped is cured by starting it', async () => {
    let isBusy = true
    const { stage, ask } = await scene({ destinations: { '198.51.100.25': () => (isBusy ? { code: 451, text: '4.3.2 later' } : null) } })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    await stage.transport.control('stop', { signal: AbortSignal.timeout(20_000) })
    isBusy = false
    const found = await run(ask, '*')
    expect(proven(found)).toEqual(['service-stopped'])
    const { text, after } = await cured(ask, found, '*')
    expect(text).toMatch(/^The transport service is running\. 1 message waited, and (nothing waits any more|1 still waits)\.$/)
    expect(after.causes.filter(({ name, proof }) => name === 'service-stopped' && proof === 'proven')).toEqual([])
  })

  it('of greylisting is waited for, then tried again', async () => {
    let times = 0
    const { stage, ask } = await scene({ destinations: { '198.51.100.25': () => (++times < 3 ? { code: 451, text: '4.7.1 Greylisted, please try again in 1 seconds' } : null) } })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    const found = await run(ask)
    expect(proven(found)).toEqual(['greylisted'])
    const { done, text } = await cured(ask, found)
    expect([done, text]).toEqual([true, '1 of 1 message delivered.'])
    expect(stage.arrived).toHaveLength(1)
  })

  it('of a mailbox server that is down names it', async () => {
    const { stage, ask } = await scene({ settings: { ...settings, acceptedDomains: [{ domain: 'sender.test', nextHop: '10.1.1.1:2526' }] } })
    await stage.setWorld((of) => Object.assign(of['reach'] as object, { '10.1.1.1:2526': '127.0.0.1:1' }))
    await stage.transport.control('restart', { signal: AbortSignal.timeout(20_000) })
    const found = await run(ask, 'sender.test')
    expect(proven(found)).toEqual(['mailbox-server-down'])
    expect(found.causes[0]?.remedies[0]?.text).toContain('10.1.1.1:2526')
  })

  it('of a refusal for the PTR is proven by the destination’s words and the PTR', async () => {
    const { stage, ask } = await scene({ destinations: { '198.51.100.25': { code: 450, text: '4.7.25 The IP address sending this message does not have a PTR record' } } })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    expect(proven(await run(ask))).toEqual(['ptr-missing'])
  })

  it('of two faults names both, in the order in which they bite', async () => {
    const { stage, ask } = await scene({ adapters: { DMZ: { behaviour: 'nxdomain' }, LAN: { behaviour: 'answer', zone } }, settings: { ...settings, lookups: lookups(adapter('DMZ')) }, destinations: { '198.51.100.25': { code: 452, text: '4.2.2 The mailbox is over quota' } } })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    expect(proven(await run(ask, '*'))).toEqual(['dns-wrong-adapter', 'mailbox-full'])
  })
})

describe('blocklists', () => {
  const listed = ['2.0.0.127.bl.test A 127.0.0.2', '10.113.0.203.bl.test A 127.0.0.2', '10.113.0.203.bl.test TXT Spam seen', '2.0.0.127.dead.test A 127.255.255.254', '10.113.0.203.dead.test A 127.255.255.254', '1.0.0.127.wild.test A 127.0.0.2', '2.0.0.127.wild.test A 127.0.0.2', '10.113.0.203.wild.test A 127.0.0.2']
  const refusing = { '198.51.100.25': { code: 451, text: '4.7.1 Client host [203.0.113.10] blocked using bl.test' } }
  it('count where they pass their own test, and the destination refuses for them', async () => {
    const { stage, ask } = await scene({ adapters: { LAN: { behaviour: 'answer', zone: [...zone, ...listed] } }, destinations: refusing }, { blocklists: ['dead.test', 'wild.test', 'bl.test'] })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    const found = await run(ask)
    expect(proven(found)).toEqual(['dnsbl-listed'])
    expect(found.causes[0]?.remedies.map(({ name }) => name)).toEqual(['delist:bl.test'])
    expect(found.notes.filter(({ name }) => name === 'list-not-usable')).toHaveLength(2)
  })
  it('that refuse the question or list the world are never a listing', async () => {
    const { stage, ask } = await scene({ adapters: { LAN: { behaviour: 'answer', zone: [...zone, ...listed] } }, destinations: refusing }, { blocklists: ['dead.test', 'wild.test'] })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    expect(proven(await run(ask))).toEqual(['reputation'])
  })
})

describe('what else is asked', () => {
  it('the egress address is given once and kept', async () => {
    const { ask } = await scene()
    expect(await ask.egress({ server: 'local' }, quiet())).toMatchObject({ address: '203.0.113.10', source: 'world' })
    expect(await ask.setEgress({ server: 'local', address: '192.0.2.77' }, quiet())).toMatchObject({ address: '192.0.2.77', source: 'given' })
    expect((await run(ask)).findings.some(({ target }) => target === '192.0.2.77')).toBe(true)
    expect(await ask.setEgress({ server: 'local', address: null }, quiet())).toMatchObject({ source: 'world' })
  })
  it('a report has no mail address and no path in it', async () => {
    const { stage, ask } = await scene({ destinations: { '198.51.100.25': { code: 450, text: '4.2.2 Mailbox of alice@example.test is full' } } })
    await stage.send('alice@example.test', 'bob@sender.test')
    await waits(stage)
    await run(ask)
    const { html, json } = await ask.report({ server: 'local', target: 'example.test' }, quiet())
    for (const text of [html, json]) {
      expect(text).toContain('mailbox-full')
      expect(text).not.toMatch(/alice|bob@/)
      expect(text).not.toContain(stage.home.folder)
    }
    expect(JSON.parse(json)).toMatchObject({ diagnosis: { healthy: false }, settings: { name: 'edge.sender.test' }, queues: { before: [{ nextHop: 'example.test' }] } })
    await expect(ask.report({ server: 'local', target: 'other.test' }, quiet())).rejects.toMatchObject({ code: 'not-found' })
  })
  it('a diagnosis ends with its edge server: of the next rehearsal none is known', async () => {
    const { edge } = await scene()
    let now = edge
    const ask = diagnosisAnswers(() => now)
    await run(ask)
    expect(diagnosesOf(edge)).toHaveLength(1)
    now = { ...edge }
    await expect(ask.report({ server: 'local', target: 'example.test' }, quiet())).rejects.toMatchObject({ code: 'not-found' })
  })
  it('a remedy that the last diagnosis does not name is refused', async () => {
    const { ask } = await scene()
    await expect(cured(ask, { causes: [] } as unknown as Diagnosis)).rejects.toMatchObject({ code: 'not-found' })
    await run(ask)
    await expect(ask.cure({ server: 'local', target: 'example.test', remedy: 'use-adapter:WAN', by: 'a test' }, quiet())).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('the texts to hand on', () => {
  it('are one for each destination, and each is saved by its title', async () => {
    const { stage, ask } = await scene({ adapters: { LAN: { behaviour: 'answer', zone: [...zone, 'example.org MX 10 mx.example.org', 'mx.example.org A 192.0.2.25'] } } })
    for (const address of ['198.51.100.25', '192.0.2.25']) await withHost(stage, address, { RCPT: '451 4.3.2 System not accepting network messages' })
    await stage.transport.control('restart', { signal: AbortSignal.timeout(20_000) })
    for (const to of ['alice@example.test', 'carol@example.org']) await stage.send(to, 'bob@sender.test')
    await waits(stage, 2)
    await run(ask, '*')
    const save = (domain: string) => ask.save({ server: 'local', target: '*', remedy: { name: `tell-destination:${domain}`, title: `Tell the postmaster of ${domain}` }, file: join(stage.folder, `${domain}.txt`) }, quiet())
    for (const domain of ['example.test', 'example.org']) {
      await save(domain)
      expect(await readFile(join(stage.folder, `${domain}.txt`), 'utf8')).toContain(`To: postmaster@${domain}\n`)
    }
    await expect(save('example.net')).rejects.toMatchObject({ code: 'not-found' })
  })
})
