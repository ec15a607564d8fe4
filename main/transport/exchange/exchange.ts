// Exchange as an edge server: the same Properties, Queue Viewer and guarded change, over its own Management Shell.
import { isDeepStrictEqual } from 'node:util'
import type { Wanted } from '../../../preload/contract/changes.ts'
import { type InEffect, protocols, type Resolution } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Filter } from '../../../preload/contract/filter.ts'
import type { Message, Page, Queue } from '../../../preload/contract/queues.ts'
import type { Capabilities, Properties, Restarted, ServiceState } from '../../../preload/contract/servers.ts'
import { serversOf } from '../../dns/source.ts'
import type { World } from '../../world/world.ts'
import type { Acting, Composed, Control, Deed, MessagesWanted, ResolveType, Selecting, Settings, Target, Targets, Transport } from '../transport.ts'
import { find, hostsText } from './asking.ts'
import { lookupsOf, sameAdapter } from './lookups.ts'
import { parametersOf } from './parameters.ts'
import type { Data, TransportValues } from './protocol.ts'
import { ExchangeQueues } from './queues.ts'
import { serviceStateOf, TransportService } from './service.ts'
import { differences, type ExchangeSettings, parseSettings, powershellOf, printSettings, settingsOf, unlike, withWanted } from './settings.ts'
import type { Shell } from './shell.ts'
import { startedWith } from './started.ts'

const capabilities: Capabilities = { noExternal: null, protocols: [...protocols], protocolsText: null, ports: false }

/** Milliseconds for what is read alone; the first time Exchange's snap-in is loaded within it. */
const readLimit = 180_000
/** Milliseconds between two looks while somebody watches: Exchange tells nobody of anything. */
const lookEvery = 3_000

type Connectors = Data<'connectors.list'>['connectors']

export interface ExchangeOptions {
  /** A folder of ours. */
  home: string
  world: World
  shell: Shell
}

interface Saved {
  values: TransportValues
  connectors: Connectors
  settings: ExchangeSettings
}

export class ExchangeTransport implements Transport {
  private readonly home: string
  private readonly world: World
  private readonly shell: Shell
  private readonly service: TransportService
  private readonly queueViewer: ExchangeQueues
  private readonly listeners = new Set<() => void>()
  private unwatch: (() => void) | null = null

  constructor({ home, world, shell }: ExchangeOptions) {
    this.home = home
    this.world = world
    this.shell = shell
    this.service = new TransportService(shell)
    this.queueViewer = new ExchangeQueues(shell, home)
  }

  async properties(): Promise<Properties> {
    const signal = AbortSignal.timeout(readLimit)
    const [described, saved, { domains }, known, { adapters: cards }, adapters] = await Promise.all([
      this.shell.ask('describe', {}, { signal }),
      this.saved(signal),
      this.shell.ask('domains.list', {}, { signal }),
      this.shell.ask('service.get', {}, { signal }),
      this.shell.ask('adapters.list', {}, { signal }),
      this.world.adapters(),
    ])
    const service = serviceStateOf(known)
    const lookupsIn = (settings: ExchangeSettings) =>
      lookupsOf({ ...saved.values, ...settings.values }, settings.useExternalForInternet, (id) => sameAdapter(id, adapters) ?? cardOf(id, cards))
    const started = await this.started(saved, service)
    const side = (which: 'internal' | 'external'): InEffect => {
      if (started === null) return { lookups: lookupsIn(saved.settings)[which], servers: [], problem: unknownUntilRestart }
      const lookups = lookupsIn(started)[which]
      return { lookups, ...serversOf(lookups, adapters) }
    }
    return {
      name: described.Name,
      transport: 'exchange',
      version: versionOf(described.AdminDisplayVersion),
      service,
      home: this.home,
      configDir: null,
      waiting: service.state === 'running' ? await this.queueViewer.waiting(signal).catch(() => null) : null,
      lookups: lookupsIn(saved.settings),
      ...parametersOf(saved.values),
      capabilities,
      acceptedDomains: domains.map(({ DomainName }) => ({ domain: DomainName, nextHop: nextHopOf(DomainName, saved.connectors) })),
      controlName: null,
      inEffect: service.state === 'running' ? { internal: side('internal'), external: side('external') } : null,
      restartNeeded: service.state === 'running' && !isDeepStrictEqual(started, saved.settings),
      hosts: { reads: true, text: hostsText },
    }
  }

