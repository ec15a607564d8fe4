// Plays a scenario: sets the scene, or sets it and takes it to its end with the remedy that the diagnosis proved.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { DnsLookups, Lookups } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Outcome } from '../../preload/contract/rehearsal.ts'
import { delivered, waitingIn, type LabEdge } from './edge.ts'
import type { Lab } from './lab.ts'
import type { Scenario } from './scenario.ts'
import { submit } from './submit.ts'
import { until } from './until.ts'

export type { LabEdge } from './edge.ts'
export { rehearsalState } from './state.ts'

export type Tell = (text: string) => void

/** Milliseconds for the first attempt of every message, silent DNS servers included. */
const firstAttemptLimit = 40_000
const deliveryLimit = 20_000

/** Starts the edge server with the scenario's lookups, sends its mail, and waits until each message was tried. */
export async function setScene(lab: Lab, edge: LabEdge, tell: Tell, signal: AbortSignal): Promise<void> {
  const { scenario, intake } = lab
  await cancellable(signal, async () => {
    const adapters = await edge.adapters()
    await edge.setLookups(lookupsOf(scenario, adapters))
    await edge.start(signal)
    tell(`The edge server runs. Its DNS lookups: internal ${asked(scenario.lookups.internal, scenario)}; external ${asked(scenario.lookups.external, scenario)}.`)
    for (const message of scenario.messages) {
      await submit(intake, message, signal)
      tell(`Mail from ${message.from} to ${message.to} is handed to the edge server.`)
    }
    const tried = async () => (await waitingIn(edge)).filter(({ lastError }) => lastError !== null).length + delivered(lab) >= scenario.messages.length
    if (!(await until(tried, { watch: edge.watch, signal, limit: firstAttemptLimit })))
      throw new Failure('timed-out', `The edge server did not try to deliver the mail within ${firstAttemptLimit / 1000} seconds.`)
  })
  for (const { from, recipients, lastError } of await waitingIn(edge)) tell(`Mail from ${from} to ${recipients.join(', ')} waits: ${lastError}`)
}

export async function play(lab: Lab, edge: LabEdge, tell: Tell, signal: AbortSignal): Promise<Outcome> {
  await setScene(lab, edge, tell, signal)
  return cancellable(signal, async () => {
    const stuck = await edge.messages()
    const before = { waiting: stuck.length, lastError: stuck.find(({ lastError }) => lastError !== null)?.lastError ?? null }
    const causes = stuck.length === 0 ? [] : await edge.diagnose(signal)
    for (const { name, evidence } of causes) {
      tell(`Cause: ${name}. The evidence:`)
      for (const sentence of evidence) tell(`  ${sentence}.`.replace(/\.\.$/, '.'))
    }
    if (stuck.length > 0 && causes.length === 0) tell('No cause is proven.')
    const remedy = causes.find((cause) => cause.remedy !== null)?.remedy ?? null
    if (remedy !== null) await cure(lab, edge, remedy, tell, signal)
    const after = { waiting: (await edge.messages()).length, delivered: delivered(lab) }
    const all = after.delivered >= lab.scenario.messages.length
    const result = !all ? 'still waiting' : before.waiting === 0 ? 'nothing wrong' : 'delivered'
    tell(ending(lab, result, after.waiting))
    return { scenario: lab.scenario.name, before, causes: causes.map(({ name }) => name), remedy, after, result }
  })
}

async function cure(lab: Lab, edge: LabEdge, remedy: string, tell: Tell, signal: AbortSignal): Promise<void> {
  tell(`Remedy: ${remedy}.`)
  const { kept, since, downtime } = await edge.cure(remedy, (text) => tell(`  ${text}`), signal)
  if (downtime !== null) tell(`The transport service was restarted; it took no mail for ${Math.round(downtime)} ms.`)
  tell(kept ? 'The remedy is kept.' : 'The remedy was rolled back.')
  if (!kept || since === null) return
  const settled = async () => {
    const waiting = await waitingIn(edge)
    // The delivery may be seen before the queue knows of it, so an empty queue is waited for as well.
    if (delivered(lab) >= lab.scenario.messages.length) return waiting.length === 0
    return waiting.length > 0 && waiting.every(({ status, attempts }) => status === 'Retry' && attempts.some(({ at }) => at > since))
  }
  await until(settled, { watch: edge.watch, signal, limit: deliveryLimit })
}

async function cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
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

function ending(lab: Lab, result: Outcome['result'], waiting: number): string {
  const got = lab.delivered().at(-1)
  if (result === 'still waiting') return `${waiting} of ${lab.scenario.messages.length} still waiting.`
  const where = got ? ` The destination has “${got.subject}” for ${got.recipients.join(', ')}.` : ''
  return result === 'delivered' ? `Delivered.${where}` : `Nothing is wrong: the mail was delivered at once.${where}`
}
