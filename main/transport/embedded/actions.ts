// What the administrator does with messages and queues, done beside the deliveries that go on: each message is looked
// at again at the moment of acting, and none is touched while Haraka has it.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Message, Outcome } from '../../../preload/contract/queues.ts'
import { type Ended, failed, gone, inTurn, makeFolder } from '../acting.ts'
import { removedText } from '../notice.ts'
import { reason } from '../reason.ts'
import { clearRemoval, describeRemoval, emlOf, queueFilesIn, removalFolder, syncFolder } from '../removals.ts'
import type { Deed, Target } from '../transport.ts'
import { arrivalOf, type Entry } from './entry.ts'
import type { Histories } from './histories.ts'
import type { Home } from './home.ts'
import type { Ledger } from './ledger.ts'
import type { Notices } from './notices.ts'
import { messageId, readQueueFile } from './queue-file.ts'
import { clearCopies, exportMessage, keepCopy, type LeftBehind, leftBehind, type Removing, syncCopies, takeOut } from './removed.ts'
import type { Suspensions } from './suspensions.ts'

export interface Doing {
  signal: AbortSignal
  told(rows: Outcome[]): void
}

/** Milliseconds that an attempt may take before the message is said to wait. */
const attemptLimit = 60_000
/** Messages acted on at the same time: as many as Haraka delivers when they are retried, a few where files are written. */
const atOnce = { retry: 1_000, files: 8 }
/** Messages whose copies are synced together, before the first of them is taken out of the queue. */
const removedTogether = 100
/** Messages whose suspension is written down together when they are put back: each time all that are suspended are written. */
const suspendedTogether = 1_000

const lateAttempt: Ended = { outcome: 'deferred', text: `No attempt has ended within ${attemptLimit / 1000} s; it is tried all the same.` }

export class Actions {
  private readonly home: Home
  private readonly ledger: Ledger
  private readonly histories: Histories
  private readonly suspensions: Suspensions
  private readonly notices: Notices
  /** Removals that something is taken to or from at this moment. */
  private readonly busy = new Set<string>()

  constructor({ home, ledger, histories, suspensions, notices }: { home: Home; ledger: Ledger; histories: Histories; suspensions: Suspensions; notices: Notices }) {
    this.home = home
    this.ledger = ledger
    this.histories = histories
    this.suspensions = suspensions
    this.notices = notices
  }

  async queues(deed: 'suspend' | 'resume', nextHops: string[], { told }: Doing): Promise<void> {
    const suspends = deed === 'suspend'
    const names = nextHops.map((name) => name.toLowerCase())
    await this.suspensions.set({ queues: names }, suspends)
    for (const name of names) this.ledger.suspendQueue(name, suspends)
    told(names.map((id) => ({ id, outcome: suspends ? 'suspended' : 'resumed', text: suspends ? 'Its messages wait until it is resumed, those that come later, too.' : 'Its messages are tried now.' })))
  }

  async messages(deed: Deed, targets: Target[], removal: string | null, doing: Doing): Promise<void> {
    const each = (atOnce: number, work: (target: Target) => Promise<Ended>) =>
      inTurn(targets, atOnce, doing.signal, async (target) => doing.told([{ id: target.id, ...(await work(target).catch(failed)) }]))
    if (deed.kind === 'suspend' || deed.kind === 'resume') return this.suspend(deed.kind === 'suspend', targets, doing)
    if (deed.kind === 'remove') return this.alone(removal ?? '', () => this.remove(targets, { removal: removal ?? '', ndr: deed.ndr }, doing))
    if (deed.kind === 'retry') return each(atOnce.retry, (target) => this.retry(target, doing))
    if (deed.kind !== 'export') return
    await makeFolder(deed.folder)
    await each(atOnce.files, (target) => this.export(target, deed.folder, doing))
    await syncFolder(deed.folder)
  }

