// What every transport does with messages: exactly with those that were chosen, nothing lost, the end of each told.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Outcome } from '../../../preload/contract/queues.ts'
import type { Target } from '../../../main/transport/transport.ts'
import { eventually } from '../stage.ts'
import { act, asking, killed, later, save, soon, start, stuck, targets, tried, type TransportStage, waiting } from './stage.ts'

export function actionBehaviours(stage: () => TransportStage): void {
  /** As many messages, each refused for now. */
  async function refused(...users: string[]) {
    stage().destination.answer = () => later
    await save(stage().transport, asking('LAN'))
    await start(stage())
    for (const user of users) await stage().send(`${user}@example.test`)
    const messages = await tried(stage(), users.length)
    // Those of one second may stand in any order.
    return users.flatMap((user) => messages.filter(({ recipients: [one] }) => one === `${user}@example.test`))
  }
  const taking = () => (stage().destination.answer = () => null)

  it('retry: ends for each as its attempt did', async () => {
    const messages = await refused('alice', 'carol')
    const { transport } = stage()
    expect((await act(transport, { kind: 'retry' }, targets(messages.slice(0, 1)))).rows).toEqual([{ id: messages[0]?.id, outcome: 'deferred', text: expect.stringContaining('450 4.2.0 Greylisted') }])
    expect((await waiting(stage())).map(({ retries }) => retries).sort()).toEqual([1, 2])
    taking()
    expect((await act(transport, { kind: 'retry' }, targets(messages))).rows.map(({ outcome }) => outcome)).toEqual(['sent', 'sent'])
    expect(stage().arrived).toHaveLength(2)
    expect((await act(transport, { kind: 'retry' }, targets(messages))).rows.map(({ outcome, text }) => ({ outcome, text }))).toEqual(Array(2).fill({ outcome: 'gone', text: expect.stringMatching(/^It was delivered before/) }))
  })

  it('leave a message alone that has a chosen one’s id and another sender or arrival', async () => {
    const [message] = await refused('alice')
    const { id = '', from = '', received = '' } = message ?? {}
    const wrong: Target[] = [{ id, from: 'mallory@sender.test', received }, { id, from, received: new Date(0).toISOString() }]
    for (const deed of [{ kind: 'retry' }, { kind: 'suspend' }, { kind: 'remove', ndr: true }] as const)
      expect((await act(stage().transport, deed, { messages: wrong })).rows.map(({ outcome }) => outcome)).toEqual(['gone', 'gone'])
    expect(await waiting(stage())).toEqual([message])
  })

  it('suspend: holds a message over kill -9 and a restart, until it is resumed', async () => {
    const [first, second] = await refused('alice', 'carol')
    const { transport } = stage()
    if (!first || !second) throw new Error('two were sent')
    expect((await act(transport, { kind: 'suspend' }, targets([first]))).rows).toMatchObject([{ id: first.id, outcome: 'suspended' }])
    expect((await act(transport, { kind: 'retry' }, targets([first]))).rows).toMatchObject([{ outcome: 'failed', text: 'It is suspended: resume it first.' }])
    expect(await transport.queues()).toMatchObject([{ messages: 2, suspended: 1 }])
    taking()
    await killed(stage())
    await start(stage())
    await eventually(() => waiting(stage()), (messages) => messages.length === 1)
    await transport.control('restart', { signal: soon() })
    expect(await waiting(stage())).toMatchObject([{ id: first.id, from: first.from, received: first.received, status: 'Suspended', nextRetry: null, retries: first.retries }])
    expect((await act(transport, { kind: 'resume' }, targets([first]))).rows).toMatchObject([{ outcome: 'resumed' }])
    await eventually(() => stage().arrived, (mails) => mails.length === 2)
    await eventually(() => waiting(stage()), (messages) => messages.length === 0)
  })

  it('export: writes each message as it was sent, and leaves it where it is', async () => {
    const messages = await refused('alice')
    const { transport, folder } = stage()
    const exported = join(folder, 'exported', 'today')
    const name = `${messages[0]?.id}.eml`
    expect((await act(transport, { kind: 'export', folder: exported }, targets(messages))).rows).toMatchObject([{ outcome: 'exported', text: join(exported, name) }])
    expect(await readdir(exported)).toEqual([name])
    expect(await readFile(join(exported, name), 'utf8')).toMatch(/^Received: [^]*Subject: Hello\r?\n/)
    expect(await waiting(stage())).toHaveLength(1)
    await writeFile(join(folder, 'a-file'), '')
    await expect(act(transport, { kind: 'export', folder: join(folder, 'a-file') }, targets(messages))).rejects.toThrow(/The folder .* cannot be written/)
    await expect(act(transport, { kind: 'export', folder: 'somewhere' }, targets(messages))).rejects.toThrow(/no whole path/)
    // A message that cannot be written leaves nothing behind.
    const taken = join(folder, 'taken')
    await mkdir(join(taken, name, 'in the way'), { recursive: true })
    expect((await act(transport, { kind: 'export', folder: taken }, targets(messages))).rows).toMatchObject([{ outcome: 'failed', text: expect.stringContaining(join(taken, name)) }])
    expect(await readdir(taken)).toEqual([name])
  })

  it('remove: keeps a copy, tells the sender only where it is asked to, and what is put back is what was removed', async () => {
    const messages = await refused('alice', 'carol', 'held')
    const { transport } = stage()
    const [, carol, held] = messages
    if (!carol || !held) throw new Error('three were sent')
    await act(transport, { kind: 'suspend' }, targets([held]))
    const quiet = await act(transport, { kind: 'remove', ndr: false }, targets([carol, held]))
    expect(quiet.rows.map(({ outcome }) => outcome)).toEqual(['removed', 'removed'])
    expect((await waiting(stage())).map(({ recipients }) => recipients)).toEqual([['alice@example.test']])
    expect((await transport.messages({ ids: [carol.id] }, { offset: 0, limit: 1 })).messages).toMatchObject([{ end: { how: 'removed' } }])
    // It survives a crash.
    await killed(stage())
    await start(stage())
    const back = await act(transport, { kind: 'put-back', removal: quiet.removal ?? '' }, { messages: [] })
    expect(back.rows.map(({ outcome }) => outcome)).toEqual(['put-back', 'put-back'])
    const again = await eventually(() => waiting(stage()), (list) => list.length === 3)
    const likeBefore = ({ from, received, size, recipients }: typeof carol) => ({ from, received, size, recipients })
    expect(again.filter(({ recipients }) => recipients[0] !== 'alice@example.test').map(likeBefore)).toEqual(expect.arrayContaining([likeBefore(carol), likeBefore(held)]))
    expect(again.find(({ recipients }) => recipients[0] === 'held@example.test')?.status).toBe('Suspended')
    await expect(act(transport, { kind: 'put-back', removal: quiet.removal ?? '' }, { messages: [] })).rejects.toThrow(/nothing to put back/)
    await expect(act(transport, { kind: 'put-back', removal: '../queue' }, { messages: [] })).rejects.toThrow(/There is no removal/)
    taking()
    const [one] = (await waiting(stage())).filter(({ recipients }) => recipients[0] === 'held@example.test')
    if (!one) throw new Error('it was put back')
    expect((await act(transport, { kind: 'remove', ndr: true }, targets([one]))).rows).toMatchObject([{ outcome: 'removed', text: 'Its sender is told.' }])
    const [ndr] = await eventually(() => stage().arrived.filter(({ from }) => from === ''), (mails) => mails.length === 1)
    expect(ndr?.to).toEqual(['bob@sender.test'])
    expect(ndr?.text).toMatch(/Final-Recipient: rfc822;\s?held@example\.test/)
    expect(ndr?.text).toContain('Action: failed')
  })

  it('remove: of the same messages by two administrators at once is done once', async () => {
    const messages = await refused('alice', 'carol', 'dora')
    const rows: Outcome[] = []
    const both = [stage().transport, await stage().open()].map((console) => console.act({ kind: 'remove', ndr: false }, targets(messages), { signal: soon(), told: (more) => rows.push(...more) }))
    const ended = await Promise.all(both)
    expect(rows.filter(({ outcome }) => outcome === 'removed').map(({ id }) => id).sort()).toEqual(messages.map(({ id }) => id).sort())
    for (const { outcome } of rows) expect(['removed', 'failed', 'gone']).toContain(outcome)
    expect(await waiting(stage())).toEqual([])
    let back = 0
    for (const { removal } of ended) await act(stage().transport, { kind: 'put-back', removal: removal ?? '' }, { messages: [] }).then(({ rows: put }) => (back += put.length), () => undefined)
    expect(back).toBe(3)
    expect((await waiting(stage())).map(({ received, recipients: [one] }) => `${received} ${one}`).sort()).toEqual(messages.map(({ received, recipients: [one] }) => `${received} ${one}`).sort())
  })

  it('begin with no further message once they are cancelled', async () => {
    const message = await stuck(stage())
    await expect(act(stage().transport, { kind: 'remove', ndr: false }, targets([message]), AbortSignal.abort()).then(({ rows }) => rows, () => [])).resolves.toEqual([])
    expect(await waiting(stage())).toHaveLength(1)
  })
}
