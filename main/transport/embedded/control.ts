// The relay's control socket: JSON lines, one request, one answer, with lines of progress before it where the work is
// long; and a line whenever something changed.
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { Failure, firstProblem } from '../../../preload/contract/failure.ts'
import { failureSchema } from '../../../preload/contract/failure-schema.ts'
import { fromJson } from '../../json.ts'
import { type Doing, type OperationHandlers, type OperationInput, type OperationName, type OperationOutput, type OperationProgress, operations } from './operations.ts'

const requestSchema = z.object({ id: z.number().int(), op: z.string(), input: z.unknown() })
const cancelSchema = z.object({ cancel: z.number().int() })
const lineSchema = z.union([
  z.object({ id: z.number().int(), value: z.unknown() }),
  z.object({ id: z.number().int(), error: failureSchema }),
  z.object({ id: z.number().int(), progress: z.unknown() }),
  /** The work goes on. */
  z.object({ id: z.number().int(), alive: z.literal(true) }),
  z.object({ changed: z.number().int() }),
  z.object({ stopping: z.literal(true) }),
])

/** A peer that sends more than this in one line is not one of ours. */
const longestLine = 64 * 1024 * 1024

function onLines(socket: Socket, take: (line: string) => void): void {
  let parts: string[] = []
  let length = 0
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split('\n')
    for (const line of [first, ...others].slice(0, -1)) {
      take(parts.join('') + line)
      parts = []
    }
    const rest = others.at(-1) ?? first
    length = others.length > 0 ? rest.length : length + rest.length
    parts.push(rest)
    if (length > longestLine) socket.destroy()
  })
}

export interface ControlServer {
  server: Server
  /** Tells every client that something is different. */
  changed(revision: number): void
  /** Tells every client that the relay ends because it was asked to. */
  stopping(): void
}

export function serveControl(handlers: OperationHandlers): ControlServer {
  const clients = new Set<Socket>()
  const server = createServer((socket) => {
    clients.add(socket)
    const running = new Map<number, AbortController>()
    socket.on('error', () => {})
    socket.on('close', () => {
      clients.delete(socket)
      for (const one of running.values()) one.abort()
    })
    const say = (line: object) => void (socket.destroyed || socket.write(`${JSON.stringify(line)}\n`))
    onLines(socket, (text) => {
      const line = fromJson(text)
      const cancel = cancelSchema.safeParse(line)
      if (cancel.success) return running.get(cancel.data.cancel)?.abort()
      const request = requestSchema.safeParse(line)
      if (!request.success) return void socket.destroy()
      const { id, op, input } = request.data
      const ending = new AbortController()
      running.set(id, ending)
      const alive = setInterval(() => say({ id, alive: true }), sayAlive)
      void respond(handlers, { op, input }, { signal: ending.signal, told: (progress) => say({ id, progress }) }).then((answer) => {
        clearInterval(alive)
        running.delete(id)
        say({ id, ...answer })
      })
    })
  })
  const tell = (line: object) => {
    for (const client of clients) client.write(`${JSON.stringify(line)}\n`)
  }
  return { server, changed: (revision) => tell({ changed: revision }), stopping: () => tell({ stopping: true }) }
}

type AnyDoing = { signal: AbortSignal; told(progress: unknown): void }

async function respond(handlers: OperationHandlers, { op, input }: { op: string; input: unknown }, doing: AnyDoing): Promise<object> {
  try {
    return { value: await run(handlers, op, input, doing) }
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('failed', error instanceof Error ? error.message : String(error))
    return { error: failure.value }
  }
}

function run(handlers: OperationHandlers, op: string, input: unknown, doing: AnyDoing): Promise<unknown> {
  const asked = <N extends OperationName>(name: N): Promise<unknown> => {
    const parsed = operations[name].input.safeParse(input)
    if (!parsed.success) throw new Failure('bad-input', firstProblem(parsed.error))
    return handlers[name](parsed.data as OperationInput<N>, doing)
  }
  if (Object.hasOwn(operations, op)) return asked(op as OperationName)
  throw new Failure('unknown-call', `The relay knows no operation “${op}”.`)
}

