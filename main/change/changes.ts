// The guarded change of one edge server: plan, probe, journal, and what follows; one at a time.
import { changeSchema, type Change, type ChangeProgress, type Described, type Plan, type Probed, type Wanted } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import type { Settings, Transport } from '../transport/transport.ts'
import { applied } from '../transport/wanted.ts'
import { lockHolder, releaseLock, takeLock } from '../world/lock.ts'
import type { World } from '../world/world.ts'
import { carry, finish, reach, type Carrying } from './carry.ts'
import { type Entry, Journal } from './journal.ts'
import { describe } from './plan.ts'
import { type Named, namesToAsk, newSources, probe } from './probe.ts'
import { verify } from './verify.ts'

export interface Wish {
  wanted: Wanted
  restart: boolean
  drain: boolean
  force: boolean
  keep: boolean
  by: string
}

export interface Following {
  progress(progress: ChangeProgress): void
  signal: AbortSignal
}

interface Prepared {
  properties: Properties
  described: Described
  waited: string[]
  names: Named[]
  probed: Probed[]
  /** Whether other DNS servers are asked after the restart, also those that an earlier change has only saved. */
  asksAnew: boolean
  refused: string | null
}

/** Waiting messages that are watched for a proof; one is enough. */
const mostWatched = 1_000

export class Changes {
  private readonly world: World
  private readonly transport: Transport
  private readonly journal: Journal
  private readonly answers = new Map<string, (keep: boolean) => void>()
  private readonly elevate: ((id: string) => Promise<void>) | undefined

  constructor(home: string, { world, transport }: { world: World; transport: Transport }, elevate?: (id: string) => Promise<void>) {
    this.world = world
    this.transport = transport
    this.journal = new Journal(home)
    this.elevate = elevate
  }

  async plan(wanted: Wanted, following: Following): Promise<Plan> {
    const { described, probed, refused } = await this.prepare(wanted, following, (known) => following.progress({ kind: 'described', described: known }))
    return { ...described, probe: probed, refused }
  }

  run(wish: Wish, following: Following): Promise<Change> {
    return this.locked(following, () => this.guarded(wish, following))
  }

  /** The administrator's answer to “Keep these changes?”. */
  keep(id: string, keep: boolean): void {
    const answer = this.answers.get(id)
    if (!answer) throw new Failure('not-found', 'That change does not ask any more whether it is to be kept.', 'edgewise changes list shows how it ended.')
    answer(keep)
  }

  list(limit?: number): Promise<Change[]> {
    return this.journal.list(limit)
  }

  async show(id: string): Promise<Change> {
    return changeSchema.parse(await this.journal.find(id))
  }

  /** Whether a change lies open that nobody works on any more. */
  async leftBehind(): Promise<boolean> {
    return (await this.journal.open()) !== null && (await lockHolder(this.journal.lock)) === null
  }

  /** Finishes or takes back what a dead process left; null where nothing was left. */
  async resume(following: Following): Promise<Change | null> {
    if (!(await this.leftBehind())) return null
    const left = await this.locked(following, async (one) => one)
    return left && changeSchema.parse(left)
  }

  async rollBack(id: string, { restart, by }: Pick<Wish, 'restart' | 'by'>, following: Following): Promise<Change> {
    return this.locked(following, async () => {
      const entry = await this.journal.find(id)
      if (entry.state !== 'kept') throw new Failure('bad-input', `The change ${entry.id} was ${entry.state === 'open' ? 'not ended yet' : 'rolled back already'}.`)
      const { before: now } = await this.transport.compose({})
      if (now !== entry.after)
        throw new Failure('failed', 'The settings were changed again since that change, so it cannot be taken back alone.', 'Take the later changes back first, or set what you want anew.')
      const wanted = { lookups: entry.standing.before.lookups, limits: entry.standing.before.limits }
      return this.guarded({ wanted, restart, drain: false, force: true, keep: false, by }, following, entry.before)
    })
  }

  /** With rights that the one who asked does not have: writes what an open change of this id says, and nothing else. */
  async writeJournalled(id: string): Promise<void> {
    const entry = await this.journal.open()
    if (!entry || entry.id !== id || entry.state !== 'open') throw new Failure('not-found', 'No open change has this id.')
    const { before } = await this.transport.compose({})
    if (before !== entry.before) throw new Failure('failed', 'The settings are not what they were when the change was planned.')
    await this.transport.write(entry.after)
  }

