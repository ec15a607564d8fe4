// The one place where a call from outside (window, command line) becomes an answer: looked up, parsed, run, parsed
// again, and every error turned into a value.
import type { Call, Result, Stream } from '../preload/contract/call.ts'
import { Failure, firstProblem, type FailureCode } from '../preload/contract/failure.ts'
import type { Answers, Contract } from '../preload/contract/index.ts'

/** What a handler is asked with: to be cancelled, and to tell how far it is. */
export interface Asking {
  signal: AbortSignal
  progress(value: unknown): void
}

/** Told of defects of ours, with the error itself: the one who asked only gets a sentence. */
export type Report = (what: string, error: unknown) => void

type AnyHandler = (input: unknown, asked: Asking) => Promise<unknown>

const refuse = (code: FailureCode, message: string, remedy?: string): Result<never> => ({
  ok: false,
  error: { code, message, ...(remedy === undefined ? {} : { remedy }) },
})

const log: Report = (what, error) => console.error(what, error)

export async function answer(
  answers: Partial<Answers>,
  topic: string,
  name: string,
  input: unknown,
  asking: Asking,
  report: Report = log,
): Promise<Result<unknown>> {
  const entry = await entryOf(topic, name)
  const handler = entry && handlerOf(answers, topic, name)
  if (!entry || !handler) return refuse('unknown-call', `There is no call “${topic}.${name}”.`)

  const given = entry.input.safeParse(input)
  if (!given.success) return refuse('bad-input', firstProblem(given.error))

  const progress = (value: unknown) => {
    if (entry.kind !== 'stream' || asking.signal.aborted) return
    const step = entry.progress.safeParse(value)
    // Work that is under way is not ended by a defect in telling of it.
    if (step.success) asking.progress(step.data)
    else report(`${topic}.${name} told progress of the wrong form:`, step.error)
  }
  try {
    const found = entry.output.safeParse(await handler(given.data, { signal: asking.signal, progress }))
    if (found.success) return { ok: true, value: found.data }
    report(`${topic}.${name} answered in the wrong form:`, found.error)
  } catch (error) {
    if (error instanceof Failure) return { ok: false, error: error.value }
    if (asking.signal.aborted) return refuse('cancelled', 'Cancelled.')
    report(`${topic}.${name} failed:`, error)
  }
  return refuse('failed', 'Edgewise could not do this because of a fault of its own.', 'Try again; the log has the details.')
}

/** Each topic's schemas are made when it is first asked for: making them all takes longer than most answers. */
const topics: { [T in keyof Contract]: () => Promise<Contract[T]> } = {
  adapters: async () => (await import('../preload/contract/adapters.ts')).adapters,
  app: async () => (await import('../preload/contract/app.ts')).app,
  changes: async () => (await import('../preload/contract/changes.ts')).changes,
  diagnosis: async () => (await import('../preload/contract/diagnosis.ts')).diagnosis,
  hosts: async () => (await import('../preload/contract/hosts.ts')).hosts,
  queues: async () => (await import('../preload/contract/queues.ts')).queues,
  rehearsal: async () => (await import('../preload/contract/rehearsal.ts')).rehearsal,
  servers: async () => (await import('../preload/contract/servers.ts')).servers,
  smtp: async () => (await import('../preload/contract/smtp.ts')).smtp,
  smtpTest: async () => (await import('../preload/contract/smtp-test.ts')).smtpTest,
}

async function entryOf(topic: string, name: string): Promise<Call | Stream | null> {
  if (!Object.hasOwn(topics, topic)) return null
  const entries: Record<string, { kind: string }> = await topics[topic as keyof Contract]()
  if (!Object.hasOwn(entries, name)) return null
  const entry = entries[name]
  return entry?.kind === 'call' || entry?.kind === 'stream' ? (entry as Call | Stream) : null
}

function handlerOf(answers: Partial<Answers>, topic: string, name: string): AnyHandler | null {
  if (!Object.hasOwn(answers, topic)) return null
  // The table's types tie each handler to its entry, whose schemas are applied around it here.
  const handlers = answers[topic as keyof Answers] as unknown as Record<string, AnyHandler>
  return Object.hasOwn(handlers, name) ? handlers[name]!.bind(handlers) : null
}
