// What can be done with queues and messages, by the real relay: exactly what was chosen, nothing lost, all told.
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Message, Outcome } from '../../preload/contract/queues.ts'
import type { EmbeddedTransport } from '../../main/transport/embedded/embedded.ts'
import { listRemovals, pruneRemovals } from '../../main/transport/removals.ts'
import type { Deed, Targets } from '../../main/transport/transport.ts'
import { adapter, eventually, lookups, openStage, type Plan, save, sendTo, type Stage } from './stage.ts'

let stage: Stage
const open = async (plan: Plan) => (stage = await openStage(plan))
afterEach(() => stage?.close())

const all = { offset: 0, limit: 1_000 }
const signal = () => AbortSignal.timeout(30_000)
const start = async (transport: EmbeddedTransport) => (await transport.control('start', { signal: signal() })).service
const waiting = async () => (await stage.transport.messages({}, all)).messages
const tried = (count: number) => eventually(waiting, (messages) => messages.length === count && messages.every(({ retries, status }) => retries > 0 && status !== 'Active'))
const targets = (messages: Message[]): Targets => ({ messages: messages.map(({ id, from, received }) => ({ id, from, received })) })
const notice = { from: '' }

async function act(deed: Deed, what: Targets, ending = signal()): Promise<{ rows: Outcome[]; removal: string | null }> {
  const rows: Outcome[] = []
  const { removal } = await stage.transport.act(deed, what, { signal: ending, told: (more) => rows.push(...more) })
  return { rows, removal }
}

const kill = async () => {
  const { pid } = await stage.transport.serviceState()
  process.kill(pid ?? 0, 'SIGKILL')
  await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'stopped')
}

/** A destination that refuses everybody for now. */
const refusing = { adapters: { LAN: { behaviour: 'answer' } }, destinations: { '198.51.100.25': { code: 450, text: '4.2.0 Greylisted, come back later' } } } as const
/** One that takes what it is sent once `takes` says so. */
function turning() {
  const destination = { takes: false }
  return { destination, plan: { adapters: { LAN: { behaviour: 'answer' } }, destinations: { '198.51.100.25': () => (destination.takes ? null : { code: 450, text: '4.2.0 Later' }) } } satisfies Plan }
}

describe('what waits', () => {
  it('is told with its source, its end, its recipients and why it waits', async () => {
    await open({
      adapters: { LAN: { behaviour: 'answer' } },
      destinations: { '198.51.100.25': (recipient) => (recipient.startsWith('full') ? { code: 452, text: '4.2.2 Mailbox full' } : recipient.startsWith('grey') ? { code: 450, text: '4.2.0 Greylisted' } : null) },
    })
    await start(stage.transport)
    await sendTo(stage.port, ['alice@example.test', 'full@example.test', 'grey@example.test'])
    const [message] = await tried(1)
    expect(message).toMatchObject({ source: '127.0.0.1', recipientCount: 2, retries: 1, status: 'Retry' })
    expect(Date.parse(message?.expires ?? '') - Date.parse(message?.received ?? '')).toBe(172_800_000)
    const [whole] = (await stage.transport.messages({ ids: [message?.id ?? ''] }, all)).messages
    expect(whole?.states).toEqual([
      { address: 'full@example.test', status: 'Retry', lastError: '452 4.2.2 Mailbox full' },
      { address: 'grey@example.test', status: 'Retry', lastError: '450 4.2.0 Greylisted' },
      { address: 'alice@example.test', status: 'Complete', lastError: null },
    ])
    const [queue] = await stage.transport.queues()
    expect(queue).toMatchObject({ messages: 1, reasons: [{ messages: 1, error: message?.lastError, reason: message?.reason }] })
    // What was taken stays told over a restart.
    await kill()
    await start(stage.transport)
    await tried(1)
    const [after] = (await stage.transport.messages({ ids: [message?.id ?? ''] }, all)).messages
    expect(after?.states.at(-1)).toEqual({ address: 'alice@example.test', status: 'Complete', lastError: null })
    expect(after?.retries).toBeGreaterThanOrEqual(1)
  })

})

