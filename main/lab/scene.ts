// Sets the scene: the edge server runs as the scenario has it, the mail is sent, and each message was tried.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { DnsLookups, Lookups } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { delivered, noticesIn, waitingIn, type LabEdge } from './edge.ts'
import { outboundAddresses, type Lab } from './lab.ts'
import type { Scenario } from './scenario.ts'
import { PutOff, submit } from './submit.ts'
import { until } from './until.ts'

export type Tell = (text: string) => void

/** Milliseconds for the first attempt of every message, silent DNS servers included. */
const firstAttemptLimit = 40_000
/** Where destinations are silent, an attempt lasts for the transport's patience with each: many are looked at while it lasts. */
const silentAttemptLimit = 5_000
/** What a host that takes the connection and says nothing proves is known once the transport gave it up. */
const noBannerAttemptLimit = 7_000
/** What was taken is seen to wait by then: if it is not, it was returned, and the notice too. */
const seenLimit = 2_000

export interface Seen {
  /** The ids of the messages that were seen, by recipient: who was returned to its sender can be asked about by its id only. */
  ids: Map<string, string>
  /** Messages that the edge server did not take: they wait where they come from. */
  kept: number
}

export async function setScene(lab: Lab, edge: LabEdge, tell: Tell, signal: AbortSignal): Promise<Seen> {
  const { scenario, intake } = lab
  const { lookups, egress, acceptedDomains, limits, service, messages, lookAfter } = scenario
  const seen: Seen = { ids: new Map(), kept: 0 }
  await cancellable(signal, async () => {
    await edge.setUp({ lookups: lookupsOf(scenario, await edge.adapters()), name: egress.helo, acceptedDomains, limits, certificate: lab.certificate, outboundAddresses: outboundAddresses(scenario) })
    await edge.start(signal)
    tell(`The edge server runs. Its DNS lookups: internal ${asked(lookups.internal, scenario)}; external ${asked(lookups.external, scenario)}.`)
    if (service.suspended.length > 0) await edge.suspend(service.suspended, signal)
    for (const message of messages) {
      try {
        await submit(intake, message, signal)
        tell(`Mail from ${message.from} to ${message.to} is handed to the edge server.`)
      } catch (error) {
        if (!(error instanceof PutOff)) throw error
        seen.kept += 1
        tell(`Mail from ${message.from} to ${message.to} stays where it comes from. ${error.message}`)
      }
    }
    await tried(lab, edge, seen, signal)
    if (service.stopped) {
      await edge.stop(signal)
      tell('The transport service was stopped.')
    }
    // Where nothing waits any more, nothing is to come; a service that was stopped cannot say what waits.
    const isOver = async () => !service.stopped && (await waitingIn(edge)).length === 0
    if (lookAfter > 0) await until(isOver, { watch: edge.watch, signal, limit: lookAfter * 1000 })
  })
  for (const { from, recipients, lastError, status } of await waitingIn(edge))
    tell(`Mail from ${from} to ${recipients.join(', ')} waits: ${lastError ?? (status === 'Suspended' ? 'it is suspended.' : 'its first attempt is not over.')}`)
  return seen
}

async function tried(lab: Lab, edge: LabEdge, seen: Seen, signal: AbortSignal): Promise<void> {
  const { messages, destinations } = lab.scenario
  const has = (kind: Scenario['destinations'][number]['connection']) => destinations.some(({ connection }) => connection === kind)
  const isSilent = has('silent') || has('no-banner')
  const limit = has('no-banner') ? noBannerAttemptLimit : isSilent ? silentAttemptLimit : firstAttemptLimit
  const sent = Date.now()
  const everyOne = async () => {
    const waiting = await waitingIn(edge)
    for (const { id, recipients } of waiting) for (const recipient of recipients) seen.ids.set(recipient, id)
    const settled = waiting.filter(({ lastError, status }) => lastError !== null || status === 'Suspended').length
    if (settled + delivered(lab) + (await noticesIn(lab, edge)) >= messages.length - seen.kept) return true
    return settled === waiting.length && Date.now() - sent > seenLimit
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
