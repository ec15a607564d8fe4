// What the administrator does with messages and queues of Exchange: on exactly those that were chosen, which the bridge
// looks at again at the moment of acting.
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Outcome } from '../../../preload/contract/queues.ts'
import { failed, makeFolder } from '../acting.ts'
import { clearRemoval, describeRemoval, emlOf, newRemovalId, queueFilesIn, removalFolder, removedIn, syncFile, syncFolder } from '../removals.ts'
import type { Acting, Deed, Target, Targets } from '../transport.ts'
import { failureOf } from './failures.ts'
import type { Listing } from './listing.ts'
import { nameOf, numberOf } from './message.ts'
import type { Data } from './protocol.ts'
import type { Shell } from './shell.ts'

/** Messages in one request, so that a cancelled action ends soon. */
const atOnce = 100
/** Milliseconds that an attempt may take before the message is said to wait. */
const attemptLimit = 60_000
const lookAgain = 1_000

type Rows = Data<'messages.suspend'>['rows']
type Several = 'messages.suspend' | 'messages.resume'

export interface Where {
  shell: Shell
  listing: Listing
  /** A folder of ours. */
  home: string
  /** Where Exchange takes exported messages up again; null where it has no such folder. */
  replay(): Promise<string | null>
  /** How these messages left, by their numbers, since a time (ISO 8601). */
  left(numbers: ReadonlySet<string>, since: string): Promise<ReadonlyMap<string, string>>
}

export class Actions {
  private readonly where: Where
  private readonly removed: string

  constructor(where: Where) {
    this.where = where
    this.removed = removedIn(where.home)
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    if (deed.kind === 'put-back') await this.putBack(deed.removal, acting)
    else if ('queues' in targets) {
      if (deed.kind !== 'suspend' && deed.kind !== 'resume') throw new Failure('bad-input', `A whole queue is suspended or resumed; to ${deed.kind} is done with its messages.`)
      await this.queues(deed.kind, targets.queues, acting)
    } else if (deed.kind === 'remove') return { removal: await this.remove(targets.messages, deed.ndr, acting) }
    else if (deed.kind === 'export') await this.export(targets.messages, deed.folder, acting)
    else if (deed.kind === 'retry') await this.retry(targets.messages, acting)
    else await this.several(deed.kind === 'suspend' ? 'messages.suspend' : 'messages.resume', targets.messages, acting, deed.kind === 'suspend' ? suspended : resumed)
    return { removal: null }
  }

  private async queues(deed: 'suspend' | 'resume', nextHops: readonly string[], { signal, told }: Acting): Promise<void> {
    const known = [...(await this.where.listing.queues(signal)).values()]
    for (const name of nextHops) {
      if (signal.aborted) return
      const found = known.filter(({ raw }) => nameOf(raw) === name.toLowerCase())
      const row = await this.queue(deed, found.map(({ raw }) => raw.Identity), signal).catch(failed)
      told([{ id: name, ...row }])
    }
  }

  private async queue(deed: 'suspend' | 'resume', identities: readonly string[], signal: AbortSignal) {
    if (identities.length === 0) return { outcome: 'gone' as const, text: 'There is no such queue any more.' }
    for (const identity of identities) await this.where.shell.ask(deed === 'suspend' ? 'queue.suspend' : 'queue.resume', { identity }, { signal })
    return deed === 'suspend' ? { outcome: 'suspended' as const, text: 'Its messages wait until it is resumed, those that come later, too.' } : { outcome: 'resumed' as const, text: 'Its messages are tried now.' }
  }

  private async several(op: Several, targets: readonly Target[], { signal, told }: Acting, done: Ending): Promise<void> {
    for (let at = 0; at < targets.length && !signal.aborted; at += atOnce) {
      const items = targets.slice(at, at + atOnce).map(itemOf)
      const { rows } = await this.where.shell.ask(op, { items }, { signal })
      told(rows.map((row) => endedAs(row, done)))
    }
  }

