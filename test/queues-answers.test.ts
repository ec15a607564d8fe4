// What is chosen for an action is kept in main, for a while, and the action is done with exactly that. The transport is a double.
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { messageFilterSchema } from '../preload/contract/filter.ts'
import type { Message, Outcome, Queue } from '../preload/contract/queues.ts'
import { answer } from '../main/answer.ts'
import { queuesAnswers } from '../main/queues-answers.ts'
import type { Deed, Selecting, Targets, Transport } from '../main/transport/transport.ts'

afterEach(() => vi.useRealTimers())

const message = (id: string): Pick<Message, 'id' | 'from' | 'received'> => ({ id, from: `${id}@sender.test`, received: '2026-11-24T12:00:00.000Z' })
const queue = (nextHop: string, messages: number): Queue => ({ nextHop, deliveryType: 'DnsConnectorDelivery', status: 'Retry', messages, suspended: 0, inbound: false, nextRetry: null, lastRetry: null, lastError: '450 4.2.0 Greylisted', reasons: [{ reason: 'greylisted', messages, error: '450 4.2.0 Greylisted' }] })

function double() {
  const acted: { deed: Deed; targets: Targets }[] = []
  const asked: Selecting[] = []
  const transport: Pick<Transport, 'queues' | 'select' | 'act'> = {
    queues: async () => [queue('a.test', 2), queue('b.test', 3)],
    select: async (wanted) => {
      asked.push(wanted)
      return ['1', '2'].map(message)
    },
    act: async (deed, targets, { told }) => {
      acted.push({ deed, targets })
      const ids = 'messages' in targets ? targets.messages.map(({ id }) => id) : targets.queues
      told(ids.map((id): Outcome => ({ id, outcome: 'resumed', text: '' })))
      return { removal: null }
    },
  }
  const answers = queuesAnswers(() => transport as Transport)
  const asking = { signal: new AbortController().signal, progress: vi.fn() }
  const choose = async (what: Parameters<typeof answers.select>[0]['what'], server: 'local' | 'rehearsal' = 'local') => answers.select({ server, what }, asking)
  const act = (selection: string, kind: 'resume' | 'retry', server: 'local' | 'rehearsal' = 'local') => answers.act({ server, selection, action: { kind } }, asking)
  return { answers, acted, asked, asking, choose, act }
}

const some = { messages: { filter: { all: [] } } }

describe('what was chosen', () => {
  it('is acted on as it was chosen, once, and its rows are told with their count', async () => {
    const { choose, act, acted, asking } = double()
    const { selection, messages } = await choose(some)
    expect(messages).toBe(2)
    expect(await act(selection, 'resume')).toEqual({ counts: { resumed: 2 }, folder: null, removal: null })
    expect(acted).toEqual([{ deed: { kind: 'resume' }, targets: { messages: [message('1'), message('2')] } }])
    expect(asking.progress.mock.calls).toEqual([[{ rows: [{ id: '1', outcome: 'resumed', text: '' }, { id: '2', outcome: 'resumed', text: '' }], done: 2, total: 2 }]])
    await expect(act(selection, 'resume')).rejects.toThrow('What was chosen is no longer known')
    expect(acted).toHaveLength(1)
  })

  it('is known for ten minutes, on the same server, and while not too much else is chosen', async () => {
    vi.useFakeTimers()
    const { choose, act, acted } = double()
    const early = (await choose(some)).selection
    vi.advanceTimersByTime(600_001)
    await expect(act(early, 'resume')).rejects.toThrow('no longer known')
    const elsewhere = (await choose(some, 'rehearsal')).selection
    await expect(act(elsewhere, 'resume')).rejects.toThrow('no longer known')
    const [first, ...others] = [await choose(some), await choose(some), await choose(some), await choose(some), await choose(some)]
    await expect(act(first?.selection ?? '', 'resume')).rejects.toThrow('no longer known')
    for (const { selection } of others) await act(selection, 'resume')
    await expect(act('no-such', 'resume')).rejects.toThrow('no longer known')
    expect(acted).toHaveLength(4)
  })

  it('as a queue is suspended and resumed whole; anything else is done with the messages that were in it', async () => {
    const { choose, act, acted, asked } = double()
    const chosen = await choose({ queues: { nextHops: ['A.test', 'no.test'] } })
    expect(chosen).toMatchObject({ queues: 1, messages: 2 })
    expect(asked).toEqual([{ queues: ['a.test'] }])
    await act(chosen.selection, 'resume')
    await act((await choose({ queues: { nextHops: ['a.test'] } })).selection, 'retry')
    expect(acted.map(({ targets }) => targets)).toEqual([{ queues: ['a.test'] }, { messages: [message('1'), message('2')] }])
  })
})

