// What every transport can do, and what it says it can: one interface, three implementations.
import type { Wanted } from '../../preload/contract/changes.ts'
import type { Filter } from '../../preload/contract/filter.ts'
import type { Action, Message, MessageSort, Outcome, Page, Queue } from '../../preload/contract/queues.ts'
import type { Properties, Restarted, RestartStep, ServiceState } from '../../preload/contract/servers.ts'
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

export interface MessagesWanted {
  filter?: Filter | undefined
  /** Just these, with all that is known of each; also when they ended lately: delivered, returned or removed. */
  ids?: string[] | undefined
  /** Of these, too, no more than a list tells. */
  brief?: boolean | undefined
  /** The first of them may be told before all are known: who asks listens for more, and asks again. */
  soon?: boolean | undefined
  sort?: MessageSort | undefined
}

/** Messages to choose: those that a filter means, in an order, these, or all of some queues. */
export type Selecting = Omit<MessagesWanted, 'brief' | 'soon'> & { queues?: string[] | undefined }

/** A message as it was chosen for an action: an id may be another message's by the time it is acted on. */
export type Target = Pick<Message, 'id' | 'from' | 'received'>

/** What an action is done with. Whole queues are suspended or resumed: it holds for mail that comes later, too. */
export type Targets = { messages: Target[] } | { queues: string[] }

/** What can be done: an action, or putting a removal back. */
export type Deed = Action | { kind: 'put-back'; removal: string }

export interface Acting {
  signal: AbortSignal
  told(rows: Outcome[]): void
}

/** `powershell`: the same for Exchange's own shell, where it is Exchange. */
export interface Composed {
  before: Settings
  after: Settings
  powershell?: string
}

export interface Transport {
  properties(): Promise<Properties>
  /** The settings as they are and as they would be; writes nothing. */
  compose(wanted: Wanted): Promise<Composed>
  /**
   * Writes the settings for the next start of the service. `over`: what they were planned from; where anything else
   * stands there, nothing is written, and that is a Failure.
   */
  write(settings: Settings, over?: Settings): Promise<void>
  serviceState(): Promise<ServiceState>
  control(action: 'start' | 'stop' | 'restart', control: Control): Promise<Restarted>
  queues(filter?: Filter): Promise<Queue[]>
  messages(wanted: MessagesWanted, page: Page): Promise<{ messages: Message[]; total: number }>
  /** Those that an action would be done with, all of them at one moment. */
  select(wanted: Selecting): Promise<Target[]>
  /**
   * Does it with exactly these; tells each as it ends. Cancelled, it begins with no further one. Answers with the id of
   * the removal, where something was removed.
   */
  act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }>
  /**
   * What the running service itself finds, with the lookups that are in effect in it. It takes as long as its DNS servers
   * have to be waited for; cancelled, they are asked no more.
   */
  resolve(name: string, type: ResolveType, signal?: AbortSignal): Promise<Resolution>
  /** Calls the listener whenever service, settings or queues changed, until the returned function is called. */
  watch(listener: () => void): () => void
}

export type ResolveType = 'MX' | 'A' | 'AAAA' | 'NS'
