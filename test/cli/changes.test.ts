// The guarded change from the command line: planned, refused, kept, rolled back, and the journal of it all.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Plan } from '../../preload/contract/changes.ts'
import { submit } from '../../main/lab/submit.ts'
import { machine, type Ended, type Machine } from './edgewise-process.ts'

let edge: Machine
beforeEach(async () => {
  edge = await machine()
})
afterEach(() => edge.end())

const settings = () => readFileSync(join(edge.home, 'settings.json'), 'utf8')
const changes = async () => ((await edge.run('changes', 'list', '--json')).json() as { changes: Change[] }).changes
const changeOf = (ended: Ended) => ended.json()['change'] as Change
const stepsOf = (ended: Ended) => changeOf(ended).steps.map(({ step }) => step)
const servers = (address: string) => ['lookups', 'set', 'internal', '--servers', address]

/** One message that waits, since the adapter DMZ has the DNS server that fails. */
async function stuck() {
  await edge.run('lookups', 'set', 'internal', '--adapter', 'DMZ')
  await edge.run('service', 'start')
  await submit({ address: '127.0.0.1', port: edge.port }, { from: 'bob@edge.test', to: 'alice@example.test', subject: 'Minutes' }, AbortSignal.timeout(10_000))
  await expect.poll(async () => ((await edge.run('queues', '--json')).json() as { queues: { lastError: string | null }[] }).queues[0]?.lastError, { timeout: 20_000 }).toContain('SERVFAIL')
}

describe('--dry-run', () => {
  it('shows the plan and what the DNS servers answer, and writes nothing', async () => {
    const { code, stdout } = await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}10\.0\.0\.10 answers in \d+ ms/)
    expect(stdout).toMatch(/^Internal DNS lookups, source +all available adapters \(.*\) +adapter “LAN” \(10\.0\.0\.10\)$/m)
    const { plan } = (await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN', '--dry-run', '--json')).json() as { plan: Plan }
    expect(plan).toMatchObject({ refused: null, command: { edgewise: 'edgewise lookups set internal --adapter lan-1 --protocol any' } })
    expect(existsSync(join(edge.home, 'settings.json'))).toBe(false)
    expect(await changes()).toEqual([])
  })

  it('ends with 1 where the plan is refused', async () => {
    const { code, stdout } = await edge.run(...servers('192.0.2.53'), '--dry-run')
    expect(code).toBe(1)
    expect(stdout).toContain('Refused: None of the DNS servers 192.0.2.53 answers. (--force does it all the same.)')
  })
})

