// The relay's process seen from outside: finding it, starting it, stopping it, with limits.
import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { ServiceState } from '../../../preload/contract/servers.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import { connectControl, type ControlClient } from './control.ts'
import type { OperationOutput } from './operations.ts'
import { type Home, homeFailure, makeHome } from './home.ts'
import { inheritable, inheritedKey } from './inherited.ts'
import { lockHolder } from '../../world/lock.ts'
import { type StartReport, startReportSchema } from './start-report.ts'

export interface RelayProgram {
  home: Home
  worldFile: string | null
  /** In the lab and in tests: the relay ends when this process does. */
  diesWithParent: boolean
}

/** Milliseconds. A relay that serves at all does so in well under a second; the rest is for a busy machine. */
const startLimit = 20_000
const stopLimit = 10_000
const killLimit = 5_000
const drainLimit = 30_000
const largestLog = 1024 * 1024

const stoppedState: ServiceState = { state: 'stopped', pid: null, listening: null, since: null, note: null }

/** The built relay, by this package's own export: found from the sources, from the bundle and from the packaged app. */
const relayScript = () => createRequire(import.meta.url).resolve('edgewise/relay')

/** The state, and the connection where the service runs. Whoever asks closes the connection. */
export async function findRelay(home: Home): Promise<{ state: ServiceState; client: ControlClient | null; details: OperationOutput<'state'> | null }> {
  const client = await connectControl(home.control)
  if (!client) {
    const pid = await lockHolder(home.lock)
    // Between lock and socket the relay is starting or just ending.
    if (pid !== null) return { state: { ...stoppedState, state: 'starting', pid }, client: null, details: null }
    return { state: { ...stoppedState, note: (await isStoppedByHand(home)) ? 'Stopped by the administrator.' : null }, client: null, details: null }
  }
  try {
    const details = await client.ask('state', {})
    const { pid, listening, since, reading, unreadable } = details
    const notes = [
      ...(reading ? [`It is still reading its queue: ${reading.read} of ${reading.total} messages.`] : []),
      ...(unreadable === 0 ? [] : [`${unreadable === 1 ? 'A file of its queue cannot be read, and was' : `${unreadable} files of its queue cannot be read, and were`} moved to ${home.unreadable}: mail may be in ${unreadable === 1 ? 'it' : 'them'} that is not among what waits.`]),
    ]
    const note = notes.length === 0 ? null : notes.join(' ')
    return { state: { state: 'running', pid, listening, since, note }, client, details }
  } catch (error) {
    client.close()
    if (!(error instanceof Failure)) throw error
    if (error.code === 'transport-unreachable') return { state: stoppedState, client: null, details: null }
    if (error.code !== 'timed-out') throw error
    return { state: { ...stoppedState, state: 'running', pid: await lockHolder(home.lock), note: 'It does not answer. A restart ends it and starts it anew.' }, client: null, details: null }
  }
}

export async function isStoppedByHand(home: Home): Promise<boolean> {
  return stat(home.stoppedByHand).then(
    () => true,
    () => false,
  )
}

/**
 * Starts the relay if it does not run; ends when it serves. A second start at the same time finds the first: only
 * the one that really started it is answered with true.
 */
export async function startRelay(program: RelayProgram, signal: AbortSignal): Promise<boolean> {
  const { home } = program
  await makeHome(home)
  await unlink(home.stoppedByHand).catch(() => {})
  const started = await launch(program, signal)
  if ('failed' in started) throw new Failure(started.failed.code, started.failed.message, started.failed.remedy)
  if ('alreadyRunning' in started) await untilServing(home, signal)
  return 'serving' in started
}

async function launch({ home, worldFile, diesWithParent }: RelayProgram, signal: AbortSignal): Promise<StartReport> {
  const log = await openLog(home)
  const script = [relayScript(), '--home', home.folder, ...(worldFile ? ['--world', worldFile] : []), ...(diesWithParent ? ['--with-parent'] : [])]
  let child: ChildProcess
  try {
    child = spawn(process.execPath, script, {
      detached: !diesWithParent,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // This same program, run as plain node where it is the packaged app.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', [inheritedKey]: JSON.stringify(inheritable()) },
      windowsHide: true,
    })
  } finally {
    await log.close()
  }
  try {
    return await startReport(child, home, signal)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    if (!diesWithParent && child.connected) child.disconnect()
    child.unref()
    child.channel?.unref()
  }
}

