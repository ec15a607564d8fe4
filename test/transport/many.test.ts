// Twenty thousand messages wait: all are told, none twice, in every order, and the relay takes mail while it reads them.
import { readdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Filter } from '../../preload/contract/filter.ts'
import type { Message, MessageSort, Outcome } from '../../preload/contract/queues.ts'
import { fillQueue } from '../bench/fill-queue.mjs'
import { eventually, openStage, sendTo, type Stage } from './stage.ts'

const count = 20_000
const domains = 100
const each = count / domains
const first = Date.now() - 3_600_000
const names = Array.from({ length: domains }, (_, at) => `d${at}.test`)

let stage: Stage
const signal = () => AbortSignal.timeout(60_000)
const start = async () => {
  await stage.transport.control('start', { signal: signal() })
}
const known = () => eventually(() => stage.transport.serviceState(), ({ note }) => note === null)
const to = (nextHop: string): Filter => ({ all: [{ field: 'nextHop', is: 'equals', value: nextHop }] })
const suspended: Filter = { all: [{ field: 'status', is: 'equals', value: 'Suspended' }] }

async function everything(sort?: MessageSort, filter?: Filter): Promise<Message[]> {
  const messages: Message[] = []
  for (;;) {
    const page = await stage.transport.messages({ sort, filter }, { offset: messages.length, limit: 3_000 })
    messages.push(...page.messages)
    if (messages.length >= page.total || page.messages.length === 0) return messages
  }
}

beforeAll(async () => {
  stage = await openStage({ adapters: {}, settings: { acceptedDomains: [{ domain: 'd7.test', nextHop: '198.51.100.25' }] } })
  fillQueue(stage.home.folder, count, { domains, received: first })
  // So that nothing moves while it is looked at.
  await writeFile(stage.home.suspended, JSON.stringify({ queues: names, messages: [] }))
}, 120_000)
afterAll(() => stage?.close(), 60_000)

describe('while the queue is read', { timeout: 120_000 }, () => {
  it('all messages count, mail is taken, one is found by its id, and a filter means all or is refused', async () => {
    await start()
    expect((await stage.transport.properties()).waiting).toBe(count)
    const [last = ''] = (await readdir(stage.home.queue)).sort().slice(-1)
    const id = `${last.split('_')[0]}-${last.split('_')[4]}`
    expect((await stage.transport.messages({ ids: [id] }, { offset: 0, limit: 1 })).messages).toMatchObject([{ id, received: new Date(first + count - 1).toISOString() }])
    const chosen = await stage.transport.select({ filter: { all: [] } }).catch((error: Error) => error.message)
    if (typeof chosen === 'string') expect(chosen).toMatch(/still reading its queue: \d+ of 20000 messages/)
    else expect(chosen).toHaveLength(count)
    await sendTo(stage.port, ['new@d0.test'])
    await known()
    const [newest] = (await stage.transport.messages({ sort: { by: 'received', descending: true } }, { offset: 0, limit: 1 })).messages
    expect(newest).toMatchObject({ recipients: ['new@d0.test'], status: 'Suspended' })
    const { removal } = await stage.transport.act({ kind: 'remove', ndr: false }, { messages: newest ? [newest] : [] }, { signal: signal(), told: () => {} })
    expect(removal).not.toBeNull()
  })
})

