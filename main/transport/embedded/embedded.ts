// The embedded transport: an edge server that works at once, with Haraka as its service.
import { isDeepStrictEqual } from 'node:util'
import type { Wanted } from '../../../preload/contract/changes.ts'
import type { DnsLookups, Resolution } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Limits } from '../../../preload/contract/limits.ts'
import { protocols } from '../../../preload/contract/dns.ts'
import type { Filter } from '../../../preload/contract/filter.ts'
import type { Action, Message, Page, Queue } from '../../../preload/contract/queues.ts'
import type { Properties, Restarted, RestartStep, ServiceState } from '../../../preload/contract/servers.ts'
import type { World } from '../../world/world.ts'
import { applied } from '../wanted.ts'
import type { Acting, Control, Deed, MessagesWanted, ResolveType, Selecting, Settings, Target, Targets, Transport } from '../transport.ts'
import type { ControlClient } from './control.ts'
import { type Home, makeHome } from './home.ts'
import { Keeper } from './keeper.ts'
import { type Doing, mostTargets, type OperationInput, type OperationName, type OperationOutput, type OperationProgress } from './operations.ts'
import { newRemovalId } from '../removals.ts'
import { drainRelay, findRelay, isStoppedByHand, type RelayProgram, startRelay, stopRelay } from './service.ts'
import { embeddedParameters } from './parameters.ts'
import { parseSettings, printSettings, readSettings, readSettingsText, settingsSchema, writeSettingsText } from './settings.ts'
import { harakaVersion } from './version.ts'

/** As route.ts goes about it. */
const hostsText =
  'The embedded transport looks into the hosts file at each delivery attempt, before it asks DNS: mail goes to the address of an entry for its domain, else for its mail host. Which hosts take a domain’s mail (MX) it always asks DNS.'

export interface EmbeddedOptions {
  home: Home
  world: World
  diesWithParent: boolean
}

export class EmbeddedTransport implements Transport {
  private readonly program: RelayProgram
  private readonly home: Home
  private connection: ControlClient | null = null
  private keeper: Keeper | null = null
  private readonly listeners = new Set<() => void>()

  constructor({ home, world, diesWithParent }: EmbeddedOptions) {
    this.home = home
    this.program = { home, worldFile: world.file, diesWithParent }
  }

  async properties(): Promise<Properties> {
    const settings = await readSettings(this.home)
    const { state, client, details } = await findRelay(this.home)
    client?.close()
    const { lookups, limits, acceptedDomains, controlName = null } = settings
    return {
      name: settings.name,
      transport: 'embedded',
      version: details?.version ?? harakaVersion(),
      service: this.noted(state),
      home: this.home.folder,
      configDir: null,
      waiting: details?.waiting ?? null,
      lookups,
      limits,
      log: {},
      parameters: embeddedParameters,
      capabilities: { noExternal: null, protocols: [...protocols], protocolsText: null, ports: true },
      acceptedDomains,
      controlName,
      inEffect: details?.inEffect ?? null,
      ...(settings.outboundAddresses ? { outboundAddresses: settings.outboundAddresses } : {}),
      restartNeeded: details !== null && !isDeepStrictEqual({ lookups, limits }, inEffect(details)),
      hosts: { reads: true, text: hostsText },
    }
  }

  async compose(wanted: Wanted): Promise<{ before: Settings; after: Settings }> {
    const before = await readSettingsText(this.home)
    const settings = parseSettings(this.home, before)
    const { lookups, limits } = applied({ ...settings, log: {} }, wanted)
    return { before, after: printSettings(settingsSchema.parse({ ...settings, lookups, limits })) }
  }

  async write(settings: Settings): Promise<void> {
    await makeHome(this.home)
    parseSettings(this.home, settings)
    await writeSettingsText(this.home, settings)
    this.tell()
  }

  async serviceState(): Promise<ServiceState> {
    const { state, client } = await findRelay(this.home)
    client?.close()
    return this.noted(state)
  }

