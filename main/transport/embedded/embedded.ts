// The embedded transport: an edge server that works at once, with Haraka as its service.
import { isDeepStrictEqual } from 'node:util'
import type { DnsLookups } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Message, Page, Queue } from '../../../preload/contract/queues.ts'
import type { Properties, Restarted, RestartStep, ServiceState } from '../../../preload/contract/servers.ts'
import type { World } from '../../world/world.ts'
import type { Asking, Transport } from '../transport.ts'
import type { ControlClient, OperationInput, OperationName, OperationOutput } from './control.ts'
import { type Home, makeHome } from './home.ts'
import { Keeper } from './keeper.ts'
import { findRelay, isStoppedByHand, type RelayProgram, startRelay, stopRelay } from './service.ts'
import { readSettings, writeSettings } from './settings.ts'
import { harakaVersion } from './version.ts'

export interface EmbeddedOptions {
  home: Home
  world: World
  diesWithParent: boolean
}

export class EmbeddedTransport implements Transport {
  readonly name = 'embedded'
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
    const { lookups } = settings
    return {
      name: settings.name,
      transport: this.name,
      version: details?.version ?? harakaVersion(),
      service: this.noted(state),
      home: this.home.folder,
      waiting: details?.waiting ?? null,
      lookups,
      inEffect: details?.inEffect ?? null,
      restartNeeded: details !== null && !isDeepStrictEqual(lookups, lookupsInEffect(details)),
    }
  }

  async apply(lookups: DnsLookups): Promise<DnsLookups> {
    await makeHome(this.home)
    const settings = await readSettings(this.home)
    await writeSettings(this.home, { ...settings, lookups })
    this.tell()
    return lookups
  }

  async serviceState(): Promise<ServiceState> {
    const { state, client } = await findRelay(this.home)
    client?.close()
    return this.noted(state)
  }

  async start({ signal }: Asking): Promise<ServiceState> {
    await startRelay(this.program, signal)
    this.tell()
    return this.serviceState()
  }

  async stop({ signal }: Asking): Promise<ServiceState> {
    await stopRelay(this.home, true, signal)
    this.tell()
    return this.serviceState()
  }

  async restart(progress: (step: RestartStep) => void, { signal }: Asking): Promise<Restarted> {
    const asked = performance.now()
    const steps: RestartStep[] = []
    const reached = (step: RestartStep['step']) => {
      const at = Math.round(performance.now() - asked)
      steps.push({ step, at })
      progress({ step, at })
      return at
    }
    // Before anything stops: a service whose settings cannot be read would not come back.
    await readSettings(this.home)
    const before = await this.serviceState()
    const running = before.state !== 'stopped'
    const resume = this.keeper?.pause()
    try {
      const stopping = running ? reached('stopping') : 0
      if (running) {
        await stopRelay(this.home, false, signal)
        reached('stopped')
      }
      reached('starting')
      // From here on it is brought back even if the one who asked has gone: stopped is the worst place to leave it.
      await startRelay(this.program, new AbortController().signal)
      const serving = reached('serving')
      return { steps, downtime: running ? serving - stopping : 0, service: await this.serviceState() }
    } finally {
      resume?.()
      this.tell()
    }
  }

  async queues(): Promise<Queue[]> {
    return (await this.ask('queues', {})).queues
  }

  async messages(queue: string | undefined, page: Page): Promise<{ messages: Message[]; total: number }> {
    return this.ask('messages', { page, ...(queue === undefined ? {} : { queue }) })
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
  private async ask<N extends OperationName>(op: N, input: OperationInput<N>): Promise<OperationOutput<N>> {
    const client = await this.connected()
    return client.ask(op, input)
  }

  private async connected(): Promise<ControlClient> {
    if (this.connection) return this.connection
    let { client } = await findRelay(this.home)
    if (!client) {
      if (await isStoppedByHand(this.home))
        throw new Failure('transport-unreachable', 'The transport service is stopped.', 'Start it: edgewise service start, or Start transport service in the console.')
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

function lookupsInEffect({ inEffect, useExternalForInternet }: OperationOutput<'state'>): DnsLookups {
  return { internal: inEffect.internal.lookups, external: inEffect.external.lookups, useExternalForInternet }
}

