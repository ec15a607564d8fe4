// Queues, messages and actions on a real Postfix.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../transport/stage.ts'
import { whyNoPostfix } from './postfix-instance.ts'
import { openQueueStage, target, type QueueStage } from './postfix-queue-stage.ts'

const here = whyNoPostfix() === null
let stage: QueueStage
beforeEach(async () => {
  if (here) stage = await openQueueStage()
}, 60_000)
afterEach(async () => {
  if (here) await stage.close()
}, 30_000)

describe.runIf(here)('What waits in a real Postfix', { timeout: 60_000 }, () => {
  it('is listed by next hop, with the last error, its reason and the next attempt', async () => {
    const first = await stage.send(['ann@ours.test', 'eve@sender.test'], { text: 'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n\ntext\n' })
    expect(first).toMatchObject({ queue: 'ours.test', from: 'bob@sender.test', subject: 'Grüße', recipients: ['ann@ours.test', 'eve@sender.test'], status: 'Retry', reason: 'connect-failed', retries: 1, end: null })
    expect(first.lastError).toContain('Connection refused')
    expect(first.attempts).toEqual([expect.objectContaining({ stage: 'connect', error: expect.stringContaining('Connection refused') })])
    expect(Date.parse(first.nextRetry ?? '')).toBeGreaterThan(Date.now())
    expect(Date.parse(first.expires) - Date.parse(first.received)).toBe(5 * 86_400_000)
    const queues = await stage.queues.queues()
    expect(queues).toMatchObject([
      { nextHop: 'ours.test', messages: 1, status: 'Retry', inbound: true, deliveryType: 'SmartHostConnectorDelivery', reasons: [{ reason: 'connect-failed', messages: 1 }] },
      { nextHop: 'sender.test', messages: 1 },
    ])
    expect(queues[0]?.nextRetry).toBe(first.nextRetry)
    expect(Date.parse(queues[0]?.lastRetry ?? '')).toBeLessThanOrEqual(Date.now())
    expect(await stage.queues.queues({ all: [{ field: 'nextHop', is: 'contains', value: 'SENDER' }] })).toHaveLength(1)
    const [whole] = (await stage.queues.messages({ ids: [first.id] }, { offset: 0, limit: 1 })).messages
    expect(whole?.states).toEqual(['ann@ours.test', 'eve@sender.test'].map((address) => ({ address, status: 'Retry', lastError: expect.stringContaining('refused') })))
  })

  it('is chosen by the one filter and told in the order that is asked for', async () => {
    await stage.send(['b@ours.test'], { from: 'zoe@sender.test' })
    await stage.send(['a@sender.test'], { from: 'amy@sender.test', text: 'Subject: Order\n\n' })
    const by = async (all: never[], sort?: never) => (await stage.queues.messages({ filter: { all }, sort }, { offset: 0, limit: 10 })).messages.map(({ from }) => from)
    expect(await by([{ field: 'nextHop', is: 'equals', value: 'sender.test' }] as never)).toEqual(['amy@sender.test'])
    expect(await by([{ field: 'recipient', is: 'contains', value: 'b@' }] as never)).toEqual(['zoe@sender.test'])
    expect(await by([{ field: 'subject', is: 'equals', value: 'order' }] as never)).toEqual(['amy@sender.test'])
    expect(await by([{ field: 'reason', is: 'equals', value: 'dns-failure' }] as never)).toEqual([])
    expect(await by([] as never, { by: 'from', descending: false } as never)).toEqual(['amy@sender.test', 'zoe@sender.test'])
    expect(await by([] as never, { by: 'queue', descending: false } as never)).toEqual(['zoe@sender.test', 'amy@sender.test'])
    expect(await stage.queues.select({ queues: ['ours.test'] })).toHaveLength(1)
    expect(await stage.queues.waiting()).toBe(2)
  })

  it('is followed to its end: delivered, returned, removed by another hand', async () => {
    const [sent, refused, removed] = [await stage.send(['ann@ours.test']), await stage.send(['nobody@ours.test']), await stage.send(['other@ours.test'])]
    const since = new Date().toISOString()
    await stage.answer((recipient) => (recipient.startsWith('nobody') ? { code: 550, text: '5.1.1 no such user' } : null))
    await stage.postfix.program('postsuper', '-d', removed.id)
    const { rows } = await stage.act({ kind: 'retry' }, { messages: [sent, refused, removed].map(target) })
    expect(rows.toSorted((a, b) => (a.outcome < b.outcome ? -1 : 1))).toMatchObject([
      { id: refused.id, outcome: 'failed', text: expect.stringContaining('no such user') },
      { id: removed.id, outcome: 'gone', text: expect.stringContaining('postsuper') },
      { id: sent.id, outcome: 'sent', text: expect.stringContaining('250') },
    ])
    const { messages } = await stage.queues.messages({ ids: [sent.id, refused.id, removed.id] }, { offset: 0, limit: 10 })
    expect(messages.map(({ end }) => end)).toMatchObject([{ how: 'delivered', stage: 'smtp' }, { how: 'returned', stage: 'smtp' }, { how: 'removed', stage: 'other' }])
    expect(Date.parse(messages[0]?.end?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(since) - 1_000)
    expect(messages[0]?.attempts).toHaveLength(1)
    // Another window, which saw none of it wait, knows it from the log.
    const other = await stage.open()
    expect((await other.messages({ ids: [sent.id] }, { offset: 0, limit: 1 })).messages).toMatchObject([{ id: sent.id, from: 'bob@sender.test', recipients: ['ann@ours.test'], end: { how: 'delivered' } }])
  })

  it('tells an attempt that fails again, with the exact time of it', async () => {
    const waiting = await stage.send(['ann@ours.test'])
    const since = new Date().toISOString()
    await stage.answer(() => ({ code: 450, text: '4.2.0 Greylisted, come back later' }))
    const { rows } = await stage.act({ kind: 'retry' }, { messages: [target(waiting)] })
    expect(rows).toMatchObject([{ outcome: 'deferred', text: expect.stringContaining('Greylisted') }])
    const [now] = (await stage.queues.messages({ ids: [waiting.id] }, { offset: 0, limit: 1 })).messages
    expect(now).toMatchObject({ reason: 'greylisted', retries: 2 })
    expect(now?.attempts.at(-1)?.stage).toBe('smtp')
    expect((now?.attempts.at(-1)?.at ?? '') >= since).toBe(true)
  })

  it('waits while it is suspended, one by one or a whole queue, and goes when it is resumed', async () => {
    const [one, other] = [await stage.send(['ann@ours.test']), await stage.send(['eve@sender.test'])]
    expect((await stage.act({ kind: 'suspend' }, { messages: [target(one)] })).rows).toMatchObject([{ id: one.id, outcome: 'suspended' }])
    expect((await stage.act({ kind: 'suspend' }, { queues: ['sender.test'] })).rows).toMatchObject([{ id: 'sender.test', outcome: 'suspended', text: expect.stringContaining('comes later') }])
    expect((await stage.queues.queues()).map(({ status, suspended }) => [status, suspended])).toEqual([['Suspended', 1], ['Suspended', 1]])
    expect((await stage.act({ kind: 'retry' }, { messages: [target(one)] })).rows).toMatchObject([{ outcome: 'failed', text: expect.stringContaining('suspended') }])
    await stage.answer(() => null)
    expect((await stage.act({ kind: 'resume' }, { messages: [target(one), target(other)] })).rows.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
    await eventually(() => stage.arrived.length, (count) => count === 2)
  })

  it('is exported byte for byte', async () => {
    const text = Buffer.concat([Buffer.from('Subject: Bytes\n\n.dot\n..two\nLatin: '), Buffer.from([0xe4, 0xff, 0x80]), Buffer.from(`\n${'x'.repeat(20_000)}\nend\n`)])
    const message = await stage.send(['ann@ours.test'], { text })
    const folder = join(stage.home, 'out')
    expect((await stage.act({ kind: 'export', folder }, { messages: [target(message)] })).rows).toMatchObject([{ outcome: 'exported' }])
    const file = await readFile(join(folder, `${message.id}.eml`))
    expect(file.subarray(file.indexOf('\n\n') + 2).equals(text.subarray(text.indexOf('\n\n') + 2))).toBe(true)
    expect(await stage.queues.waiting()).toBe(1)
  })

  it('is removed with a copy and a notice to its sender, and put back whole', async () => {
    const message = await stage.send(['ann@ours.test', 'eve@sender.test'], { text: 'Subject: Removed\n\nthe text\n' })
    await stage.answer(() => null)
    const { rows, removal } = await stage.act({ kind: 'remove', ndr: true }, { messages: [target(message)] })
    expect(rows).toMatchObject([{ id: message.id, outcome: 'removed', text: 'Its sender is told.' }])
    // Postfix has given the destination up for a while, since it was not there.
    await eventually(() => stage.postfix.program('postqueue', '-f').then(() => stage.arrived.length), (count) => count === 1)
    expect(stage.arrived[0]).toMatchObject({ from: '', to: ['bob@sender.test'] })
    expect(stage.arrived[0]?.text).toMatch(/Status: 5\.3\.2[\s\S]*QUEUE\.Admin/)
    await eventually(() => stage.queues.waiting(), (count) => count === 0)
    const back = await stage.act({ kind: 'put-back', removal: removal ?? '' }, { messages: [] })
    expect(back.rows).toMatchObject([{ id: message.id, outcome: 'put-back' }])
    await eventually(() => stage.arrived.length, (count) => count >= 2)
    expect(stage.arrived.slice(1).flatMap(({ to }) => to).sort()).toEqual(['ann@ours.test', 'eve@sender.test'])
    expect(stage.arrived[1]).toMatchObject({ from: 'bob@sender.test', text: expect.stringContaining('the text') })
  })
})
