// What the administrator does with messages of Postfix's queue: on exactly those that were chosen, each looked at again.
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Outcome } from '../../../preload/contract/queues.ts'
import { type Ended, failed, gone, inTurn, makeFolder } from '../acting.ts'
import { headersOf } from '../headers.ts'
import { printNotice, removedText } from '../notice.ts'
import { reason } from '../reason.ts'
import { clearRemoval, describeRemoval, emlOf, newRemovalId, queueFilesIn, removalFolder, removedIn, syncFile, syncFolder } from '../removals.ts'
import type { Acting, Deed, Target, Targets } from '../transport.ts'
import { envelopeOf, subjectIn } from './details.ts'
import type { Entry } from './entry.ts'
import { asTarget, Holding, sameId } from './holding.ts'
import type { Instance } from './instance.ts'
import type { Known } from './known.ts'
import { programFailure, run } from './programs.ts'
import { clearCopies, keepCopy, leftBehind, mendRemoval, restore, syncCopies, tookOut, writeMessage } from './removed.ts'

/** Milliseconds that an attempt may take before the message is said to wait. */
const attemptLimit = 60_000
const lookAgain = 200
/** Programs at the same time. */
const atOnce = 4
/** Messages whose copies are synced together, before the first of them is taken out of the queue. */
const removedTogether = 100
const flushLimit = 30_000

interface Before {
  deferrals: number
  lastRetry: number
}

export class Actions {
  readonly holding: Holding
  private readonly known: Known
  private readonly removed: string
  /** Removals that something is taken to or from at this moment. */
  private readonly busy = new Set<string>()

  constructor(known: Known, home: string) {
    this.known = known
    this.removed = removedIn(home)
    this.holding = new Holding(known, home)
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    if (deed.kind === 'put-back') await this.alone(deed.removal, () => this.putBack(deed.removal, acting))
    else if ('queues' in targets) {
      if (deed.kind !== 'suspend' && deed.kind !== 'resume') throw new Failure('bad-input', `A whole queue is suspended or resumed; to ${deed.kind} is done with its messages.`)
      await this.queues(deed.kind, targets.queues, acting)
    } else if (deed.kind === 'remove') {
      const removal = newRemovalId()
      await this.alone(removal, () => this.remove(targets.messages, { removal, ndr: deed.ndr }, acting))
      return { removal }
    } else if (deed.kind === 'export') await this.export(targets.messages, deed.folder, acting)
    else if (deed.kind === 'retry') await this.retry(targets.messages, acting)
    else await this.suspend(deed.kind, targets.messages, acting)
    return { removal: null }
  }

  /** Messages that wait for any of these next hops. */
  in(nextHops: readonly string[]): Entry[] {
    const names = new Set(nextHops.map((name) => name.toLowerCase()))
    return [...this.known.index.entries.values()].filter(({ allHops }) => allHops.some(({ name }) => names.has(name)))
  }

  private async queues(deed: 'suspend' | 'resume', nextHops: readonly string[], acting: Acting): Promise<void> {
    for (const name of nextHops) {
      if (acting.signal.aborted) return
      const rows: Outcome[] = []
      await this.suspend(deed, this.in([name]).map(asTarget), { signal: acting.signal, told: (more) => rows.push(...more) })
      const done = rows.filter(({ outcome }) => outcome === (deed === 'suspend' ? 'suspended' : 'resumed')).length
      const text = deed === 'suspend' ? `${count(done)} on hold. Postfix cannot suspend a queue itself: mail that comes later for it is delivered.` : `${count(done)} released, and tried now.`
      const lost = rows.find(({ outcome }) => outcome === 'failed')
      acting.told([{ id: name, ...(lost ? { outcome: 'failed' as const, text: lost.text } : { outcome: deed === 'suspend' ? ('suspended' as const) : ('resumed' as const), text }) }])
    }
  }

  private async suspend(deed: 'suspend' | 'resume', targets: readonly Target[], { told, signal }: Acting): Promise<void> {
    const { instance } = await this.known.setting()
    if (deed === 'suspend') {
      const held = await this.holding.hold(targets, told)
      return told(held.map(({ id, isSuspended }) => ({ id, ...(isSuspended ? { outcome: 'suspended' as const, text: 'It waits until it is resumed.' } : { outcome: 'failed' as const, text: 'Postfix did not put it on hold.' }) })))
    }
    const entries = await this.holding.same(targets, told)
    const ids = entries.filter(({ isSuspended }) => isSuspended).map(({ id }) => id)
    await this.holding.supers('-H', ids, instance)
    await flushAll(ids, instance, signal)
    told(entries.map(({ id }) => ({ id, outcome: 'resumed', text: 'It is tried now.' })))
  }

