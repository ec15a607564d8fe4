// All that is known of Postfix's queue: what it lists and what its log tells, asked anew when it may have changed.
import { isDeepStrictEqual } from 'node:util'
import type { Field, Filter } from '../../../preload/contract/filter.ts'
import type { Message } from '../../../preload/contract/queues.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import { Ended } from '../ended.ts'
import { DetailsReader } from './details.ts'
import { acceptedNames } from './domains.ts'
import type { Around, Beyond, Entry } from './entry.ts'
import { Hops } from './hops.ts'
import type { Instance } from './instance.ts'
import { MailLog } from './log.ts'
import { QueueIndex } from './queue-index.ts'
import { Stories } from './stories.ts'
import { toldByLog, toldOf } from './told.ts'

/** Milliseconds in which a listing is as good as a new one. */
const fresh = 500
/** Milliseconds from a line of the log until the queue is as it says. */
const settles = 2_000
/** Of a log that tells nothing new, as long: holding, for one, is not always logged. */
const freshByLog = 30_000
/** A listing that takes longer than this, in milliseconds, is kept for ten times as long, as the embedded transport's lists. */
const costly = 20
/** Milliseconds for the first rows; fewer than a page are better than none. */
const firstWithin = 15
/** Milliseconds between two hints that there are more. */
const tellEvery = 250
/** Messages whose files are all read for an order or a filter by what lies only in them. */
const mostRead = 5_000
const day = 86_400

/** What is listed, by which settings: another main.cf may name other next hops. */
interface Setting {
  instance: Instance
  hops: Hops
  log: MailLog
}

export class Known implements Around {
  readonly index = new QueueIndex()
  readonly stories = new Stories()
  readonly details = new DetailsReader()
  private readonly ended = new Ended()
  private readonly open: () => Promise<Instance>
  private readonly tell: () => void
  private readonly ends = new AbortController()
  private current: Setting | null = null
  private opening: Promise<Setting> | null = null
  private listing: { began: number; done: Promise<void>; first: Promise<void> } | null = null
  private listed: { at: number; cost: number } | null = null
  private isOutdated = true
  /** The time of the log's latest line about a message. */
  private toldAt = 0

  constructor(open: () => Promise<Instance>, tell: () => void) {
    this.open = open
    this.tell = tell
  }

  get signal(): AbortSignal {
    return this.ends.signal
  }

  /** After something was done: what was listed before is not to be trusted. */
  outdate(): void {
    this.isOutdated = true
    if (this.listed) this.listed.at = 0
  }

  /** Whether the files of all that wait can be read in a moment. */
  get affordsDetails(): boolean {
    return this.index.entries.size <= mostRead
  }

  async close(): Promise<void> {
    this.ends.abort(new Failure('cancelled', 'Edgewise is closing.'))
    await this.listing?.done.catch(() => {})
    await this.current?.log.close()
  }

  /** One for all who ask at the same moment: two would open the log twice. */
  setting(): Promise<Setting> {
    return (this.opening ??= this.openSetting().finally(() => (this.opening = null)))
  }

  private async openSetting(): Promise<Setting> {
    const instance = await this.open()
    if (this.current && (this.current.instance === instance || isDeepStrictEqual(this.current.instance, instance))) return this.current
    const hops = new Hops(instance, await acceptedNames(instance, this.signal))
    const known = this.current
    const isSameLog = known !== null && ['maillog_file', 'syslog_name'].every((name) => known.instance.values.get(name) === instance.values.get(name))
    if (!isSameLog) await known?.log.close()
    this.current = { instance, hops, log: isSameLog ? known.log : new MailLog(instance) }
    this.isOutdated = true
    return this.current
  }

  /** Reads on in the log; whether it told anything. What left is forgotten, and remembered as ended. */
  async readLog({ log, hops }: Setting): Promise<boolean> {
    const told = await log.catchUp()
    for (const one of told) {
      if (this.stories.add(one)) this.left(one.id, hops)
    }
    for (const { at } of told) this.toldAt = Math.max(this.toldAt, at)
    if (told.length > 0 && this.listed !== null && !this.isOutdated) this.isOutdated = told.some(({ at }) => at + 1_000 >= (this.listed?.at ?? 0))
    return told.length > 0
  }

  private left(id: string, hops: Hops): void {
    const story = this.stories.find(id)
    const entry = this.index.entries.get(id)
    if (entry) this.index.forget(entry)
    if (!story?.end) return
    const message = entry ? { ...toldOf(entry, { story, deferredAt: null, whole: true }), end: story.end } : toldByLog(id, story, (address) => hops.of(address).name)
    if (message) this.ended.remember(message)
  }

  endOf(id: string): Message | undefined {
    return this.ended.find(id)
  }

