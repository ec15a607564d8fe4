// Reads the queue when the relay starts, a little at a time: the relay takes mail and answers meanwhile.
import { renameSync } from 'node:fs'
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import { arrivalOf } from './entry.ts'
import type { Histories } from './histories.ts'
import type { Home } from './home.ts'
import type { Ledger } from './ledger.ts'
import { isQueueName, isUnfinished, messageId, readQueueFile } from './queue-file.ts'

/** Milliseconds in which nobody else has a turn. */
const slice = 10

export class Reading {
  private readonly home: Home
  private readonly ledger: Ledger
  /** Message id → name of its queue file, of those that are not read yet; oldest first. */
  private readonly unread: Map<string, string>
  private readonly total: number
  readonly done: Promise<void>

  private constructor(home: Home, ledger: Ledger, unread: Map<string, string>, histories: Histories) {
    this.home = home
    this.ledger = ledger
    this.unread = unread
    this.total = unread.size
    this.done = this.read()
    void this.done.then(() => histories.forgetAllBut((id) => ledger.find(id) !== undefined)).catch((error: unknown) => process.stderr.write(`${home.attempts}: ${String(error)}\n`))
  }

  /**
   * What waits is due at once, since a restart is asked for to have it tried now. What Haraka cannot load (empty, cut,
   * foreign files, folders) is moved aside.
   */
  static async begin(home: Home, ledger: Ledger, histories: Histories): Promise<Reading> {
    const names: string[] = []
    for (const name of await readdir(home.queue)) {
      if (isUnfinished(name)) await unlink(join(home.queue, name)).catch(() => {})
      else if (isQueueName(name)) names.push(name)
      else setAside(home, name)
    }
    const arrival = (name: string) => Number.parseInt(name, 10)
    names.sort((a, b) => arrival(a) - arrival(b))
    const unread = new Map<string, string>()
    for (const filename of names) {
      const id = messageId({ filename })
      // Haraka names no two alike: somebody copied it here.
      if (unread.has(id)) setAside(home, filename)
      else unread.set(id, filename)
    }
    return new Reading(home, ledger, unread, histories)
  }

  /** How many messages are known, of how many; null where all are. */
  get state(): { read: number; total: number } | null {
    return this.unread.size === 0 ? null : { read: this.total - this.unread.size, total: this.total }
  }

  get left(): number {
    return this.unread.size
  }

  /** These out of their turn: somebody asks for them. */
  these(ids: readonly string[]): void {
    for (const id of ids) this.one(id)
  }

  /** A filter cannot choose what is not known yet. */
  mustBeDone(): void {
    if (this.state) throw new Failure('failed', `The transport service has just started and is still reading its queue: ${this.state.read} of ${this.state.total} messages.`, 'Ask again in a few seconds.')
  }

  private async read(): Promise<void> {
    while (this.unread.size > 0) {
      const end = performance.now() + slice
      for (const id of this.unread.keys()) {
        this.one(id)
        if (performance.now() > end) break
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  private one(id: string): void {
    const filename = this.unread.get(id)
    if (filename === undefined) return
    this.unread.delete(id)
    const queued = readQueueFile(join(this.home.queue, filename), filename)
    if (queued) this.ledger.waits(arrivalOf(queued))
    else setAside(this.home, filename)
  }
}

function setAside(home: Home, name: string): void {
  try {
    renameSync(join(home.queue, name), join(home.unreadable, name))
    process.stderr.write(`The queue file ${name} cannot be read and was moved to ${home.unreadable}.\n`)
  } catch (error) {
    process.stderr.write(`The queue file ${name} cannot be read, nor moved to ${home.unreadable}: ${String(error)}\n`)
  }
}
