// How far an open rehearsal is, judged by what the lab's world shows and not by what was clicked.
import { readFile } from 'node:fs/promises'
import { parseDnsServer, printDnsServer } from '../../preload/contract/dns.ts'
import { limitDefaults } from '../../preload/contract/limits.ts'
import type { RehearsalState } from '../../preload/contract/rehearsal.ts'
import { serversOf } from '../dns/source.ts'
import type { Lab } from './lab.ts'
import { delivered, waitingIn, type LabEdge } from './edge.ts'
import type { Scenario } from './scenario.ts'
import { targetsOf } from './target.ts'

type Step = RehearsalState['steps'][number]
type Seen = Pick<LabEdge, 'adapters' | 'properties' | 'messages'>

export interface Known {
  quiz?: boolean
  isAnswered?: boolean
  /** Of the messages that were seen, by recipient. */
  ids?: ReadonlyMap<string, string>
  /** The causes that a diagnosis has proven here. */
  named?: readonly string[]
}

/** In a quiz, title, story and steps say what is seen, and not why, until the answer was asked for: that the mail is there tells nobody what kept it. */
export async function rehearsalState(lab: Lab, edge: Seen, { quiz = false, isAnswered = false, ids = new Map(), named = [] }: Known = {}): Promise<RehearsalState> {
  const { scenario } = lab
  const [{ service }, messages] = await Promise.all([edge.properties(), waitingIn(edge)])
  const arrived = delivered(lab)
  const isCleared = arrived >= scenario.messages.length
  const running = service.state === 'running'
  const hides = quiz && !isAnswered
  // While the service cannot be asked, what was not delivered is still in its queue.
  const waiting = running ? messages.length : Math.max(0, scenario.messages.length - arrived)
  return {
    scenario: scenario.name,
    title: hides ? `Mail to ${recipients(scenario)}` : scenario.title,
    story: hides ? `Mail was sent to ${recipients(scenario)}. Is something wrong, and what?` : scenario.story,
    quiz,
    steps: hides ? quizSteps(scenario, isCleared) : await steps(lab, edge, { isCleared, named }),
    waiting,
    delivered: arrived,
    lastError: messages.find(({ lastError }) => lastError !== null)?.lastError ?? null,
    target: targetsOf(lab, waiting, ids)[0]?.target ?? '*',
  }
}

/** The same for every scenario, so that none tells whether this edge can cure it. */
function quizSteps(scenario: Scenario, isCleared: boolean): Step[] {
  const name = recipients(scenario)
  return [
    { text: `Find out whether mail to ${name} is kept from its destination, and by what.`, done: false },
    { text: 'Put right what this edge server can put right.', done: false },
    { text: `See the mail to ${name} delivered, unless that is for others to bring about.`, done: isCleared },
  ]
}

async function steps(lab: Lab, edge: Seen, { isCleared, named }: { isCleared: boolean; named: readonly string[] }): Promise<Step[]> {
  const { scenario } = lab
  const { causes, remedy = null, result } = scenario.expected
  const last = { text: `See the mail to ${recipients(scenario)} delivered.`, done: isCleared }
  if (remedy !== null && /^use-(adapter|servers):/.test(remedy)) return [...(await lookupSteps(scenario, edge, isCleared)), last]
  if (result !== 'delivered' && result !== 'nothing wrong') return [{ text: 'Find out who can put this right: no setting of this edge server does.', done: isCleared || (causes.length > 0 && causes.every((cause) => named.includes(cause))) }]
  const own = await ownStep(lab, edge, remedy)
  return own ? [{ ...own, done: own.done || isCleared }, last] : [last]
}

async function ownStep(lab: Lab, edge: Seen, remedy: string | null): Promise<Step | null> {
  const [kind] = (remedy ?? '').split(':')
  if (kind === 'edit-hosts') return { text: 'In the hosts file, disable or mend the line that leads the mail astray.', done: (await readFile(lab.hostsFile, 'utf8')) !== lab.scenario.hosts }
  if (kind === 'resume') return { text: 'In the Queue Viewer, resume what is suspended.', done: !(await waitingIn(edge)).some(({ status }) => status === 'Suspended') }
  if (kind === 'limit-concurrency') return { text: 'Let the edge server open fewer connections to one domain at a time, and restart it.', done: Number((await edge.properties()).limits['maxPerDomainOutboundConnections']) < (lab.scenario.limits.maxPerDomainOutboundConnections ?? limitDefaults.maxPerDomainOutboundConnections) }
  if (kind === 'start-service') return { text: 'Start the transport service.', done: (await edge.properties()).service.state === 'running' }
  return null
}

async function lookupSteps(scenario: Scenario, edge: Seen, isCleared: boolean): Promise<Step[]> {
  const [adapters, { lookups, inEffect, service }] = await Promise.all([edge.adapters(), edge.properties()])
  const side = lookups.useExternalForInternet ? 'external' : 'internal'
  const chosen = isCleared || answered(scenario, serversOf(lookups[side], adapters).servers)
  const asks = isCleared || (service.state === 'running' && answered(scenario, inEffect?.[side].servers ?? []))
  return [
    { text: firstStep(scenario, side), done: chosen },
    { text: 'Restart the transport service, so that it asks there.', done: asks },
  ]
}

function firstStep(scenario: Scenario, side: 'internal' | 'external'): string {
  const good = scenario.adapters.filter(({ dnsServers }) => answered(scenario, dnsServers)).map(({ name }) => `“${name}”`)
  const tab = side === 'internal' ? 'Internal DNS Lookups' : 'External DNS Lookups'
  const choice = good.length > 0 ? `choose the network card ${good.join(' or ')}` : 'choose DNS servers that answer'
  return `In the edge server's Properties, on the tab ${tab}, ${choice} and press Apply.`
}

/** As a transport goes about it: the first server that says anything decides, and it must be one that says what is so. */
function answered(scenario: Scenario, servers: readonly string[]): boolean {
  const found = servers.map((server) => scenario.dnsServers.find(({ address }) => address === canonical(server)))
  const deciding = found.find((server) => server && !['silent', 'servfail', 'refused', 'not-recursive', 'ignore-aaaa'].includes(server.behaviour) && (server.behaviour !== 'truncate' || server.tcp))
  return deciding !== undefined && ['answer', 'slow', 'truncate'].includes(deciding.behaviour) && deciding.zone === undefined
}

function canonical(server: string): string {
  const parsed = parseDnsServer(server)
  return 'problem' in parsed ? server : printDnsServer(parsed)
}

function recipients({ messages }: Scenario): string {
  const all = [...new Set(messages.map(({ to }) => to))]
  return all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : all.join(', ')
}
