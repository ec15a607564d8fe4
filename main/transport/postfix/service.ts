// The transport service: state, start, stop and restart of one Postfix, by systemd where that starts it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Restarted, RestartStep, ServiceState } from '../../../preload/contract/servers.ts'
import type { World } from '../../world/world.ts'
import type { Control } from '../transport.ts'
import { bannerComes } from './banner.ts'
import { bringUpToDate } from './chroot.ts'
import { drained } from './drain.ts'
import { ownFile } from './in-effect.ts'
import type { Instance } from './instance.ts'
import { findMaster, type Master } from './master.ts'
import { listeningAt, readServices, type Service } from './master-cf.ts'
import { runOver } from './namespace.ts'
import { programFailure, run, saidBy } from './programs.ts'
import type { Systemd } from './systemd.ts'
import { writeAsAdaptersAre } from './write.ts'

/** Milliseconds. A check looks at every file of a queue that is new to it; the rest is for a busy machine. */
const checkLimit = 120_000
const startLimit = 30_000
const stopLimit = 15_000
const bannerLimit = 30_000
const flushLimit = 10_000

export interface Serving {
  instance: Instance
  systemd: Systemd
  reach: World['reach']
  adapters: World['adapters']
}

export async function stateOf({ instance }: Pick<Serving, 'instance'>, signal: AbortSignal): Promise<ServiceState> {
  const [master, services] = await Promise.all([findMaster(instance), readServices(instance, signal).catch((error: unknown) => (error instanceof Failure ? error : Promise.reject(error)))])
  const isReadable = !(services instanceof Failure)
  const note = [...(master?.isHalted ? [`Its master (process ${master.pid}) is halted and does nothing.`] : []), ...(isReadable ? [] : [services.message])].join(' ')
  return {
    state: master ? 'running' : 'stopped',
    pid: master?.pid ?? null,
    listening: master && isReadable ? (listeningAt(services, instance.values.get('inet_interfaces') ?? '')?.text ?? null) : null,
    since: master?.since.toISOString() ?? null,
    note: note || null,
  }
}

export async function control(serving: Serving, action: 'start' | 'stop' | 'restart', { signal, progress, drain }: Control): Promise<Restarted> {
  const asked = performance.now()
  const steps: RestartStep[] = []
  const reached = (step: RestartStep['step']) => {
    const at = Math.round(performance.now() - asked)
    steps.push({ step, at })
    progress?.({ step, at })
    return at
  }
  const master = await findMaster(serving.instance)
  if (master?.isHalted && action !== 'start') throw hanging(master, 'It is halted, so it would not hear that it is to end.')
  // Before anything stops: one that Postfix itself refuses would not come back.
  const services = action === 'stop' || (action === 'start' && master) ? [] : await checked(serving.instance, signal)
  if (action !== 'start' && drain && master) {
    reached('draining')
    // Cancelled or too slow, it goes on to the restart, as the embedded transport does.
    await drained(serving.instance, drain, signal).catch(() => {})
  }
  if (action !== 'restart') signal.throwIfAborted()
  // A restart that has begun is brought to its end even if the one who asked has gone: stopped is the worst place to leave it.
  const lasting = action === 'restart' ? new AbortController().signal : signal
  // Where that cannot be told or written, what was asked before is better than no start.
  if (services.length > 0) await writeAsAdaptersAre(serving.instance, serving.adapters).catch(() => {})
  // Where this cannot be, as on a full disk, the service would not come back either.
  await prepareChroots(serving, services, lasting)
  let downFrom: number | null = null
  if (action !== 'start' && master) {
    downFrom = reached('stopping')
    await stop(serving, master, lasting)
    reached('stopped')
  }
  let downtime = 0
  if (action !== 'stop') {
    reached('starting')
    if (action === 'restart' || !master) await start(serving, services, lasting)
    const serves = reached('serving')
    if (downFrom !== null) downtime = serves - downFrom
    if (action === 'restart' || !master) await tryWaiting(serving.instance)
  }
  return { steps, downtime, service: await stateOf(serving, lasting) }
}

/** What waits is tried with what is in effect now: by itself it would wait for its turn, up to an hour. */
async function tryWaiting({ configDir }: Instance): Promise<void> {
  await run('postqueue', ['-f'], { configDir, signal: new AbortController().signal, limit: flushLimit }).catch(() => {})
}

