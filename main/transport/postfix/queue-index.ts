// What Postfix lists, kept small and brought up to date in place: a hundred thousand messages in a few tens of megabytes.
import { lstatSync } from 'node:fs'
import { Failure } from '../../../preload/contract/failure.ts'
import { Views } from '../views.ts'
import { type Around, Delay, Entry } from './entry.ts'
import type { Hops } from './hops.ts'
import type { Instance } from './instance.ts'
import { ownCopy, readListed } from './listing.ts'
import { queueFile } from './paths.ts'
import { lines } from './programs.ts'

/** Milliseconds without a line: a queue on a cold disk is read slowly. */
const listingLimit = 60_000
/** Lines read before others have their turn. */
const slice = 500
/** Files looked at before others have their turn. */
const filesAtOnce = 1_000
const mostDelays = 20_000

export class QueueIndex {
  readonly entries = new Map<string, Entry>()
  readonly views = new Views<Entry>()
  private delays = new Map<string, Delay>()
  private round = 0
  /** Higher with each change. */
  revision = 0
  /** Whether deferred files' times can be read; that needs an administrator. */
  private readsTimes = true

  /** Lists all; the first time tells that there are more as they come. Where the listing fails, what was known stays. */
  async list(instance: Instance, { hops, around, signal, more }: { hops: Hops; around: Around; signal: AbortSignal; more(): void }): Promise<void> {
    const round = ++this.round
    if (this.delays.size > mostDelays) this.delays = new Map()
    let inSlice = 0
    try {
      for await (const batch of lines('postqueue', ['-j'], { configDir: instance.configDir, signal, limit: listingLimit })) {
        for (const line of batch) if (line !== '') this.take(line, { round, hops, around })
        if (round === 1) more()
        inSlice += batch.length
        if (inSlice < slice) continue
        inSlice = 0
        await new Promise(setImmediate)
      }
    } catch (error) {
      throw refusedBy(error)
    }
    for (const entry of this.entries.values()) if (entry.round !== round) this.forget(entry)
    if (!(await hops.learn(signal))) return
    for (const entry of this.entries.values()) entry.route(hops)
    this.revision++
  }

  private take(line: string, { round, hops, around }: { round: number; hops: Hops; around: Around }): void {
    const listed = readListed(line)
    // What was only handed in is not in the queue yet (postqueue tells it to administrators alone).
    if (listed.queue_name === 'maildrop') return
    let entry = this.entries.get(listed.queue_id)
    if (entry && !entry.isStill(listed)) {
      this.forget(entry)
      entry = undefined
    }
    if (!entry) {
      entry = new Entry(listed, around)
      this.entries.set(entry.id, entry)
      this.views.add(entry)
    }
    if (entry.take(listed, hops, (text) => this.delayOf(text))) this.revision++
    entry.round = round
  }

  forget(entry: Entry): void {
    if (entry.isGone) return
    entry.isGone = true
    this.entries.delete(entry.id)
    this.views.remove()
    this.revision++
  }

  /** Thousands of messages share a few errors: each is in memory, and judged, once. */
  private delayOf(text: string): Delay {
    let delay = this.delays.get(text)
    if (!delay) {
      const own = ownCopy(text)
      this.delays.set(own, (delay = new Delay(own)))
    }
    return delay
  }

  /** Looks the next turns of these up, where they are not known: the time of a deferred file is when it is tried next. */
  async readTurns(entries: Iterable<Entry>, instance: Instance): Promise<void> {
    let looked = 0
    for (const entry of entries) {
      if (!this.readsTimes) return
      if (entry.where !== 'deferred' || entry.due !== undefined) continue
      entry.due = this.timeOf(queueFile(instance, 'deferred', entry.id))
      if (++looked % filesAtOnce === 0) await new Promise(setImmediate)
    }
  }

  /** When its last attempt failed: the time of what Postfix keeps for the sender's notice. Null where it cannot be read. */
  lastDeferral(entry: Entry, instance: Instance): number | null {
    return this.readsTimes && entry.delay !== null ? this.timeOf(queueFile(instance, 'defer', entry.id)) : null
  }

  private timeOf(path: string): number | null {
    try {
      return lstatSync(path).mtimeMs
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EACCES') this.readsTimes = false
      return null
    }
  }
}

/** postqueue(1) says who is refused, not by what. */
function refusedBy(error: unknown): unknown {
  if (!(error instanceof Failure) || error.code !== 'needs-administrator') return error
  return new Failure('needs-administrator', `Postfix does not let this user see the queue. ${error.message}`, 'Run Edgewise as an administrator, or as a user whom the parameter authorized_mailq_users names.')
}
