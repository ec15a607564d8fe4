// Composition root: world, home folder and transport make the core. The window and the command line both start here.
import type { AdapterDetail } from '../preload/contract/adapters.ts'
import type { ServerHealth } from '../preload/contract/health.ts'
import type { Asked } from '../preload/contract/call.ts'
import type { Change } from '../preload/contract/changes.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'
import type { Notice } from '../preload/contract/app.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import type { EdgeServer, TransportName } from '../preload/contract/servers.ts'
import { adapterDetail } from './adapters/adapters.ts'
import { AdaptersWatch } from './adapters-watch.ts'
import { Changes } from './change/changes.ts'
import { withAdvice } from './dns/advice.ts'
import { EmbeddedTransport } from './transport/embedded/embedded.ts'
import { homeAt } from './transport/embedded/home.ts'
import type { Transport } from './transport/transport.ts'
import { worldOf } from './world/world-file.ts'
import type { World } from './world/world.ts'
import type { Chosen, Rehearsal } from './rehearsal.ts'

export interface Start {
  /** Where settings, relay and journal live; the user's own state folder where it is absent. */
  home?: string | undefined
  worldFile?: string | undefined
  transport?: TransportName | undefined
  /** The window keeps the embedded relay alive; a command does not. */
  keepAlive: boolean
  /** Carries out the open change of this id with an administrator's rights; absent where nobody can be asked. */
  elevate?: ((id: string, home: string) => Promise<void>) | undefined
}

/** One edge server with the world that it stands in. */
export interface Edge {
  world: World
  transport: Transport
  changes: Changes
}

type Level = Notice['level']

export interface Interrupted {
  change: Change | null
  text: string
}

export interface Edgewise {
  /** Where window and command line keep what is theirs. */
  home: string
  answers: Omit<Answers, 'app'>
  /** A change that a dead process had left open, and what became of it when this was opened. */
  interrupted: Interrupted | null
  /** Calls the listener with each change of a server, until the returned function is called. */
  onChange(listener: (change: { server: ServerId; revision: number }) => void): () => void
  /** Calls the listener when adapters or their DNS servers may have changed; they are watched only while somebody listens. */
  onAdapters(listener: (change: { server: ServerId; revision: number }) => void): () => void
  /** Something the console should say: the relay died and was started again, for one. */
  onNotice(listener: (notice: { level: Level; text: string }) => void): () => void
  /** What the elevated verb does: writes the open change of this id, if it is as it was journalled. */
  writeJournalled(id: string): Promise<void>
  /** Ends the rehearsal, if one is open, and lets go of everything; the transport service goes on. */
  close(): Promise<void>
}

export async function openEdgewise(start: Start): Promise<Edgewise> {
  const { elevate, transport: chosen = 'embedded' } = start
  if (chosen !== 'embedded')
    throw new Failure('bad-input', `The transport “${chosen}” cannot be managed yet.`, 'Use --transport embedded, or leave it out.')
  const world = await worldOf(start.worldFile)
  const home = homeAt(start.home)
  const transport = new EmbeddedTransport({ home, world, diesWithParent: false })
  const changes = new Changes(home.folder, { world, transport }, elevate && ((id) => elevate(id, home.folder)))
  const interrupted = await broughtToItsEnd(changes)
  return new Core({ world, transport, changes }, transport, { home: home.folder, keepAlive: start.keepAlive, interrupted })
}

class Core implements Edgewise {
  readonly home: string
  readonly interrupted: Interrupted | null
  private readonly local: Edge
  private readonly changes = new Set<(change: { server: ServerId; revision: number }) => void>()
  private readonly notices = new Set<(notice: { level: Level; text: string }) => void>()
  private revision = 0
  private rehearsal: Rehearsal | null = null
  private closing: Promise<void> = Promise.resolve()
  private readonly adaptersWatch = new AdaptersWatch()

  constructor(local: Edge, embedded: EmbeddedTransport, { home, keepAlive, interrupted }: { home: string; keepAlive: boolean; interrupted: Interrupted | null }) {
    this.home = home
    this.interrupted = interrupted
    this.local = local
    this.adaptersWatch.add('local', local.world)
    local.transport.watch(() => this.changed('local'))
    if (keepAlive) embedded.keepAlive((level, text) => this.notice(level, text))
  }

