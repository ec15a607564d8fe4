// What a transport's suite needs around it, and the steps that its parts share.
import type { Wanted } from '../../../preload/contract/changes.ts'
import type { LookupSource } from '../../../preload/contract/dns.ts'
import type { ParameterValue } from '../../../preload/contract/parameters.ts'
import type { Message, Outcome } from '../../../preload/contract/queues.ts'
import type { ServiceState } from '../../../preload/contract/servers.ts'
import type { Deed, Targets, Transport } from '../../../main/transport/transport.ts'
import type { World } from '../../../main/world/world.ts'
import { eventually, type Mail, type Refusal } from '../stage.ts'

/** LAN answers, DMZ says SERVFAIL, OLD says REFUSED, and at the DNS server of DEAD nobody listens. */
export const adapterNames = ['LAN', 'DMZ', 'OLD', 'DEAD'] as const
export type AdapterName = (typeof adapterNames)[number]

/**
 * A transport with its settings as they are at first, its service stopped and nothing in its queue; around it the
 * adapters above and a destination for example.test (by DNS), and by a next hop that needs no DNS for ours.test and for
 * sender.test, the senders' own domain. Both of these are accepted domains.
 */
export interface TransportStage {
  transport: Transport
  /** Another administrator's console. */
  open(): Promise<Transport>
  world(): Promise<World>
  /** For what a test writes. */
  folder: string
  /** The folder of the journal. */
  home: string
  /** Words by which the command line finds it. */
  flags: string[]
  /** Whose first word is the process id of the service. */
  pidFile: string
  arrived: Mail[]
  /** What the destination says to a recipient; null where it takes the message. */
  destination: { answer(recipient: string): Refusal | null }
  server(adapter: AdapterName): string
  send(to: string | string[], from?: string): Promise<void>
  /** All that settings are written to. */
  settings(): Promise<string>
  /** Edits the settings so that they mean the same, as an administrator's hand may. */
  edit(): Promise<void>
  limit: { name: string; value: ParameterValue; bad: ParameterValue }
  close(): Promise<void>
}

export const later: Refusal = { code: 450, text: '4.2.0 Greylisted, come back later' }

export const asking = (name: AdapterName): Wanted => ({ lookups: { internal: { source: source(name), protocol: 'any' } } })
const source = (name: AdapterName): LookupSource => ({ kind: 'adapter', id: name, name })

/** As a change does, without its guard. */
export async function save(transport: Transport, wanted: Wanted): Promise<void> {
  await transport.write((await transport.compose(wanted)).after)
}

export const soon = () => AbortSignal.timeout(60_000)
export const all = { offset: 0, limit: 1_000 }

export const start = async ({ transport }: Pick<TransportStage, 'transport'>): Promise<ServiceState> => (await transport.control('start', { signal: soon() })).service

export const waiting = async ({ transport }: TransportStage): Promise<Message[]> => (await transport.messages({}, all)).messages

/** As many wait, each tried. */
export const tried = (stage: TransportStage, count: number): Promise<Message[]> =>
  eventually(() => waiting(stage), (messages) => messages.length === count && messages.every(({ lastError, status }) => lastError !== null && status !== 'Active'))

export const targets = (messages: Message[]): Targets => ({ messages: messages.map(({ id, from, received }) => ({ id, from, received })) })

export async function act(transport: Transport, deed: Deed, what: Targets, signal = soon()): Promise<{ rows: Outcome[]; removal: string | null }> {
  const rows: Outcome[] = []
  const { removal } = await transport.act(deed, what, { signal, told: (more) => rows.push(...more) })
  return { rows, removal }
}

/** A service that has one message for example.test waiting, since the DNS server of DMZ fails. */
export async function stuck(stage: TransportStage): Promise<Message> {
  await save(stage.transport, asking('DMZ'))
  await start(stage)
  await stage.send('alice@example.test')
  const [message] = await tried(stage, 1)
  if (!message) throw new Error('one was sent')
  return message
}

export async function killed({ transport }: TransportStage): Promise<void> {
  const { pid } = await transport.serviceState()
  process.kill(pid ?? 0, 'SIGKILL')
  await eventually(() => transport.serviceState(), ({ state }) => state === 'stopped')
}
