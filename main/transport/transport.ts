// What every transport can do, and what it says it can: one interface, three implementations.
import type { DnsLookups } from '../../preload/contract/dns.ts'
import type { Message, Page, Queue } from '../../preload/contract/queues.ts'
import type { Properties, Restarted, RestartStep, ServiceState, TransportName } from '../../preload/contract/servers.ts'

export interface Asking {
  signal: AbortSignal
}

export interface Transport {
  readonly name: TransportName
  properties(): Promise<Properties>
  /** Saves the lookups for the next start of the service and answers with what was saved. */
  apply(lookups: DnsLookups): Promise<DnsLookups>
  serviceState(): Promise<ServiceState>
  start(asking: Asking): Promise<ServiceState>
  stop(asking: Asking): Promise<ServiceState>
  restart(progress: (step: RestartStep) => void, asking: Asking): Promise<Restarted>
  queues(): Promise<Queue[]>
  messages(queue: string | undefined, page: Page): Promise<{ messages: Message[]; total: number }>
  /** Calls the listener whenever service, lookups or queues changed, until the returned function is called. */
  watch(listener: () => void): () => void
  /** Lets go of sockets and timers; the transport service itself goes on. */
  close(): Promise<void>
}