it('the whole list has each message once that waited when it was begun and waits still, whatever comes and goes', async () => {
  const queue = Array.from({ length: 1_200 }, (_, at) => `m${at}`)
  const waiting = new Set(queue)
  const transport: Pick<Transport, 'select' | 'messages'> = {
    select: async ({ sort }) => (sort?.descending ? queue.toReversed() : queue).map(message),
    messages: async ({ ids = [], brief }) => {
      expect(brief).toBe(true)
      const known = (id: string): Pick<Message, 'lastError' | 'end'>[] => (waiting.has(id) ? [{ lastError: null, end: null }] : id.endsWith('1') ? [] : [{ lastError: null, end: { how: 'delivered', at: '', stage: 'smtp', text: '' } }])
      const messages = ids.flatMap((id) => known(id).map((one) => ({ ...message(id), ...one }))) as Message[]
      // The first ones leave after the first page, and another comes: by offsets 500 would be skipped.
      for (const id of queue.slice(0, 600)) waiting.delete(id)
      waiting.add('new')
      return { messages, total: messages.length }
    },
  }
  const { allMessages } = queuesAnswers(() => transport as Transport)
  const list = async (input: { offset: number; limit: number | null; descending: boolean }) => {
    const told: string[] = []
    const { descending, ...part } = input
    const { total } = await allMessages({ server: 'local', sort: { by: 'received', descending }, ...part }, { signal: new AbortController().signal, progress: ({ messages }) => told.push(...messages.map(({ id }) => id)) })
    return { told, total }
  }
  expect(await list({ offset: 0, limit: null, descending: false })).toEqual({ told: [...queue.slice(0, 500), ...queue.slice(600)], total: 1_100 })
  expect(await list({ offset: 1, limit: 2, descending: true })).toEqual({ told: ['m1198', 'm1197'], total: 1_200 })
})

it('a filter of any wrong form chooses nothing: the transport is not asked', async () => {
  const { answers, asked, asking } = double()
  const wrong = fc.oneof(
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.record({ all: fc.array(fc.record({ field: fc.constantFrom('from', 'size', 'messages', 'colour'), is: fc.constantFrom('contains', 'over', 'like'), value: fc.oneof(fc.string(), fc.integer(), fc.constant(null)) }), { minLength: 1, maxLength: 3 }) }),
  )
  await fc.assert(
    fc.asyncProperty(wrong.filter((filter) => filter === null || !messageFilterSchema.safeParse(filter).success), async (filter) => {
      const result = await answer({ queues: answers }, 'queues', 'select', { server: 'local', what: { messages: { filter } } }, asking)
      expect(result).toMatchObject({ ok: false, error: { code: 'bad-input' } })
    }),
  )
  expect(asked).toEqual([])
})

it('reasons come with the most messages first, in plain words', async () => {
  const { answers, asking } = double()
  const { reasons } = await answers.reasons({ server: 'local' }, asking)
  expect(reasons).toMatchObject([
    { nextHop: 'b.test', messages: 3, reason: 'greylisted', explained: { category: 'greylisted', permanent: false, code: '450', enhanced: '4.2.0' } },
    { nextHop: 'a.test', messages: 2 },
  ])
})
