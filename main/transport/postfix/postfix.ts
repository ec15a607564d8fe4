// Postfix as an edge server: the same Properties, Queue Viewer and guarded change, on the real thing.
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Wanted } from '../../../preload/contract/changes.ts'
import type { DnsLookups, InEffect, Resolution } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Filter } from '../../../preload/contract/filter.ts'
import type { Message, Page, Queue } from '../../../preload/contract/queues.ts'
import type { Capabilities, EdgeServer, Properties, Restarted, ServiceState } from '../../../preload/contract/servers.ts'
import { watchFile } from '../../world/machine.ts'
import type { World } from '../../world/world.ts'
import type { Acting, Control, Deed, MessagesWanted, ResolveType, Selecting, Settings, Target, Targets, Transport } from '../transport.ts'
import { find } from './asking.ts'
import { filesWanted } from './compose.ts'
import { acceptedDomains } from './domains.ts'
import { hostLookups, hostsFileOf, hostsUse } from './hosts-use.ts'
import { inEffectOf, ownFile, resolvConfOf, systemsFile } from './in-effect.ts'
import { type Instance, openInstance } from './instance.ts'
import { findMaster, managerSince } from './master.ts'
import { isClientChrooted, readServices } from './master-cf.ts'
import { parametersOf, readOrigins, valuesOf } from './parameters.ts'
import { PostfixQueues } from './queues.ts'
import { isOurs, lookupsIn, parseResolvConf } from './resolv-conf.ts'
import { control, stateOf } from './service.ts'
import { mainCfOf, type Place, printFiles } from './settings.ts'
import { stalenessOf, type Staleness } from './stale.ts'
import { Systemd } from './systemd.ts'
import { unreadableServer, unreadableState } from './unreadable.ts'
import { wholeFiles, writeFiles } from './write.ts'

const noExternal = 'Postfix has no External DNS lookups: it asks the system’s resolver for all mail alike, so the Internal DNS lookups hold for mail to the Internet, too.'
const capabilities: Capabilities = {
  noExternal,
  protocols: ['any', 'tcp'],
  protocolsText: 'The system’s resolver, which Postfix uses, asks over UDP, and over TCP where an answer is cut, or over TCP alone; over UDP alone it cannot be told to.',
  ports: false,
}

/** Milliseconds for what is read alone. */
const readLimit = 60_000
/** Milliseconds between two looks whether the service still runs, while somebody watches: it tells nobody of its end. */
const lookEvery = 1_000

export interface PostfixOptions {
  /** Null for the system's own. */
  configDir: string | null
  /** A folder of ours. */
  home: string
  world: World
}

export class PostfixTransport implements Transport {
  private readonly configDir: string | null
  private readonly home: string
  private readonly world: World
  private readonly systemd = new Systemd()
  private readonly queueViewer: PostfixQueues
  private read: { stamp: string; instance: Promise<Instance> } | null = null
  private readonly listeners = new Set<() => void>()
  private unwatch: (() => void) | null = null

  constructor({ configDir, home, world }: PostfixOptions) {
    this.configDir = configDir === null ? null : resolve(configDir)
    this.home = home
    this.world = world
    this.queueViewer = new PostfixQueues({ instance: () => this.instance(), home })
  }

  async properties(): Promise<Properties> {
    const signal = AbortSignal.timeout(readLimit)
    const instance = await this.instance()
    const [service, origins, domains, { own, master, seen, isChrooted, staleness }, waiting] = await Promise.all([
      stateOf({ instance }, signal),
      readOrigins(instance, signal),
      acceptedDomains(instance, signal),
      this.asked(instance, signal),
      this.queueViewer.waiting().catch(() => null),
    ])
    return {
      name: instance.values.get('multi_instance_name') || instance.values.get('myhostname') || instance.name,
      transport: 'postfix',
      version: instance.version,
      service: noted(service, staleness),
      home: this.home,
      configDir: instance.configDir,
      waiting,
      lookups: lookupsOf(own),
      ...(isOurs(own) ? { savedServers: parseResolvConf(own).servers } : {}),
      limits: valuesOf(instance, 'limits'),
      log: valuesOf(instance, 'log'),
      parameters: parametersOf(instance, origins),
      capabilities,
      acceptedDomains: domains,
      controlName: null,
      inEffect: seen && bothSides(inEffectOf(seen)),
      restartNeeded: master !== null && (staleness.isStale || (await isOlder(instance, master))),
      hosts: await hostsUse(instance, this.world.hostsFile, isChrooted),
    }
  }