  private async retry(targets: readonly Target[], { told, signal }: Acting): Promise<void> {
    const setting = await this.known.setting()
    const waiting = new Map<Entry, Before>()
    await inTurn(await this.holding.same(targets, told), atOnce, signal, async (entry) => {
      if (entry.isSuspended) return told([{ id: entry.id, outcome: 'failed', text: 'It is suspended: resume it first.' }])
      await this.known.readLog(setting)
      const before = { deferrals: this.known.stories.find(entry.id)?.deferrals ?? 0, lastRetry: this.known.lastRetry(entry) ?? 0 }
      await flush(entry.id, setting.instance, signal).then(() => waiting.set(entry, before), (error: unknown) => told([{ id: entry.id, ...failed(error) }]))
    })
    for (const end = Date.now() + attemptLimit; waiting.size > 0 && Date.now() < end && !signal.aborted; ) {
      await this.known.readLog(setting)
      // Without a log the queue itself has to tell.
      if (setting.log.problem !== null) await this.known.refresh()
      for (const [entry, before] of waiting) {
        const outcome = this.attemptOf(entry, before, setting.log.problem === null)
        if (!outcome) continue
        waiting.delete(entry)
        told([{ id: entry.id, ...outcome }])
      }
      if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, lookAgain))
    }
    told([...waiting.keys()].map(({ id }) => ({ id, outcome: 'deferred', text: `No attempt has ended within ${attemptLimit / 1000} s; it is tried all the same.` })))
  }

  /** How the attempt ended; null while it is not known. */
  private attemptOf(entry: Entry, before: Before, hasLog: boolean): Ended | null {
    const end = this.known.endOf(entry.id)?.end
    if (end?.how === 'delivered') return { outcome: 'sent', text: end.text }
    if (end?.how === 'returned') return { outcome: 'failed', text: end.text }
    if (entry.isGone) return end ? gone(end) : { outcome: 'gone', text: 'It left the queue; how, only the log would tell.' }
    const story = this.known.stories.find(entry.id)
    if (story && story.deferrals > before.deferrals) return { outcome: 'deferred', text: story.attempts.at(-1)?.error ?? 'It waits again.' }
    return !hasLog && (this.known.lastRetry(entry) ?? 0) > before.lastRetry ? { outcome: 'deferred', text: entry.delay?.text ?? 'It waits again.' } : null
  }

  private async export(targets: readonly Target[], folder: string, acting: Acting): Promise<void> {
    const { instance } = await this.known.setting()
    await makeFolder(folder)
    const entries = await this.holding.same(targets, acting.told)
    await inTurn(entries, atOnce, acting.signal, async (entry) => acting.told([{ id: entry.id, ...(await exported(entry, join(folder, emlOf(entry.id)), instance).catch(failed)) }]))
    await syncFolder(folder)
  }

  private async remove(targets: readonly Target[], { removal, ndr }: { removal: string; ndr: boolean }, acting: Acting): Promise<void> {
    const folder = removalFolder(this.removed, removal)
    const nextHops = targets.flatMap(({ id }) => this.known.index.entries.get(id)?.nextHop ?? [])
    await describeRemoval(folder, ndr, nextHops).catch(async (error: unknown) => {
      await clearRemoval(folder).catch(() => {})
      throw new Failure('failed', `What is removed cannot be kept in ${folder}: ${reason(error)}. Nothing was removed.`, 'Free space on its disk, or make it writable.')
    })
    const wasHeld = new Set([...this.known.index.entries.values()].filter(({ isSuspended }) => isSuspended).map(({ id }) => id))
    try {
      await this.holding.atRest(targets, { ...acting, folder }, async (entries) => {
        for (let at = 0; at < entries.length && !acting.signal.aborted; at += removedTogether) await this.removeSome(entries.slice(at, at + removedTogether), { folder, ndr, wasHeld }, acting)
      })
    } finally {
      await clearRemoval(folder)
    }
  }

  private async removeSome(entries: readonly Entry[], { folder, ndr, wasHeld }: { folder: string; ndr: boolean; wasHeld: ReadonlySet<string> }, { signal, told }: Acting): Promise<void> {
    const { instance } = await this.known.setting()
    const kept: Entry[] = []
    await inTurn(entries, atOnce, signal, async (entry) => {
      try {
        await keepCopy(folder, entry.id, { from: entry.from, received: asTarget(entry).received, suspended: wasHeld.has(entry.id), attempts: this.known.stories.find(entry.id)?.attempts ?? [], more: entry.more ?? {} }, instance)
        kept.push(entry)
      } catch (error) {
        told([{ id: entry.id, ...(await notKept(folder, entry.id, error)) }])
      }
    })
    const copied = kept.map(({ id }) => id)
    let said: string
    try {
      await syncCopies(folder, copied)
      said = await this.holding.supers('-d', copied, instance)
    } catch (error) {
      for (const { id } of kept) told([{ id, ...(await notKept(folder, id, error)) }])
      return
    }
    for (const entry of kept) {
      const { id } = entry
      if (!said.includes(`${id}: removed`)) {
        await clearCopies(folder, id)
        told([{ id, outcome: 'gone', text: 'It was taken off hold meanwhile, and was left alone.' }])
        continue
      }
      await tookOut(folder, id)
      this.known.removed(entry, removedText)
      told([{ id, outcome: 'removed', text: await this.toldSender(entry, { folder, ndr, instance }) }])
    }
    await syncFolder(folder)
  }

  /** A notice is never answered by a notice: the null sender is told nothing (RFC 5321 §6.1). */
  private async toldSender({ id, from, arrived, addresses }: Entry, { folder, ndr, instance }: { folder: string; ndr: boolean; instance: Instance }): Promise<string> {
    if (!ndr) return 'Its sender is not told.'
    if (from === '') return 'It has no sender who could be told.'
    try {
      const headers = await headersOf({ path: join(folder, emlOf(id)), dataStart: 0 })
      const notice = printNotice({
        action: 'failed', to: from, subject: subjectIn(headers), received: new Date(arrived), name: instance.values.get('myhostname') ?? 'localhost', headers,
        recipients: addresses.map((recipient) => ({ recipient, status: '5.3.2', diagnostic: removedText, remote: null })),
        lastError: removedText, lastAttempt: new Date(), tryingUntil: null,
      })
      // Postfix’s own notice (postsuper -e) would be of one that was not removed; it is sent by Postfix all the same.
      const ran = await run('sendmail', ['-i', '-f', '<>', '--', from], { configDir: instance.configDir, signal: new AbortController().signal, limit: flushLimit, input: notice.replaceAll('\r\n', '\n') })
      if (ran.code !== 0) throw programFailure('sendmail', ran)
      return 'Its sender is told.'
    } catch (error) {
      return `Its sender could not be told: ${reason(error)}.`
    }
  }

  private async putBack(removal: string, { signal, told }: Acting): Promise<void> {
    const folder = removalFolder(this.removed, removal)
    const { instance } = await this.known.setting()
    const ids = await queueFilesIn(folder)
    if (ids.length === 0) throw new Failure('not-found', `There is nothing to put back in the removal “${removal}”.`, 'See edgewise queue removed.')
    await inTurn(ids, 1, signal, async (id) => told([{ id, ...(await this.back(folder, id, instance).catch(failed)) }]))
    await clearRemoval(folder)
  }

  private async back(folder: string, id: string, instance: Instance): Promise<Ended> {
    const left = await leftBehind(folder, id)
    const restored = await restore(folder, id, instance).catch((error: unknown) => {
      throw new Failure(reason(error) === 'permission denied' ? 'needs-administrator' : 'failed', `It cannot be put into the queue: ${reason(error)}.`)
    })
    // In the queue from here on: it must not be put back twice.
    await clearCopies(folder, id)
    if (!left?.suspended) {
      await this.holding.supers('-H', [restored], instance)
      await flushAll([restored], instance, new AbortController().signal)
    }
    const name = restored === id ? '' : `Its id is ${restored} now. `
    return { outcome: 'put-back', text: `${name}${left?.suspended ? 'It is suspended, as it was.' : 'It is tried now.'}` }
  }

  /** What actions that were killed left behind. */
  async mend(): Promise<void> {
    await this.holding.releaseLeft(async (folder) => {
      await this.known.refresh({ anew: true })
      await mendRemoval(folder, (id, { from, received }) => {
        const entry = this.known.index.entries.get(id)
        return entry !== undefined && entry.from === from && asTarget(entry).received === received
      })
      await clearRemoval(folder)
    })
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
}

