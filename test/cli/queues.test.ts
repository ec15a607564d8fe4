// Queues and messages from the command line: filters, actions with their count, the threshold, removal and its undo.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { submit } from '../../main/lab/submit.ts'
import { machine, type Machine } from './edgewise-process.ts'

let edge: Machine
interface Row {
  message: { id: string; queue: string; recipients: string[]; status: string; explained: { category: string } | null }
}
const messages = async (...args: string[]) => (await edge.run('messages', ...args, '--json')).lines().slice(0, -1) as unknown as Row[]
const idOf = async (recipient: string) => (await messages()).find(({ message }) => message.recipients[0] === recipient)?.message.id ?? ''

beforeAll(async () => {
  edge = await machine()
  // No adapter has DNS servers, so that nobody is asked, and all mail waits.
  edge.adapters([{ name: 'LAN' }])
  await edge.run('service', 'start')
  for (const to of ['alice@example.test', 'bob@example.test', 'carol@example.test', 'dave@other.test'])
    await submit({ address: '127.0.0.1', port: edge.port }, { from: 'me@edge.test', to, subject: `for ${to}` }, new AbortController().signal)
  await vi.waitFor(
    async () => expect((await edge.run('queues', '--reasons', '--json')).json()).toMatchObject({ reasons: [{ nextHop: 'example.test', messages: 3, reason: 'dns-failure' }, { nextHop: 'other.test', messages: 1 }] }),
    { timeout: 30_000, interval: 250 },
  )
})
afterAll(() => edge.end())

describe('queues', () => {
  it('are told by destination and reason, in plain words', async () => {
    const { stdout } = await edge.run('queues', '--reasons')
    expect(stdout).toMatch(/^Next hop +Messages +Reason +What it means$/m)
    expect(stdout).toMatch(/^example\.test +3 +dns-failure +\S/m)
    expect((await edge.run('queues', '--json')).json()).toMatchObject({ queues: [{ nextHop: 'example.test', explained: { category: 'dns-failure', meaning: expect.any(String) } }, { nextHop: 'other.test' }] })
  })

  it('end with exit code 1 where more than a threshold wait, counted over those that are meant', async () => {
    expect(await edge.run('queues', '--over', '4')).toMatchObject({ code: 0, stdout: expect.stringContaining('4 wait, not more than 4.') })
    expect(await edge.run('queues', '--over', '3')).toMatchObject({ code: 1, stdout: expect.stringContaining('4 wait, more than 3.') })
    const few = await edge.run('queues', '--over', '3', '--filter', 'nextHop is example.test', '--json')
    expect({ code: few.code, json: few.json() }).toMatchObject({ code: 0, json: { waiting: 3, over: false, queues: [{ nextHop: 'example.test' }] } })
  })
})

describe('messages', () => {
  it('are a line of JSON each, chosen by a filter, the total on the last', async () => {
    const { code, stdout, lines } = await edge.run('messages', '--filter', 'lastError contains "DNS query failed" and nextHop is-not other.test and size under 1mb', '--sort', 'subject', '--descending', '--json')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toHaveLength(5)
    expect(lines().map((line) => (line as unknown as Partial<Row>).message?.recipients[0] ?? line)).toEqual(['carol@example.test', 'bob@example.test', 'alice@example.test', { total: 3 }])
    expect((await edge.run('messages', '--filter', 'received older-than 1h')).stdout).toBe('No message is meant.\n')
  })

  it.each([
    [['messages', '--filter', 'lastEror contains x'], /At character 1 .*is not a field of messages/],
    [['queues', '--filter', 'subject contains x'], /At character 1 .*is not a field of queues/],
    [['message', 'remove', '--filter', 'lastError contains', '--yes'], /At character 19 .*missing/],
    [['message', 'remove', '--filter', '', '--yes'], /At character 1 /],
    [['queue', 'remove', '--filter', 'nextHop is example.test or x', '--yes'], /At character 25 .*“or”/],
    [['messages', '--sort', 'colour'], /sort\.by: .*"subject"/],
    [['message', 'remove', '--yes'], /Which messages are meant is missing/],
    [['message', 'remove', 'x', '--filter', 'size over 1b', '--yes'], /not both/],
    [['message', 'remove', 'no-such', '--yes'], /not there any more. Nothing was done/],
    [['queue', 'suspend', 'no.such.test'], /not there any more. Nothing was done/],
    [['queue', 'put-back', '../queue'], /There is no removal/],
    [['message', 'export', '--filter', 'size over 1b'], /required option '--folder <dir>'/],
    // Nobody can be asked here.
    [['message', 'remove', '--filter', 'size over 1b'], /4 messages would be removed, and nobody can be asked here/],
  ])('are left alone by %j', async (args, sentence) => {
    const { code, stderr, stdout } = await edge.run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(sentence)
    expect(await messages()).toHaveLength(4)
  })
})

