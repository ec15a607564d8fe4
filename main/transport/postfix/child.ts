// A program as a child: its output as it comes, its errors from a terminal, a limit, and an end with all its children.
import { spawn, type ChildProcess } from 'node:child_process'
import { delimiter } from 'node:path'
import type { Readable } from 'node:stream'
import { Failure } from '../../../preload/contract/failure.ts'
import { openTerminal, type Terminal } from './terminal.ts'

export interface Starting {
  signal: AbortSignal
  /** Milliseconds without a word or an end, while one is waited for. */
  limit: number
  /** What the program reads. */
  input?: string | undefined
  env?: NodeJS.ProcessEnv | undefined
  /** Where there is no such program. */
  missing: Failure
}

export interface Ended {
  code: number | null
  /** What was told to the terminal: warnings, and why it failed. */
  errors: string
}

export interface Running {
  /** Throws a Failure where the program is missing, takes too long, or is cancelled: it is killed then. */
  output: AsyncIterable<Buffer>
  /** Once the output has ended. */
  ended(): Ended
}

/** No shell in between: each argument is one to the program, whatever is in it. */
export function start(command: string, args: readonly string[], starting: Starting): Running {
  const { signal, input } = starting
  if (signal.aborted) throw cancelled(command)
  const terminal = openTerminal()
  let child: ChildProcess
  try {
    child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', terminal?.fd ?? 'ignore'],
      env: environment(starting.env),
      // A group of its own, so that its children can be ended with it.
      detached: true,
    })
  } catch (error) {
    terminal?.close()
    throw error
  } finally {
    terminal?.begun()
  }
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const said: Ended = { code: null, errors: '' }
  return { output: outputOf({ ...starting, command, child, terminal, said }), ended: () => said }
}

interface Reading extends Pick<Starting, 'signal' | 'limit' | 'missing'> {
  command: string
  child: ChildProcess
  terminal: Terminal | null
  said: Ended
}

async function* outputOf({ command, child, terminal, signal, limit, missing, said }: Reading): AsyncGenerator<Buffer, void, undefined> {
  const exits = new Promise<number | null>((resolve) => child.once('exit', resolve).once('error', () => resolve(null)))
  const output = child.stdout as Readable
  let fault: Failure | null = null
  let isWaitedFor = false
  const fail = (failure: Failure) => {
    fault ??= failure
    endGroup(child)
    output.destroy(failure)
  }
  // Only what is waited for has a limit: a slow reader is not the program's fault. One timer for all: chunks are many.
  const timer = setTimeout(() => (isWaitedFor ? fail(new Failure('timed-out', `${command} did not end: it said nothing for ${limit / 1000} s.`)) : timer.refresh()), limit)
  const cancel = () => fail(cancelled(command))
  child.once('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ENOENT' ? missing : new Failure('failed', `${command} cannot be started: ${error.message}`)))
  signal.addEventListener('abort', cancel)
  const chunks = output[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      isWaitedFor = true
      timer.refresh()
      const next = await chunks.next()
      isWaitedFor = false
      if (next.done) break
      yield next.value as Buffer
    }
    if (fault === null) {
      isWaitedFor = true
      timer.refresh()
      said.code = await exits
    }
    if (fault !== null) throw fault
    isOver = true
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
    if (!isOver) endGroup(child)
    output.destroy()
    said.errors = terminal?.close() ?? ''
  }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone by itself.
  }
}

const cancelled = (command: string) => new Failure('cancelled', `${command} was cancelled.`)

/** Administrators' programs lie where others often have no PATH to; LC_ALL, since their words are looked into. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  // These change what Postfix's programs read and tell.
  const { MAIL_CONFIG: _config, MAIL_VERBOSE: _verbose, MAIL_DEBUG: _debug, MAIL_LOGTAG: _tag, ...rest } = process.env
  const path = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin', '/sbin'].filter(Boolean).join(delimiter)
  return { ...rest, PATH: path, LC_ALL: 'C', ...more }
}