  /** Puts a removal back, each message with its arrival, its attempts and its suspension. */
  async putBack(removal: string, doing: Doing): Promise<void> {
    const folder = removalFolder(this.home.removed, removal)
    await this.alone(removal, () => this.allBack(removal, folder, doing))
  }

  /** One at a time: a folder that messages still come to must not be cleared. */
  private async alone(removal: string, work: () => Promise<void>): Promise<void> {
    if (this.busy.has(removal)) throw new Failure('failed', `The removal “${removal}” is still under way, or is being put back. Nothing was done.`, 'Wait until that has ended, then look with edgewise queue removed.')
    this.busy.add(removal)
    try {
      await work()
    } finally {
      this.busy.delete(removal)
    }
  }

  private async allBack(removal: string, folder: string, { signal, told }: Doing): Promise<void> {
    const files = await queueFilesIn(folder)
    if (files.length === 0) throw new Failure('not-found', `There is nothing to put back in the removal “${removal}”.`, 'See edgewise queue removed.')
    for (let at = 0; at < files.length && !signal.aborted; at += suspendedTogether) {
      const next = files.slice(at, at + suspendedTogether)
      const left = await this.suspendedAgain(folder, next.map((filename) => messageId({ filename })))
      await inTurn(next, atOnce.files, signal, async (filename) => {
        const id = messageId({ filename })
        told([{ id, ...(await this.back(folder, filename, left.get(id) ?? null).catch(failed)) }])
      })
      // Those that did not come back, since it was cancelled or failed.
      await this.suspensions.set({ messages: [...left.keys()].filter((id) => !this.ledger.find(id)) }, false)
    }
    await syncFolder(this.home.queue)
    await clearRemoval(folder)
  }

  /** What is kept of each; those that were suspended are so again before the first of them is back, written down once for all. */
  private async suspendedAgain(folder: string, ids: readonly string[]): Promise<Map<string, LeftBehind>> {
    const left = new Map<string, LeftBehind>()
    await inTurn(ids, atOnce.files, new AbortController().signal, async (id) => {
      const kept = await leftBehind(folder, id)
      if (kept) left.set(id, kept)
    })
    // Of one that is in the queue nothing is changed.
    const suspended = [...left].filter(([id, kept]) => kept.suspended && !this.ledger.find(id)).map(([id]) => id)
    await this.suspensions.set({ messages: suspended }, true)
    return left
  }

  /** The message that was chosen, if it is still the same: an id may be given away again. */
  private same({ id, from, received }: Target): Entry | Ended {
    const entry = this.ledger.find(id)
    if (!entry) return gone(this.ended(id))
    if (entry.from !== from || entry.received.toISOString() !== received) return { outcome: 'gone', text: 'Its id is another message’s now, which was left alone.' }
    return entry
  }

  /** As `same`, once no attempt is under way; held at that moment, since two may wait for the same attempt. */
  private async heldAtRest(target: Target, { signal }: Doing): Promise<Entry | Ended> {
    for (;;) {
      const entry = this.same(target)
      if ('outcome' in entry) return entry
      if (entry.isHeld) return { outcome: 'failed', text: 'Something else is being done with it at this moment.' }
      if (!entry.isActive) {
        this.ledger.hold(entry, true)
        return entry
      }
      if (!(await ends(this.ledger.attempt(entry), signal))) return { outcome: 'failed', text: 'It is being delivered at this moment.' }
    }
  }

  private async retry(target: Target, { signal }: Doing): Promise<Ended> {
    const before = this.same(target)
    if ('outcome' in before) return before
    // One that is under way began before this was asked for, and may know nothing of what was mended since.
    if (before.isActive && !(await ends(this.ledger.attempt(before), signal))) return lateAttempt
    const entry = this.same(target)
    if ('outcome' in entry) return this.afterAttempt(target.id, entry)
    if (entry.status === 'Suspended') return { outcome: 'failed', text: entry.isSuspended ? 'It is suspended: resume it first.' : 'Its queue is suspended: resume that first.' }
    const ended = this.ledger.attempt(entry)
    this.ledger.retryNow(entry)
    if (!(await ends(ended, signal))) return lateAttempt
    const now = this.same(target)
    if ('outcome' in now) return this.afterAttempt(target.id, now)
    return { outcome: 'deferred', text: now.status === 'Suspended' ? 'It was suspended meanwhile.' : (now.lastError ?? 'It waits again.') }
  }