describe('an action', () => {
  it('says with --dry-run how many are meant, and does nothing', async () => {
    expect(await edge.run('message', 'remove', '--filter', 'nextHop is example.test', '--dry-run')).toMatchObject({ code: 0, stdout: 'Remove without telling the senders 3 messages. Nothing was done.\n' })
    expect((await edge.run('queue', 'suspend', '--filter', 'lastError contains DNS', '--dry-run', '--json')).json()).toEqual({ messages: 4, queues: 2 })
    expect(await messages()).toHaveLength(4)
  })

  it('tells how it ended for each message: retried, suspended, resumed', async () => {
    const id = await idOf('alice@example.test')
    const retried = await edge.run('message', 'retry', id, '--json')
    expect(retried.code).toBe(0)
    expect(retried.lines()).toEqual([{ id, outcome: 'deferred', text: expect.stringContaining('DNS query failed') }, { counts: { deferred: 1 }, folder: null, removal: null }])
    expect((await edge.run('message', 'suspend', id)).stdout).toMatch(new RegExp(`^${id} {2}suspended {2}.*\\n1 suspended\\.\\n$`))
    expect(await edge.run('message', 'retry', id)).toMatchObject({ code: 1, stdout: expect.stringContaining('resume it first') })
    expect((await messages('--filter', 'status is Suspended')).map(({ message }) => message.id)).toEqual([id])
    expect((await edge.run('message', 'resume', '--filter', 'status is Suspended', '--json')).json()).toMatchObject({ counts: { resumed: 1 } })
  })

  it('on a queue holds it, and lets it go on', async () => {
    expect((await edge.run('queue', 'suspend', 'other.test', '--json')).lines()).toEqual([{ id: 'other.test', outcome: 'suspended', text: expect.any(String) }, { counts: { suspended: 1 }, folder: null, removal: null }])
    expect((await edge.run('queues')).stdout).toMatch(/^other\.test +1 +Suspended/m)
    expect((await edge.run('queue', 'resume', 'other.test', '--json')).json()).toMatchObject({ counts: { resumed: 1 } })
  })

  it('exports, removes and puts back', async () => {
    const folder = join(edge.folder, 'mail')
    expect((await edge.run('queue', 'export', 'example.test', '--folder', folder, '--json')).json()).toEqual({ counts: { exported: 3 }, folder, removal: null })
    expect(readdirSync(folder)).toHaveLength(3)
    expect(readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8')).toContain('Subject: for ')
    expect(await messages()).toHaveLength(4)

    const removed = await edge.run('queue', 'remove', 'example.test', '--yes')
    expect(removed.code).toBe(0)
    const removal = /put back: edgewise queue put-back (\S+)\n$/.exec(removed.stdout)?.[1] ?? ''
    expect((await messages()).map(({ message }) => message.queue)).toEqual(['other.test'])
    expect((await edge.run('queue', 'removed')).stdout).toMatch(new RegExp(`^${removal} .* 3 +not told .*example\\.test$`, 'm'))
    expect(existsSync(join(edge.home, 'relay', 'removed', removal))).toBe(true)
    const back = await edge.run('queue', 'put-back', removal, '--json')
    expect({ code: back.code, json: back.json() }).toEqual({ code: 0, json: { counts: { 'put-back': 3 }, folder: null, removal: null } })
    expect(await messages()).toHaveLength(4)
    expect((await edge.run('queue', 'removed')).stdout).toBe('Nothing was removed that could be put back.\n')
  })
})