describe('a change', { timeout: 60_000 }, () => {
  it('is refused where no DNS server answers, unless it is forced', async () => {
    await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN')
    const before = settings()
    const refused = await edge.run(...servers('192.0.2.53'))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/^edgewise: None of the DNS servers 192\.0\.2\.53 answers\. Nothing was changed\.\n.*--force/)
    expect(settings()).toBe(before)
    expect(await edge.run(...servers('192.0.2.53'), '--force')).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nKept: Saved\./) })
    expect(settings()).not.toBe(before)
  })

  it('is kept once mail that waited was delivered, and is there to be read and taken back', async () => {
    await stuck()
    const before = settings()
    const ended = await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN', '--restart', '--json')
    expect(ended.code).toBe(0)
    expect(changeOf(ended)).toMatchObject({ state: 'kept', reason: expect.stringMatching(/^Mail to alice@example\.test that waited was delivered/), by: expect.stringMatching(/^edgewise lookups set internal \(process \d+\)$/) })
    expect(ended.lines().flatMap((line) => (line['kind'] === 'step' ? [(line['step'] as { step: string }).step] : []))).toEqual(stepsOf(ended))
    expect(edge.arrived()).toEqual(['Minutes'])

    const { id } = changeOf(ended)
    const list = await edge.run('changes', 'list')
    expect(list.stdout).toMatch(new RegExp(`^Change +Began +State +What +Why\\n${id.slice(0, 8)} .* kept +Internal DNS lookups ask adapter “LAN”`))
    const shown = await edge.run('changes', 'show', id.slice(0, 8))
    expect(shown.stdout).toMatch(/^Outcome +Kept: Mail to alice@example\.test that waited was delivered/m)
    expect(shown.stdout).toMatch(/^verified .*$/m)
    expect((await edge.run('changes', 'show', id, '--json')).json()).toEqual({ change: changeOf(ended) })
    expect(await edge.run('changes', 'show', 'zz')).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no change “zz”.') })

    expect(await edge.run('changes', 'rollback', id)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nKept: Saved\./) })
    expect(settings()).toBe(before)
    expect((await edge.run('changes', 'rollback', id)).stderr).toContain('The settings were changed again since that change')
    expect((await changes()).map(({ by }) => by.replace(/ \(.*/, ''))).toEqual(['edgewise changes rollback', 'edgewise lookups set internal', 'edgewise lookups set internal'])
  })

  it('is rolled back by itself, byte for byte, where the new servers deny what waits: exit code 5', async () => {
    await stuck()
    const before = settings()
    const ended = await edge.run(...servers('198.51.100.53'), '--restart', '--json')
    expect(ended.code).toBe(5)
    expect(changeOf(ended)).toMatchObject({ state: 'rolled back', reason: expect.stringMatching(/^Mail to alice@example\.test still waits: .*NonExistentDomain/) })
    expect(ended.json()).toMatchObject({ internal: { source: { name: 'DMZ' } } })
    expect(settings()).toBe(before)
    const told = await edge.run(...servers('198.51.100.53'), '--restart')
    expect(told).toMatchObject({ code: 5, stdout: expect.stringMatching(/\nrolling back .*\n.*\nrolled back .*\nRolled back: Mail to alice@example\.test still waits/) })
    expect(await edge.run('changes', 'rollback', changeOf(ended).id)).toMatchObject({ code: 2, stderr: expect.stringContaining('was rolled back already') })
  })

  it('that cannot be verified is rolled back where nobody can be asked, and kept with --keep', async () => {
    await edge.run('service', 'start')
    const asked = await edge.run(...servers('203.0.113.53'), '--restart')
    expect(asked).toMatchObject({ code: 5, stdout: expect.stringMatching(/^Not verified: .*\n[^]*Rolled back: .*Nobody said to keep it\.\n$/m) })
    expect(await edge.run(...servers('203.0.113.53'), '--restart', '--keep')).toMatchObject({ code: 0, stdout: expect.stringMatching(/Kept: .*kept by the administrator\.\n$/) })
  })

  it('drains only with a restart', async () => {
    expect(await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN', '--drain')).toMatchObject({ code: 2, stderr: expect.stringContaining('--drain goes with --restart') })
  })
})

describe('limits set', () => {
  it('changes what was named and keeps the rest', async () => {
    const ended = await edge.run('limits', 'set', '--transient-failure-retry-interval', '300', '--json')
    expect(ended.code).toBe(0)
    expect(ended.json()).toMatchObject({ limits: { transientFailureRetryInterval: 300, messageExpirationTimeout: 172_800, delayNotificationTimeout: 14_400 }, change: { state: 'kept' } })
    expect((await edge.run('server', '--json')).json()).toMatchObject({ server: { limits: { transientFailureRetryInterval: 300 } } })
  })

  it('warns of a notification that comes too late, and writes nothing with --dry-run', async () => {
    const { code, stdout } = await edge.run('limits', 'set', '--message-expiration-timeout', '3600', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('Warning: Senders are never told of a delay')
    expect(await changes()).toEqual([])
  })

  it.each([
    [[], 'Nothing to set: name a limit.'],
    [['--transient-failure-retry-interval', '0'], 'from 1 to 43200'],
    [['--message-expiration-timeout', '4'], 'from 5 to 7776000'],
    [['--delay-notification-timeout', '1.5'], '“1.5” is not a whole number of seconds'],
    [['--delay-notification-timeout'], 'lacks its value'],
    [['maximal_queue_lifetime=5d'], 'There are: transientFailureRetryInterval,'],
  ])('refuses %j with 2', async (args, sentence) => {
    expect(await edge.run('limits', 'set', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) })
  })
})

describe('changes resume', { timeout: 60_000 }, () => {
  it('has nothing to do where nothing was left', async () => {
    expect(await edge.run('changes', 'resume')).toMatchObject({ code: 0, stdout: 'No change was left open.\n' })
    expect((await edge.run('changes', 'list')).stdout).toBe('Nothing was changed yet.\n')
  })

  it('says what became of the one whose process was killed', async () => {
    await stuck()
    const before = settings()
    const killed = edge.start(...servers('198.51.100.53'), '--restart', '--json')
    await killed.said(/"applied"/)
    killed.child.kill('SIGKILL')
    await killed.ended
    const resumed = await edge.run('changes', 'resume', '--json')
    expect(resumed.code).toBe(0)
    expect(resumed.stderr).toMatch(/^edgewise: A change was interrupted: Internal DNS lookups ask 198\.51\.100\.53\. It was rolled back\./)
    expect(changeOf(resumed)).toMatchObject({ state: 'rolled back', resumed: true })
    expect(settings()).toBe(before)
  })
})