  /** Of one that has left the queue. */
  private afterAttempt(id: string, left: Ended): Ended {
    const end = this.ended(id)
    if (end?.how === 'delivered') return { outcome: 'sent', text: end.text }
    return end?.how === 'returned' ? { outcome: 'failed', text: end.text } : left
  }

  private async suspend(suspends: boolean, targets: Target[], doing: Doing): Promise<void> {
    const entries: Entry[] = []
    for (const target of targets) {
      const entry = this.same(target)
      if ('outcome' in entry) doing.told([{ id: target.id, ...entry }])
      else entries.push(entry)
    }
    // At once, so that none goes while it is written; and let go only once that is written.
    if (suspends) for (const entry of entries) this.ledger.suspend(entry, true)
    try {
      await this.suspensions.set({ messages: entries.filter(({ isGone }) => !isGone).map(({ id }) => id) }, suspends)
    } catch (error) {
      if (suspends) for (const entry of entries) this.ledger.suspend(entry, this.suspensions.hasMessage(entry.id))
      return doing.told(entries.map(({ id }) => ({ id, ...failed(error) })))
    }
    if (!suspends) for (const entry of entries) this.ledger.suspend(entry, false)
    await inTurn(entries, atOnce.retry, doing.signal, async (entry) => doing.told([{ id: entry.id, ...(await this.suspended(entry, suspends, doing)) }]))
  }

  private async suspended(entry: Entry, suspends: boolean, { signal }: Doing): Promise<Ended> {
    if (!suspends) return { outcome: 'resumed', text: entry.status === 'Suspended' ? 'Its queue is still suspended.' : 'It is tried now.' }
    // What is being delivered may be sent all the same.
    if (entry.isActive && !(await ends(this.ledger.attempt(entry), signal))) return { outcome: 'suspended', text: 'It is being delivered at this moment, and waits if that fails.' }
    if (!entry.isGone) return { outcome: 'suspended', text: 'It waits until it is resumed.' }
    const end = this.ended(entry.id)
    return end?.how === 'delivered' ? { outcome: 'sent', text: end.text } : gone(end)
  }

  private async export(target: Target, folder: string, doing: Doing): Promise<Ended> {
    const entry = await this.heldAtRest(target, doing)
    if ('outcome' in entry) return entry
    const to = join(folder, emlOf(entry.id))
    try {
      const { path, dataStart } = this.fileOf(entry)
      await exportMessage(path, dataStart, to)
    } catch (error) {
      return failed(error instanceof Failure ? error : new Failure('failed', `It cannot be written to ${to}: ${reason(error)}.`))
    } finally {
      this.ledger.hold(entry, false)
    }
    return { outcome: 'exported', text: to }
  }

  private async remove(targets: Target[], { removal, ndr }: { removal: string; ndr: boolean }, doing: Doing): Promise<void> {
    const folder = removalFolder(this.home.removed, removal)
    await describeRemoval(folder, ndr, targets.flatMap(({ id }) => this.ledger.find(id)?.nextHop ?? [])).catch(async (error: unknown) => {
      await clearRemoval(folder).catch(() => {})
      throw new Failure('failed', `What is removed cannot be kept in ${folder}: ${reason(error)}. Nothing was removed.`, 'Free space on its disk, or make it writable.')
    })
    for (let at = 0; at < targets.length && !doing.signal.aborted; at += removedTogether) {
      const kept: { entry: Entry; removing: Removing }[] = []
      await inTurn(targets.slice(at, at + removedTogether), atOnce.files, doing.signal, async (target) => {
        const found = await this.keep(target, folder, doing)
        if ('outcome' in found) doing.told([{ id: target.id, ...found }])
        else kept.push(found)
      })
      try {
        await syncCopies(folder, kept.map(({ entry }) => entry.id))
        await inTurn(kept, atOnce.files, doing.signal, async ({ entry, removing }) => doing.told([{ id: entry.id, ...(await this.takeOut(entry, removing, { folder, ndr }).catch(failed)) }]))
        await syncFolder(folder)
        await syncFolder(this.home.queue)
      } catch (error) {
        for (const { entry } of kept.filter(({ entry }) => !entry.isGone)) doing.told([{ id: entry.id, ...(await notKept(folder, entry.id, error)) }])
      } finally {
        for (const { entry } of kept) if (!entry.isGone) this.ledger.hold(entry, false)
      }
    }
  }

