// What every transport can do, and what it says it can: one interface, three implementations.
import type { Wanted } from '../../preload/contract/changes.ts'
import type { Message, Page, Queue } from '../../preload/contract/queues.ts'
import type { Properties, Restarted, RestartStep, ServiceState, TransportName } from '../../preload/contract/servers.ts'
import type { Resolution } from '../../preload/contract/dns.ts'

/**
 * A transport's whole settings as it keeps them: written down before a change and written back byte for byte. Nobody
 * but the transport looks into it.
 */
export type Settings = string

export interface Control {
  signal: AbortSignal
  progress?: ((step: RestartStep) => void) | undefined
  /** Before a restart: take no mail any more and deliver what is due; told by name what is waited for. */
  drain?: ((waitsFor: string) => void) | undefined
}

export interface MessageFilter {
  queue?: string | undefined
  /** Just these, also when they ended lately: delivered or returned. */
  ids?: string[] | undefined
}

export interface Transport {
  readonly name: TransportName
  properties(): Promise<Properties>
  /** The settings as they are and as they would be; writes nothing. */
  compose(wanted: Wanted): Promise<{ before: Settings; after: Settings }>
  /** Writes the settings for the next start of the service. */
  write(settings: Settings): Promise<void>
  serviceState(): Promise<ServiceState>
  control(action: 'start' | 'stop' | 'restart', control: Control): Promise<Restarted>
  queues(): Promise<Queue[]>
  messages(filter: MessageFilter, page: Page): Promise<{ messages: Message[]; total: number }>
  /** What the running service itself finds, with the lookups that are in effect in it. */
  resolve(name: string, type: ResolveType): Promise<Resolution>
  /** Calls the listener whenever service, settings or queues changed, until the returned function is called. */
  watch(listener: () => void): () => void
  /** Lets go of sockets and timers; the transport service itself goes on. */
  close(): Promise<void>
}

export type ResolveType = 'MX' | 'A' | 'NS'
