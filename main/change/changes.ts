// The guarded change of one edge server: plan, probe, journal, and what follows; one at a time.
import { changeSchema, type Change, type ChangeProgress, type Described, type Plan, type Wanted } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Transport } from '../transport/transport.ts'
import { lockHolder, releaseLock, takeLock } from '../world/lock.ts'
import type { World } from '../world/world.ts'
import { Backups } from './backups.ts'
import { carry, finish, reach, type Carrying } from './carry.ts'
import { contentsIn, HostsHistory } from './hosts-history.ts'
import { HostsSubject } from './hosts-subject.ts'
import { type Entry, Journal } from './journal.ts'
import { type Order, orderOf } from './seal.ts'
import { SettingsSubject } from './settings-subject.ts'
import type { Prepared, Site, Subject } from './subject.ts'

export interface Guard {
  restart: boolean
  drain: boolean
  force: boolean
  keep: boolean
  by: string
}

export interface Wish extends Guard {
  wanted: Wanted
}

export interface Following {
  progress(progress: ChangeProgress): void
  signal: AbortSignal
}

export class Changes {
  private readonly world: World
  private readonly transport: Transport
  private readonly journal: Journal
  private readonly backups: Backups
  private readonly settings: SettingsSubject
  private readonly hosts: HostsSubject
  private readonly answers = new Map<string, (keep: boolean) => void>()
  private readonly elevate: ((order: Order) => Promise<void>) | undefined

  constructor(home: string, site: Site, elevate?: (order: Order) => Promise<void>) {
    this.world = site.world
    this.transport = site.transport
    this.journal = new Journal(home)
    this.backups = new Backups(home)
    this.settings = new SettingsSubject(site)
    this.hosts = new HostsSubject(site, this.backups)
    this.elevate = elevate
  }

  async plan(wanted: Wanted, following: Following): Promise<Plan> {
    const { described, probed, refused } = await this.wantedSubject(wanted).prepare(wanted, following, describing(following))
    return { ...described, probe: probed, refused }
  }

