// The play against an edge server that is a real SMTP server at the lab's intake, with the queue of a toy.
import { writeFileSync } from 'node:fs'
import { SMTPServer } from 'smtp-server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import type { Message } from '../../preload/contract/queues.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { resolve } from '../../main/dns/resolve.ts'
import { serversOf } from '../../main/dns/source.ts'
import { type Lab, openLab } from '../../main/lab/lab.ts'
import type { LabEdge } from '../../main/lab/edge.ts'
import { judged } from '../../main/lab/judge.ts'
import { play } from '../../main/lab/play.ts'
import { setScene } from '../../main/lab/scene.ts'
import { rehearsalState } from '../../main/lab/state.ts'
import { outcomeSchema, rehearsalStateSchema } from '../../preload/contract/rehearsal.ts'
import { readScenario } from '../../main/lab/scenario.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }
import { submit } from '../../main/lab/submit.ts'
import { worldOf } from '../../main/world/world-file.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const never = new AbortController().signal

interface Toy extends LabEdge {
  lookups: DnsLookups
  choose(adapter: string): void
  /** When it served again. */
  restart(): string
}

async function stage(change: object = {}, diagnosed: Awaited<ReturnType<LabEdge['diagnose']>> = []): Promise<{ lab: Lab; edge: Toy; told: string[]; tell(text: string): void }> {
  const lab = await openLab(readScenario({ ...structuredClone(wrongAdapter), ...change }), { signal: never })
  stops.push(lab.stop)
  const edge = await toy(lab, diagnosed)
  const told: string[] = []
  return { lab, edge, told, tell: (text) => told.push(text) }
}

async function toy(lab: Lab, diagnosed: Awaited<ReturnType<LabEdge['diagnose']>>): Promise<Toy> {
  const world = await worldOf(lab.worldFile)
  const all = { source: { kind: 'all-adapters' }, protocol: 'any' } as const
  let inEffect: DnsLookups | null = null
  let queue: Message[] = []
  const heard = new Set<() => void>()
  const attempt = async (message: Message) => {
    const servers = serversOf((inEffect ?? edge.lookups).internal, await world.adapters()).servers
    const found = await resolve(servers, { name: 'mail.example.test', type: 'A' }, { protocol: 'any', timeout: 1_000, reach: world.reach })
    const to = message.recipients[0] ?? ''
    try {
      if (found.kind !== 'records') throw new Error(found.kind === 'failed' ? found.text : found.kind)
      await submit(world.reach('198.51.100.25', 25), { from: message.from, to, subject: message.subject }, never)
      queue = queue.filter(({ id }) => id !== message.id)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      Object.assign(message, { status: 'Retry', lastError: text, attempts: [...message.attempts, { at: new Date().toISOString(), stage: 'dns', error: text }] })
    }
    for (const listener of heard) listener()
  }
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onData(stream, { envelope, id }, done) {
      stream.resume()
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        const recipients = envelope.rcptTo.map(({ address }) => address)
        const message: Message = { id, queue: 'example.test', from, recipients, recipientCount: recipients.length, subject: 'x', size: 1, source: null, received: new Date().toISOString(), expires: new Date(Date.now() + 60_000).toISOString(), status: 'Active', nextRetry: null, lastRetry: null, lastError: null, reason: null, retries: 0, attempts: [], states: [], delayNotice: null, end: null }
        queue.push(message)
        done()
        void attempt(message)
      })
    },
  })
  await new Promise<void>((done) => server.listen(lab.intake.port, lab.intake.address, done))
  stops.push(() => new Promise((done) => server.close(() => done(null))))
  const service = () => ({ state: 'running', pid: 1, listening: '127.0.0.1:2525', since: new Date(0).toISOString(), note: null }) as const
  const edge: Toy = {
    lookups: { internal: all, external: all, useExternalForInternet: false },
    adapters: () => world.adapters(),
    async properties() {
      const side = async (lookups: DnsLookups['internal']) => ({ lookups, ...serversOf(lookups, await world.adapters()) })
      const effect = inEffect ? { internal: await side(inEffect.internal), external: await side(inEffect.external) } : null
      return { lookups: edge.lookups, inEffect: effect, service: service() } as unknown as Properties
    },
    async setUp(settings) {
      edge.lookups = settings.lookups
    },
    suspend: async () => {},
    stop: async () => service(),
    async start() {
      inEffect = edge.lookups
      return service()
    },
    messages: async () => structuredClone(queue),
    diagnose: async () => diagnosed,
    async cure(remedy, _target, tell) {
      edge.choose(remedy.replace('use-adapter:', ''))
      tell('The new settings are saved.')
      return { kept: true, since: edge.restart(), downtime: 12 }
    },
    choose(name) {
      edge.lookups = { ...edge.lookups, internal: { source: { kind: 'adapter', id: name, name }, protocol: 'any' } }
    },
    restart() {
      inEffect = edge.lookups
      const since = new Date().toISOString()
      for (const message of queue) void attempt(message)
      return since
    },
    watch(listener) {
      heard.add(listener)
      return () => heard.delete(listener)
    },
  }
  return edge
}

