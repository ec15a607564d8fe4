// The edge server in the lab's world, as the lab sees it: the lab knows no transport.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Message } from '../../preload/contract/queues.ts'
import type { Properties, ServiceState } from '../../preload/contract/servers.ts'
import type { Lab } from './lab.ts'
import type { Scenario } from './scenario.ts'

/** What became of a remedy. */
export interface Cured {
  kept: boolean
  /** When the service served again, or when the deed was done, ISO 8601; null where it never was. */
  since: string | null
  /** Milliseconds in which it took no mail; null where it was not restarted. */
  downtime: number | null
}

/** What a scenario says of the edge server itself. */
export interface EdgeSettings extends Pick<Scenario, 'acceptedDomains' | 'limits'> {
  lookups: DnsLookups
  /** Said in HELO. */
  name: string
  /** PEM files; null where it shows none. */
  certificate: Lab['certificate']
  /** What connections leave from, in turn; empty where the system chooses. */
  outboundAddresses: string[]
}

export interface ProvenCause {
  name: string
  /** Sentences. */
  evidence: string[]
  /** The best one, with its object: `use-adapter:LAN`; null where nobody can do anything. */
  remedy: string | null
}

/** What the play needs of the edge server that runs in the lab's world; edgewise.ts fills it from a transport and the diagnosis. */
export interface LabEdge {
  adapters(): Promise<Adapter[]>
  properties(): Promise<Properties>
  /** Saves what the scenario says, which no guard would let through; it takes effect with the next start of the service. */
  setUp(settings: EdgeSettings): Promise<unknown>
  start(signal: AbortSignal): Promise<ServiceState>
  stop(signal: AbortSignal): Promise<ServiceState>
  /** Suspends the queues for these next hops, also for mail that comes later. */
  suspend(nextHops: string[], signal: AbortSignal): Promise<unknown>
  /** All that wait. */
  messages(): Promise<Message[]>
  /** Of a domain, an address, or `*` for all that waits: proven causes, the one that bites first in front. */
  diagnose(target: string, signal: AbortSignal): Promise<ProvenCause[]>
  /** Does what a remedy of `diagnose` says, a change as a guarded one with a restart, telling each step. */
  cure(remedy: string, target: string, tell: (text: string) => void, signal: AbortSignal): Promise<Cured>
  watch(listener: () => void): () => void
}

/** Notices of the edge server itself, which have no sender, are no mail of the scenario's. */
export function delivered(lab: Lab): number {
  return lab.delivered().filter(({ from }) => from !== '').length
}

/** What is seen to wait: nothing while the service cannot be asked, as in a restart. */
export async function waitingIn(edge: Pick<LabEdge, 'messages'>): Promise<Message[]> {
  return (await allIn(edge)).filter(({ from }) => from !== '')
}

/** What was returned to its sender, told by the notices of the edge server. */
export async function noticesIn(lab: Lab, edge: Pick<LabEdge, 'messages'>): Promise<number> {
  const waiting = (await allIn(edge)).filter(({ from }) => from === '').length
  return waiting + lab.delivered().filter(({ from }) => from === '').length
}

async function allIn(edge: Pick<LabEdge, 'messages'>): Promise<Message[]> {
  try {
    return await edge.messages()
  } catch (error) {
    if (error instanceof Failure && error.code === 'transport-unreachable') return []
    throw error
  }
}
