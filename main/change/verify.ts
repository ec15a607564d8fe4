// After the restart: did mail move? A verdict needs evidence; where there is none, it says so.
import type { Filter } from '../../preload/contract/filter.ts'
import type { Message } from '../../preload/contract/queues.ts'
import type { Probed } from '../../preload/contract/changes.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import type { ResolveType, Transport } from '../transport/transport.ts'
import type { Named } from './probe.ts'

export type Verdict = { kind: 'verified' | 'failed' | 'undecided'; text: string }

export interface Evidence {
  transport: Transport
  /** Ids of messages that waited before the change. */
  waited: string[]
  /** When the service was restarted, ISO 8601: what happened before proves nothing. */
  since: string
  probed: Probed[]
  names: Named[]
  /** Whether the service asks elsewhere now: only then is mail to move. */
  asksAnew: boolean
  signal: AbortSignal
}

const nothingKnown: Verdict = { kind: 'undecided', text: 'What waited is no longer in the queue, and how it left is not known.' }

/** Waiting messages that are watched for a proof; one is enough. */
const mostWatched = 1_000
/** What is suspended does not move, whatever is changed. */
const notHeld: Filter = { all: [{ field: 'status', is: 'not-equals', value: 'Suspended' }] }

/** What waits for its turn; nothing where the service does not run, which asking would start. */
export async function waitingMail(transport: Transport, { service }: Properties): Promise<Message[]> {
  return service.state === 'running' ? (await transport.messages({ filter: notHeld }, { offset: 0, limit: mostWatched })).messages : []
}

/** Milliseconds between two looks where no change is heard of. */
const askAgain = 100

export async function verify(evidence: Evidence): Promise<Verdict> {
  if (!evidence.asksAnew) return runsWith(evidence)
  return evidence.waited.length > 0 ? mailMoved(evidence) : resolvesRight(evidence)
}

export async function mailMoved({ transport, waited, since, signal }: Pick<Evidence, 'transport' | 'waited' | 'since' | 'signal'>): Promise<Verdict> {
  for (;;) {
    signal.throwIfAborted()
    const found = await transport.messages({ ids: waited }, { offset: 0, limit: waited.length })
    const messages = found.messages.filter(({ end }) => end?.how !== 'removed')
    const moved = messages.map((message) => movement(message, since))
    const proof = moved.find((one) => one?.kind === 'verified')
    if (proof) return proof
    // Removed by hand, or forgotten: it proves nothing any more.
    if (messages.length === 0) return nothingKnown
    // One that got past DNS shows that the new servers answer, even if another's domain is dead.
    if (moved.every((one) => one !== null)) return moved.find(({ kind }) => kind === 'undecided') ?? moved[0] ?? nothingKnown
    await changed(transport, signal)
  }
}

/** What a message proves; null while its next attempt has not ended. */
function movement({ recipients, end, attempts }: Message, since: string): Verdict | null {
  const who = recipients.join(', ')
  if (end?.how === 'delivered') return { kind: 'verified', text: `Mail to ${who} that waited was delivered: ${end.text}` }
  const last = end ? { at: end.at, stage: end.stage, error: end.text } : attempts.at(-1)
  if (!last || last.at < since) return null
  if (last.stage === 'smtp') return { kind: 'verified', text: `Mail to ${who} got past DNS to an answer from the destination: ${last.error}` }
  if (last.stage === 'dns') return { kind: 'failed', text: `Mail to ${who} still waits: ${last.error}` }
  return { kind: 'undecided', text: `Mail to ${who} got past DNS, but no answer came from the destination: ${last.error}` }
}

function changed(transport: Transport, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stop()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, askAgain)
    const stop = transport.watch(end)
    signal.addEventListener('abort', end)
  })
}

/** No mail waits: the running service must find what the probe found, where the probe found something. */
async function resolvesRight({ transport, probed, names, signal }: Evidence): Promise<Verdict> {
  const provable = names.filter(({ name, type }) => probed.some((one) => one.name === name && one.type === type && one.verdict === 'answers'))
  if (provable.length === 0) return { kind: 'undecided', text: 'No mail waits, and no DNS server gave an answer to compare with.' }
  const wrong: string[] = []
  const right: string[] = []
  for (const { name, type } of provable) {
    signal.throwIfAborted()
    const found = await transport.resolve(name, type satisfies ResolveType, signal)
    if (found.kind === 'records') right.push(found.text)
    else wrong.push(`The transport itself finds no ${type} of ${name}: ${found.text}`)
  }
  const [first] = wrong
  if (first) return { kind: 'failed', text: first }
  return { kind: 'verified', text: `No mail waits; the transport's own resolver finds what the probe found: ${right[0]}` }
}

/** Limits alone are not meant to move mail: the running service must have them. */
async function runsWith({ transport }: Evidence): Promise<Verdict> {
  const { service, restartNeeded } = await transport.properties()
  if (service.state === 'running' && !restartNeeded) return { kind: 'verified', text: 'The transport service runs with the new limits.' }
  return { kind: 'failed', text: `The transport service ${service.state === 'running' ? 'does not run with the new limits' : `is ${service.state}`}.` }
}