const proven = [{ name: 'dns-wrong-adapter', evidence: ['DMZ fails', 'LAN answers'], remedy: 'use-adapter:LAN' }]
const right = { lookups: { internal: { adapter: 'LAN' }, external: { adapter: 'LAN' } } }

describe('a play', () => {
  it('ends with the mail delivered by the remedy that was proven', async () => {
    const { lab, edge, told, tell } = await stage({}, proven)
    const outcome = await play(lab, edge, tell, never)
    expect(outcome).toEqual({
      scenario: 'wrong-adapter',
      before: { waiting: 1, lastError: '203.0.113.53 answered SERVFAIL' },
      causes: ['dns-wrong-adapter'],
      remedy: 'use-adapter:LAN',
      after: { waiting: 0, delivered: 1 },
      result: 'delivered',
      expected: { causes: ['dns-wrong-adapter'], remedy: 'use-adapter:LAN', result: 'delivered' },
      named: ['dns-wrong-adapter'],
      false: [],
      missed: [],
      seconds: expect.any(Number),
      asExpected: true,
    })
    expect(Object.keys(outcome)).toEqual(Object.keys(outcomeSchema.shape))
    expect(told).toContain('Mail from bob@edge.test to alice@example.test waits: 203.0.113.53 answered SERVFAIL')
    expect(told).toContain('  LAN answers.')
    expect(told.slice(-5)).toEqual([
      'Remedy: use-adapter:LAN.',
      '  The new settings are saved.',
      'The transport service was restarted; it took no mail for 12 ms.',
      'The remedy is kept.',
      expect.stringMatching(/^Delivered\./),
    ])
  })
  it('says that nothing is wrong where nothing is', async () => {
    const { lab, edge, tell } = await stage(right)
    const asked: string[] = []
    const curious: LabEdge = { ...edge, diagnose: async (target) => (asked.push(target), []) }
    const outcome = await play(lab, curious, tell, never)
    expect(outcome).toMatchObject({ before: { waiting: 0, lastError: null }, causes: [], remedy: null, after: { waiting: 0, delivered: 1 }, result: 'nothing wrong' })
    expect(outcome).toMatchObject({ named: [], false: [], missed: ['dns-wrong-adapter'], asExpected: false })
    // Nothing waits, so it is looked at where the mail went.
    expect(asked).toEqual(['alice@example.test'])
  })
  it('changes nothing where no cause is proven', async () => {
    const { lab, edge, told, tell } = await stage()
    expect(await play(lab, edge, tell, never)).toMatchObject({ causes: [], remedy: null, after: { waiting: 1, delivered: 0 }, result: 'still waiting' })
    expect(edge.lookups.internal.source).toMatchObject({ name: 'DMZ' })
    expect(told.at(-1)).toBe('1 of 1 still waiting.')
  })
  it('says that mail still waits where the destination does not take it', async () => {
    const { lab, edge, tell } = await stage({ destinations: [{ address: '198.51.100.25', accepts: false }] }, proven)
    expect(await play(lab, edge, tell, never)).toMatchObject({ remedy: 'use-adapter:LAN', after: { waiting: 1, delivered: 0 }, result: 'still waiting' })
  })
  it('ends with mail that waits where the remedy was rolled back, without waiting for what cannot come', async () => {
    const { lab, edge, told, tell } = await stage({}, proven)
    const guarded: LabEdge = { ...edge, cure: async () => ({ kept: false, since: new Date().toISOString(), downtime: 12 }) }
    expect(await play(lab, guarded, tell, never)).toMatchObject({ remedy: 'use-adapter:LAN', after: { waiting: 1, delivered: 0 }, result: 'still waiting' })
    expect(told.at(-2)).toBe('The remedy was rolled back.')
  })
  it('looks again after a remedy, and does what that proves', async () => {
    const { lab, edge, told, tell } = await stage()
    const causes = [[{ name: 'queue-suspended', evidence: ['It is.'], remedy: 'resume' }], proven]
    const cured: string[] = []
    const twofold: LabEdge = {
      ...edge,
      diagnose: async () => causes.shift() ?? [],
      cure: async (remedy, ...how) => {
        cured.push(remedy)
        return remedy === 'resume' ? { kept: true, since: new Date(0).toISOString(), downtime: null } : edge.cure(remedy, ...how)
      },
    }
    expect(await play(lab, twofold, tell, never)).toMatchObject({ causes: ['queue-suspended', 'dns-wrong-adapter'], remedy: 'resume', result: 'delivered', false: ['queue-suspended'], asExpected: false })
    expect(cured).toEqual(['resume', 'use-adapter:LAN'])
    expect(told.filter((text) => text.startsWith('Remedy: '))).toEqual(['Remedy: resume.', 'Remedy: use-adapter:LAN.'])
  })
  it('waits until the time that is advised, and tries again', async () => {
    const { lab, edge, tell } = await stage({ ...right, destinations: [{ address: '198.51.100.25', greylist: { seconds: 1 } }] })
    const until = new Date(Date.now() + 1_500).toISOString()
    const cured: string[] = []
    const patient: LabEdge = {
      ...edge,
      diagnose: async () => [{ name: 'greylisted', evidence: ['It said so.'], remedy: `wait:${until}` }],
      cure: async (remedy) => {
        cured.push(remedy)
        expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until))
        return { kept: true, since: edge.restart(), downtime: null }
      },
    }
    expect(await play(lab, patient, tell, never)).toMatchObject({ causes: ['greylisted'], remedy: `wait:${until}`, result: 'delivered' })
    expect(cured).toEqual(['retry'])
  })
  it('does not wait for hours', async () => {
    const { lab, edge, told, tell } = await stage({ ...right, destinations: [{ address: '198.51.100.25', greylist: { seconds: 3600 } }] })
    for (const remedy of [`wait:${new Date(Date.now() + 3_600_000).toISOString()}`, 'wait:unknown'])
      expect(await play(lab, { ...edge, diagnose: async () => [{ name: 'greylisted', evidence: [], remedy }] }, tell, never)).toMatchObject({ remedy, result: 'still waiting' })
    expect(told).toContain('That is longer than a rehearsal lasts: the mail is left to wait.')
  })
  it('leaves to others what is for others, and names it', async () => {
    const { lab, edge, tell } = await stage({ ...right, destinations: [{ address: '198.51.100.25', accepts: false }] })
    const idle: LabEdge = {
      ...edge,
      diagnose: async () => [{ name: 'destination-busy', evidence: [], remedy: 'tell-destination' }],
      cure: async () => {
        throw new Error('Nothing is to be done here.')
      },
    }
    expect(await play(lab, idle, tell, never)).toMatchObject({ causes: ['destination-busy'], remedy: 'tell-destination', result: 'still waiting' })
    const told = { ...idle, diagnose: async () => [{ name: 'destination-busy', evidence: [], remedy: 'tell-destination:example.test' }] }
    const { scenario } = lab
    for (const [remedy, asExpected] of [['tell-destination', true], ['tell-destination:other.test', false]] as const)
      expect(judged({ ...scenario, expected: { causes: ['destination-busy'], remedy, result: 'still waiting' } }, await play(lab, told, tell, never), 0)).toMatchObject({ asExpected })
  })
  it('can be cancelled while it waits', async () => {
    const { lab, edge, tell } = await stage()
    const cancel = new AbortController()
    const hanging = { ...edge, messages: async () => (cancel.abort(), []) }
    await expect(play(lab, hanging, tell, cancel.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })
  it('waits through a service that cannot be asked for a moment', async () => {
    const { lab, edge, tell } = await stage({}, proven)
    let refusals = 2
    const shy: LabEdge = {
      ...edge,
      messages: async () => {
        if (refusals-- > 0) throw new Failure('transport-unreachable', 'The transport service does not answer.')
        return edge.messages()
      },
    }
    expect(await play(lab, shy, tell, never)).toMatchObject({ result: 'delivered' })
  })
})