  /** Held from here on: until it is taken out, or let go. */
  private async keep(target: Target, folder: string, doing: Doing): Promise<{ entry: Entry; removing: Removing } | Ended> {
    const entry = await this.heldAtRest(target, doing)
    if ('outcome' in entry) return entry
    try {
      const { path, dataStart } = this.fileOf(entry)
      const removing = { id: entry.id, filename: entry.filename, queueFile: path, dataStart, history: entry.history, suspended: entry.isSuspended }
      await keepCopy(folder, removing)
      return { entry, removing }
    } catch (error) {
      this.ledger.hold(entry, false)
      return notKept(folder, entry.id, error)
    }
  }

  private async takeOut(entry: Entry, removing: Removing, { folder, ndr }: { folder: string; ndr: boolean }): Promise<Ended> {
    await takeOut(folder, removing)
    this.ledger.left(entry.id, { how: 'removed', stage: 'other', text: removedText })
    if (!ndr || entry.from === '') return { outcome: 'removed', text: ndr ? 'It has no sender who could be told.' : 'Its sender is not told.' }
    try {
      await this.notices.removed(entry, join(folder, removing.filename))
      return { outcome: 'removed', text: 'Its sender is told.' }
    } catch (error) {
      return { outcome: 'removed', text: `Its sender could not be told: ${reason(error)}.` }
    }
  }

  private async back(folder: string, filename: string, left: LeftBehind | null): Promise<Ended> {
    const id = messageId({ filename })
    const queued = readQueueFile(join(folder, filename), filename)
    if (!queued) return { outcome: 'failed', text: 'Its file cannot be read.' }
    if (this.ledger.find(id)) return { outcome: 'failed', text: 'A message of this id is in the queue.' }
    if (left) await this.histories.keep(id, left.history)
    await rename(join(folder, filename), join(this.home.queue, filename))
    this.ledger.waits(arrivalOf(queued))
    await clearCopies(folder, id)
    return { outcome: 'put-back', text: left?.suspended ? 'It is suspended, as it was.' : 'It is tried now.' }
  }

  private fileOf(entry: Entry): { path: string; dataStart: number } {
    const path = join(this.home.queue, entry.filename)
    const queued = readQueueFile(path, entry.filename)
    if (!queued) throw new Failure('failed', 'Its queue file cannot be read.')
    return { path, dataStart: queued.data_start }
  }

  private ended(id: string): Message['end'] {
    return this.ledger.messages({ ids: [id] }, { offset: 0, limit: 1 }).messages[0]?.end ?? null
  }
}

/** A copy that is not whole would only take the room that is missing. */
async function notKept(folder: string, id: string, error: unknown): Promise<Ended> {
  await clearCopies(folder, id).catch(() => {})
  return failed(error instanceof Failure ? error : new Failure('failed', `It stays in the queue, since no copy of it can be kept in ${folder}: ${reason(error)}.`))
}

/** False where it did not come to its end in time. */
async function ends(what: Promise<void>, signal: AbortSignal): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  let stop = () => {}
  const late = new Promise<false>((resolve) => {
    stop = () => resolve(false)
    timer = setTimeout(stop, attemptLimit)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([what.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