  readonly answers: Omit<Answers, 'app'> = {
    adapters: {
      list: async ({ server }) => {
        const { world } = this.edge(server)
        return { adapters: withAdvice(await world.adapters(), world) }
      },
      detail: async ({ server, id }) => this.detail(server, id),
      health: async ({ server, ids, servers }, asked) => ({ health: await this.health(server, { ids, servers }, asked) }),
    },
    servers: {
      list: async () => ({ servers: await this.servers() }),
      properties: async ({ server }) => ({ server: await this.edge(server).transport.properties() }),
      serviceState: async ({ server }) => ({ service: await this.edge(server).transport.serviceState() }),
      start: async ({ server }, { signal }) => ({ service: (await this.edge(server).transport.control('start', { signal })).service }),
      stop: async ({ server }, { signal }) => ({ service: (await this.edge(server).transport.control('stop', { signal })).service }),
      restart: async ({ server }, { signal, progress }) => this.edge(server).transport.control('restart', { signal, progress }),
    },
    queues: {
      list: async ({ server }) => ({ queues: await this.edge(server).transport.queues() }),
      messages: async ({ server, queue, page }) => this.edge(server).transport.messages({ queue }, page),
    },
    changes: {
      plan: async ({ server, wanted }, asked) => this.edge(server).changes.plan(wanted, asked),
      run: async ({ server, ...wish }, asked) => this.journalled(server, ({ changes }) => changes.run(wish, asked)),
      keep: async ({ server, id, keep }) => {
        this.edge(server).changes.keep(id, keep)
        return {}
      },
      list: async ({ server, limit }) => ({ changes: await this.edge(server).changes.list(limit) }),
      show: async ({ server, id }) => ({ change: await this.edge(server).changes.show(id) }),
      resume: async ({ server }, asked) => ({ change: await this.journalled(server, ({ changes }) => changes.resume(asked)) }),
      rollBack: async ({ server, id, restart, by }, asked) => this.journalled(server, ({ changes }) => changes.rollBack(id, { restart, by }, asked)),
    },
    rehearsal: {
      scenarios: async () => ({ scenarios: (await import('./rehearsal.ts')).scenarios() }),
      open: async ({ scenario }, asked) => this.openRehearsal(scenario, asked),
      state: async () => ({ rehearsal: (await this.rehearsal?.state()) ?? null }),
      close: async () => {
        await this.closeRehearsal()
        return {}
      },
      play: async ({ scenario }, { progress, signal }) =>
        (await import('./rehearsal.ts')).playScenario(scenario, (text) => progress({ text }), signal),
    },
  }

  onChange(listener: (change: { server: ServerId; revision: number }) => void): () => void {
    this.changes.add(listener)
    return () => this.changes.delete(listener)
  }

  onNotice(listener: (notice: { level: Level; text: string }) => void): () => void {
    this.notices.add(listener)
    return () => this.notices.delete(listener)
  }

  onAdapters(listener: (change: { server: ServerId; revision: number }) => void): () => void {
    return this.adaptersWatch.listen(listener)
  }

  writeJournalled(id: string): Promise<void> {
    return this.local.changes.writeJournalled(id)
  }

  async close(): Promise<void> {
    await this.closeRehearsal()
    this.adaptersWatch.close()
    await this.local.transport.close()
  }

  private edge(server: ServerId): Edge {
    if (server === 'local') return this.local
    if (this.rehearsal) return this.rehearsal.edge
    throw new Failure('not-found', 'No rehearsal is open.', 'Open one: Rehearse the incident.')
  }

  /** The end of a change is told as well: the journal is no part of what a transport watches. */
  private async journalled<T>(server: ServerId, work: (edge: Edge) => Promise<T>): Promise<T> {
    try {
      return await work(this.edge(server))
    } finally {
      this.changed(server)
    }
  }

  private async detail(server: ServerId, id: string): Promise<AdapterDetail> {
    const { world } = this.edge(server)
    const adapter = (await world.adapters()).find((one) => one.id === id)
    if (!adapter) throw new Failure('not-found', `There is no adapter with the id “${id}”.`)
    // A world file's adapters are not this machine's: nothing here knows their make.
    return world.file === null ? adapterDetail(adapter.name) : { make: null, speed: null, virtual: null }
  }

  private async health(server: ServerId, { ids, servers }: { ids?: string[] | undefined; servers: string[] }, { signal, progress }: Asked<ServerHealth>): Promise<ServerHealth[]> {
    const { world, transport } = this.edge(server)
    const { healthOf } = await import('./dns/health.ts')
    const { namesToKnow, serversToAsk } = await import('./dns/health-subject.ts')
    const [adapters, names] = await Promise.all([world.adapters(), namesToKnow(transport, signal)])
    const health = await healthOf(serversToAsk(adapters, ids, servers), names, { reach: (address, port) => world.reach(address, port), signal, told: progress })
    if (signal.aborted) throw new Failure('cancelled', 'Asking the DNS servers was cancelled.')
    return health
  }

  private async servers(): Promise<EdgeServer[]> {
    const local = await edgeServer('local', this.local.transport)
    if (!this.rehearsal) return [local]
    return [local, await edgeServer('rehearsal', this.rehearsal.edge.transport)]
  }

  private async openRehearsal(scenario: Chosen, { progress, signal }: Asked<{ text: string }>) {
    const { Rehearsal } = await import('./rehearsal.ts')
    await this.closeRehearsal()
    const rehearsal = await Rehearsal.open(scenario, (text) => progress({ text }), signal)
    this.rehearsal = rehearsal
    this.adaptersWatch.add('rehearsal', rehearsal.edge.world)
    rehearsal.edge.transport.watch(() => this.changed('rehearsal'))
    this.changed('rehearsal')
    return rehearsal.state()
  }

  private async closeRehearsal(): Promise<void> {
    const open = this.rehearsal
    this.rehearsal = null
    this.adaptersWatch.remove('rehearsal')
    // The window may close while the one before is still being cleared away: whoever closes waits for it.
    if (open) this.closing = open.close()
    await this.closing
    if (open) this.changed('rehearsal')
  }

  private changed(server: ServerId): void {
    this.revision++
    for (const listener of this.changes) listener({ server, revision: this.revision })
  }

  private notice(level: Level, text: string): void {
    for (const listener of this.notices) listener({ level, text })
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

async function edgeServer(id: ServerId, transport: Transport): Promise<EdgeServer> {
  const { name, version, service, waiting } = await transport.properties()
  return { id, name, transport: transport.name, version, service, waiting }
}
