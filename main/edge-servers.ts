// Which edge server a start is about, and which others this machine has: each a transport with its world and its journal.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Change } from '../preload/contract/changes.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import type { EdgeServer, RestartStep, TransportName } from '../preload/contract/servers.ts'
import { Changes } from './change/changes.ts'
import { quoted } from './change/plan.ts'
import type { Order } from './change/seal.ts'
import { EmbeddedTransport } from './transport/embedded/embedded.ts'
import { homeAt } from './transport/embedded/home.ts'
import { isExchangeEdge } from './transport/exchange/detect.ts'
import type { Shell } from './transport/exchange/shell.ts'
import { systemConfigDir } from './transport/postfix/config-dir.ts'
import type { Transport } from './transport/transport.ts'
import type { World } from './world/world.ts'

export interface EdgeServers {
  /** Where settings, relay and journals live; the user's own state folder where it is absent. */
  home?: string | undefined
  worldFile?: string | undefined
  transport?: TransportName | undefined
  /** Of an instance of Postfix; the system's where it is absent. */
  configDir?: string | undefined
}

/** What an elevated process needs to know to open the same edge server. */
export interface Whereabouts {
  home: string
  transport: TransportName
  configDir: string | null
}

export interface Interrupted {
  change: Change | null
  text: string
}

/** One edge server with the world that it stands in. */
export interface Edge {
  world: World
  transport: Transport
  changes: Changes
}

export interface OpenEdge extends Edge {
  id: ServerId
  /** A change that a dead process had left open, and what became of it when this was opened. */
  interrupted: Interrupted | null
  keepAlive: EmbeddedTransport['keepAlive'] | null
  /** How it is listed, also where its properties cannot be read; null where only these say it. */
  listed: (() => Promise<Omit<EdgeServer, 'id'>>) | null
  /** Tells of what takes its time before anything can be asked; absent where nothing does. */
  announce?: EmbeddedTransport['keepAlive']
  close(): Promise<void>
}

export type ServiceDeed = 'start' | 'stop' | 'restart'

/** What is done with an administrator's rights: an open change is written, or the service is started, stopped or restarted. */
export type Elevated = Order | { service: ServiceDeed }

export interface Opening {
  world: World
  elevate?: ((order: Elevated, where: Whereabouts) => Promise<void>) | undefined
  /** It leaves bringing a change to its end to whoever began it. */
  isElevated: boolean
}

/** The one that is chosen; else the embedded relay where a world or its home folder is named; else what was found here. */
export async function chosenTransport({ transport, configDir, worldFile, home }: EdgeServers): Promise<TransportName> {
  if (transport !== undefined) return transport
  if (configDir !== undefined) return 'postfix'
  if (worldFile !== undefined || (home !== undefined && existsSync(homeAt(home).settings))) return 'embedded'
  if (await isExchangeEdge()) return 'exchange'
  return (await systemConfigDir()) === null ? 'embedded' : 'postfix'
}

export async function openLocal(start: EdgeServers, opening: Opening): Promise<OpenEdge> {
  const transport = await chosenTransport(start)
  if (start.configDir !== undefined && transport !== 'postfix') throw new Failure('bad-input', '--config-dir goes with the transport postfix.', 'Leave --transport out, or give --transport postfix.')
  if (transport === 'exchange') return openExchange(start, opening)
  return transport === 'embedded' ? openEmbedded('local', start, opening) : openPostfix('local', start.configDir, start, opening)
}

/** What else this machine has; another world has nothing else. */
export async function openOthers(local: OpenEdge, start: EdgeServers, opening: Opening): Promise<OpenEdge[]> {
  if (start.worldFile !== undefined) return []
  const own = start.configDir === undefined ? await systemConfigDir() : resolve(start.configDir)
  const others: Promise<OpenEdge>[] = []
  if (await systemConfigDir()) {
    const { listInstances } = await import('./transport/postfix/instance.ts')
    const isLocal = (configDir: string) => local.keepAlive === null && configDir === own
    for (const { name, configDir } of await listInstances(AbortSignal.timeout(5_000)))
      if (!isLocal(configDir)) others.push(openPostfix(`postfix:${name}`, configDir, start, opening))
  }
  if (local.keepAlive === null && existsSync(homeAt(start.home).relay)) others.push(openEmbedded('embedded', start, opening))
  return Promise.all(others)
}

async function openEmbedded(id: ServerId, start: EdgeServers, opening: Opening): Promise<OpenEdge> {
  const home = homeAt(start.home)
  const transport = new EmbeddedTransport({ home, world: opening.world, diesWithParent: false })
  const opened = await open(id, transport, home.folder, { where: { home: home.folder, transport: 'embedded', configDir: null }, flags: (await isUsual('embedded', null, start)) ? '' : '--transport embedded' }, opening)
  return { ...opened, keepAlive: (notice) => transport.keepAlive(notice) }
}

