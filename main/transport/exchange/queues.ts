// Exchange's queues and messages: listed, chosen and acted on as every transport's.
import { mkdir } from 'node:fs/promises'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Filter } from '../../../preload/contract/filter.ts'
import type { Message, Page, Queue } from '../../../preload/contract/queues.ts'
import { Ended } from '../ended.ts'
import { matcher } from '../filter.ts'
import { queueField } from '../queue-field.ts'
import { pruneRemovals, removedIn } from '../removals.ts'
import type { Acting, Deed, MessagesWanted, Selecting, Target, Targets } from '../transport.ts'
import { Actions } from './actions.ts'
import { endedAs, left, leftText, lookedBack } from './ended.ts'
import { Listing } from './listing.ts'
import { Listed, numberOf } from './message.ts'
import type { Shell } from './shell.ts'

/** As many are asked for one by one; more are looked for in the list of all. */
const mostSingle = 20
/** Messages that are remembered as they were last told, to say of them how they left. */
const mostKnown = 10_000

export class ExchangeQueues {
  private readonly shell: Shell
  private readonly home: string
  private readonly listing: Listing
  private readonly actions: Actions
  private readonly ended = new Ended()
  private readonly known = new Map<string, Message>()

  /** `home`: a folder of ours. */
  constructor(shell: Shell, home: string) {
    this.shell = shell
    this.home = home
    this.listing = new Listing(shell, async () => {
      const { domains } = await shell.ask('domains.list', {}, { signal: AbortSignal.timeout(60_000) })
      return new Set(domains.map(({ DomainName }) => DomainName.toLowerCase()))
    })
    this.actions = new Actions({
      shell,
      listing: this.listing,
      home,
      replay: async () => (await shell.ask('transport.get', {}, { signal: AbortSignal.timeout(60_000) })).ReplayDirectoryPath || null,
      left: async (numbers, since) => new Map([...(await left(shell, numbers, since, AbortSignal.timeout(60_000)))].map(([number, event]) => [number, leftText(event)])),
    })
  }

  outdate(): void {
    this.listing.outdate()
  }

  async waiting(signal: AbortSignal): Promise<number> {
    return [...(await this.listing.queues(signal)).values()].reduce((sum, { queue }) => sum + queue.messages, 0)
  }

  async queues(filter: Filter | undefined, signal: AbortSignal): Promise<Queue[]> {
    const queues = [...(await this.listing.queues(signal)).values()].map(({ queue }) => queue)
    return filter ? queues.filter(matcher<Queue>(filter, queueField)) : queues
  }

  async messages({ ids, ...wanted }: MessagesWanted, page: Page, signal: AbortSignal): Promise<{ messages: Message[]; total: number }> {
    if (ids) {
      const messages = await this.these(ids, signal)
      return { messages: messages.slice(page.offset, page.offset + page.limit), total: messages.length }
    }
    const { list, total } = await this.listing.page(wanted, page, signal)
    return { messages: list.map((one) => this.remembered(one.told())), total }
  }

  async select({ ids, queues, ...wanted }: Selecting, signal: AbortSignal): Promise<Target[]> {
    this.listing.outdate()
    if (queues) return (await this.listing.inQueues(queues, signal)).map(targetOf)
    if (ids) return (await this.these(ids, signal)).filter(({ end }) => end === null).map(({ id, from, received }) => ({ id, from, received }))
    return (await this.listing.chosen(wanted, signal)).map(targetOf)
  }

  async act(deed: Deed, targets: Targets, acting: Acting): Promise<{ removal: string | null }> {
    const removed = removedIn(this.home)
    await mkdir(removed, { recursive: true, mode: 0o700 })
    await pruneRemovals(removed)
    try {
      return await this.actions.act(deed, targets, {
        signal: acting.signal,
        told: (rows) => {
          for (const { id, outcome, text } of rows) {
            const known = this.known.get(id)
            if (outcome === 'removed' && known) this.ended.remember({ ...known, end: { how: 'removed', at: new Date().toISOString(), stage: 'other', text } })
          }
          acting.told(rows)
        },
      })
    } finally {
      this.listing.outdate()
    }
  }

  /** With their recipients where they are few; those that left as the message tracking log has it. */
  private async these(ids: readonly string[], signal: AbortSignal): Promise<Message[]> {
    const queues = await this.listing.queues(signal)
    const found = new Map<string, Message>()
    if (ids.length > mostSingle) {
      const numbers = new Map(ids.map((id) => [numberOf(id), id]))
      for (const one of await this.listing.chosen({}, signal)) {
        const id = numbers.get(numberOf(one.identity))
        if (id !== undefined) found.set(id, this.remembered(one.told()))
      }
    } else
      for (const id of ids) {
        const { message, recipients } = await this.shell.ask('message.get', { identity: inAnyQueue(id) }, { signal }).catch((error: unknown) => nothingOr(error))
        if (message) found.set(id, this.remembered(new Listed(message, queues.get(message.Queue ?? '')?.queue ?? null).told(recipients)))
      }
    const gone = ids.filter((id) => !found.has(id) && !this.ended.find(id))
    const since = gone.map((id) => this.known.get(id)?.received ?? lookedBack()).sort()[0] ?? lookedBack()
    const events = await left(this.shell, new Set(gone.map(numberOf)), since, signal)
    for (const id of gone) {
      const event = events.get(numberOf(id))
      if (event) this.ended.remember(endedAs(id, event, this.known.get(id)))
    }
    return ids.flatMap((id) => found.get(id) ?? this.ended.find(id) ?? [])
  }

  private remembered(message: Message): Message {
    this.known.delete(message.id)
    this.known.set(message.id, message)
    for (const id of this.known.keys()) {
      if (this.known.size <= mostKnown) break
      this.known.delete(id)
    }
    return message
  }
}

const targetOf = ({ identity, from, received }: Listed): Target => ({ id: identity, from, received })

/** Queues are numbered anew with each start of the service; a message keeps its number. */
function inAnyQueue(identity: string): string {
  const parts = identity.split('\\')
  return parts.length < 3 ? identity : `${parts[0]}\\*\\${parts.at(-1)}`
}

function nothingOr(error: unknown): { message: null; recipients: [] } {
  if (error instanceof Failure && (error.code === 'not-found' || error.code === 'bad-input')) return { message: null, recipients: [] }
  throw error
}
