// One long-lived PowerShell that runs bridge.ps1: started when it is first needed, asked one thing at a time, ended and
// started again where it hangs or dies.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import { Failure, firstProblem } from '../../../preload/contract/failure.ts'
import { fromJson } from '../../json.ts'
import { failureOf } from './failures.ts'
import { type Arguments, type Data, type Frame, frameMark, frameSchema, type OperationName, operations } from './protocol.ts'

export interface ShellState {
  /** Exchange's snap-in is being loaded, which takes 5 to 30 seconds. */
  isLoading: boolean
  /** What is being done, and since when (milliseconds of the epoch). */
  doing: { op: OperationName; since: number } | null
  /** Requests that wait for their turn. */
  waiting: number
}

export interface Asking {
  signal: AbortSignal
  /** Milliseconds that Exchange may take for it once it is its turn. */
  limit?: number
}

export interface Shell {
  ask<O extends OperationName>(op: O, args: Arguments<O>, asking: Asking): Promise<Data<O>>
  state(): ShellState
  /** Calls the listener with each change of the state, until the returned function is called. */
  watch(listener: () => void): () => void
  close(): Promise<void>
}

export interface ShellProgram {
  program: string
  args: readonly string[]
}

/** Milliseconds. Loading takes 5 to 30 s on a machine that does nothing else. */
const loadLimit = 120_000
const usualLimit = 60_000
/** For its end, once its input is closed. */
const endLimit = 2_000
/** Characters of a line that is no answer yet: more is nothing that the bridge sends. */
const longestLine = 128 * 1024 * 1024

interface Request {
  op: OperationName
  args: object
  limit: number
  done(data: unknown): void
  failed(error: Failure): void
  /** Nobody waits for its answer any more. */
  isDropped: boolean
}

export function openShell(program: ShellProgram): Shell {
  return new PowerShell(program)
}

class PowerShell implements Shell {
  private readonly program: ShellProgram
  private readonly listeners = new Set<() => void>()
  private readonly requests: Request[] = []
  private current: { id: number; request: Request; since: number; timer: NodeJS.Timeout } | null = null
  private child: ChildProcessWithoutNullStreams | null = null
  private isReady = false
  private loading: NodeJS.Timeout | null = null
  private last = 0
  private isClosed = false

  constructor(program: ShellProgram) {
    this.program = program
  }

  async ask<O extends OperationName>(op: O, args: Arguments<O>, { signal, limit = usualLimit }: Asking): Promise<Data<O>> {
    signal.throwIfAborted()
    if (this.isClosed) throw new Failure('transport-unreachable', 'The Exchange Management Shell was closed.')
    const { args: asked, data: answered } = operations[op]
    const given = asked.safeParse(args)
    if (!given.success) throw new Failure('bad-input', firstProblem(given.error))
    const data = await new Promise<unknown>((done, failed) => {
      const request: Request = { op, args: given.data, limit, done, failed, isDropped: false }
      const cancel = () => {
        request.isDropped = true
        const at = this.requests.indexOf(request)
        if (at >= 0) this.requests.splice(at, 1)
        this.tell()
        failed(new Failure('cancelled', 'It was cancelled.'))
      }
      signal.addEventListener('abort', cancel, { once: true })
      const settled = <T>(settle: (value: T) => void) => (value: T) => {
        signal.removeEventListener('abort', cancel)
        settle(value)
      }
      request.done = settled(done)
      request.failed = settled(failed)
      this.requests.push(request)
      this.next()
    })
    const parsed = answered.safeParse(data)
    if (!parsed.success) throw new Failure('failed', `Exchange answered “${op}” in a form that is not understood: ${firstProblem(parsed.error)}.`)
    return parsed.data as Data<O>
  }