  async compose(wanted: Wanted): Promise<Composed> {
    const signal = AbortSignal.timeout(readLimit)
    const { modern, settings, connectors } = await this.saved(signal)
    const after = withWanted(settings, wanted)
    if (after.useExternalForInternet && !connectors.some(isToInternet)) throw new Failure('bad-input', 'There is no send connector to the Internet (address space *) that could use the External DNS lookups.', 'Make one first: New-SendConnector -Usage Internet.')
    const powershell = powershellOf({ before: settings, after, connectors: connectors.filter(isToInternet).map(({ Identity }) => Identity) }, modern)
    return { before: printSettings(settings), after: printSettings(after), ...(powershell && { powershell }) }
  }

  async write(text: Settings, over?: Settings): Promise<void> {
    const signal = AbortSignal.timeout(readLimit)
    const wanted = parseSettings(text)
    const saved = await this.saved(signal)
    if (printSettings(saved.settings) === text) return
    if (over !== undefined && printSettings(saved.settings) !== over) throw new Failure('changed-meanwhile', 'Exchange’s settings were changed by somebody else since the change was planned. Nothing was written.', 'Look at what they are now, and plan the change again.')
    // What the service runs with cannot be seen any more once they are changed.
    await this.started(saved, await this.serviceState())
    if (wanted.useExternalForInternet !== saved.settings.useExternalForInternet)
      for (const { Identity } of saved.connectors.filter(isToInternet)) await this.shell.ask('connector.set', { identity: Identity, useExternal: wanted.useExternalForInternet }, { signal })
    const values = differences(saved.settings, wanted)
    if (Object.keys(values).length > 0) await this.shell.ask('transport.set', { values }, { signal })
    const now = await this.saved(signal)
    this.tell()
    const wrong = unlike(now.settings, wanted)
    if (wrong.length > 0) throw new Failure('failed', `Exchange took the settings and tells others: ${wrong.join(', ')}.`, 'Look at them in the Exchange Management Shell: Get-TransportService | Format-List.')
  }

  serviceState(): Promise<ServiceState> {
    return this.service.state(AbortSignal.timeout(readLimit))
  }

  async control(action: 'start' | 'stop' | 'restart', asked: Control): Promise<Restarted> {
    try {
      const done = await this.service.control(action, asked)
      // While nothing was changed since: later it could not be told any more.
      if (done.service.state === 'running') await this.started(await this.saved(AbortSignal.timeout(readLimit)), done.service)
      return done
    } finally {
      this.queueViewer.outdate()
      this.tell()
    }
  }

  queues(filter?: Filter): Promise<Queue[]> {
    return this.queueViewer.queues(filter, AbortSignal.timeout(readLimit))
  }

  messages(wanted: MessagesWanted, page: Page): Promise<{ messages: Message[]; total: number }> {
    return this.queueViewer.messages(wanted, page, AbortSignal.timeout(readLimit))
  }

  select(wanted: Selecting): Promise<Target[]> {
    return this.queueViewer.select(wanted, AbortSignal.timeout(readLimit))
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    try {
      return await this.queueViewer.act(deed, targets, acting)
    } finally {
      this.tell()
    }
  }