  async listed(): Promise<Omit<EdgeServer, 'id'>> {
    try {
      return await this.properties()
    } catch (error) {
      return unreadableServer(...this.unreadable(error), AbortSignal.timeout(readLimit))
    }
  }

  async compose(wanted: Wanted): Promise<{ before: Settings; after: Settings }> {
    const signal = AbortSignal.timeout(readLimit)
    const { instance, place } = await this.place(signal)
    const before = await wholeFiles(place)
    const dropIn = place.unit === null ? null : this.systemd.dropInText(instance.configDir)
    const after = await filesWanted(instance, before, wanted, { world: this.world, dropIn, signal })
    return { before: printFiles(before), after: printFiles(after) }
  }

  async write(settings: Settings, over?: Settings): Promise<void> {
    // Also where main.cf cannot be read as it is now: then it is put back.
    const place = await this.place(AbortSignal.timeout(readLimit)).then(({ place }) => place, (error: unknown) => this.placeWithoutReading(error))
    await writeFiles(place, settings, over)
    this.read = null
    this.tell()
  }

  async serviceState(): Promise<ServiceState> {
    const signal = AbortSignal.timeout(readLimit)
    let instance: Instance
    try {
      instance = await this.instance()
    } catch (error) {
      return unreadableState(...this.unreadable(error), signal)
    }
    const [service, { staleness }] = await Promise.all([stateOf({ instance }, signal), this.asked(instance, signal)])
    return noted(service, staleness)
  }

  async control(action: 'start' | 'stop' | 'restart', asked: Control): Promise<Restarted> {
    try {
      return await control({ instance: await this.instance(), systemd: this.systemd, reach: (address, port) => this.world.reach(address, port), adapters: () => this.world.adapters() }, action, asked)
    } finally {
      this.tell()
    }
  }

  queues(filter?: Filter): Promise<Queue[]> {
    return this.queueViewer.queues(filter)
  }

  messages(wanted: MessagesWanted, page: Page): Promise<{ messages: Message[]; total: number }> {
    return this.queueViewer.messages(wanted, page)
  }

  select(wanted: Selecting): Promise<Target[]> {
    return this.queueViewer.select(wanted)
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    await mkdir(this.home, { recursive: true, mode: 0o700 })
    return this.queueViewer.act(deed, targets, acting)
  }

