// Composition root: world, home folder and transport make the core. The window and the command line both start here.
import type { AdapterDetail } from '../preload/contract/adapters.ts'
import type { ServerHealth } from '../preload/contract/health.ts'
import type { Asked } from '../preload/contract/call.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'
import type { Notice } from '../preload/contract/app.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import type { EdgeServer } from '../preload/contract/servers.ts'
import { adapterDetail } from './adapters/adapters.ts'
import { diagnosisAnswers } from './diagnosis-answers.ts'
import { type Edge, type EdgeServers, type Interrupted, type OpenEdge, type Elevated, type Opening, openLocal, openOthers, type Whereabouts } from './edge-servers.ts'
import { hostsAnswers } from './hosts-answers.ts'
import { queuesAnswers } from './queues-answers.ts'
import type { SmtpAnswers } from './smtp-answers.ts'
import type { Order } from './change/seal.ts'
import { withAdvice } from './dns/advice.ts'
import { homeAt } from './transport/embedded/home.ts'
import { worldOf } from './world/world-file.ts'
import { WorldWatch } from './world-watch.ts'
import type { World } from './world/world.ts'
import type { Chosen, Rehearsal } from './rehearsal.ts'

export type { Edge, Elevated, Interrupted, Order, Whereabouts }

export interface Start extends EdgeServers {
  /** The window keeps the embedded relay alive; a command does not. */
  keepAlive: boolean
  /** Carries out an open change with an administrator's rights; absent where nobody can be asked. */
  elevate?: Opening['elevate']
  /** It has an administrator's rights for the open change alone, and leaves bringing it to its end to whoever began it. */
  isElevated?: boolean
}

type Level = Notice['level']

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
  /** Calls the listener when the hosts file was written, by anybody; it is watched only while somebody listens. */
  onHosts(listener: (change: { server: ServerId; revision: number }) => void): () => void
  /** Something the console should say: the relay died and was started again, for one. */
  onNotice(listener: (notice: { level: Level; text: string }) => void): () => void
  /** What the elevated verb does: writes the open change that was ordered, if it is as it was then. */
  writeJournalled(order: Order): Promise<void>
  /** Ends the rehearsal, if one is open, and lets go of everything; the transport service goes on. */
  close(): Promise<void>
}

export async function openEdgewise(start: Start): Promise<Edgewise> {
  const { elevate, isElevated = false, ...which } = start
  // An administrator's rights are for this machine's own files, not for those that a world file names.
  const world = await worldOf(isElevated ? undefined : start.worldFile)
  const opening: Opening = { world, elevate, isElevated }
  const local = await openLocal(which, opening)
  return new Core(local, () => openOthers(local, which, opening), start)
}

class Core implements Edgewise {
  readonly home: string
  readonly interrupted: Interrupted | null
  private readonly local: OpenEdge
  private readonly openOthers: () => Promise<OpenEdge[]>
  private others: Promise<OpenEdge[]> | null = null
  private readonly edges = new Map<ServerId, Edge>()
  private readonly changes = new Set<(change: { server: ServerId; revision: number }) => void>()
  private readonly notices = new Set<(notice: { level: Level; text: string }) => void>()
  private revision = 0
  private rehearsal: Rehearsal | null = null
  private closing: Promise<void> = Promise.resolve()
  private readonly adaptersWatch = new WorldWatch('watchAdapters')
  private readonly hostsWatch = new WorldWatch('watchHosts')
  private smtp: Promise<SmtpAnswers> | null = null

