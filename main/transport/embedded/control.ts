// The relay's control socket: JSON lines, one request, one answer; and a line whenever something changed.
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { inEffectSchema, resolutionSchema } from '../../../preload/contract/dns.ts'
import { Failure, failureSchema, firstProblem } from '../../../preload/contract/failure.ts'
import { limitsSchema } from '../../../preload/contract/limits.ts'
import { messageSchema, pageSchema, queueSchema } from '../../../preload/contract/queues.ts'
import { call } from '../../../preload/contract/call.ts'
import { fromJson } from '../../json.ts'

export const operations = {
  state: call(
    z.object({}),
    z.object({
      pid: z.number(),
      listening: z.string(),
      since: z.string(),
      version: z.string(),
      waiting: z.number().int(),
      useExternalForInternet: z.boolean(),
      limits: limitsSchema,
      inEffect: z.object({ internal: inEffectSchema, external: inEffectSchema }),
    }),
  ),
  queues: call(z.object({}), z.object({ queues: z.array(queueSchema) })),
  messages: call(
    z.object({ queue: z.string().optional(), ids: z.array(z.string()).optional(), page: pageSchema }),
    z.object({ messages: z.array(messageSchema), total: z.number().int() }),
  ),
  resolve: call(z.object({ name: z.string().max(255), type: z.enum(['MX', 'A', 'NS']) }), resolutionSchema),
  /** Takes no mail from now on; answers with what is still being delivered. */
  drain: call(z.object({}), z.object({ delivering: z.array(z.string()) })),
  stop: call(z.object({}), z.object({})),
}
type Operations = typeof operations
export type OperationName = keyof Operations
export type OperationInput<N extends OperationName> = z.output<Operations[N]['input']>
export type OperationOutput<N extends OperationName> = z.output<Operations[N]['output']>
export type OperationHandlers = { [N in OperationName]: (input: OperationInput<N>) => Promise<OperationOutput<N>> }

const requestSchema = z.object({ id: z.number().int(), op: z.string(), input: z.unknown() })
const lineSchema = z.union([
  z.object({ id: z.number().int(), value: z.unknown() }),
  z.object({ id: z.number().int(), error: failureSchema }),
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
    socket.on('error', () => {})
    socket.on('close', () => clients.delete(socket))
    onLines(socket, (line) => {
      void respond(handlers, fromJson(line)).then((answer) => {
        if (answer === null) socket.destroy()
        else socket.write(`${JSON.stringify(answer)}\n`)
      })
    })
  })
  const tell = (line: object) => {
    for (const client of clients) client.write(`${JSON.stringify(line)}\n`)
  }
  return { server, changed: (revision) => tell({ changed: revision }), stopping: () => tell({ stopping: true }) }
}

async function respond(handlers: OperationHandlers, line: unknown): Promise<object | null> {
  const request = requestSchema.safeParse(line)
  if (!request.success) return null
  const { id, op, input } = request.data
  try {
    return { id, value: await run(handlers, op, input) }
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('failed', error instanceof Error ? error.message : String(error))
    return { id, error: failure.value }
  }
}

function run(handlers: OperationHandlers, op: string, input: unknown): Promise<unknown> {
  const asked = <N extends OperationName>(name: N): Promise<unknown> => {
    const parsed = operations[name].input.safeParse(input)
    if (!parsed.success) throw new Failure('bad-input', firstProblem(parsed.error))
    return handlers[name](parsed.data as OperationInput<N>)
  }
  if (Object.hasOwn(operations, op)) return asked(op as OperationName)
  throw new Failure('unknown-call', `The relay knows no operation “${op}”.`)
}

/** One connection to a running relay. */
export interface ControlClient {
  ask<N extends OperationName>(op: N, input: OperationInput<N>): Promise<OperationOutput<N>>
  onChanged(listener: () => void): void
  /** `onPurpose`: the relay said before that it was asked to stop. */
  onClosed(listener: (onPurpose: boolean) => void): void
  close(): void
}

const answerLimit = 5_000

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
  const waiting = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void; timer: NodeJS.Timeout }>()
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
    waiting.delete(line.id)
    clearTimeout(asked.timer)
    if ('error' in line) asked.failed(new Failure(line.error.code, line.error.message, line.error.remedy))
    else asked.done(line.value)
  })

  return {
    async ask(op, input) {
      if (socket.destroyed) throw gone()
      const id = ++last
      const value = await new Promise<unknown>((done, failed) => {
        const timer = setTimeout(() => {
          waiting.delete(id)
          failed(new Failure('timed-out', `The transport service did not answer “${op}” within ${answerLimit / 1000} s.`))
        }, answerLimit)
        waiting.set(id, { done, failed, timer })
        socket.write(`${JSON.stringify({ id, op, input })}\n`)
      })
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