/** Has it tried now, also where Postfix has just given its destination up for a while. */
async function flush(id: string, { configDir }: Instance, signal: AbortSignal): Promise<void> {
  const ran = await run('postqueue', ['-i', id], { configDir, signal, limit: flushLimit })
  if (ran.code !== 0) throw programFailure('postqueue', ran)
}

/** What was released goes with the next round anyway: that it is not tried at once is no failure. */
const flushAll = (ids: readonly string[], instance: Instance, signal: AbortSignal): Promise<void> => inTurn(ids, atOnce, signal, (id) => flush(id, instance, signal).catch(() => {}))

/** Written beside and renamed, so that a file of that name is a whole message; and only where it is still the one that was chosen. */
async function exported(entry: Entry, to: string, instance: Instance): Promise<Ended> {
  const beside = `${to}.tmp`
  try {
    await writeMessage(entry.id, beside, instance)
    const now = await envelopeOf(entry.id, instance, new AbortController().signal)
    if (now && (now.from !== entry.from || (now.arrived !== null && now.arrived !== entry.arrived))) return sameId
    await syncFile(beside)
    await rename(beside, to)
    return { outcome: 'exported', text: to }
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('failed', `It cannot be written to ${to}: ${reason(error)}.`)
  } finally {
    await rm(beside, { force: true }).catch(() => {})
  }
}

/** A copy that is not whole would only take the room that is missing. */
async function notKept(folder: string, id: string, error: unknown): Promise<Ended> {
  await clearCopies(folder, id).catch(() => {})
  return failed(error instanceof Failure ? error : new Failure('failed', `It stays in the queue, since no copy of it can be kept in ${folder}: ${reason(error)}.`))
}

const count = (messages: number): string => (messages === 1 ? 'Its one message is' : `Its ${messages} messages are`)
