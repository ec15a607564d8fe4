// Sets the scene: the edge server runs as the scenario has it, the mail is sent, and each message was tried.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { DnsLookups, Lookups } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { delivered, noticesIn, waitingIn, type LabEdge } from './edge.ts'
import type { Lab } from './lab.ts'
import type { Scenario } from './scenario.ts'
import { submit } from './submit.ts'
import { until } from './until.ts'

export type Tell = (text: string) => void

/** Milliseconds for the first attempt of every message, silent DNS servers included. */
const firstAttemptLimit = 40_000
/** Where a destination is silent, an attempt lasts until the transport's own patience ends: it is looked at while it lasts. */
const silentAttemptLimit = 4_000

/** The ids of the messages that were seen, by recipient: who was returned to its sender can be asked about by its id only. */
export type Seen = Map<string, string>

export async function setScene(lab: Lab, edge: LabEdge, tell: Tell, signal: AbortSignal): Promise<Seen> {
  const { scenario, intake } = lab
  const { lookups, egress, acceptedDomains, limits, service, messages, lookAfter } = scenario
  const seen: Seen = new Map()
  await cancellable(signal, async () => {
    await edge.setUp({ lookups: lookupsOf(scenario, await edge.adapters()), name: egress.helo, acceptedDomains, limits })
    await edge.start(signal)
    tell(`The edge server runs. Its DNS lookups: internal ${asked(lookups.internal, scenario)}; external ${asked(lookups.external, scenario)}.`)
    if (service.suspended.length > 0) await edge.suspend(service.suspended, signal)
    for (const message of messages) {
      await submit(intake, message, signal)
      tell(`Mail from ${message.from} to ${message.to} is handed to the edge server.`)
    }
    await tried(lab, edge, seen, signal)
    if (service.stopped) {
      await edge.stop(signal)
      tell('The transport service was stopped.')
    }
    if (lookAfter > 0) await until(async () => false, { watch: edge.watch, signal, limit: lookAfter * 1000 })
  })
  for (const { from, recipients, lastError, status } of await waitingIn(edge))
    tell(`Mail from ${from} to ${recipients.join(', ')} waits: ${lastError ?? (status === 'Suspended' ? 'it is suspended.' : 'its first attempt is not over.')}`)
  return seen
}

async function tried(lab: Lab, edge: LabEdge, seen: Seen, signal: AbortSignal): Promise<void> {
  const { messages, destinations } = lab.scenario
  const isSilent = destinations.some(({ connection }) => connection === 'silent' || connection === 'no-banner')
  const limit = isSilent ? silentAttemptLimit : firstAttemptLimit
  const everyOne = async () => {
    const waiting = await waitingIn(edge)
    for (const { id, recipients } of waiting) for (const recipient of recipients) seen.set(recipient, id)
    const settled = waiting.filter(({ lastError, status }) => lastError !== null || status === 'Suspended').length
    return settled + delivered(lab) + (await noticesIn(lab, edge)) >= messages.length
  }
  if (await until(everyOne, { watch: edge.watch, signal, limit })) return
  if (!isSilent) throw new Failure('timed-out', `The edge server did not try to deliver the mail within ${limit / 1000} seconds.`)
}

export async function cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) throw new Failure('cancelled', 'The rehearsal was cancelled.')
    throw error
  }
}

function lookupsOf({ lookups }: Scenario, adapters: Adapter[]): DnsLookups {
  const one = ({ adapter: name, servers, protocol }: Scenario['lookups']['internal']): Lookups => {
    if (servers) return { source: { kind: 'servers', servers }, protocol }
    const adapter = adapters.find((one) => one.name === name)
    return { source: adapter ? { kind: 'adapter', id: adapter.id, name: adapter.name } : { kind: 'all-adapters' }, protocol }
  }
  return { internal: one(lookups.internal), external: one(lookups.external), useExternalForInternet: lookups.useExternalForInternet }
}

function asked({ adapter: name, servers }: Scenario['lookups']['internal'], { adapters }: Scenario): string {
  if (servers) return servers.join(', ')
  if (name === undefined) return 'all available adapters'
  return `adapter “${name}” (${adapters.find((one) => one.name === name)?.dnsServers.join(', ') || 'no DNS servers'})`
}