describe('what is known of them', { timeout: 120_000 }, () => {
  it('adds up: by queue, by reason, by filter, by page', async () => {
    const queues = await stage.transport.queues()
    expect(queues.map(({ nextHop, messages }) => [nextHop, messages])).toEqual([...names].sort().map((name) => [name, each]))
    expect(queues.reduce((sum, { reasons }) => sum + reasons.reduce((all, { messages }) => all + messages, 0), 0)).toBe(count)
    expect(queues.filter(({ inbound }) => inbound).map(({ nextHop }) => nextHop)).toEqual(['d7.test'])
    const messages = await everything()
    expect(new Set(messages.map(({ id }) => id)).size).toBe(count)
    expect(messages.every(({ received }, at) => received === new Date(first + at).toISOString())).toBe(true)
    expect((await stage.transport.select({ filter: { all: [] } })).map(({ id }) => id)).toEqual(messages.map(({ id }) => id))
    const timedOut: Filter = { all: [{ field: 'reason', is: 'equals', value: 'connect-failed' }, { field: 'inbound', is: 'equals', value: true }] }
    const expected = messages.filter(({ queue, lastError }) => queue === 'd7.test' && lastError?.includes('timed out'))
    expect((await everything(undefined, timedOut)).map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  })

  it.each(['subject', 'from', 'queue', 'lastError', 'size'] as const)('comes in the order of %s, both ways, equal ones as they arrived', async (by) => {
    const key = (message: Message) => (typeof message[by] === 'string' ? message[by].toLowerCase() : (message[by] ?? ''))
    for (const descending of [false, true]) {
      const messages = await everything({ by, descending })
      expect((await stage.transport.select({ sort: { by, descending } })).map(({ id }) => id)).toEqual(messages.map(({ id }) => id))
      expect(new Set(messages.map(({ id }) => id)).size).toBe(count)
      const wrong = messages.findIndex((message, at) => {
        const before = messages[at - 1]
        if (!before) return false
        if (key(before) === key(message)) return before.received > message.received
        return descending ? key(before) < key(message) : key(before) > key(message)
      })
      expect(wrong).toBe(-1)
    }
  })
})

describe('actions on many', { timeout: 180_000 }, () => {
  it('end for each exactly once, and hold over kill -9', async () => {
    const targets = await stage.transport.select({ filter: { all: [{ field: 'lastError', is: 'contains', value: 'timed out' }] } })
    const rows: Outcome[] = []
    await stage.transport.act({ kind: 'suspend' }, { messages: targets }, { signal: signal(), told: (more) => rows.push(...more) })
    expect(rows.map(({ id }) => id).sort()).toEqual(targets.map(({ id }) => id).sort())
    expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set(['suspended']))
    process.kill((await stage.transport.serviceState()).pid ?? 0, 'SIGKILL')
    await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'stopped')
    await start()
    await known()
    const queues = await stage.transport.queues()
    expect(queues.reduce((sum, queue) => sum + queue.suspended, 0)).toBe(targets.length)
    expect((await stage.transport.messages({ filter: suspended }, { offset: 0, limit: 1 })).total).toBe(count)
  })

  it('resumed, a queue is tried to its last message, and no other', async () => {
    await stage.transport.act({ kind: 'resume' }, { queues: ['d3.test'] }, { signal: signal(), told: () => {} })
    const mayGo = each - ((await stage.transport.queues(to('d3.test')))[0]?.suspended ?? 0)
    const twice: Filter = { all: [{ field: 'retries', is: 'over', value: 1 }] }
    await eventually(async () => (await stage.transport.messages({ filter: twice }, { offset: 0, limit: 1 })).total, (total) => total === mayGo)
    expect((await everything(undefined, twice)).every(({ queue }) => queue === 'd3.test')).toBe(true)
    expect((await stage.transport.messages({}, { offset: 0, limit: 1 })).total).toBe(count)
  })

  it('removed and put back, a thousand are what they were', async () => {
    const filter: Filter = { all: [{ field: 'nextHop', is: 'contains', value: 'd1' }] }
    const before = await everything(undefined, filter)
    expect(before.length).toBeGreaterThan(1_000)
    const counts = { removed: 0, 'put-back': 0 }
    const told = (rows: Outcome[]) => rows.forEach(({ outcome }) => (outcome === 'removed' || outcome === 'put-back') && counts[outcome]++)
    const { removal } = await stage.transport.act({ kind: 'remove', ndr: false }, { messages: await stage.transport.select({ filter }) }, { signal: signal(), told })
    expect((await everything()).length).toBe(count - before.length)
    await stage.transport.act({ kind: 'put-back', removal: removal ?? '' }, { messages: [] }, { signal: signal(), told })
    expect(counts).toEqual({ removed: before.length, 'put-back': before.length })
    expect(await everything(undefined, filter)).toEqual(before)
    expect(await readdir(stage.home.queue)).toHaveLength(count)
  })
})