describe('how far an open rehearsal is', () => {
  const done = ({ steps }: { steps: { done: boolean }[] }) => steps.map((step) => step.done)

  it('follows the world, step by step', async () => {
    const { lab, edge, tell } = await stage()
    await setScene(lab, edge, tell, never)
    const first = await rehearsalState(lab, edge)
    expect(rehearsalStateSchema.parse(first)).toMatchObject({ waiting: 1, delivered: 0, lastError: '203.0.113.53 answered SERVFAIL' })
    expect(done(first)).toEqual([false, false, false])
    expect(first.steps[0]?.text).toContain('Internal DNS Lookups, choose the network card “LAN”')
    edge.choose('LAN')
    expect(done(await rehearsalState(lab, edge))).toEqual([true, false, false])
    edge.restart()
    expect(done(await rehearsalState(lab, edge))).toEqual([true, true, expect.any(Boolean)])
    await vi.waitFor(async () => expect(await edge.messages()).toEqual([]), 10_000)
    expect(await rehearsalState(lab, edge)).toMatchObject({ steps: [{ done: true }, { done: true }, { done: true }], waiting: 0, delivered: 1, lastError: null })
  })
  it('gives nothing away in a quiz until the answer is asked for, also once the mail is there', async () => {
    const { lab, edge, tell } = await stage()
    await setScene(lab, edge, tell, never)
    const first = await rehearsalState(lab, edge, { quiz: true, isAnswered: false })
    expect(rehearsalStateSchema.parse(first)).toMatchObject({ quiz: true, waiting: 1 })
    expect(done(first)).toEqual([false, false, false])
    expect([first.title, first.story, ...first.steps.map(({ text }) => text)].join(' ')).not.toMatch(/adapter|DNS|DMZ|LAN|SERVFAIL/)
    edge.choose('LAN')
    edge.restart()
    await vi.waitFor(async () => expect(await edge.messages()).toEqual([]), 10_000)
    expect(await rehearsalState(lab, edge, { quiz: true, isAnswered: false })).toMatchObject({ title: first.title, story: first.story, steps: [{ done: false }, { done: false }, { done: true }] })
    expect(await rehearsalState(lab, edge, { quiz: true, isAnswered: true })).toMatchObject({ title: lab.scenario.title, story: lab.scenario.story, steps: [{ done: true }, { done: true }, { done: true }] })
  })
  it('says what else there is to do, by the remedy that is expected', async () => {
    const steps = async (scenario: object, change: Partial<Toy> = {}) => {
      const { lab, edge } = await stage(scenario)
      return { lab, state: async () => (await rehearsalState(lab, { ...edge, ...change })).steps.map(({ text, done }) => `${done ? 'x' : '-'} ${text}`) }
    }
    const expected = (remedy: string | null, result = 'delivered') => ({ expected: { causes: [], remedy, result } })
    const hosts = await steps(expected('edit-hosts:2'))
    expect(await hosts.state()).toEqual([expect.stringMatching(/^- In the hosts file/), expect.stringMatching(/^- See the mail/)])
    writeFileSync(hosts.lab.hostsFile, '')
    expect((await hosts.state())[0]).toMatch(/^x In the hosts file/)
    expect((await (await steps(expected('start-service'))).state())[0]).toMatch(/^x Start the transport service/)
    expect((await (await steps(expected('resume'), { messages: async () => [{ from: 'a@b.test', status: 'Suspended' } as Message] })).state())[0]).toMatch(/^- In the Queue Viewer/)
    expect(await (await steps(expected('set-ptr:203.0.113.12', 'still waiting'))).state()).toEqual(['- Find out who can put this right: no setting of this edge server does.'])
    const found = await stage({ expected: { causes: ['ptr-missing'], remedy: 'set-ptr:203.0.113.12', result: 'still waiting' } })
    for (const named of [['greylisted'], ['ptr-missing']]) expect(done(await rehearsalState(found.lab, found.edge, { named }))).toEqual([named[0] === 'ptr-missing'])
    expect(await (await steps(expected('wait:2026-01-01T00:00:00Z'))).state()).toEqual([expect.stringMatching(/^- See the mail/)])
  })
  it('takes another way to the same servers for right, and a worse way for wrong', async () => {
    const { lab, edge, tell } = await stage()
    await setScene(lab, edge, tell, never)
    const choose = async (...servers: string[]) => {
      edge.lookups = { ...edge.lookups, internal: { source: { kind: 'servers', servers }, protocol: 'any' } }
      return done(await rehearsalState(lab, edge))[0]
    }
    expect(await choose('10.0.0.10')).toBe(true)
    expect(await choose('203.0.113.53', '10.0.0.10')).toBe(true)
    expect(await choose('192.0.2.1')).toBe(false)
  })
})