  /** One change at a time; what a dead process left is brought to its end first and handed on. */
  private async locked<T>({ progress, signal }: Following, work: (left: Entry | null) => Promise<T>): Promise<T> {
    await this.journal.prepare()
    const holder = await takeLock(this.journal.lock)
    if (holder !== null) {
      const open = await this.journal.open().catch(() => null)
      const who = open ? `${open.by}, since ${open.began}` : `process ${holder}`
      throw new Failure('failed', `Another change is under way: ${who} (process ${holder}).`, 'Wait until it has ended, or cancel it there.')
    }
    try {
      const left = await this.journal.open()
      if (left) await finish({ journal: this.journal, transport: this.transport, entry: left, progress, signal })
      return await work(left)
    } finally {
      await releaseLock(this.journal.lock)
    }
  }

  private async prepare(wanted: Wanted, { progress, signal }: Following, tell?: (described: Described) => void): Promise<Prepared> {
    const properties = await this.transport.properties()
    const adapters = await this.world.adapters()
    const described = describe(properties, wanted, adapters)
    tell?.(described)
    const running = properties.service.state === 'running'
    const waiting = running ? (await this.transport.messages({}, { offset: 0, limit: mostWatched })).messages : []
    const names = namesToAsk([...new Set(waiting.map(({ queue }) => queue))], properties.acceptedDomains.map(({ nextHop }) => nextHop), properties.controlName)
    const sources = wanted.lookups ? newSources(properties.lookups, applied(properties, wanted).lookups, adapters) : []
    const probed = await probe(sources, names, { world: this.world, signal, told: (one) => progress({ kind: 'probed', probed: one }) })
    signal.throwIfAborted()
    return { properties, described, waited: waiting.map(({ id }) => id), names, probed, asksAnew: sources.length > 0 || properties.restartNeeded, refused: refusal(sources, probed) }
  }

  private async guarded(wish: Wish, following: Following, after?: Settings): Promise<Change> {
    const prepared = await this.prepare(wish.wanted, following)
    const { properties, described, probed } = prepared
    if (described.diff.length === 0 && !(wish.restart && properties.restartNeeded)) return this.unchanged(wish)
    if (prepared.refused !== null && !wish.force)
      throw new Failure('failed', `${prepared.refused} Nothing was changed.`, 'Choose DNS servers that answer, or force it (--force) if you know better.')
    const entry = await this.entry(wish, prepared, after)
    const carrying: Carrying = { journal: this.journal, transport: this.transport, entry, ...following }
    await reach(carrying, 'planned', described.words.join(' ') || 'Nothing to write; the service is to be restarted.')
    await reach(carrying, 'probed', probed.length > 0 ? probed.map(({ text }) => text).join('; ') : 'No DNS server had to be asked.')
    await reach(carrying, 'journalled', 'The state before is on disk.')
    await carry(carrying, {
      drain: wish.drain,
      keep: wish.keep,
      elevate: this.elevate,
      verify: (since, signal) => verify({ transport: this.transport, waited: entry.waited, since, probed, names: prepared.names, asksAnew: prepared.asksAnew, signal }),
      ask: (until, _text, signal) => this.ask(entry.id, until, signal),
    })
    return changeSchema.parse(entry)
  }

  private async entry({ wanted, restart, by }: Wish, { properties, described, waited }: Prepared, after?: Settings): Promise<Entry> {
    const composed = await this.transport.compose(wanted)
    const before = { lookups: properties.lookups, limits: properties.limits }
    return {
      id: Journal.newId(),
      began: new Date().toISOString(),
      by: `${by} (process ${process.pid})`,
      words: described.words,
      diff: described.diff,
      steps: [],
      state: 'open',
      reason: null,
      ended: null,
      resumed: false,
      transport: this.transport.name,
      before: composed.before,
      after: after ?? composed.after,
      standing: { before, after: applied(before, wanted) },
      wasRunning: properties.service.state !== 'stopped',
      restart,
      waited,
    }
  }

  /** What is so already is done: a second run changes nothing and leaves no trace. */
  private unchanged({ by }: Wish): Change {
    const now = new Date().toISOString()
    return { id: Journal.newId(), began: now, by, words: [], diff: [], steps: [], state: 'kept', reason: 'Nothing was different.', ended: now, resumed: false }
  }

  private ask(id: string, until: Date, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (keep: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', no)
        this.answers.delete(id)
        resolve(keep)
      }
      const no = () => answer(false)
      const timer = setTimeout(no, until.getTime() - Date.now())
      signal.addEventListener('abort', no)
      if (signal.aborted) return no()
      this.answers.set(id, answer)
    })
  }
}

/** None of the servers says anything: then the plan would only make mail wait. */
function refusal(sources: ReturnType<typeof newSources>, probed: Probed[]): string | null {
  for (const { side, servers, problem } of sources) {
    if (problem !== null) return `The ${side} DNS lookups would have nobody to ask: ${problem}`
    const answered = probed.some(({ server, verdict }) => servers.includes(server) && verdict !== 'silent')
    if (!answered) return `None of the DNS servers ${servers.join(', ')} answers.`
  }
  return null
}