/** One connection to a running relay. */
export interface ControlClient {
  /** `doing` for what is long: told of progress, and to cancel it. */
  ask<N extends OperationName>(op: N, input: OperationInput<N>, doing?: Doing<OperationProgress<N>>): Promise<OperationOutput<N>>
  onChanged(listener: () => void): void
  /** `onPurpose`: the relay said before that it was asked to stop. */
  onClosed(listener: (onPurpose: boolean) => void): void
  close(): void
}

/** Milliseconds until the answer, or the next sign of life of long work. */
const answerLimit = 5_000
const sayAlive = 1_000

/** Everything else means that it cannot be told whether a relay runs. */
const nobodyThere = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'])

/** Connects to the relay of this control socket; null where no relay listens there (no socket, or a stale one). */
export async function connectControl(address: string): Promise<ControlClient | null> {
  const socket = createConnection(address)
  const problem = await new Promise<string | null>((resolve) => {
    socket.once('connect', () => resolve(null))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.setTimeout(2_000, () => resolve('ETIMEDOUT'))
  })
  if (problem !== null) {
    socket.destroy()
    if (nobodyThere.has(problem)) return null
    if (problem === 'EACCES' || problem === 'EPERM')
      throw new Failure('needs-administrator', 'The transport service of this home folder belongs to another user.', 'Ask as that user, or as an administrator.')
    throw new Failure('transport-unreachable', `Whether the transport service runs cannot be found out: ${problem}.`)
  }
  socket.setTimeout(0)
  return clientOf(socket)
}

function clientOf(socket: Socket): ControlClient {
  const waiting = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void; told: (progress: unknown) => void; isLong: boolean; timer: NodeJS.Timeout }>()
  const changed = new Set<() => void>()
  const closed = new Set<(onPurpose: boolean) => void>()
  let onPurpose = false
  let last = 0

  const gone = () => new Failure('transport-unreachable', 'The transport service ended while it was asked.')
  socket.on('error', () => {})
  socket.on('close', () => {
    for (const { failed, timer } of waiting.values()) {
      clearTimeout(timer)
      failed(gone())
    }
    waiting.clear()
    for (const listener of closed) listener(onPurpose)
  })
  onLines(socket, (text) => {
    const parsed = lineSchema.safeParse(fromJson(text))
    if (!parsed.success) return void socket.destroy()
    const line = parsed.data
    if ('changed' in line) {
      for (const listener of changed) listener()
      return
    }
    if ('stopping' in line) {
      onPurpose = true
      return
    }
    const asked = waiting.get(line.id)
    if (!asked) return
    if ('progress' in line || 'alive' in line) {
      // Only long work is waited for as long as it lives.
      if (asked.isLong) asked.timer.refresh()
      if ('progress' in line) asked.told(line.progress)
      return
    }
    waiting.delete(line.id)
    clearTimeout(asked.timer)
    if ('error' in line) asked.failed(new Failure(line.error.code, line.error.message, line.error.remedy))
    else asked.done(line.value)
  })

  return {
    async ask(op, input, doing) {
      if (socket.destroyed) throw gone()
      const id = ++last
      const cancel = () => socket.write(`${JSON.stringify({ cancel: id })}\n`)
      const entry = operations[op]
      const told = (progress: unknown) => {
        const parsed = 'progress' in entry ? entry.progress.safeParse(progress) : null
        if (parsed?.success) doing?.told(parsed.data as OperationProgress<typeof op>)
      }
      doing?.signal.addEventListener('abort', cancel)
      const value = await new Promise<unknown>((done, failed) => {
        const timer = setTimeout(() => {
          waiting.delete(id)
          failed(new Failure('timed-out', `The transport service did not answer “${op}” within ${answerLimit / 1000} s.`))
        }, answerLimit)
        waiting.set(id, { done, failed, told, isLong: entry.kind === 'stream', timer })
        socket.write(`${JSON.stringify({ id, op, input })}\n`)
      }).finally(() => doing?.signal.removeEventListener('abort', cancel))
      const parsed = operations[op].output.safeParse(value)
      if (!parsed.success)
        throw new Failure('failed', `The transport service answered “${op}” in a form that is not understood.`, 'Restart it: it may be of another version.')
      return parsed.data as OperationOutput<typeof op>
    },
    onChanged: (listener) => void changed.add(listener),
    onClosed: (listener) => void closed.add(listener),
    close: () => socket.destroy(),
  }
}