async function openExchange(start: EdgeServers, opening: Opening): Promise<OpenEdge> {
  // Its shell runs a script from a folder that its user can write.
  if (opening.isElevated) throw new Failure('needs-administrator', 'Exchange is not managed with rights that were asked for.', 'Run Edgewise as an administrator of the edge server.')
  const [{ ExchangeTransport }, { openShell }, { exchangeShell }] = await Promise.all([import('./transport/exchange/exchange.ts'), import('./transport/exchange/shell.ts'), import('./transport/exchange/powershell.ts')])
  const { folder } = homeAt(start.home)
  const home = join(folder, 'exchange')
  const shell = openShell(await exchangeShell(home))
  const transport = new ExchangeTransport({ home, world: opening.world, shell })
  const opened = await open('local', transport, home, { where: { home: folder, transport: 'exchange', configDir: null }, flags: (await isUsual('exchange', null, start)) ? '' : '--transport exchange' }, opening)
  return { ...opened, announce: (notice) => tellLoading(shell, () => notice('information', 'The Exchange Management Shell is being loaded.')) }
}

function tellLoading(shell: Shell, tell: () => void): void {
  let was = false
  const look = () => {
    const { isLoading } = shell.state()
    if (isLoading && !was) tell()
    was = isLoading
  }
  shell.watch(look)
  look()
}

async function openPostfix(id: ServerId, given: string | undefined, start: EdgeServers, opening: Opening): Promise<OpenEdge> {
  const configDir = given === undefined ? await systemConfigDir() : resolve(given)
  if (configDir === null) throw new Failure('transport-unreachable', 'There is no Postfix on this machine, or it has no main.cf.', 'Install and set it up, or name an instance: --config-dir DIR.')
  // As Postfix's own set-gid programs have it: with others' rights no settings that just anybody may have written.
  if (opening.isElevated) await judgeElevated(configDir)
  const { PostfixTransport } = await import('./transport/postfix/postfix.ts')
  const { folder } = homeAt(start.home)
  // One journal for each instance: their changes have nothing to do with each other.
  const home = join(folder, 'postfix', encodeURIComponent(configDir))
  const transport = new PostfixTransport({ configDir, home, world: opening.world })
  const opened = await open(id, transport, home, { where: { home: folder, transport: 'postfix', configDir }, flags: (await isUsual('postfix', configDir, start)) ? '' : `--transport postfix --config-dir ${quoted(configDir)}` }, opening)
  return { ...opened, listed: () => transport.listed() }
}

/** Whether a command line with this start’s home folder and world means it by itself. */
async function isUsual(transport: TransportName, configDir: string | null, { home, worldFile }: EdgeServers): Promise<boolean> {
  if ((await chosenTransport({ home, worldFile })) !== transport) return false
  return configDir === null || configDir === (await systemConfigDir())
}

async function judgeElevated(configDir: string): Promise<void> {
  const { isKnownToSystem } = await import('./transport/postfix/instance.ts')
  if (await isKnownToSystem(configDir, AbortSignal.timeout(5_000))) return
  throw new Failure('needs-administrator', `${configDir} is no instance that this system's own Postfix knows.`, 'Run the command line as an administrator.')
}

async function open(id: ServerId, transport: Transport & { close(): Promise<void> }, folder: string, { where, flags }: { where: Whereabouts; flags: string }, { world, elevate, isElevated }: Opening): Promise<OpenEdge> {
  if (elevate) transport.control = elevating(transport, (order) => elevate(order, where))
  const changes = new Changes(folder, { world, transport, flags }, elevate && ((order) => elevate(order, where)))
  const interrupted = isElevated ? null : await broughtToItsEnd(changes)
  return { id, world, transport, changes, interrupted, keepAlive: null, listed: null, close: () => transport.close() }
}

/** What this process may not do with the service, this same program does with an administrator's rights. */
function elevating(transport: Transport, elevate: (order: Elevated) => Promise<void>): Transport['control'] {
  const control = transport.control.bind(transport)
  return async (action, how) => {
    try {
      return await control(action, how)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'needs-administrator') throw error
      const asked = performance.now()
      const reached = (step: RestartStep['step']): RestartStep => ({ step, at: Math.round(performance.now() - asked) })
      await elevate({ service: action })
      const last = reached(action === 'stop' ? 'stopped' : 'serving')
      how.progress?.(last)
      return { steps: [last], downtime: 0, service: await transport.serviceState() }
    }
  }
}

/** Before anything else starts or asks the service. A journal that cannot be read is told, and keeps nobody from looking. */
async function broughtToItsEnd(changes: Changes): Promise<Interrupted | null> {
  try {
    const change = await changes.resume({ progress: () => {}, signal: new AbortController().signal })
    if (!change) return null
    const end = change.state === 'kept' ? 'It is kept' : 'It was rolled back'
    return { change, text: `A change was interrupted: ${change.words.join(' ')} ${end}. ${change.reason ?? ''}` }
  } catch (error) {
    return { change: null, text: error instanceof Failure ? [error.message, error.remedy].filter(Boolean).join(' ') : String(error) }
  }
}