  async control(action: 'start' | 'stop' | 'restart', { signal, progress, drain }: Control): Promise<Restarted> {
    const asked = performance.now()
    const steps: RestartStep[] = []
    const reached = (step: RestartStep['step']) => {
      const at = Math.round(performance.now() - asked)
      steps.push({ step, at })
      progress?.({ step, at })
      return at
    }
    // Before anything stops: a service whose settings cannot be read would not come back.
    if (action !== 'stop') await readSettings(this.home)
    const running = (await this.serviceState()).state !== 'stopped'
    signal.throwIfAborted()
    // A restart that has begun is brought to its end even if the one who asked has gone: stopped is the worst place to leave it.
    const lasting = action === 'restart' ? new AbortController().signal : signal
    const resume = this.keeper?.pause()
    let [downFrom, downtime] = [0, 0]
    try {
      if (action !== 'start' && running) {
        if (drain) {
          reached('draining')
          downFrom = performance.now()
          // Cancelled or too slow, it goes on to the restart: it takes no mail any more, and only that mends it.
          await drainRelay(this.home, drain, signal).catch(() => {})
        }
        const stopping = reached('stopping')
        downFrom ||= asked + stopping
        await stopRelay(this.home, action === 'stop', lasting)
        reached('stopped')
      } else if (action === 'stop') await stopRelay(this.home, true, signal)
      if (action !== 'stop') {
        reached('starting')
        await startRelay(this.program, lasting)
        const serving = reached('serving')
        if (action === 'restart' && running) downtime = Math.round(asked + serving - downFrom)
      }
      return { steps, downtime, service: await this.serviceState() }
    } finally {
      resume?.()
      this.tell()
    }
  }

  async queues(filter?: Filter): Promise<Queue[]> {
    return (await this.ask('queues', { filter })).queues
  }

  async messages(wanted: MessagesWanted, page: Page): Promise<{ messages: Message[]; total: number }> {
    return this.ask('messages', { ...wanted, page })
  }

  async select(wanted: Selecting): Promise<Target[]> {
    const targets: Target[] = []
    await this.ask('select', wanted, { signal: new AbortController().signal, told: (more) => targets.push(...more) })
    return targets
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    if (deed.kind === 'put-back') await this.ask('putBack', { removal: deed.removal }, acting)
    else if ('queues' in targets) {
      if (deed.kind !== 'suspend' && deed.kind !== 'resume') throw new Failure('bad-input', `A whole queue is suspended or resumed; to ${deed.kind} is done with its messages.`)
      await this.ask('actOnQueues', { deed: deed.kind, nextHops: targets.queues }, acting)
    } else return this.actOnMessages(deed, targets.messages, acting)
    return { removal: null }
  }

  /** In pieces: each is answered soon, and a cancelled action begins with no further one. */
  private async actOnMessages(deed: Action, targets: Target[], acting: Acting): Promise<{ removal: string | null }> {
    const removal = deed.kind === 'remove' ? newRemovalId() : null
    for (let at = 0; at < targets.length && !acting.signal.aborted; at += mostTargets)
      await this.ask('actOnMessages', { deed, targets: targets.slice(at, at + mostTargets), removal }, acting)
    return { removal }
  }

  async resolve(name: string, type: ResolveType, signal = new AbortController().signal): Promise<Resolution> {
    signal.throwIfAborted()
    return this.ask('resolve', { name, type }, { signal, told: () => {} })
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Starts the service if the administrator did not stop it, and from then on starts it again whenever it dies. */
  keepAlive(notice: (level: 'information' | 'warning', text: string) => void): void {
    this.keeper ??= new Keeper(this.program, notice, () => this.tell())
  }

  async close(): Promise<void> {
    this.keeper?.close()
    this.connection?.close()
    this.connection = null
    this.listeners.clear()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  private noted(state: ServiceState): ServiceState {
    return state.state === 'running' || this.keeper === null ? state : { ...state, note: this.keeper.problem ?? state.note }
  }

  /** Asks the running service; starts it first where it merely was not needed yet. */
  private async ask<N extends OperationName>(op: N, input: OperationInput<N>, doing?: Doing<OperationProgress<N>>): Promise<OperationOutput<N>> {
    const client = await this.connected()
    return client.ask(op, input, doing)
  }

  private async connected(): Promise<ControlClient> {
    if (this.connection) return this.connection
    let { client } = await findRelay(this.home)
    if (!client) {
      if (await isStoppedByHand(this.home))
        throw new Failure('transport-unreachable', 'The transport service is stopped.', 'Start it: edgewise service start, or Start transport service in the console.')
      // The keeper starts it, and tells where it had died.
      if (this.keeper) throw new Failure('transport-unreachable', this.keeper.problem ?? 'The transport service does not run yet; it is being started.')
      await startRelay(this.program, new AbortController().signal)
      client = (await findRelay(this.home)).client
    }
    if (!client) throw new Failure('transport-unreachable', 'The transport service cannot be reached.', `Its log may say why: ${this.home.log}`)
    this.connection = client
    client.onClosed(() => (this.connection = null))
    // Where a keeper watches, it tells already.
    if (!this.keeper) client.onChanged(() => this.tell())
    return client
  }
}

function inEffect({ inEffect: { internal, external }, useExternalForInternet, limits }: OperationOutput<'state'>): { lookups: DnsLookups; limits: Limits } {
  return { lookups: { internal: internal.lookups, external: external.lookups, useExternalForInternet }, limits }
}

