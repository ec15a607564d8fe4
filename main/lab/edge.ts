// The edge server in the lab's world, as the lab sees it: the lab knows no transport.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Message } from '../../preload/contract/queues.ts'
import type { Properties, ServiceState } from '../../preload/contract/servers.ts'
import type { Lab } from './lab.ts'

/** What became of a remedy. */
export interface Cured {
  kept: boolean
  /** When the service served again, ISO 8601; null where it never did. */
  since: string | null
  /** Milliseconds in which it took no mail. */
  downtime: number | null
}

/** What the play needs of the edge server that runs in the lab's world; edgewise.ts fills it from a transport and the diagnosis. */
export interface LabEdge {
  adapters(): Promise<Adapter[]>
  properties(): Promise<Properties>
  /** Saves the scenario's lookups, which no guard would let through; they take effect with the next start of the service. */
  setLookups(lookups: DnsLookups): Promise<unknown>
  start(signal: AbortSignal): Promise<ServiceState>
  /** All that wait. */
  messages(): Promise<Message[]>
  /** Proven causes, the one that bites first in front. */
  diagnose(signal: AbortSignal): Promise<{ name: string; evidence: string[]; remedy: string | null }[]>
  /** Does what a remedy of `diagnose` says as a guarded change with a restart, telling each step. */
  cure(remedy: string, tell: (text: string) => void, signal: AbortSignal): Promise<Cured>
  watch(listener: () => void): () => void
}

/** Notices of the edge server itself, which have no sender, are no mail of the scenario's. */
export function delivered(lab: Lab): number {
  return lab.delivered().filter(({ from }) => from !== '').length
}

/** What is seen to wait: nothing while the service cannot be asked, as in a restart. */
export async function waitingIn(edge: Pick<LabEdge, 'messages'>): Promise<Message[]> {
  try {
    return await edge.messages()
  } catch (error) {
    if (error instanceof Failure && error.code === 'transport-unreachable') return []
    throw error
  }
}