describe('suspension', () => {
  it('of a queue holds what comes later too, over kill -9, and no other queue', async () => {
    const { plan, destination } = turning()
    await open({ ...plan, settings: { acceptedDomains: [{ domain: 'ours.test', nextHop: '198.51.100.25' }] } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    await tried(1)
    expect((await act({ kind: 'suspend' }, { queues: ['Example.test'] })).rows).toMatchObject([{ id: 'example.test', outcome: 'suspended' }])
    destination.takes = true
    await kill()
    await start(stage.transport)
    await stage.send('late@example.test')
    await stage.send('carol@ours.test')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
    await eventually(waiting, (messages) => messages.length === 2)
    expect(stage.arrived[0]?.to).toEqual(['carol@ours.test'])
    expect(await waiting()).toMatchObject([{ status: 'Suspended' }, { status: 'Suspended', retries: 0 }])
    expect(await stage.transport.queues()).toMatchObject([{ nextHop: 'example.test', status: 'Suspended', messages: 2, nextRetry: null }])
    await act({ kind: 'resume' }, { queues: ['example.test'] })
    await eventually(() => stage.arrived, (mails) => mails.length === 3)
    expect(await stage.transport.queues()).toEqual([])
  })

  it('that cannot be read stops the start, and says so', async () => {
    await open(refusing)
    await mkdir(stage.home.relay, { recursive: true })
    await writeFile(stage.home.suspended, '{"queues": [')
    await expect(start(stage.transport)).rejects.toThrow(/What is suspended cannot be read .* damaged/)
    expect(await readFile(stage.home.suspended, 'utf8')).toBe('{"queues": [')
  })
})

describe('export', () => {
  it('writes each message as it was sent, dots and all', async () => {
    await open(refusing)
    await start(stage.transport)
    await sendTo(stage.port, ['alice@example.test'], 'Hello', 'one\r\n.two\r\n..three\r\n.\r\nfour')
    const messages = await tried(1)
    const folder = join(stage.folder, 'exported', 'today')
    expect((await act({ kind: 'export', folder }, targets(messages))).rows).toMatchObject([{ outcome: 'exported', text: join(folder, `${messages[0]?.id}.eml`) }])
    const text = await readFile(join(folder, `${messages[0]?.id}.eml`), 'utf8')
    expect(text).toMatch(/^Received: /)
    expect(text).toMatch(/Subject: Hello\r\n[^]*\r\n\r\none\r\n\.two\r\n\.\.three\r\n\.\r\nfour\r\n$/)
    // Where no folder can be made, that is said at once.
    await expect(act({ kind: 'export', folder: '/proc/no/such' }, targets(messages))).rejects.toThrow(/The folder .* cannot be written/)
  })
})

describe('removal', () => {
  it('exports first, tells the sender only where it is asked to, and can be put back as it was', async () => {
    const { plan, destination } = turning()
    await open({ ...plan, settings: { acceptedDomains: [{ domain: 'sender.test', nextHop: '198.51.100.25' }] } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    await stage.send('carol@example.test')
    await stage.send('held@example.test')
    const messages = await tried(3)
    const [, carol, held] = messages
    if (!carol || !held) throw new Error('three were sent')
    await act({ kind: 'suspend' }, targets([held]))
    const quiet = await act({ kind: 'remove', ndr: false }, targets([carol, held]))
    expect(quiet.rows.map(({ outcome }) => outcome)).toEqual(['removed', 'removed'])
    expect((await waiting()).map(({ recipients }) => recipients)).toEqual([['alice@example.test']])
    const [removal] = await listRemovals(stage.home.removed)
    expect(removal).toMatchObject({ id: quiet.removal, messages: 2, ndr: false, nextHops: ['example.test'] })
    expect(Date.parse(removal?.until ?? '') - Date.parse(removal?.at ?? '')).toBe(86_400_000)
    expect(await readFile(join(removal?.folder ?? '', `${carol.id}.eml`), 'utf8')).toContain('Subject: Hello')
    expect((await stage.transport.messages({ ids: [carol.id] }, all)).messages).toMatchObject([{ end: { how: 'removed' } }])

    // It survives a crash, and what is put back is what was removed.
    await kill()
    await start(stage.transport)
    const back = await act({ kind: 'put-back', removal: quiet.removal ?? '' }, { messages: [] })
    expect(back.rows.map(({ id, outcome }) => [id, outcome]).sort()).toEqual([[carol.id, 'put-back'], [held.id, 'put-back']].sort())
    const again = await eventually(waiting, (list) => list.length === 3)
    expect(again.find(({ id }) => id === carol.id)).toMatchObject({ from: carol.from, received: carol.received, subject: carol.subject, size: carol.size })
    expect(again.find(({ id }) => id === carol.id)?.attempts[0]).toEqual(carol.attempts[0])
    expect(again.find(({ id }) => id === held.id)).toMatchObject({ status: 'Suspended', received: held.received })
    expect(await readdir(stage.home.removed)).toEqual([])
    await expect(act({ kind: 'put-back', removal: quiet.removal ?? '' }, { messages: [] })).rejects.toThrow(/nothing to put back/)
    await expect(act({ kind: 'put-back', removal: '../queue' }, { messages: [] })).rejects.toThrow(/There is no removal/)

    destination.takes = true
    const [one] = (await waiting()).filter(({ id }) => id === held.id)
    const told = await act({ kind: 'remove', ndr: true }, targets(one ? [one] : []))
    expect(told.rows).toMatchObject([{ outcome: 'removed', text: 'Its sender is told.' }])
    const [ndr] = await eventually(() => stage.arrived.filter(({ from }) => from === notice.from), (mails) => mails.length === 1)
    expect(ndr?.to).toEqual(['bob@sender.test'])
    expect(ndr?.text).toMatch(/Final-Recipient: rfc822;\s?held@example\.test/)
    expect(ndr?.text).toContain('Action: failed')
    expect(ndr?.text).toContain('Status: 5.3.2')

    // A notice is never answered by a notice.
    destination.takes = false
    await stage.send('dora@example.test', '')
    const bounce = await eventually(waiting, (list) => list.filter(({ from, retries, status }) => from === '' && retries > 0 && status !== 'Active').length === 1)
    expect((await act({ kind: 'remove', ndr: true }, targets(bounce.filter(({ from }) => from === '')))).rows).toMatchObject([{ outcome: 'removed', text: 'It has no sender who could be told.' }])
    expect((await waiting()).filter(({ from }) => from === '')).toEqual([])
  })

  it('that is interrupted by kill -9 leaves each message in the queue or among the removed, never in neither', { timeout: 60_000 }, async () => {
    await open({ adapters: { LAN: { behaviour: 'servfail' } } })
    await start(stage.transport)
    const count = 60
    for (let at = 0; at < count; at++) await stage.send(`user${at}@example.test`)
    const messages = await tried(count)
    const ids = messages.map(({ id }) => id).sort()
    const rows: Outcome[] = []
    const { pid } = await stage.transport.serviceState()
    const acting = stage.transport.act({ kind: 'remove', ndr: false }, targets(messages), {
      signal: signal(),
      told: (more) => {
        rows.push(...more)
        if (rows.length >= 10) process.kill(pid ?? 0, 'SIGKILL')
      },
    })
    await expect(acting).rejects.toThrow(/ended while it was asked/)
    const idsIn = async (folder: string) => (await readdir(folder)).filter((name) => name.split('_').length === 7).map((name) => `${name.split('_')[0]}-${name.split('_')[4]}`)
    const [removal = ''] = await readdir(stage.home.removed)
    const removed = await idsIn(join(stage.home.removed, removal))
    expect([...(await idsIn(stage.home.queue)), ...removed].sort()).toEqual(ids)
    // What was told is so.
    expect(removed).toEqual(expect.arrayContaining(rows.map(({ id }) => id)))
    expect(removed.length).toBeLessThan(count)
    for (const id of removed) expect(await readFile(join(stage.home.removed, removal, `${id}.eml`), 'utf8')).toContain('Subject: Hello')
    await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'stopped')
    await start(stage.transport)
    await act({ kind: 'put-back', removal }, { messages: [] })
    expect((await waiting()).map(({ id }) => id).sort()).toEqual(ids)
  })

  it('waits for a delivery that is under way, and never takes the file from under it', { timeout: 60_000 }, async () => {
    let answer = () => {}
    const mayAnswer = new Promise<null>((resolve) => (answer = () => resolve(null)))
    await open({ adapters: { LAN: { behaviour: 'answer' } }, destinations: { '198.51.100.25': () => mayAnswer } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    const [message] = await eventually(waiting, (messages) => messages.some(({ status }) => status === 'Active'))
    const removing = act({ kind: 'remove', ndr: true }, targets(message ? [message] : []))
    expect(await waiting()).toHaveLength(1)
    answer()
    const { rows } = await removing
    expect(rows).toEqual([{ id: message?.id, outcome: 'gone', text: expect.stringMatching(/^It was delivered before/) }])
    expect(stage.arrived).toHaveLength(1)
    expect(await listRemovals(stage.home.removed)).toEqual([])
  })

  it('takes nothing out of the queue where no copy can be kept', async () => {
    await open(refusing)
    await start(stage.transport)
    await stage.send('alice@example.test')
    const messages = await tried(1)
    await rm(stage.home.removed, { recursive: true })
    await writeFile(stage.home.removed, '')
    await expect(act({ kind: 'remove', ndr: true }, targets(messages))).rejects.toThrow(/^What is removed cannot be kept in .*: a part of its path is a file\. Nothing was removed\.$/)
    expect(await waiting()).toMatchObject([{ id: messages[0]?.id, status: 'Retry' }])
    expect(await readdir(stage.home.queue)).toHaveLength(1)
  })

  it('of the same messages from two consoles is done once, also where both wait for the same attempt', { timeout: 60_000 }, async () => {
    let answer = () => {}
    const mayAnswer = new Promise<{ code: number; text: string }>((resolve) => (answer = () => resolve({ code: 450, text: '4.2.0 Later' })))
    await open({ adapters: { LAN: { behaviour: 'answer' } }, destinations: { '198.51.100.25': () => mayAnswer } })
    await start(stage.transport)
    await stage.send('alice@example.test')
    const messages = await eventually(waiting, (found) => found.some(({ status }) => status === 'Active'))
    const other = await stage.open()
    const rows: Outcome[] = []
    const both = [stage.transport, other].map((console) => console.act({ kind: 'remove', ndr: false }, targets(messages), { signal: signal(), told: (more) => rows.push(...more) }))
    // Both are at the relay by the time that it answers this.
    for (const console of [stage.transport, other]) await console.messages({}, all)
    answer()
    await Promise.all(both)
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['failed', 'removed'])
    expect(rows.find(({ outcome }) => outcome === 'failed')?.text).toBe('Something else is being done with it at this moment.')
    expect(await listRemovals(stage.home.removed)).toMatchObject([{ messages: 1 }])
    expect(await waiting()).toEqual([])
  })

  it('is put back once by two consoles', { timeout: 60_000 }, async () => {
    await open({ adapters: { LAN: { behaviour: 'servfail' } } })
    await start(stage.transport)
    const count = 20
    for (let at = 0; at < count; at++) await stage.send(`user${at}@example.test`)
    const messages = await tried(count)
    const removal = (await act({ kind: 'remove', ndr: false }, targets(messages))).removal ?? ''
    const other = await stage.open()
    const rows: Outcome[] = []
    const both = await Promise.allSettled([stage.transport, other].map((console) => console.act({ kind: 'put-back', removal }, { messages: [] }, { signal: signal(), told: (more) => rows.push(...more) })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(rows.map(({ outcome }) => outcome)).toEqual(Array(count).fill('put-back'))
    expect((await waiting()).map(({ id }) => id).sort()).toEqual(messages.map(({ id }) => id).sort())
    expect(await readdir(stage.home.removed)).toEqual([])
  })

  it('begins with no further message once it is cancelled', async () => {
    await open({ adapters: { LAN: { behaviour: 'servfail' } } })
    await start(stage.transport)
    const count = 40
    for (let at = 0; at < count; at++) await stage.send(`user${at}@example.test`)
    const messages = await tried(count)
    const ending = new AbortController()
    const rows: Outcome[] = []
    await stage.transport.act({ kind: 'remove', ndr: false }, targets(messages), {
      signal: ending.signal,
      told: (more) => {
        rows.push(...more)
        ending.abort()
      },
    })
    expect(rows.length).toBeLessThan(count)
    expect(await waiting()).toHaveLength(count - rows.length)
    expect((await listRemovals(stage.home.removed))[0]?.messages).toBe(rows.length)
  })

  it('can be put back for a day; afterwards it is deleted', async () => {
    await open(refusing)
    await start(stage.transport)
    await stage.send('alice@example.test')
    await stage.send('carol@example.test')
    const [first, second] = await tried(2)
    const old = (await act({ kind: 'remove', ndr: false }, targets(first ? [first] : []))).removal ?? ''
    const young = (await act({ kind: 'remove', ndr: false }, targets(second ? [second] : []))).removal ?? ''
    const about = join(stage.home.removed, old, 'removal.json')
    await writeFile(about, (await readFile(about, 'utf8')).replace(/"at":"[^"]*"/, `"at":"${new Date(Date.now() - 86_400_001).toISOString()}"`))
    await pruneRemovals(stage.home.removed)
    expect((await listRemovals(stage.home.removed)).map(({ id }) => id)).toEqual([young])
    // What is said of it may be lost: its messages are there all the same, for a day.
    await rm(join(stage.home.removed, young, 'removal.json'))
    expect(await listRemovals(stage.home.removed)).toMatchObject([{ id: young, messages: 1 }])
    const before = new Date(Date.now() - 86_400_001)
    await utimes(join(stage.home.removed, young), before, before)
    await pruneRemovals(stage.home.removed)
    expect(await readdir(stage.home.removed)).toEqual([])
  })

  it('is not put back over a message of the same id', async () => {
    await open(refusing)
    await start(stage.transport)
    await stage.send('alice@example.test')
    const [message] = await tried(1)
    const { removal } = await act({ kind: 'remove', ndr: false }, targets(message ? [message] : []))
    const folder = join(stage.home.removed, removal ?? '')
    const [file = ''] = (await readdir(folder)).filter((name) => name.split('_').length === 7)
    await stage.transport.control('stop', { signal: signal() })
    await rename(join(folder, file), join(stage.home.queue, file))
    await writeFile(join(folder, file), await readFile(join(stage.home.queue, file)))
    await start(stage.transport)
    expect((await act({ kind: 'put-back', removal: removal ?? '' }, { messages: [] })).rows).toMatchObject([{ outcome: 'failed', text: 'A message of this id is in the queue.' }])
    expect(await readdir(folder)).toContain(file)
  })
})

describe('the adapter that is chosen', () => {
  it('does not matter to what was suspended before', async () => {
    await open({ adapters: { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer' } } })
    await save(stage.transport, lookups(adapter('DMZ')))
    await start(stage.transport)
    await stage.send('alice@example.test')
    await act({ kind: 'suspend' }, targets(await tried(1)))
    await save(stage.transport, lookups(adapter('LAN')))
    await stage.transport.control('restart', { signal: signal() })
    const messages = await waiting()
    expect(messages).toMatchObject([{ status: 'Suspended', retries: 1 }])
    await act({ kind: 'resume' }, targets(messages))
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
  })
})
