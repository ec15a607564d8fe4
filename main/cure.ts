// Carries out what one click can do of a remedy: a guarded change with a restart, a deed with the queue, or the service.
import { setTimeout as after } from 'node:timers/promises'
import type { ChangeProgress } from '../preload/contract/changes.ts'
import { longestWait, type Diagnosis, type Remedy } from '../preload/contract/diagnosis.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Edge } from './edgewise.ts'
import type { Transport } from './transport/transport.ts'

export interface Curing {
  target: Pick<Diagnosis, 'domains' | 'target'>
  by: string
  signal: AbortSignal
  progress(told: ChangeProgress | { kind: 'deed'; text: string }): void
}

/** Throws a Failure where the diagnosis names no such remedy, or where it is nothing that this edge can do by itself. */
export function remedyIn({ causes }: Diagnosis, name: string): Remedy {
  const remedies = causes.filter(({ proof }) => proof !== 'ruled out').flatMap((cause) => cause.remedies)
  const remedy = remedies.find((one) => one.name === name)
  if (!remedy) throw new Failure('not-found', `The last diagnosis has no remedy “${name}”.`, remedies.length === 0 ? 'It names none.' : `It names ${remedies.map((one) => one.name).join(', ')}.`)
  if (remedy.wanted === null && remedy.deed === null) throw new Failure('failed', `“${remedy.title}” is nothing that one click can do.`, remedy.text)
  return remedy
}

/** A change that could not be verified is kept where it got past what was wrong, and asks nobody. */
export async function carryOut(edge: Edge, { name, title, wanted, deed, until }: Remedy, curing: Curing): Promise<{ done: boolean; text: string }> {
  const { progress, signal, by } = curing
  if (wanted) {
    const { state, reason } = await edge.changes.run({ wanted, restart: true, drain: false, force: false, keep: true, by }, { progress, signal })
    return { done: state === 'kept', text: `${state === 'kept' ? 'Kept' : 'Rolled back'}: ${reason ?? ''}` }
  }
  progress({ kind: 'deed', text: `${title}.` })
  if (deed === 'start-service') {
    const { service } = await edge.transport.control('start', { signal })
    const moved = service.state === 'running' ? await moving(edge, signal) : ''
    return { done: service.state === 'running', text: `The transport service is ${service.state}.${moved}` }
  }
  if (until !== null) await pause(Date.parse(until) - Date.now(), until, signal)
  if (deed === 'resume') return resume(edge, curing)
  if (deed === 'retry') return retry(edge, curing)
  throw new Failure('failed', `The remedy “${name}” cannot be carried out here.`)
}

/** Milliseconds to look at what moves after a start, and between two looks. */
const movesWithin = 3_000
const lookEvery = 100

/** A service that is stopped cannot say what waits in it: that is seen once it runs, and goes on its way then. */
async function moving({ transport }: Edge, signal: AbortSignal): Promise<string> {
  const end = Date.now() + movesWithin
  let most = 0
  for (;;) {
    const left = await waitingIn(transport)
    most = Math.max(most, left)
    if (Date.now() >= end || (most > 0 && left === 0)) return most === 0 ? '' : ` ${most} message${most === 1 ? '' : 's'} waited, and ${left === 0 ? 'nothing waits any more' : `${left} still wait${left === 1 ? 's' : ''}`}.`
    await after(lookEvery, undefined, { signal })
  }
}

const waitingIn = async (transport: Transport) => (await transport.queues()).reduce((sum, { messages }) => sum + messages, 0)

async function pause(milliseconds: number, until: string, signal: AbortSignal): Promise<void> {
  if (milliseconds > longestWait) throw new Failure('failed', `That is to wait until ${until}, longer than is waited here.`, 'The transport tries again by itself.')
  await new Promise<void>((done, failed) => {
    const timer = setTimeout(done, Math.max(0, milliseconds))
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      failed(new Failure('cancelled', 'Cancelled.'))
    }, { once: true })
  })
}

/** The whole queue where it is suspended, else what is suspended in it. */
async function resume({ transport }: Edge, { target: { domains }, signal, progress }: Curing): Promise<{ done: boolean; text: string }> {
  const told = tellingOf(progress)
  const queues = (await transport.queues()).filter(({ nextHop }) => domains.includes(nextHop))
  const whole = queues.filter(({ status }) => status === 'Suspended').map(({ nextHop }) => nextHop)
  if (whole.length > 0) await transport.act({ kind: 'resume' }, { queues: whole }, { signal, told })
  const messages = await transport.select({ queues: domains })
  if (messages.length > 0) await transport.act({ kind: 'resume' }, { messages }, { signal, told })
  return { done: true, text: `${domains.join(', ')} ${domains.length === 1 ? 'is' : 'are'} resumed.` }
}

async function retry({ transport }: Edge, { target: { domains }, signal, progress }: Curing): Promise<{ done: boolean; text: string }> {
  const messages = await transport.select({ queues: domains })
  if (messages.length === 0) return { done: true, text: 'Nothing waits any more.' }
  let sent = 0
  await transport.act({ kind: 'retry' }, { messages }, {
    signal,
    told: (rows) => {
      sent += rows.filter(({ outcome }) => outcome === 'sent').length
      tellingOf(progress)(rows)
    },
  })
  return { done: sent > 0, text: `${sent} of ${messages.length} message${messages.length === 1 ? '' : 's'} delivered.` }
}

const tellingOf = (progress: Curing['progress']) => (rows: { outcome: string; text: string }[]) => {
  for (const { outcome, text } of rows.slice(0, 20)) progress({ kind: 'deed', text: `${outcome}: ${text}` })
}