function startReport(child: ChildProcess, home: Home, signal: AbortSignal): Promise<StartReport> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
    }
    const fail = (failure: Failure) => {
      end()
      reject(failure)
    }
    const aborted = () => fail(new Failure('cancelled', 'The start of the transport service was cancelled.'))
    const timer = setTimeout(
      () => fail(new Failure('timed-out', `The transport service hangs in “starting”: it does not serve after ${startLimit / 1000} s.`, `Its log says more: ${home.log}`)),
      startLimit,
    )
    signal.addEventListener('abort', aborted)
    child.once('error', (error) => fail(new Failure('failed', `The transport service cannot be started: ${error.message}`)))
    child.once('message', (message) => {
      const parsed = startReportSchema.safeParse(message)
      if (!parsed.success) return fail(new Failure('failed', 'The transport service reported its start in a form that is not understood.'))
      end()
      resolve(parsed.data)
    })
    child.once('exit', () => {
      void lastLogLine(home).then((line) => fail(new Failure('failed', `The transport service ended while it started${line ? `: ${line}` : '.'}`, `Its log says more: ${home.log}`)))
    })
  })
}

async function openLog(home: Home) {
  try {
    const size = await stat(home.log).then((at) => at.size, () => 0)
    if (size > largestLog) await rename(home.log, `${home.log}.1`)
    return await open(home.log, 'a', 0o600)
  } catch (error) {
    throw homeFailure(home, error)
  }
}

async function lastLogLine(home: Home): Promise<string> {
  const text = await readFile(home.log, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').at(-1) ?? ''
}

async function untilServing(home: Home, signal: AbortSignal): Promise<void> {
  await until(startLimit, signal, 'starting', async () => {
    const { state, client } = await findRelay(home)
    client?.close()
    if (state.state === 'running' && !client)
      throw new Failure('timed-out', `The transport service runs (process ${state.pid}) but does not answer.`, 'Restart it: edgewise service restart')
    return client !== null
  })
}

/**
 * Stops the relay and ends when its process is gone; one that is just starting is waited for, one that does not react
 * is ended, which costs no accepted mail. A stop by hand is remembered: nothing starts the service again but the
 * administrator.
 */
export async function stopRelay(home: Home, byHand: boolean, signal: AbortSignal): Promise<void> {
  if (byHand) {
    await makeHome(home)
    await writeFile(home.stoppedByHand, '').catch((error: unknown) => Promise.reject(homeFailure(home, error)))
  }
  const pid = await lockHolder(home.lock)
  if (pid === null) return
  let asked = false
  const gone = async () => {
    if ((await lockHolder(home.lock)) !== pid) return true
    if (!asked) asked = await askToStop(home)
    return false
  }
  try {
    await until(stopLimit, signal, 'stopping', gone)
  } catch (error) {
    if (signal.aborted) throw error
    process.kill(pid, 'SIGKILL')
    await until(killLimit, signal, 'stopping', gone)
  }
}

/** Whether the relay heard it: one that is starting has no socket yet, one that hangs does not answer. */
async function askToStop(home: Home): Promise<boolean> {
  const client = await connectControl(home.control)
  if (!client) return false
  try {
    await client.ask('stop', {})
    return true
  } catch (error) {
    // Gone while it was asked: somebody else was faster.
    return error instanceof Failure && error.code === 'transport-unreachable'
  } finally {
    client.close()
  }
}

/** Has the relay take no mail any more and waits until nothing is being delivered; `waitsFor` names what is. */
export async function drainRelay(home: Home, waitsFor: (what: string) => void, signal: AbortSignal): Promise<void> {
  const client = await connectControl(home.control)
  if (!client) return
  let told = ''
  try {
    await until(drainLimit, signal, 'draining', async () => {
      const { delivering } = await client.ask('drain', {})
      const what = delivering.length > 3 ? `${delivering.length} messages` : delivering.join('; ')
      if (what !== '' && what !== told) waitsFor(what)
      told = what
      return delivering.length === 0
    })
  } finally {
    client.close()
  }
}

/** A short look again and again: process ids and lock files tell nobody when they change. */
async function until(limit: number, signal: AbortSignal, state: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (signal.aborted) throw new Failure('cancelled', `Cancelled while the transport service was ${state}.`)
    if (Date.now() > end) throw new Failure('timed-out', `The transport service hangs in “${state}”, ${limit / 1000} s by now.`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