  constructor(local: OpenEdge, openOthers: () => Promise<OpenEdge[]>, { home, keepAlive }: Start) {
    this.home = homeAt(home).folder
    this.interrupted = local.interrupted
    this.local = local
    this.openOthers = openOthers
    this.follow(local)
    if (!keepAlive) return
    local.keepAlive?.((level, text) => this.notice(level, text))
    local.announce?.((level, text) => this.notice(level, text))
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
    diagnosis: diagnosisAnswers((server) => this.edge(server)),
    hosts: hostsAnswers((server) => this.edge(server)),
    smtpTest: {
      route: async (input, asked) => (await this.smtpTest()).route(input, asked),
      run: async (input, asked) => (await this.smtpTest()).run(input, asked),
      open: async (input, asked) => (await this.smtpTest()).open(input, asked),
      step: async (input, asked) => (await this.smtpTest()).step(input, asked),
      close: async (input, asked) => (await this.smtpTest()).close(input, asked),
      save: async (input, asked) => (await this.smtpTest()).save(input, asked),
    },
    servers: {
      list: async () => ({ servers: await this.servers() }),
      properties: async ({ server }) => ({ server: await this.edge(server).transport.properties() }),
      serviceState: async ({ server }) => ({ service: await this.edge(server).transport.serviceState() }),
      start: async ({ server }, { signal }) => ({ service: (await this.edge(server).transport.control('start', { signal })).service }),
      stop: async ({ server }, { signal }) => ({ service: (await this.edge(server).transport.control('stop', { signal })).service }),
      restart: async ({ server }, { signal, progress }) => this.edge(server).transport.control('restart', { signal, progress }),
    },
    smtp: {
      explain: async ({ text }) => (await import('./smtp/reply.ts')).explain(text),
    },
    queues: queuesAnswers((server) => this.edge(server).transport),
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
      planBack: async ({ server, id, evenReadOnly }, asked) => this.edge(server).changes.planBack(id, evenReadOnly, asked),
      rollBack: async ({ server, id, ...how }, asked) => this.journalled(server, ({ changes }) => changes.rollBack(id, how, asked)),
    },
    rehearsal: {
      scenarios: async () => ({ scenarios: (await import('./rehearsal.ts')).scenarios() }),
      open: async (wanted, asked) => this.openRehearsal(wanted, asked),
      state: async () => ({ rehearsal: (await this.rehearsal?.state()) ?? null }),
      answer: async () => {
        const answer = this.opened().answer()
        this.changed('rehearsal')
        return answer
      },
      close: async () => {
        await this.closeRehearsal()
        return {}
      },
      play: async ({ scenario }, { progress, signal }) =>
        (await import('./rehearsal.ts')).playScenario(scenario, (text) => progress({ text }), signal),
      playAll: async (_, { progress, signal }) => {
        const began = performance.now()
        const scenarios = await (await import('./rehearsal.ts')).playAll(progress, signal)
        return { scenarios, asExpected: scenarios.filter(({ asExpected }) => asExpected).length, seconds: Math.round((performance.now() - began) / 100) / 10 }
      },
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

  onHosts(listener: (change: { server: ServerId; revision: number }) => void): () => void {
    return this.hostsWatch.listen(listener)
  }

  writeJournalled(order: Order): Promise<void> {
    return this.local.changes.writeJournalled(order)
  }

  async close(): Promise<void> {
    await this.closeRehearsal()
    for (const watch of [this.adaptersWatch, this.hostsWatch]) watch.close()
    const smtp = await this.smtp
    smtp?.close()
    for (const edge of [this.local, ...((await this.others) ?? [])]) await edge.close()
  }

  private watchWorld(server: ServerId, world: World): void {
    this.adaptersWatch.add(server, world)
    this.hostsWatch.add(server, world)
  }

  /** Loaded when it is first asked for. */
  private async smtpTest(): Promise<Answers['smtpTest']> {
    this.smtp ??= import('./smtp-answers.ts').then(({ SmtpAnswers }) => new SmtpAnswers((server) => this.edge(server)))
    return (await this.smtp).answers
  }

  private edge(server: ServerId): Edge {
    const edge = server === 'rehearsal' ? this.opened().edge : this.edges.get(server)
    if (edge) return edge
    throw new Failure('not-found', `There is no edge server “${server}” here.`, 'The list of edge servers shows those that are.')
  }

  private follow(edge: OpenEdge): void {
    this.edges.set(edge.id, edge)
    this.watchWorld(edge.id, edge.world)
    edge.transport.watch(() => this.changed(edge.id))
  }

  /** Those beside the local one are looked for when the list is first asked for. */
  private async withOthers(): Promise<OpenEdge[]> {
    this.others ??= this.openOthers().then((others) => {
      for (const other of others) {
        this.follow(other)
        if (other.interrupted) this.notice('warning', other.interrupted.text)
      }
      return others
    })
    return [this.local, ...(await this.others)]
  }

  private opened(): Rehearsal {
    if (this.rehearsal) return this.rehearsal
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
    const listed = (await this.withOthers()).map(({ id, transport, listed }) => edgeServer(id, listed ?? (() => transport.properties())))
    if (this.rehearsal) {
      const { transport } = this.rehearsal.edge
      listed.push(edgeServer('rehearsal', () => transport.properties()))
    }
    return Promise.all(listed)
  }

  private async openRehearsal(wanted: { scenario: Chosen; quiz: boolean }, { progress, signal }: Asked<{ text: string }>) {
    const { Rehearsal } = await import('./rehearsal.ts')
    await this.closeRehearsal()
    const rehearsal = await Rehearsal.open(wanted, (text) => progress({ text }), signal)
    this.rehearsal = rehearsal
    this.watchWorld('rehearsal', rehearsal.edge.world)
    rehearsal.edge.transport.watch(() => this.changed('rehearsal'))
    this.changed('rehearsal')
    return rehearsal.state()
  }

  private async closeRehearsal(): Promise<void> {
    const open = this.rehearsal
    this.rehearsal = null
    for (const watch of [this.adaptersWatch, this.hostsWatch]) watch.remove('rehearsal')
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

async function edgeServer(id: ServerId, asked: () => Promise<Omit<EdgeServer, 'id'>>): Promise<EdgeServer> {
  const { name, transport, version, service, waiting } = await asked()
  return { id, name, transport, version, service, waiting }
}