  state(): ShellState {
    return { isLoading: this.loading !== null, doing: this.current && { op: this.current.request.op, since: this.current.since }, waiting: this.requests.length }
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.isClosed = true
    const { child } = this
    this.fail(new Failure('cancelled', 'The Exchange Management Shell was closed.'))
    if (!child) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.stdin.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), endLimit)
    await ended
    clearTimeout(timer)
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  private next(): void {
    this.tell()
    if (this.current || this.requests.length === 0) return
    if (!this.child) return this.start()
    const { child } = this
    if (!this.isReady) return
    const request = this.requests.shift()
    if (!request) return
    const id = ++this.last
    const timer = setTimeout(() => this.end(child, new Failure('timed-out', `Exchange did not answer “${request.op}” within ${request.limit / 1000} s, so its shell was ended.`, 'Try again: it is started anew. Look whether the change was made all the same.')), request.limit)
    this.current = { id, request, since: Date.now(), timer }
    child.stdin.write(`${JSON.stringify({ id, op: request.op, args: request.args })}\n`)
    this.tell()
  }

  private start(): void {
    const { program, args } = this.program
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
    this.child = child
    this.isReady = false
    this.loading = setTimeout(() => this.end(child, new Failure('timed-out', `The Exchange Management Shell was not loaded within ${loadLimit / 1000} s.`)), loadLimit)
    // A pipe that broke is told by the end of the process.
    child.stdin.on('error', () => {})
    child.stderr.resume()
    child.on('error', (error: NodeJS.ErrnoException) => this.end(child, new Failure('transport-unreachable', error.code === 'ENOENT' ? `There is no ${program} here.` : `PowerShell cannot be started: ${error.message}.`, 'Exchange is managed on the server itself, from Windows PowerShell.')))
    child.on('exit', () => this.end(child, new Failure('transport-unreachable', 'The Exchange Management Shell ended while it was asked.', 'Try again: it is started anew. Look whether the change was made all the same.')))
    this.readLines(child)
    this.tell()
  }

  private readLines(child: ChildProcessWithoutNullStreams): void {
    const decoder = new StringDecoder('utf8')
    let pieces: string[] = []
    let length = 0
    child.stdout.on('data', (bytes: Buffer) => {
      const lines = decoder.write(bytes).split('\n')
      const rest = lines.pop() ?? ''
      for (const line of lines) {
        this.heard(child, [...pieces, line].join(''))
        pieces = []
        length = 0
      }
      if (rest !== '') pieces.push(rest)
      length += rest.length
      if (length > longestLine) this.end(child, new Failure('failed', 'Exchange sent a line without an end.'))
    })
  }

  /** What Exchange's own scripts print is no frame, and may stand before one on the same line. */
  private heard(child: ChildProcessWithoutNullStreams, line: string): void {
    const at = line.indexOf(frameMark)
    if (at < 0 || child !== this.child) return
    const parsed = frameSchema.safeParse(fromJson(line.slice(at + frameMark.length)))
    if (parsed.success) this.answered(child, parsed.data)
  }

  private answered(child: ChildProcessWithoutNullStreams, frame: Frame): void {
    if ('event' in frame) {
      if (frame.event === 'failed') this.end(child, failureOf(frame.error))
      if (frame.event === 'ready') {
        this.loaded()
        this.isReady = true
        this.next()
      }
      return
    }
    const { current } = this
    if (!current || current.id !== frame.id) return
    clearTimeout(current.timer)
    this.current = null
    if (frame.ok) current.request.done(frame.data)
    else current.request.failed(failureOf(frame.error))
    this.next()
  }

  private loaded(): void {
    if (this.loading) clearTimeout(this.loading)
    this.loading = null
  }

  /** Ends the process. What it was doing failed, and so does all that waits where it was never ready. */
  private end(child: ChildProcessWithoutNullStreams, why: Failure): void {
    if (child !== this.child) return
    const neverReady = !this.isReady
    this.child = null
    this.isReady = false
    this.loaded()
    child.kill('SIGKILL')
    const { current } = this
    this.current = null
    if (current) {
      clearTimeout(current.timer)
      current.request.failed(why)
    }
    if (neverReady) this.fail(why)
    if (!this.isClosed) this.next()
  }

  private fail(why: Failure): void {
    for (const request of this.requests.splice(0)) request.failed(why)
    if (this.current) {
      clearTimeout(this.current.timer)
      this.current.request.failed(why)
      this.current = null
    }
    this.tell()
  }
}
