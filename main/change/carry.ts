// A journalled change is carried out: applied, restarted, verified, and kept or taken back. Every step is on disk first.
import type { ChangeProgress, ChangeStep } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Transport } from '../transport/transport.ts'
import type { Entry, Journal } from './journal.ts'
import { type Order, orderOf } from './seal.ts'
import type { Subject, Which } from './subject.ts'
import type { Verdict } from './verify.ts'
import { withLimit } from '../time-limit.ts'

export interface Carrying {
  journal: Journal
  transport: Transport
  subject: Subject
  entry: Entry
  progress(progress: ChangeProgress): void
  signal: AbortSignal
  /** Does what this process may not; where it is absent, rights that are missing are a Failure. */
  elevate?: ((order: Order) => Promise<void>) | undefined
}

/** Milliseconds from applying to the verdict. */
const limit = 60_000
/** For taking back, which nothing may cancel. */
const backLimit = 60_000
/** “Keep these changes?”, as display settings ask. */
export const keepLimit = 30_000

export interface Judging {
  drain: boolean
  /** Keep what could not be verified without asking. */
  keep: boolean
  verify(since: string, signal: AbortSignal): Promise<Verdict>
  /** Asks “Keep these changes?”; false once the time is up. */
  ask(until: Date, text: string, signal: AbortSignal): Promise<boolean>
}

/** Makes a step's note: first on disk, then told. */
export async function reach({ journal, entry, progress }: Carrying, step: ChangeStep, text: string): Promise<void> {
  const noted = { step, at: Date.now() - Date.parse(entry.began), text }
  await journal.step(entry, noted)
  progress({ kind: 'step', step: noted })
}

export async function carry(carrying: Carrying, judging: Judging): Promise<void> {
  const { entry, journal } = carrying
  const whole = withLimit(carrying.signal, limit)
  try {
    const verdict = await applied(carrying, judging, whole)
    if (verdict.kind === 'verified') return await close(carrying, 'kept', verdict.text)
    if (verdict.kind === 'undecided' && (judging.keep || (await asked(carrying, judging, verdict.text))))
      return await close(carrying, 'kept', `${verdict.text} It was kept by the administrator.`)
    await takeBack(carrying, verdict.kind === 'failed' ? verdict.text : `${verdict.text} Nobody said to keep it.`)
  } catch (error) {
    if ((await journal.open())?.id !== entry.id) throw error
    const why = carrying.signal.aborted ? 'It was cancelled.' : whole.aborted ? `It was not verified within ${limit / 1000} s.` : sentence(error)
    await takeBack(carrying, why)
    // Whoever asked has another way to go on then.
    if (isMissingRights(error) || (error instanceof Failure && error.code === 'changed-meanwhile')) throw error
  }
}

async function applied(carrying: Carrying, judging: Judging, signal: AbortSignal): Promise<Verdict> {
  const { entry, subject, transport } = carrying
  await reach(carrying, 'applying', subject.text.applying)
  signal.throwIfAborted()
  await write(carrying, 'after')
  await reach(carrying, 'applied', subject.text.applied)
  if (!entry.restart) return subject.saved(entry)

  const since = new Date().toISOString()
  const steps: Promise<void>[] = []
  await transport.control('restart', {
    signal,
    progress: ({ step }) => steps.push(reach(carrying, step, restartText[step])),
    drain: judging.drain ? (what) => steps.push(reach(carrying, 'draining', `Waiting for ${what}.`)) : undefined,
  })
  await Promise.all(steps)
  await reach(carrying, 'verifying', entry.waited.length > 0 ? 'Waiting for the mail that waited to move.' : subject.text.verifying)
  const verdict = await judging.verify(since, signal)
  await reach(carrying, verdict.kind, verdict.text)
  return verdict
}

const restartText = {
  draining: 'Delivering what is due before the restart.',
  stopping: 'Stopping the transport service.',
  stopped: 'The transport service is stopped.',
  starting: 'Starting the transport service.',
  serving: 'The transport service serves.',
}

