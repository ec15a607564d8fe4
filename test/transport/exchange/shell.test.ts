// The shell against a double of PowerShell that is slow, hangs, prints rubbish, dies in mid line.
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openShell, type Shell } from '../../../main/transport/exchange/shell.ts'

let folder: string
let stateFile: string
let shell: Shell
const signal = new AbortController().signal
const tell = async (change: object) => {
  const now = JSON.parse(await readFile(stateFile, 'utf8').catch(() => '{}')) as object
  await writeFile(stateFile, JSON.stringify({ ...now, ...change }))
}
const get = (limit?: number) => shell.ask('transport.get', {}, { signal, ...(limit === undefined ? {} : { limit }) })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewise-exchange-'))
  stateFile = join(folder, 'state.json')
  shell = openShell({ program: process.execPath, args: [join(import.meta.dirname, 'double.mjs'), stateFile] })
})
afterEach(async () => {
  await shell.close()
  await rm(folder, { recursive: true, force: true })
})

it('is started when it is first needed, and asked one thing at a time', async () => {
  const states: number[] = []
  expect(shell.state()).toEqual({ isLoading: false, doing: null, waiting: 0 })
  shell.watch(() => states.push(shell.state().waiting))
  const answers = await Promise.all([get(), shell.ask('describe', {}, { signal }), get()])
  expect(answers[1]).toMatchObject({ Name: 'EDGE01', Modern: true })
  expect(Math.max(...states)).toBeGreaterThan(1)
  expect(shell.state()).toEqual({ isLoading: false, doing: null, waiting: 0 })
})

it('reads a set back', async () => {
  const set = await shell.ask('transport.set', { values: { InternalDNSAdapterEnabled: false, InternalDNSServers: ['192.0.2.1'] } }, { signal })
  expect(set).toMatchObject({ InternalDNSAdapterEnabled: false, InternalDNSServers: ['192.0.2.1'] })
  expect(await get()).toEqual(set)
})

it('hears an answer between rubbish, a byte order mark and broken frames', async () => {
  await tell({ manner: { rubbish: true } })
  expect(await get()).toMatchObject({ Name: 'EDGE01' })
})

describe('where it goes wrong', () => {
  it('a hang is ended after its limit, and the next request gets a new shell', async () => {
    await tell({ manner: { hangs: 'transport.get' } })
    await expect(get(300)).rejects.toMatchObject({ code: 'timed-out', message: expect.stringContaining('did not answer “transport.get”') })
    await tell({ manner: {} })
    expect(await get()).toMatchObject({ Name: 'EDGE01' })
  })

  it('death in mid line fails what was asked, and what waits is asked of a new shell', async () => {
    await tell({ manner: { diesIn: 'transport.get' } })
    const [first, second] = await Promise.allSettled([get(), shell.ask('describe', {}, { signal })])
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'transport-unreachable' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: { Name: 'EDGE01' } })
  })

  it('what is cancelled while it waits is never asked; what is being done ends first', async () => {
    await tell({ manner: { slow: 200 } })
    const cancelling = new AbortController()
    const first = get()
    const second = shell.ask('transport.set', { values: { TransientFailureRetryCount: 9 } }, { signal: cancelling.signal })
    cancelling.abort()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    await first
    expect(await get()).toMatchObject({ TransientFailureRetryCount: 6 })
  })

  it('a refusal, a missing right, a stopped service and no Exchange are four answers', async () => {
    await expect(shell.ask('transport.set', { values: { Name: 'X' } }, { signal })).rejects.toMatchObject({ code: 'bad-input', message: 'Name cannot be set.' })
    await tell({ manner: { denies: 'transport.get' } })
    await expect(get()).rejects.toMatchObject({ code: 'needs-administrator' })
    await tell({ manner: { german: true }, service: { Status: 'Stopped' } })
    await expect(shell.ask('queues.list', { limit: 10, bookmark: 1 }, { signal })).rejects.toMatchObject({ code: 'transport-unreachable', message: 'The transport service is not running.' })
    await shell.close()
    await tell({ manner: { refuses: true } })
    shell = openShell({ program: process.execPath, args: [join(import.meta.dirname, 'double.mjs'), stateFile] })
    await expect(get()).rejects.toMatchObject({ message: expect.stringContaining('not installed here') })
    await shell.close()
    shell = openShell({ program: join(folder, 'powershell.exe'), args: [] })
    await expect(get()).rejects.toMatchObject({ code: 'transport-unreachable', message: expect.stringContaining('There is no') })
  })
})

it('pages through 50,000 messages', async () => {
  await tell({ many: 50_000 })
  const { count } = await shell.ask('messages.count', {}, { signal })
  const last = await shell.ask('messages.list', { limit: 1_000, bookmark: 49_001 }, { signal })
  expect([count, last.messages.length, last.messages.at(-1)?.Subject]).toEqual([50_000, 1_000, 'Order 50000'])
})