  /** Exchange tries whole queues: those that the messages wait in. */
  private async retry(targets: readonly Target[], { signal, told }: Acting): Promise<void> {
    const { listing, shell } = this.where
    const since = new Date().toISOString()
    const waiting = new Map(targets.map((target) => [target.id, target]))
    const queues = await listing.queues(signal)
    for (const identity of new Set(targets.map(({ id }) => queueIn(id)))) {
      const problem = await shell.ask('queue.retry', { identity }, { signal }).then(() => null, failed)
      const isSuspended = queues.get(identity)?.queue.status === 'Suspended'
      if (problem === null && !isSuspended) continue
      const text = problem?.text ?? 'Its queue is suspended: resume it first.'
      for (const { id } of targets) if (queueIn(id) === identity && waiting.delete(id)) told([{ id, outcome: queues.has(identity) ? 'failed' : 'gone', text }])
    }
    for (const end = Date.now() + attemptLimit; waiting.size > 0 && Date.now() < end && !signal.aborted; ) {
      const now = await listing.queues(signal)
      const left = await this.where.left(new Set([...waiting.keys()].map(numberOf)), since)
      for (const id of waiting.keys()) {
        const how = left.get(numberOf(id))
        const queue = now.get(queueIn(id))
        // Listed times are whole seconds at best.
        const isTried = queue === undefined || (queue.raw.LastRetryTime ?? '') > new Date(Date.parse(since) - 1_000).toISOString()
        if (how === undefined && !isTried) continue
        waiting.delete(id)
        const still = how === undefined && (await shell.ask('message.get', { identity: id }, { signal })).message
        told([{ id, ...(how !== undefined ? { outcome: 'sent' as const, text: how } : still ? { outcome: 'deferred' as const, text: still.LastError ?? 'It waits again.' } : { outcome: 'gone' as const, text: 'It is no longer in the queue.' }) }])
      }
      if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, lookAgain))
    }
    told([...waiting.keys()].map((id) => ({ id, outcome: 'deferred', text: `No attempt has ended within ${attemptLimit / 1000} s; its queue is tried all the same.` })))
  }

  private async export(targets: readonly Target[], folder: string, { signal, told }: Acting): Promise<void> {
    await makeFolder(folder)
    for (let at = 0; at < targets.length && !signal.aborted; at += atOnce) {
      const rows = await this.exported(targets.slice(at, at + atOnce), folder, signal)
      told(rows.map((row) => endedAs(row, (identity) => ({ outcome: 'exported', text: join(folder, fileOf(identity)) }))))
    }
  }

  private async exported(targets: readonly Target[], folder: string, signal: AbortSignal): Promise<Rows> {
    const items = targets.map((target) => ({ ...itemOf(target), path: join(folder, fileOf(target.id)) }))
    return (await this.where.shell.ask('messages.export', { items }, { signal })).rows
  }

  /** The copies first, on the disk; then out of the queue. */
  private async remove(targets: readonly Target[], ndr: boolean, { signal, told }: Acting): Promise<string> {
    const removal = newRemovalId()
    const folder = removalFolder(this.removed, removal)
    await describeRemoval(folder, ndr, [])
    for (let at = 0; at < targets.length && !signal.aborted; at += atOnce) {
      const some = targets.slice(at, at + atOnce)
      const copied = await this.exported(some, folder, signal)
      const kept = some.filter(({ id }) => copied.find(({ identity }) => identity === id)?.outcome === 'done')
      for (const { id } of kept) await syncFile(join(folder, fileOf(id)))
      await syncFolder(folder)
      told(copied.filter(({ outcome }) => outcome !== 'done').map((row) => endedAs(row, removedRow)))
      if (kept.length === 0) continue
      const { rows } = await this.where.shell.ask('messages.remove', { items: kept.map(itemOf), ndr }, { signal })
      for (const { identity, outcome } of rows) {
        if (outcome === 'done') await rename(join(folder, fileOf(identity)), join(folder, numberOf(identity)))
        else await rm(join(folder, fileOf(identity)), { force: true })
      }
      told(rows.map((row) => endedAs(row, removedRow)))
    }
    await clearRemoval(folder)
    return removal
  }

  /** Exchange takes them up again from its replay folder, as messages of new numbers. */
  private async putBack(removal: string, { signal, told }: Acting): Promise<void> {
    const folder = removalFolder(this.removed, removal)
    const numbers = await queueFilesIn(folder)
    if (numbers.length === 0) throw new Failure('not-found', `There is no removal “${removal}”.`, 'See edgewise queue removed.')
    const replay = await this.where.replay()
    if (replay === null) throw new Failure('failed', 'This Exchange names no replay folder, so nothing can be put back.', `The messages lie in ${folder}.`)
    await mkdir(replay, { recursive: true }).catch(() => {})
    for (const number of numbers) {
      if (signal.aborted) return
      told([{ id: number, ...(await this.replayed(join(folder, number), replay, emlOf(`edgewise-${number}`)).catch(failed)) }])
    }
    await clearRemoval(folder)
  }

  /** By a name that Exchange passes by until the file is whole. */
  private async replayed(file: string, replay: string, name: string): Promise<Pick<Outcome, 'outcome' | 'text'>> {
    await copyFile(file, join(replay, `${name}.tmp`))
    await rename(join(replay, `${name}.tmp`), join(replay, name))
    await rm(file)
    return { outcome: 'put-back', text: 'Exchange takes it up from its replay folder.' }
  }
}

type Ending = (identity: string) => Pick<Outcome, 'outcome' | 'text'>
const suspended: Ending = () => ({ outcome: 'suspended', text: 'It waits until it is resumed.' })
const resumed: Ending = () => ({ outcome: 'resumed', text: 'It is tried with its queue.' })
const removedRow: Ending = () => ({ outcome: 'removed', text: 'It can be put back for a day.' })

const itemOf = ({ id, from, received }: Target) => ({ identity: id, from, received })
const fileOf = (identity: string): string => emlOf(numberOf(identity))
/** `Server\\Queue\\Number`, of a shadow `Server\\Shadow\\Queue\\Number`. */
const queueIn = (identity: string): string => identity.slice(0, identity.lastIndexOf('\\'))

function endedAs({ identity, outcome, error }: Rows[number], done: Ending): Outcome {
  if (outcome === 'done') return { id: identity, ...done(identity) }
  if (outcome === 'gone') return { id: identity, outcome: 'gone', text: 'It is no longer in the queue, or another message has its number now.' }
  return { id: identity, outcome: 'failed', text: error ? failureOf(error).message : 'Exchange did not do it.' }
}
