// Takes messages out of Postfix's hands for as long as something is done with them: on hold, and nobody delivering them.
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Outcome } from '../../../preload/contract/queues.ts'
import { fromJson } from '../../json.ts'
import { type Ended, gone } from '../acting.ts'
import type { Target } from '../transport.ts'
import type { Entry } from './entry.ts'
import type { Instance } from './instance.ts'
import type { Known } from './known.ts'
import { isQueueId } from './listing.ts'
import { queueFile } from './paths.ts'
import { programFailure, run } from './programs.ts'

/** Milliseconds that a delivery under way is waited for. */
const deliveryLimit = 60_000
const lookAgain = 100
/** Milliseconds: a thousand take 30 ms. */
const superLimit = 120_000

/** `folder`: where copies are kept of what is removed; null where nothing is. */
const noteSchema = z.object({ ids: z.array(z.string().refine(isQueueId)), folder: z.string().nullable() })
const noteName = /^(\d+)-\d+\.json$/

export const sameId: Ended = { outcome: 'gone', text: 'Its id is another message’s now, which was left alone.' }

export class Holding {
  private readonly known: Known
  /** A note for each action under way: the process and a number. */
  private readonly notes: string
  private count = 0

  constructor(known: Known, home: string) {
    this.known = known
    this.notes = join(home, 'held')
  }

  /** What actions that were killed had put on hold, and nobody else would release; told where they kept copies. */
  async releaseLeft(mend: (folder: string) => Promise<void>): Promise<void> {
    for (const name of await readdir(this.notes).catch((): string[] => [])) {
      const pid = noteName.exec(name)?.[1]
      if (pid === undefined || isAlive(Number(pid))) continue
      const note = join(this.notes, name)
      const parsed = noteSchema.safeParse(fromJson(await readFile(note, 'utf8')))
      if (parsed.success) {
        const { instance } = await this.known.setting()
        await this.supers('-H', parsed.data.ids, instance)
        if (parsed.data.folder !== null) await mend(parsed.data.folder)
      }
      await rm(note, { force: true })
    }
  }

  /** Of those that were chosen, the ones that are still the same at this moment; the others are told. */
  async same(targets: readonly Target[], told: (rows: Outcome[]) => void): Promise<Entry[]> {
    await this.known.refresh({ anew: true })
    const entries: Entry[] = []
    const others: Outcome[] = []
    for (const { id, from, received } of targets) {
      const entry = this.known.index.entries.get(id)
      if (!entry) others.push({ id, ...gone(this.known.endOf(id)?.end ?? null) })
      else if (entry.from !== from || new Date(entry.arrived).toISOString() !== received) others.push({ id, ...sameId })
      else entries.push(entry)
    }
    if (others.length > 0) told(others)
    return entries
  }

  /** Puts them on hold and looks again whether each is still what was chosen; what is not is let go. */
  async hold(targets: readonly Target[], told: (rows: Outcome[]) => void): Promise<Entry[]> {
    const { instance } = await this.known.setting()
    const entries = await this.same(targets, told)
    const free = entries.filter(({ isSuspended }) => !isSuspended)
    if (free.length === 0) return entries
    await this.supers('-h', free.map(({ id }) => id), instance)
    const ids = new Set(entries.map(({ id }) => id))
    const held = await this.same(targets.filter(({ id }) => ids.has(id)), told)
    // Held under an id that was given away in between: the wrong one.
    const wrong = free.flatMap(({ id, isGone }) => (isGone && this.known.index.entries.get(id)?.isSuspended ? id : []))
    if (wrong.length > 0) await this.supers('-H', wrong, instance)
    return held
  }

  /**
   * Runs the work with those that are on hold and at rest, and releases afterwards what it leaves and what was not on
   * hold before. Noted on disk, so that what is killed in between does not leave mail waiting for ever.
   */
  async atRest(targets: readonly Target[], { told, signal, folder }: { told: (rows: Outcome[]) => void; signal: AbortSignal; folder: string | null }, work: (entries: Entry[]) => Promise<void>): Promise<void> {
    const { instance } = await this.known.setting()
    const before = await this.same(targets, told)
    const free = before.filter(({ isSuspended }) => !isSuspended).map(({ id }) => id)
    await mkdir(this.notes, { recursive: true, mode: 0o700 })
    const note = join(this.notes, `${process.pid}-${++this.count}.json`)
    await writeFileAtomic(note, JSON.stringify({ ids: free, folder }), { mode: 0o600 })
    try {
      const ids = new Set(before.map(({ id }) => id))
      const held = await this.hold(targets.filter(({ id }) => ids.has(id)), told)
      const [resting, busy] = await this.resting(held.filter(({ isSuspended }) => isSuspended), instance, signal)
      if (busy.length > 0) told(busy.map(({ id }) => ({ id, outcome: 'failed', text: 'It is being delivered at this moment.' })))
      // Delivered while it was waited for: nothing of it is left to be done.
      const after = await this.same(resting.map(asTarget), told)
      const done = after.filter(({ addresses }) => addresses.length === 0)
      if (done.length > 0) told(done.map(({ id }) => ({ id, outcome: 'sent', text: 'It was delivered meanwhile.' })))
      await work(after.filter(({ addresses }) => addresses.length > 0))
    } finally {
      await this.supers('-H', free, instance)
      await rm(note, { force: true })
    }
  }

  /** Not being delivered, and those that are even after the limit. */
  private async resting(entries: readonly Entry[], instance: Instance, signal: AbortSignal): Promise<[Entry[], Entry[]]> {
    let busy = [...entries]
    for (const end = Date.now() + deliveryLimit; ; ) {
      const locked = await lockedInodes()
      const still: Entry[] = []
      for (const entry of busy) {
        const { ino } = await stat(queueFile(instance, 'hold', entry.id)).catch(() => ({ ino: -1 }))
        if (locked.has(ino)) still.push(entry)
      }
      busy = still
      if (busy.length === 0 || Date.now() > end || signal.aborted) break
      await new Promise((resolve) => setTimeout(resolve, lookAgain))
    }
    return [entries.filter((entry) => !busy.includes(entry)), busy]
  }

  /** One `postsuper` for any number of ids, which it reads. Answers with what it says of each. */
  async supers(option: '-h' | '-H' | '-d', ids: readonly string[], { configDir }: Pick<Instance, 'configDir'>): Promise<string> {
    if (ids.length === 0) return ''
    for (const id of ids) if (!isQueueId(id)) throw new Failure('bad-input', `“${id}” is no queue id.`)
    // What was put on hold alone is deleted: an id that was given away meanwhile is in another queue.
    const args = option === '-d' ? ['-d', '-', 'hold'] : [option, '-']
    const ran = await run('postsuper', args, { configDir, signal: new AbortController().signal, limit: superLimit, input: `${ids.join('\n')}\n` })
    this.known.outdate()
    if (ran.code !== 0) throw programFailure('postsuper', ran)
    return ran.errors
  }
}

export const asTarget = ({ id, from, arrived }: Entry): Target => ({ id, from, received: new Date(arrived).toISOString() })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A delivery holds its queue file locked (proc(5), /proc/locks). Empty where the system does not tell. */
async function lockedInodes(): Promise<Set<number>> {
  const text = await readFile('/proc/locks', 'utf8').catch(() => '')
  return new Set([...text.matchAll(/^\d+: (?:FLOCK|POSIX|OFDLCK) .* [0-9a-f]+:[0-9a-f]+:(\d+) /gm)].map(([, inode]) => Number(inode)))
}
