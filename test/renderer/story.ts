// A small world in memory behind the double: two edge servers, adapters, a queue that empties once LAN is asked.
import { Failure, type FailureValue } from '../../preload/contract/failure.ts'
import type { Adapter, ListedAdapter } from '../../preload/contract/adapters.ts'
import type { Change, Wanted } from '../../preload/contract/changes.ts'
import type { DnsLookups, InEffect, Lookups } from '../../preload/contract/dns.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import { diagnosisDouble } from './diagnosis.ts'
import { hostsDouble, type HostsDouble } from './hosts.ts'
import { smtpDouble, type SmtpDouble } from './smtp.ts'
import type { Answers } from '../../preload/contract/index.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import type { Properties, RestartStep } from '../../preload/contract/servers.ts'
import { limitDefaults } from '../../preload/contract/limits.ts'
import { embeddedParameters } from '../../main/transport/embedded/parameters.ts'
import { doubleMain, type Double } from '../contract-main.ts'
import { changesOf } from './changes.ts'
import { manyMessages, messageOf, queuesDouble, type QueuesDouble } from './queues.ts'

export const lan: ListedAdapter = {
  id: '00:50:56:ab:12:34',
  name: 'LAN',
  description: 'vmxnet3 Ethernet Adapter',
  mac: '00:50:56:ab:12:34',
  kind: 'ethernet',
  state: 'up',
  addresses: ['10.0.0.12/24', 'fd00::12/64'],
  dnsServers: ['10.0.0.10', 'fd00::10'],
  dnsSource: 'DHCP lease',
  advice: [],
}
export const dmz: ListedAdapter = { ...lan, id: '00:50:56:ab:12:35', name: 'DMZ', mac: '00:50:56:ab:12:35', addresses: ['203.0.113.10/24'], dnsServers: ['203.0.113.53'], dnsSource: 'world file' }
export const unplugged: ListedAdapter = { ...lan, id: '00:50:56:ab:12:36', name: 'Backup', mac: '00:50:56:ab:12:36', state: 'disconnected', addresses: [], dnsServers: [], dnsSource: 'none' }

export const healthOf = (server: string, more: Partial<ServerHealth> = {}): ServerHealth => ({
  server,
  adapters: [],
  family: server.includes('::') ? 6 : 4,
  state: 'answers',
  ms: 2,
  recursion: true,
  udp: 'answers',
  tcp: 'answers',
  answers: [],
  notes: [],
  text: 'answers, 2 ms',
  ...more,
})

const fault = '451 4.4.0 DNS query failed: 203.0.113.53 answered SERVFAIL for example.test MX'
export const all: Lookups = { source: { kind: 'all-adapters' }, protocol: 'any' }
const expected = { causes: ['dns-wrong-adapter'], remedy: 'use-adapter:LAN', result: 'delivered' as const }
const ask = (adapter: Adapter): Lookups => ({ source: { kind: 'adapter', id: adapter.id, name: adapter.name }, protocol: 'any' })

export interface Story extends Double {
  /** What the changes wrote, newest first. */
  journal: Change[]
  adapters: ListedAdapter[]
  servers: Map<ServerId, Properties>
  waiting: QueuesDouble
  /** Instead of those that the waiting mail makes. */
  queues: QueuesDouble['queues']
  hosts: HostsDouble
  smtp: SmtpDouble
  /** What the restart does; it hangs in `stopping` where it is set. */
  hangs: boolean
  /** Lets a call fail from now on, `servers.stop` for one; null lets it succeed again. */
  fail(call: string, how: FailureValue | null): void
  changed(server: ServerId): void
  /** As many messages wait on this machine. */
  fill(count: number): void
}

function inEffect(adapters: Adapter[], lookups: Lookups): InEffect {
  const { source } = lookups
  if (source.kind === 'servers') return { lookups, servers: source.servers, problem: null }
  const asked = source.kind === 'adapter' ? adapters.filter(({ id }) => id === source.id) : adapters
  const servers = asked.flatMap(({ dnsServers }) => dnsServers)
  const problem = source.kind === 'adapter' && asked.length === 0 ? `The adapter “${source.name}” is missing.` : null
  return { lookups, servers, problem }
}