/** Throws a Failure with Postfix's own words where it would not start. */
async function checked(instance: Instance, signal: AbortSignal): Promise<Service[]> {
  const services = await readServices(instance, signal)
  const ran = await run('postfix', ['check'], { configDir: instance.configDir, signal, limit: checkLimit })
  if (ran.code === 0) return services
  const { code, message } = programFailure('postfix', ran)
  if (code !== 'failed') throw new Failure(code, message, 'Run Edgewise as an administrator.')
  throw new Failure('failed', `Postfix’s own check refuses its configuration: ${saidBy(ran.errors) || 'it does not say why.'}`, 'Mend that first. The service was left as it is.')
}

async function stop({ instance, systemd }: Serving, master: Master, signal: AbortSignal): Promise<void> {
  const unit = await systemd.unitOf(instance, signal)
  if (unit !== null && (await systemd.isActive(unit, signal))) await systemd.control(['stop', unit], signal)
  // As “postfix stop” does it, which ends by force what has not ended after five seconds.
  else terminate(master)
  for (const end = performance.now() + stopLimit; (await findMaster(instance))?.pid === master.pid; await sleep(10, undefined, { signal }))
    if (performance.now() > end) throw hanging(master, `It was told to end and has not, ${stopLimit / 1000} s by now.`)
}

function terminate({ pid }: Master): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return
    throw new Failure('needs-administrator', `Only an administrator may stop Postfix (process ${pid}).`, 'Run Edgewise as an administrator.')
  }
}

const hanging = ({ pid }: Master, why: string) =>
  new Failure('timed-out', `The transport service hangs in “stopping”: its master is process ${pid}. ${why}`, `It was not killed, since mail may be on its way in it. See what holds it; “kill -CONT ${pid}” wakes one that is halted, “kill -KILL ${pid}” ends it.`)

async function start(serving: Serving, services: Service[], signal: AbortSignal): Promise<void> {
  const { instance, systemd, reach } = serving
  const unit = await systemd.unitOf(instance, signal)
  if (unit !== null) await systemd.control(['start', unit], signal)
  else await startOurselves(instance, signal)
  const at = listeningAt(services, instance.values.get('inet_interfaces') ?? '')
  const lives = async () => (await findMaster(instance)) !== null
  if (at && (await bannerComes({ ...at, reach, signal }, bannerLimit, lives))) return
  if (!(await lives())) throw new Failure('failed', 'Postfix ended while it started.', `Its log says why: ${instance.values.get('maillog_file') || 'the system’s mail log'}`)
  if (at) throw new Failure('timed-out', `The transport service hangs in “starting”: there is no banner at ${at.text} after ${bannerLimit / 1000} s.`, `Its log may say why: ${instance.values.get('maillog_file') || 'the system’s mail log'}`)
}

/** What the copy for chrooted services is made of; null where it is the system's own. */
async function ownResolvConf({ configDir }: Instance): Promise<string | null> {
  return readFile(join(configDir, ownFile), 'utf8').catch((error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : Promise.reject(error)))
}

/** systemd does it by itself. Throws a Failure where the queue's disk is full, for one. */
async function prepareChroots({ instance, systemd }: Serving, services: Service[], signal: AbortSignal): Promise<void> {
  if (!services.some(({ isChrooted }) => isChrooted) || (await systemd.unitOf(instance, signal)) !== null) return
  try {
    await bringUpToDate(instance.queueDir, await ownResolvConf(instance))
  } catch (error) {
    throw new Failure('failed', `What chrooted services read cannot be brought up to date: ${error instanceof Error ? error.message : String(error)}`, `See to ${instance.queueDir}/etc. The service was left as it is.`)
  }
}

async function startOurselves(instance: Instance, signal: AbortSignal): Promise<void> {
  const { configDir } = instance
  const isOwn = (await ownResolvConf(instance)) !== null
  const how = { signal, limit: startLimit }
  const ran = isOwn ? await runOver(join(configDir, ownFile), ['postfix', '-c', configDir, 'start'], how) : await run('postfix', ['start'], { configDir, ...how })
  // Two who start it at once: the other's is the one that runs, and its banner is waited for.
  if (ran.code !== 0 && (await findMaster(instance)) === null) throw programFailure('postfix', ran)
}