  async resolve(name: string, type: ResolveType, signal?: AbortSignal): Promise<Resolution> {
    signal?.throwIfAborted()
    const { inEffect, lookups } = await this.properties()
    if (!inEffect) throw new Failure('transport-unreachable', 'The transport service is stopped.', 'Start it: edgewise service start, or Start transport service in the console.')
    return find(name, type, lookups.useExternalForInternet ? inEffect.external : inEffect.internal, this.world, signal)
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
    await this.shell.close()
  }

  private async saved(signal: AbortSignal): Promise<Saved & { modern: boolean }> {
    const [{ Modern: modern }, values, { connectors }] = await Promise.all([
      this.shell.ask('describe', {}, { signal }),
      this.shell.ask('transport.get', {}, { signal }),
      this.shell.ask('connectors.list', {}, { signal }),
    ])
    const toInternet = connectors.filter(isToInternet)
    const usesExternal = toInternet.length > 0 && toInternet.every(({ UseExternalDNSServersEnabled }) => UseExternalDNSServersEnabled === true)
    return { modern, values, connectors, settings: settingsOf(values, usesExternal) }
  }

  private async started({ values, connectors, settings }: Saved, { state, since }: ServiceState): Promise<ExchangeSettings | null> {
    if (state !== 'running' || since === null) return null
    const changed = [values.WhenChanged, ...connectors.filter(isToInternet).map(({ WhenChanged }) => WhenChanged)].filter((at) => at !== null).sort()
    return startedWith(this.home, { since, changed: changed.at(-1) ?? null, settings })
  }

  private watchAll(): () => void {
    let [seen, wasLoading, isLooking] = ['', this.shell.state().isLoading, false]
    const look = async () => {
      // What somebody waits for comes first.
      if (isLooking || this.shell.state().waiting > 0) return
      isLooking = true
      const signal = AbortSignal.timeout(readLimit)
      const service = await this.shell.ask('service.get', {}, { signal }).catch(() => null)
      const saved = await this.saved(signal).catch(() => null)
      const queues = await this.queueViewer.queues(undefined, signal).catch(() => null)
      isLooking = false
      const now = JSON.stringify([service, saved?.settings, queues])
      if (seen !== '' && seen !== now) {
        this.queueViewer.outdate()
        this.tell()
      }
      seen = now
    }
    const timer = setInterval(() => void look(), lookEvery).unref()
    const stop = this.shell.watch(() => {
      const { isLoading } = this.shell.state()
      if (isLoading === wasLoading) return
      wasLoading = isLoading
      this.tell()
    })
    return () => {
      clearInterval(timer)
      stop()
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

const unknownUntilRestart = 'Exchange does not tell what the running service was started with, and the settings were changed since. After a restart it is known.'

/** `SMTP:*;1`: scheme, domain, cost. */
const spacesOf = ({ AddressSpaces }: Connectors[number]) => AddressSpaces.map((space) => space.replace(/^[a-z0-9]+:/i, '').split(';')[0]?.toLowerCase() ?? '')
const isToInternet = (connector: Connectors[number]) => connector.Enabled !== false && spacesOf(connector).includes('*')

/** Of the connector whose address space names the domain, or accepted domains as such (--). */
function nextHopOf(domain: string, connectors: Connectors): string {
  const own = connectors.find((one) => one.Enabled !== false && one.SmartHosts.length > 0 && spacesOf(one).some((space) => space === domain.toLowerCase() || space === '--'))
  return own?.SmartHosts[0]?.replace(/^\[(.*)\]$/, '$1') ?? domain
}

/** By Exchange’s own list, where ours has none: it knows the card’s model. */
function cardOf(id: string, cards: Data<'adapters.list'>['adapters']): { id: string; name: string } | null {
  const card = cards.find(({ AdapterGuid }) => sameAdapter(id, [{ id: AdapterGuid, name: '' }]) !== null)
  return card ? { id, name: card.Name ?? '' } : null
}

/** `Version 15.2 (Build 1544.4)` → `15.2 (Build 1544.4)`. */
const versionOf = (said: string | null) => (said ?? 'Exchange').replace(/^Version /, '')