  /** Removed by us: told at once, whether or not the log says so. */
  removed(entry: Entry, text: string): void {
    const story = this.stories.find(entry.id)
    this.index.forget(entry)
    this.ended.remember({ ...toldOf(entry, { story, deferredAt: null, whole: true }), end: { how: 'removed', at: new Date().toISOString(), stage: 'other', text } })
  }

  /** What waits now. With `soon`, as many of it while the rest is still listed; and at once, where it was listed before. */
  async refresh({ soon = 0, anew = false }: { soon?: number; anew?: boolean } = {}): Promise<Setting> {
    const setting = await this.setting()
    const logRead = this.readLog(setting)
    if (soon > 0 && this.listed === null) {
      await this.begin(setting, soon).first
      return setting
    }
    await logRead
    if (!anew && !this.isStale(setting)) return setting
    if (soon > 0) {
      // What is known is shown at once; who asked is told when it is another.
      void this.begin(setting).done.catch(() => {})
      return setting
    }
    const before = this.listing
    // One that began before may have passed by what has changed since.
    if (before && (anew || this.isOutdated)) await before.done.catch(() => {})
    await this.begin(setting).done
    return setting
  }

  private isStale({ log }: Setting): boolean {
    if (this.listed === null) return true
    const age = Date.now() - this.listed.at
    const kept = 10 * Math.max(0, this.listed.cost - costly)
    if (this.isOutdated) return age > kept
    // A queue file is moved a moment after the log has said why.
    const isSettled = log.problem === null && this.listed.at > this.toldAt + settles
    return age > Math.max(kept, isSettled ? freshByLog : fresh)
  }

  private begin(setting: Setting, wanted = 1): { done: Promise<void>; first: Promise<void> } {
    if (this.listing) return this.listing
    let [came, failed]: [() => void, (error: unknown) => void] = [() => {}, () => {}]
    const first = new Promise<void>((resolve, reject) => ([came, failed] = [resolve, reject]))
    const began = Date.now()
    const { revision } = this.index
    this.isOutdated = false
    let toldAt = began
    const more = () => {
      const now = Date.now()
      if (this.index.entries.size >= wanted || (wanted !== Infinity && now - began > firstWithin)) came()
      if (now - toldAt < tellEvery) return
      toldAt = now
      this.tell()
    }
    const done = this.index
      .list(setting.instance, { hops: setting.hops, around: this, signal: this.signal, more })
      .then(() => {
        this.listed = { at: began, cost: Date.now() - began }
        if (this.index.revision !== revision) this.tell()
      })
      .finally(() => {
        this.listing = null
      })
    done.then(came, failed)
    first.catch(() => {})
    this.listing = { began, done, first }
    return this.listing
  }

  // What an entry does not know itself.

  beyond(entry: Entry): Beyond {
    const story = this.stories.find(entry.id)
    const last = story?.attempts.at(-1)
    const found = this.details.find(entry)
    return {
      retries: (story?.attempts.length ?? 0) + (story?.forgotten ?? 0),
      lastRetry: this.lastRetry(entry) ?? (last === undefined ? null : Date.parse(last.at)),
      subject: found?.subject ?? '',
      source: found?.source ?? story?.source ?? null,
    }
  }

  lastRetry(entry: Entry): number | null {
    return this.current ? this.index.lastDeferral(entry, this.current.instance) : null
  }

  /** Seconds. A notice of ours, which has no sender, waits as long as Postfix lets those wait. */
  lifetime(sender: string): number {
    const values = this.current?.instance.values
    return secondsOf(values?.get(sender === '' ? 'bounce_queue_lifetime' : 'maximal_queue_lifetime') ?? '5d', day)
  }

  /** Reads what an order or a filter needs of all; a Failure where that is too much, or not to be read. */
  async readFor(fields: ReadonlySet<Field>, { instance }: Setting): Promise<void> {
    const { entries } = this.index
    if (fields.has('nextRetry')) await this.index.readTurns(entries.values(), instance)
    const [inFiles] = (['subject', 'source'] as const).filter((field) => fields.has(field))
    if (inFiles === undefined) return
    if (entries.size > mostRead)
      throw new Failure('bad-input', `Postfix lists no ${inFiles}s: they lie in the queue files, which are too many to be read one by one (${entries.size}, at most ${mostRead}).`, 'Choose by sender, recipient, next hop, age or error instead.')
    await this.details.read([...entries.values()], instance, this.signal)
    if (this.details.problem) throw this.details.problem
  }
}

export const fieldsOf = (filter: Filter | undefined): Set<Field> => new Set(filter?.all.map(({ field }) => field))

const units: Record<string, number> = { s: 1, m: 60, h: 3_600, d: day, w: 7 * day }

/** `5d` → 432000; `unit` in seconds is that of a bare number. */
export function secondsOf(text: string, unit: number): number {
  const [, digits, letter = ''] = /^(\d+)([smhdw]?)$/.exec(text.trim()) ?? []
  return digits === undefined ? 0 : Number(digits) * (units[letter] ?? unit)
}