  async resolve(name: string, type: ResolveType, signal?: AbortSignal): Promise<Resolution> {
    signal?.throwIfAborted()
    const instance = await this.instance()
    const master = await findMaster(instance)
    if (!master) throw new Failure('transport-unreachable', 'The transport service is stopped.', 'Start it: edgewise service start, or Start transport service in the console.')
    const isChrooted = isClientChrooted(await readServices(instance, AbortSignal.timeout(readLimit)))
    const { text, path } = await resolvConfOf(instance, master.pid, isChrooted)
    if (text === null) throw new Failure('needs-administrator', `What the running Postfix asks can be read by an administrator only (${path}).`, 'Run Edgewise as an administrator.')
    return find(name, type, {
      conf: parseResolvConf(text),
      lookups: hostLookups(instance),
      hostsFile: hostsFileOf(instance, this.world.hostsFile, isChrooted),
      reach: (address, port) => this.world.reach(address, port),
      signal,
    })
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener)
    this.unwatch ??= this.watchAll()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size > 0) return
      this.unwatch?.()
      this.unwatch = null
    }
  }

  async close(): Promise<void> {
    this.listeners.clear()
    this.unwatch?.()
    this.unwatch = null
    await this.queueViewer.close()
  }

  /** Read anew when its files have changed: so many ask that each process would be felt. */
  private async instance(): Promise<Instance> {
    const stamp = this.configDir === null ? null : await stampOf(this.configDir)
    if (this.read && stamp !== null && this.read.stamp === stamp) return this.read.instance
    const instance = openInstance(this.configDir, AbortSignal.timeout(readLimit))
    const read = stamp === null ? null : { stamp, instance }
    this.read = read
    // Tried again by whoever asks next.
    instance.catch(() => this.read === read && (this.read = null))
    return instance
  }

  private async place(signal: AbortSignal): Promise<{ instance: Instance; place: Place }> {
    const instance = await this.instance()
    return { instance, place: { configDir: instance.configDir, systemd: this.systemd, unit: await this.systemd.unitOf(instance, signal) } }
  }

  /** Anything else than a main.cf that cannot be read is no state to be shown. */
  private unreadable(error: unknown): [string, Failure] {
    if (this.configDir !== null && error instanceof Failure && error.code === 'failed') return [this.configDir, error]
    throw error
  }

  private placeWithoutReading(error: unknown): Place {
    if (this.configDir === null) throw error
    return { configDir: this.configDir, systemd: this.systemd, unit: null }
  }

  /** What it is to ask, and what it asks. */
  private async asked(instance: Instance, signal: AbortSignal) {
    const textOf = (path: string) => readFile(path, 'utf8').catch(() => '')
    const path = join(instance.configDir, ownFile)
    const [own, systems, file, master] = await Promise.all([textOf(path), textOf(systemsFile), stat(path).catch(() => null), findMaster(instance)])
    const isChrooted = await readServices(instance, signal).then(isClientChrooted, () => false)
    const seen = master && (await resolvConfOf(instance, master.pid, isChrooted))
    const adapters = isOurs(own) && lookupsIn(own).source.kind !== 'servers' ? await this.world.adapters() : []
    const isNewer = master !== null && file !== null && file.mtime > master.since
    const staleness: Staleness = master ? stalenessOf({ own, systems, isNewer, adapters }, seen) : { isStale: false, text: null }
    return { own, master, seen, isChrooted, staleness }
  }

  private watchAll(): () => void {
    const files = this.configDir === null ? [] : [mainCfOf(this.configDir), join(this.configDir, 'master.cf'), join(this.configDir, ownFile), systemsFile]
    const stops = [...files.map((path) => watchFile(path, () => this.tell())), this.queueViewer.watch(() => this.tell())]
    let before: string | undefined
    const look = async () => {
      const instance = await this.instance().catch(() => null)
      const master = instance && (await findMaster(instance))
      // Debian copies the system's resolv.conf into the chroot when that changes.
      const copy = instance && (await stat(join(instance.queueDir, systemsFile)).catch(() => null))
      const now = `${master?.pid ?? ''} ${copy?.mtimeMs ?? ''}`
      if (before !== undefined && before !== now) this.tell()
      before = now
    }
    const timer = setInterval(() => void look(), lookEvery).unref()
    void look()
    return () => {
      clearInterval(timer)
      for (const stop of stops) stop()
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

/** Changes with each write of the files that an instance is read from. */
async function stampOf(configDir: string): Promise<string | null> {
  const files = await Promise.all([mainCfOf(configDir), join(configDir, 'master.cf')].map((path) => stat(path, { bigint: true }).catch(() => null)))
  return files[0] ? files.map((file) => (file ? `${file.ino} ${file.size} ${file.mtimeNs} ${file.ctimeNs}` : '-')).join('; ') : null
}

function lookupsOf(text: string): DnsLookups {
  return { internal: lookupsIn(text), external: lookupsIn(''), useExternalForInternet: false }
}

const bothSides = (internal: InEffect): { internal: InEffect; external: InEffect } => ({ internal, external: { lookups: lookupsIn(''), servers: [], problem: noExternal } })

function noted(service: ServiceState, { text }: Staleness): ServiceState {
  return text === null ? service : { ...service, note: [service.note, text].filter(Boolean).join(' ') }
}

/** Whether main.cf was written after the service, or its queue manager with a reload, read it. */
async function isOlder({ configDir }: Instance, { pid, since }: { pid: number; since: Date }): Promise<boolean> {
  const written = (await stat(mainCfOf(configDir))).mtimeMs
  if (written <= since.getTime()) return false
  const reloaded = await managerSince(pid)
  return reloaded === null || written > reloaded.getTime()
}