export function tell(delay = 30, keepLimit = 30_000): Story {
  let revision = 0
  let isQuiz = false
  const adapters = [lan, dmz, unplugged]
  const effect = (lookups: DnsLookups) => ({ internal: inEffect(adapters, lookups.internal), external: inEffect(adapters, lookups.external) })
  const server = (name: string, lookups: DnsLookups, waiting: number): Properties => ({
    name,
    transport: 'embedded',
    version: '3.3.4',
    service: { state: 'running', pid: 4711, listening: '127.0.0.1:2525', since: new Date(Date.now() - 8_000_000).toISOString(), note: null },
    home: '/var/lib/edgewise',
    configDir: null,
    waiting,
    lookups,
    limits: limitDefaults,
    log: {},
    parameters: embeddedParameters,
    capabilities: { noExternal: null, protocols: ['any', 'tcp', 'udp'], protocolsText: null, ports: true },
    acceptedDomains: [],
    controlName: null,
    inEffect: effect(lookups),
    restartNeeded: false,
    hosts: { reads: true, text: 'The embedded transport looks into the hosts file at each delivery attempt, before it asks DNS.' },
  })
  const servers = new Map<ServerId, Properties>([['local', server('edge01', { internal: all, external: all, useExternalForInternet: false }, 0)]])
  const pause = () => new Promise((resolve) => setTimeout(resolve, delay))
  const of = (id: ServerId): Properties => {
    const found = servers.get(id)
    if (!found) throw new Failure('not-found', 'No rehearsal is open.')
    return found
  }
  const changed = (id: ServerId) => story.emit('servers', 'changed', { server: id, revision: ++revision })
  const update = (id: ServerId, change: Partial<Properties>) => {
    servers.set(id, { ...of(id), ...change })
    changed(id)
  }
  const isRight = (id: ServerId) => of(id).inEffect?.internal.servers.includes('10.0.0.10') ?? false
  const deliver = (id: ServerId) => {
    if (id !== 'rehearsal' || !isRight(id)) return
    waiting.mail.set(id, [])
    update(id, { waiting: 0 })
  }
  const rehearsal = () => {
    const here = servers.get('rehearsal')
    if (!here) return null
    const chosen = here.lookups.internal.source.kind === 'adapter' && here.lookups.internal.source.id === lan.id
    return {
      scenario: 'wrong-adapter',
      quiz: isQuiz,
      title: 'Mail waits: the transport asks the wrong adapter',
      story: 'Mail to example.test waits with a DNS failure: the transport service asks the DNS servers of the adapter DMZ, and they fail. The servers of LAN answer.',
      steps: [
        { text: 'Open Properties of EDGE01 and choose LAN under Internal DNS Lookups', done: chosen },
        { text: 'Restart the transport service', done: chosen && !here.restartNeeded },
        { text: 'Watch the queue empty', done: here.waiting === 0 },
      ],
      waiting: here.waiting ?? 0,
      delivered: here.waiting === 0 ? 1 : 0,
      lastError: here.waiting === 0 ? null : fault,
      target: here.waiting === 0 ? 'alice@example.test' : '*',
    }
  }
  const scene = async (progress: (scene: { text: string }) => void, signal: AbortSignal) => {
    for (const text of ['DNS servers of DMZ fail, those of LAN answer.', 'A destination for example.test accepts mail.', 'An edge server of its own starts.', 'One message to example.test is submitted, and waits.']) {
      await pause()
      signal.throwIfAborted()
      progress({ text })
    }
  }

  const restarted = (id: ServerId) => {
    update(id, { inEffect: effect(of(id).lookups), restartNeeded: false, service: { ...of(id).service, since: new Date().toISOString() } })
    setTimeout(deliver, delay * 3, id)
  }
  const serversOf = ({ lookups }: Wanted, id: ServerId) => inEffect(adapters, lookups?.internal ?? of(id).lookups.internal).servers
  const waiting = queuesDouble(changed, pause)
  const hosts = hostsDouble(() => story.emit('hosts', 'changed', { server: 'local', revision: ++revision }), pause)
  const smtp = smtpDouble(pause)
  const { journal, ...changes } = changesOf({ of, update, restarted, serversOf, hosts, pause, keepLimit })

  const answers: Omit<Answers, 'app'> = {
    changes,
    diagnosis: diagnosisDouble({
      pause: async () => void (await pause()),
      isCured: () => (waiting.mail.get('rehearsal') ?? []).length === 0,
      cure: async () => {
        const useLan = { source: { kind: 'adapter', id: lan.id, name: lan.name }, protocol: 'any' } as const
        update('rehearsal', { lookups: { ...of('rehearsal').lookups, internal: useLan } })
        restarted('rehearsal')
        await new Promise((resolve) => setTimeout(resolve, delay * 4))
      },
    }),
    hosts: hosts.answers,
    smtpTest: smtp.answers,
    adapters: {
      list: async () => ({ adapters: story.adapters }),
      detail: async () => {
        await pause()
        return { make: 'VMware vmxnet3', speed: 10_000, virtual: true }
      },
      health: async ({ servers: listed }, { progress }) => {
        const health = [...new Set([...story.adapters.flatMap(({ dnsServers }) => dnsServers), ...listed])].map((one) => healthOf(one))
        await pause()
        for (const one of health) progress(one)
        return { health }
      },
    },
    servers: {
      list: async () => ({ servers: [...servers].map(([id, { name, transport, version, service, waiting }]) => ({ id, name, transport, version, service, waiting })) }),
      properties: async ({ server: id }) => ({ server: of(id) }),
      serviceState: async ({ server: id }) => ({ service: of(id).service }),
      start: async ({ server: id }) => {
        await pause()
        update(id, { service: { ...of(id).service, state: 'running', since: new Date().toISOString() }, inEffect: effect(of(id).lookups), restartNeeded: false })
        return { service: of(id).service }
      },
      stop: async ({ server: id }) => {
        await pause()
        update(id, { service: { state: 'stopped', pid: null, listening: null, since: null, note: null }, inEffect: null, restartNeeded: false })
        return { service: of(id).service }
      },
      restart: async ({ server: id }, { progress, signal }) => {
        const begun = performance.now()
        const steps: RestartStep[] = []
        for (const step of ['stopping', 'stopped', 'starting', 'serving'] as const) {
          const reached = { step, at: performance.now() - begun }
          steps.push(reached)
          progress(reached)
          if (story.hangs) {
            await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Failure('timed-out', 'The transport service hangs in the state Stopping: it did not stop within 30 seconds.', 'Stop its process by hand, then start it again.'))))
          }
          await pause()
        }
        restarted(id)
        return { steps, downtime: 312.4, service: of(id).service }
      },
    },
    smtp: { explain: async () => Promise.reject(new Failure('unknown-call', 'No reply is explained in this story.')) },
    queues: waiting.answers,
    rehearsal: {
      scenarios: async () => ({ scenarios: [{ name: 'wrong-adapter', title: 'Mail waits: the transport asks the wrong adapter' }] }),
      open: async ({ quiz }, { progress, signal }) => {
        isQuiz = quiz
        await scene(progress, signal)
        servers.set('rehearsal', server('EDGE01 (rehearsal)', { internal: ask(dmz), external: all, useExternalForInternet: false }, 1))
        waiting.mail.set('rehearsal', [messageOf('B2C6', { subject: 'Order 1042', lastError: fault })])
        changed('rehearsal')
        return rehearsal()!
      },
      state: async () => ({ rehearsal: rehearsal() }),
      answer: async () => ({ title: 'Mail waits', story: 'Mail waits.', ...expected }),
      playAll: async () => ({ scenarios: [], asExpected: 0, seconds: 0 }),
      close: async () => {
        servers.delete('rehearsal')
        changed('rehearsal')
        return {}
      },
      play: async (_, { progress, signal }) => {
        await scene(progress, signal)
        return { scenario: 'wrong-adapter', before: { waiting: 1, lastError: fault }, causes: ['dns-wrong-adapter'], remedy: 'use-adapter:LAN', after: { waiting: 0, delivered: 1 }, result: 'delivered', expected, named: ['dns-wrong-adapter'], false: [], missed: [], seconds: 1, asExpected: true }
      },
    },
  }
  let notices: { id: string; level: 'information' | 'warning'; text: string }[] = []
  const app: Answers['app'] = {
    notices: async () => ({ notices }),
    dismiss: async ({ id }) => {
      notices = notices.filter((notice) => notice.id !== id)
      return {}
    },
    closingShown: async () => ({}),
    close: async () => ({}),
  }
  const failing = new Map<string, FailureValue>()
  const fail = (call: string, how: FailureValue | null) => void (how ? failing.set(call, how) : failing.delete(call))
  const fill = (count: number) => {
    waiting.mail.set('local', manyMessages(count))
    update('local', { waiting: count })
  }
  const story: Story = { ...doubleMain(withFailures({ ...answers, app }, failing)), adapters, servers, waiting, queues: waiting.queues, hosts, smtp, journal, hangs: false, fail, changed, fill }
  return story
}

function withFailures(answers: Answers, failing: ReadonlyMap<string, FailureValue>): Answers {
  type Handler = (input: unknown, asked: unknown) => Promise<unknown>
  const wrapped = (call: string, handler: Handler): Handler => async (input, asked) => {
    const how = failing.get(call)
    if (how) throw new Failure(how.code, how.message, how.remedy)
    return handler(input, asked)
  }
  return Object.fromEntries(
    Object.entries(answers).map(([topic, handlers]) => [
      topic,
      Object.fromEntries(Object.entries(handlers as Record<string, Handler>).map(([name, handler]) => [name, wrapped(`${topic}.${name}`, handler)])),
    ]),
  ) as unknown as Answers
}
