// Runs one verb: opens the core, asks it through the contract, prints what the verb says, and sets the exit code.
import type { z } from 'zod'
import type { Change } from '../../preload/contract/changes.ts'
import { Failure, type FailureValue } from '../../preload/contract/failure.ts'
import type { Result } from '../../preload/contract/call.ts'
import type { Answers, Contract } from '../../preload/contract/index.ts'
import type { TransportName } from '../../preload/contract/servers.ts'
import type { Asking } from '../answer.ts'
import type { Edgewise, Order, Start } from '../edgewise.ts'
import { exitCodes, printed } from './output.ts'

export interface Flags {
  json?: true
  transport?: TransportName
  configDir?: string
  home?: string
  world?: string
  /** Folders in hexadecimal digits, where a shell stands between: only a command that runs elevated has them. */
  homeHex?: string
  configDirHex?: string
}

type Input<E> = E extends { input: infer I extends z.ZodType } ? z.input<I> : never
type Output<E> = E extends { output: infer O extends z.ZodType } ? z.output<O> : never
type Progress<E> = E extends { progress: infer P extends z.ZodType } ? z.output<P> : never

export interface Core {
  readonly signal: AbortSignal
  /** Whether the answer is for a program: then nobody is asked anything. */
  readonly json: boolean
  /** A change that a dead process had left open, and that was brought to its end when the core opened. */
  readonly resumed: Change | null
  /** Asks as the window does, through the contract's schemas; throws a Failure where that is the answer. */
  ask<T extends keyof Answers, N extends keyof Answers[T] & keyof Contract[T] & string>(
    topic: T,
    name: N,
    input: Input<Contract[T][N]>,
    onProgress?: (progress: Progress<Contract[T][N]>) => void,
  ): Promise<Output<Contract[T][N]>>
  /** Not in the contract: no view may ask for it. */
  writeJournalled(order: Order): Promise<void>
  /** A step of long work: a line of JSON, or a line of text. */
  tell(step: object, text: string): void
}

export interface Said {
  /** The last line with --json. */
  json: object
  /** What people read. */
  text: string
  exitCode?: number
}

export interface Verb {
  /** Null where all that is to be said was told step by step. */
  (core: Core): Promise<Said | null>
  /** Opens less than the whole core for a verb that needs no transport; null where that does not do. */
  open?: ((start: Start) => Promise<Opened | null>) | undefined
}

/** How long what was let go may keep the process after all was said. */
const lingerLimit = 2_000

export async function perform(flags: Flags, verb: Verb, enough: AbortSignal): Promise<void> {
  const interrupted = new AbortController()
  const interrupt = () => {
    // Once is a wish to end cleanly, twice to end now.
    if (interrupted.signal.aborted) process.exit(exitCodes.cancelled)
    interrupted.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  try {
    const said = await withCore(flags, AbortSignal.any([interrupted.signal, enough]), verb)
    if (said) print(enough, `${flags.json ? printed(said.json) : said.text}\n`)
    process.exitCode = said?.exitCode ?? 0
  } catch (error) {
    if (!enough.aborted) refuse(error instanceof Failure ? error.value : fault(error), flags.json === true)
  } finally {
    setTimeout(() => process.exit(), lingerLimit).unref()
  }
}

const unhexed = (digits: string | undefined) => (digits === undefined ? undefined : Buffer.from(digits, 'hex').toString())

async function withCore(flags: Flags, signal: AbortSignal, verb: Verb): Promise<Said | null> {
  const { home = unhexed(flags.homeHex), configDir = unhexed(flags.configDirHex), world: worldFile, transport } = flags
  const edgewise = await opened({ home, worldFile, transport, configDir, keepAlive: false, isElevated: flags.homeHex !== undefined }, verb)
  try {
    if (edgewise.interrupted) process.stderr.write(`edgewise: ${edgewise.interrupted.text}\n`)
    return await verb({
      signal,
      json: flags.json === true,
      resumed: edgewise.interrupted?.change ?? null,
      async ask(topic, name, input, onProgress) {
        const progress = (value: unknown) => onProgress?.(value as Parameters<NonNullable<typeof onProgress>>[0])
        const result = await edgewise.ask(topic, name, input, { signal, progress })
        if (!result.ok) throw new Failure(result.error.code, result.error.message, result.error.remedy)
        // Parsed with this entry's own schema, or never out of our hands.
        return result.value as Output<Contract[typeof topic][typeof name]>
      },
      writeJournalled: (order) => edgewise.writeJournalled(order),
      tell: (step, text) => print(signal, `${flags.json ? printed(step) : text}\n`),
    })
  } finally {
    await edgewise.close()
  }
}

export interface Opened extends Pick<Edgewise, 'interrupted' | 'writeJournalled' | 'close'> {
  ask(topic: string, name: string, input: unknown, asking: Asking): Promise<Result<unknown>>
}

async function opened(start: Start, verb: Verb): Promise<Opened> {
  const little = await verb.open?.(start)
  if (little) return little
  const [{ openEdgewise }, { answer }] = await Promise.all([import('../edgewise.ts'), import('../answer.ts')])
  const edgewise = await openEdgewise(start)
  return {
    ask: (...asked) => answer(edgewise.answers, ...asked),
    interrupted: edgewise.interrupted,
    writeJournalled: (order) => edgewise.writeJournalled(order),
    close: () => edgewise.close(),
  }
}

function print(silence: AbortSignal, text: string): void {
  if (!silence.aborted) process.stdout.write(text)
}

function refuse(error: FailureValue, json: boolean): void {
  process.exitCode = exitCodes[error.code]
  if (json) process.stdout.write(`${printed({ error })}\n`)
  else process.stderr.write(`edgewise: ${error.message}\n${error.remedy ? `${error.remedy}\n` : ''}`)
}

function fault(error: unknown): FailureValue {
  console.error(error)
  return { code: 'failed', message: 'Edgewise could not do this because of a fault of its own.' }
}