  run(wish: Wish, following: Following): Promise<Change> {
    const subject = this.wantedSubject(wish.wanted)
    return this.locked(following, async () => this.guarded(wish, following, await subject.prepare(wish.wanted, following)))
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

  async rollBack(id: string, { restart, evenReadOnly = false, by }: Pick<Wish, 'restart' | 'by'> & { evenReadOnly?: boolean }, following: Following): Promise<Change> {
    const wish = { restart, drain: false, force: true, keep: false, by }
    return this.locked(following, async () => this.guarded(wish, following, await this.preparedBack(id, evenReadOnly, following)))
  }

  /** Nothing speaks against the way back so that it would have to be forced. */
  async planBack(id: string, evenReadOnly: boolean, following: Following): Promise<Plan> {
    const { described, probed } = await this.preparedBack(id, evenReadOnly, following, describing(following))
    return { ...described, probe: probed, refused: null }
  }

  private async preparedBack(id: string, evenReadOnly: boolean, following: Following, tell?: (described: Described) => void): Promise<Prepared> {
    const entry = await this.journal.find(id)
    if (entry.state !== 'kept') throw new Failure('bad-input', `The change ${entry.id} was ${entry.state === 'open' ? 'not ended yet' : 'rolled back already'}.`)
    if (entry.kind === 'hosts') return this.hosts.prepareBack(entry, await this.history(), evenReadOnly)
    if ((await this.settings.now()) !== entry.after)
      throw new Failure('failed', 'The settings were changed again since that change, so it cannot be taken back alone.', 'Take the later changes back first, or set what you want anew.')
    const prepared = await this.settings.prepare(entry.standing?.before ?? {}, following, tell)
    return { ...prepared, entry: { ...prepared.entry, after: entry.before, undoes: entry.id } }
  }

  /** With rights that the one who asked does not have: writes what was ordered, and nothing else. */
  async writeJournalled({ id, seal }: Order): Promise<void> {
    const entry = await this.journal.open()
    if (!entry || entry.id !== id || entry.state !== 'open') throw new Failure('not-found', 'No open change has this id.')
    const isBack = entry.steps.some(({ step }) => step === 'rolling back')
    // Before anything is looked at: a file that is torn is put back by that.
    if (orderOf(entry, isBack ? 'before' : 'after').seal !== seal)
      throw new Failure('failed', 'The journal is not what it was when the administrator’s rights were asked for. Nothing was written.', 'Look for the program that changed it, and make the change again.')
    const subject = this.subject(entry)
    const now = await subject.now(entry)
    // What was torn is put back already by being looked at.
    if (isBack && now === entry.before) return
    if (now !== (isBack ? entry.after : entry.before)) throw new Failure('failed', isBack ? subject.text.foreign : 'It is not what it was when the change was planned.')
    await subject.write(entry, isBack ? 'before' : 'after')
  }

  /** The last saves of the hosts file, newest first, and the one that an undo takes back now. */
  async hostsHistory(): Promise<Pick<HostsHistory, 'saves' | 'next'>> {
    return this.history()
  }

  /** What the hosts file was at a save, by its SHA-256; null where that is not kept. */
  hostsContent(hash: string): Promise<Buffer | null> {
    return this.backups.find(hash)
  }

  /** One change at a time; what a dead process left is brought to its end first and handed on. */
  private async locked<T>(following: Following, work: (left: Entry | null) => Promise<T>): Promise<T> {
    await this.journal.prepare()
    const holder = await takeLock(this.journal.lock)
    if (holder !== null) {
      const open = await this.journal.open().catch(() => null)
      const whose = open ? `: ${open.by}, since ${open.began}` : ''
      const who = open?.by.includes(`(process ${holder})`) ? '' : ` (process ${holder})`
      throw new Failure('failed', `Another change is under way${whose}${who}.`, 'Wait until it has ended, or cancel it there.')
    }
    try {
      const left = await this.journal.open()
      if (left) await finish(this.carrying(left, following))
      return await work(left)
    } finally {
      await releaseLock(this.journal.lock)
    }
  }

  private wantedSubject({ hosts }: Wanted): Subject {
    return hosts ? this.hosts : this.settings
  }

  private subject({ kind }: Pick<Entry, 'kind'>): Subject {
    return kind === 'hosts' ? this.hosts : this.settings
  }

  private async history(): Promise<HostsHistory> {
    return new HostsHistory(await this.journal.entries(), this.world.hostsFile)
  }

  private carrying(entry: Entry, following: Following): Carrying {
    return { journal: this.journal, transport: this.transport, subject: this.subject(entry), entry, elevate: this.elevate, ...following }
  }

  private async guarded(wish: Guard, following: Following, prepared: Prepared): Promise<Change> {
    const { described, probed } = prepared
    if (prepared.isIdle(wish.restart)) return this.unchanged(wish, prepared)
    if (prepared.refused !== null && !wish.force)
      throw new Failure('failed', `${prepared.refused} Nothing was changed.`, 'Choose DNS servers that answer, or force it (--force) if you know better.')
    await prepared.secure()
    const entry = await this.entry(wish, prepared)
    const carrying = this.carrying(entry, following)
    await reach(carrying, 'planned', described.words.join(' ') || 'Nothing to write; the service is to be restarted.')
    await reach(carrying, 'probed', probed.length > 0 ? probed.map(({ text }) => text).join('; ') : 'No DNS server had to be asked.')
    await reach(carrying, 'journalled', 'The state before is on disk.')
    await carry(carrying, {
      drain: wish.drain,
      keep: wish.keep,
      verify: (since, signal) => prepared.verify(entry, since, signal),
      ask: (until, _text, signal) => this.ask(entry.id, until, signal),
    })
    if (entry.kind === 'hosts') await this.backups.keepOnly(contentsIn(await this.journal.entries()))
    return changeSchema.parse(entry)
  }

  private async entry({ restart, by }: Guard, { described, entry, waited }: Prepared): Promise<Entry> {
    return {
      id: Journal.newId(),
      began: new Date().toISOString(),
      by: `${by} (process ${process.pid})`,
      words: described.words,
      diff: described.diff,
      ...(described.patch && { patch: described.patch }),
      steps: [],
      state: 'open',
      reason: null,
      ended: null,
      resumed: false,
      ...entry,
      restart,
      waited: restart ? await waited() : [],
    }
  }

  /** What is so already is done: a second run changes nothing and leaves no trace. */
  private unchanged({ by }: Guard, { entry: { kind } }: Prepared): Change {
    const now = new Date().toISOString()
    return { id: Journal.newId(), kind, began: now, by, words: [], diff: [], steps: [], state: 'kept', reason: 'Nothing was different.', ended: now, resumed: false }
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

const describing = ({ progress }: Following) => (described: Described) => progress({ kind: 'described', described })
