// How far an open rehearsal is, judged by what the lab's world shows and not by what was clicked.
import { parseDnsServer, printDnsServer } from '../../preload/contract/dns.ts'
import type { RehearsalState } from '../../preload/contract/rehearsal.ts'
import { serversOf } from '../dns/source.ts'
import type { Lab } from './lab.ts'
import { delivered, waitingIn, type LabEdge } from './edge.ts'
import type { Scenario } from './scenario.ts'

export async function rehearsalState(lab: Lab, edge: Pick<LabEdge, 'adapters' | 'properties' | 'messages'>): Promise<RehearsalState> {
  const { scenario } = lab
  const [adapters, { lookups, inEffect, service }, messages] = await Promise.all([edge.adapters(), edge.properties(), waitingIn(edge)])
  const arrived = delivered(lab)
  const cleared = arrived >= scenario.messages.length
  const side = lookups.useExternalForInternet ? 'external' : 'internal'
  const chosen = cleared || answered(scenario, serversOf(lookups[side], adapters).servers)
  const asks = cleared || (service.state === 'running' && answered(scenario, inEffect?.[side].servers ?? []))
  const running = service.state === 'running'
  return {
    scenario: scenario.name,
    title: scenario.title,
    story: scenario.story,
    steps: [
      { text: firstStep(scenario, side), done: chosen },
      { text: 'Restart the transport service, so that it asks there.', done: asks },
      { text: `See the mail to ${recipients(scenario)} delivered.`, done: cleared },
    ],
    // While the service cannot be asked, what was not delivered is still in its queue.
    waiting: running ? messages.length : Math.max(0, scenario.messages.length - arrived),
    delivered: arrived,
    lastError: messages.find(({ lastError }) => lastError !== null)?.lastError ?? null,
  }
}

function firstStep(scenario: Scenario, side: 'internal' | 'external'): string {
  const good = scenario.adapters.filter(({ dnsServers }) => answered(scenario, dnsServers)).map(({ name }) => `“${name}”`)
  const tab = side === 'internal' ? 'Internal DNS Lookups' : 'External DNS Lookups'
  const choice = good.length > 0 ? `choose the network card ${good.join(' or ')}` : 'choose DNS servers that answer'
  return `In the edge server's Properties, on the tab ${tab}, ${choice} and press Apply.`
}

/** As a transport goes about it: the first server that neither fails nor is silent decides. */
function answered(scenario: Scenario, servers: readonly string[]): boolean {
  const behaviours = servers.map((server) => scenario.dnsServers.find(({ address }) => address === canonical(server))?.behaviour ?? 'silent')
  return behaviours.find((behaviour) => behaviour === 'answer' || behaviour === 'nxdomain') === 'answer'
}

function canonical(server: string): string {
  const parsed = parseDnsServer(server)
  return 'problem' in parsed ? server : printDnsServer(parsed)
}

function recipients({ messages }: Scenario): string {
  const all = [...new Set(messages.map(({ to }) => to))]
  return all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : all.join(', ')
}