async function write({ entry, subject, elevate }: Carrying, which: Which): Promise<void> {
  try {
    await subject.write(entry, which)
  } catch (error) {
    if (!elevate || !isMissingRights(error)) throw error
    await elevate(orderOf(entry, which))
  }
}

const isMissingRights = (error: unknown) => error instanceof Failure && error.code === 'needs-administrator'

/** What a save left torn is made whole by being looked at, which takes the rights to write. */
async function standing({ entry, subject, elevate }: Carrying): Promise<string | null> {
  try {
    return await subject.now(entry)
  } catch (error) {
    if (!elevate || !isMissingRights(error)) throw error
    await elevate(orderOf(entry, 'before'))
    return subject.now(entry)
  }
}

async function asked({ entry, progress, signal }: Carrying, judging: Judging, text: string): Promise<boolean> {
  const until = new Date(Date.now() + keepLimit)
  // Asked before it is told: the answer may come from within the telling.
  const answer = judging.ask(until, text, signal)
  progress({ kind: 'keep?', id: entry.id, until: until.toISOString(), text })
  return answer
}

async function close(carrying: Carrying, state: 'kept' | 'rolled back', reason: string): Promise<void> {
  await reach(carrying, state, reason)
  await carrying.journal.close(carrying.entry, state, reason)
}

/** Back to the state before, byte for byte, with the service as it was. */
export async function takeBack(carrying: Carrying, why: string): Promise<void> {
  const { entry, subject, transport } = carrying
  await reach(carrying, 'rolling back', why)
  const signal = AbortSignal.timeout(backLimit)
  const now = await standing(carrying)
  // What somebody else wrote meanwhile is not ours to take away.
  if (now !== null && now !== entry.before && now !== entry.after) return close(carrying, 'rolled back', `${why} ${subject.text.foreign}`)
  if (now !== entry.before) await write(carrying, 'before')
  await reach(carrying, 'restored', subject.text.restored)
  // One that a dead process was starting is waited for: what is in effect in it is known only then.
  if (entry.wasRunning) await transport.control('start', { signal })
  const { service, restartNeeded } = await transport.properties()
  if (entry.wasRunning && restartNeeded) await transport.control('restart', { signal })
  if (!entry.wasRunning && entry.restart && service.state !== 'stopped') await transport.control('stop', { signal })
  await close(carrying, 'rolled back', why)
}

/**
 * Brings a change whose process died to its end. What was verified is kept, what was only to be saved is kept once
 * it is saved; all else is taken back.
 */
export async function finish(carrying: Carrying): Promise<void> {
  const { entry, journal, subject } = carrying
  // Died between the last write and the filing.
  if (entry.state !== 'open') return journal.file(entry)
  entry.resumed = true
  const did = new Set(entry.steps.map(({ step }) => step))
  const verdict = entry.steps.find(({ step }) => step === 'verified' || step === 'kept')
  if (did.has('rolling back')) return takeBack(carrying, `${entry.steps.find(({ step }) => step === 'rolling back')?.text ?? ''} It was interrupted while it was taken back.`.trim())
  if (verdict) return close(carrying, 'kept', `${verdict.text} It was interrupted after that and finished at the next start.`)
  // What was only to be saved and stands there is all that was to be done, also where it died before it could say so.
  if (!entry.restart && (did.has('applied') || (did.has('applying') && (await subject.now(entry).catch(() => null)) === entry.after)))
    return close(carrying, 'kept', 'It was interrupted after it was saved, and finished at the next start.')
  return takeBack(carrying, `It was interrupted after “${entry.steps.at(-1)?.step ?? 'journalled'}”.`)
}

const sentence = (error: unknown) => (error instanceof Failure ? [error.message, error.remedy].filter(Boolean).join(' ') : error instanceof Error ? error.message : String(error))
