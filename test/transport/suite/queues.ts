// The queues of every transport: what waits and why, listed, counted and chosen by the same filter.
import { expect, it } from 'vitest'
import type { Filter } from '../../../preload/contract/filter.ts'
import { messageSchema, queueSchema } from '../../../preload/contract/queues.ts'
import { eventually } from '../stage.ts'
import { all, asking, later, save, soon, start, stuck, tried, type TransportStage, waiting } from './stage.ts'

export function queueBehaviours(stage: () => TransportStage): void {
  it('keep mail that the chosen adapter’s DNS server fails for, and deliver it at once after another was chosen and the service restarted', async () => {
    const began = new Date(Date.now() - 1_000).toISOString()
    const message = await stuck(stage())
    expect(messageSchema.parse(message)).toEqual(message)
    expect(message).toMatchObject({ queue: 'example.test', from: 'bob@sender.test', recipients: ['alice@example.test'], recipientCount: 1, status: 'Retry', reason: 'dns-failure', retries: 1, end: null })
    expect(message.attempts).toEqual([{ at: expect.any(String), stage: 'dns', error: message.lastError }])
    for (const at of [message.received, message.attempts[0]?.at ?? '']) expect(at > began && at <= new Date().toISOString()).toBe(true)
    expect(Date.parse(message.nextRetry ?? '')).toBeGreaterThan(Date.now() + 60_000)
    expect(Date.parse(message.expires)).toBeGreaterThan(Date.now() + 3_600_000)
    expect(message.size).toBeGreaterThan(100)

    const queues = await stage().transport.queues()
    expect(queues.map((queue) => queueSchema.parse(queue))).toEqual(queues)
    expect(queues).toMatchObject([{ nextHop: 'example.test', messages: 1, suspended: 0, inbound: false, status: 'Retry', lastError: message.lastError, reasons: [{ reason: 'dns-failure', messages: 1, error: message.lastError }] }])
    expect((await stage().transport.properties()).waiting).toBe(1)

    await save(stage().transport, asking('LAN'))
    await stage().transport.control('restart', { signal: soon() })
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
    await eventually(() => stage().transport.queues(), (list) => list.length === 0)
    const [ended] = (await eventually(() => stage().transport.messages({ ids: [message.id] }, all), ({ messages }) => messages[0]?.end != null)).messages
    expect(ended).toMatchObject({ id: message.id, recipients: ['alice@example.test'], end: { how: 'delivered', stage: 'smtp', text: expect.stringMatching(/./) } })
    expect((await stage().transport.properties()).waiting).toBe(0)
  })

  it('take accepted domains’ mail to their mailbox server, and tell what it answered', async () => {
    await save(stage().transport, asking('DMZ'))
    await start(stage())
    stage().destination.answer = () => later
    await stage().send('carol@ours.test')
    const [message] = await tried(stage(), 1)
    expect(message?.lastError).toContain('450 4.2.0 Greylisted, come back later')
    expect(message).toMatchObject({ queue: 'ours.test', reason: 'greylisted', attempts: [{ stage: 'smtp' }] })
    expect(await stage().transport.queues()).toMatchObject([{ nextHop: 'ours.test', inbound: true }])
  })

  it('tell of each recipient what it met', async () => {
    await save(stage().transport, asking('LAN'))
    await start(stage())
    stage().destination.answer = (recipient) => (recipient.startsWith('grey') ? later : null)
    await stage().send(['alice@example.test', 'grey@example.test'])
    const [message] = await tried(stage(), 1)
    const [whole] = (await stage().transport.messages({ ids: [message?.id ?? ''] }, all)).messages
    expect(whole?.states.find(({ address }) => address === 'grey@example.test')).toEqual({ address: 'grey@example.test', status: 'Retry', lastError: expect.stringContaining('450 4.2.0 Greylisted') })
    expect(whole?.states.find(({ address }) => address === 'alice@example.test')).toEqual({ address: 'alice@example.test', status: 'Complete', lastError: null })
    expect(stage().arrived.map(({ to }) => to)).toEqual([['alice@example.test']])
  })

  it('are listed, counted and chosen by the same filter, in any order and page by page', async () => {
    stage().destination.answer = () => later
    await save(stage().transport, asking('LAN'))
    await start(stage())
    for (const [to, from] of [['a@example.test', 'zoe@sender.test'], ['b@ours.test', 'bob@sender.test'], ['c@example.test', 'Ann@sender.test']] as const) await stage().send(to, from)
    await tried(stage(), 3)
    const { transport } = stage()
    const listed = async (wanted: Parameters<typeof transport.messages>[0]) => (await transport.messages(wanted, all)).messages.map(({ from }) => from)
    const only = (...conditions: Filter['all']): Filter => ({ all: conditions })
    const inbound = only({ field: 'inbound', is: 'equals', value: true })
    const grey = only({ field: 'reason', is: 'equals', value: 'greylisted' }, { field: 'from', is: 'not-contains', value: 'BOB' })
    expect((await transport.queues(inbound)).map(({ nextHop }) => nextHop)).toEqual(['ours.test'])
    expect((await transport.queues(only({ field: 'messages', is: 'over', value: 1 }))).map(({ nextHop }) => nextHop)).toEqual(['example.test'])
    expect(await listed({ filter: inbound })).toEqual(['bob@sender.test'])
    // Those of one second may stand in any order.
    expect((await listed({ filter: grey })).sort()).toEqual(['Ann@sender.test', 'zoe@sender.test'])
    expect(await transport.messages({ filter: grey, sort: { by: 'from', descending: true } }, { offset: 1, limit: 1 })).toMatchObject({ total: 2, messages: [{ from: 'Ann@sender.test' }] })
    expect((await transport.select({ filter: grey, sort: { by: 'from', descending: true } })).map(({ from }) => from)).toEqual(['zoe@sender.test', 'Ann@sender.test'])
    expect((await transport.select({ queues: ['ours.test'] })).map(({ from }) => from)).toEqual(['bob@sender.test'])
    expect(await listed({ filter: only({ field: 'recipient', is: 'contains', value: 'c@EXAMPLE' }) })).toEqual(['Ann@sender.test'])
    expect(await listed({ filter: only({ field: 'received', is: 'older-than', value: 3600 }) })).toEqual([])
    expect(await listed({ filter: only({ field: 'status', is: 'equals', value: 'Suspended' }) })).toEqual([])
    expect(await listed({ sort: { by: 'from', descending: false } })).toEqual(['Ann@sender.test', 'bob@sender.test', 'zoe@sender.test'])
    expect(await listed({ sort: { by: 'from', descending: true } })).toEqual(['zoe@sender.test', 'bob@sender.test', 'Ann@sender.test'])
    const arrivals = (await transport.messages({ sort: { by: 'received', descending: true } }, all)).messages.map(({ received }) => received)
    expect(arrivals).toEqual([...arrivals].sort().reverse())
    expect(await listed({ ids: (await waiting(stage())).slice(1).map(({ id }) => id) })).toHaveLength(2)
    expect(await listed({ ids: ['no such id'] })).toEqual([])
  })
}
