// The command line and the relay are killed at each step of a change, found by its name; the next start tidies up.
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Change } from '../../preload/contract/changes.ts'
import { changesIn, edgewise } from './killed-process.ts'
import { adapter, eventually, lookups, openStage, save, type Stage } from '../transport/stage.ts'

const page = { offset: 0, limit: 10 }
/** Each point this many times, with the machine’s own jitter between them. */
const rounds = 3
const points = ['planned', 'probed', 'journalled', 'applying', 'applied', 'stopping', 'stopped', 'starting', 'serving', 'verifying', 'verified', 'kept'] as const
const backPoints = ['failed', 'rolling back', 'restored', 'rolled back'] as const

let stage: Stage
afterEach(() => stage?.close())

async function stuck(): Promise<{ old: string }> {
  stage = await openStage({ adapters: { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer' }, LIAR: { behaviour: 'nxdomain' } } })
  await save(stage.transport, lookups(adapter('DMZ')))
  await stage.transport.control('start', { signal: AbortSignal.timeout(15_000) })
  await stage.send('alice@example.test')
  await eventually(() => stage.transport.messages({}, page), ({ messages }) => messages.some(({ lastError }) => lastError !== null))
  return { old: await readFile(stage.home.settings, 'utf8') }
}

/** Wholly old or wholly new, in the file and in the running service; no mail lost; the journal closed. */
async function tidy(old: string, change: Change | undefined): Promise<void> {
  const now = await readFile(stage.home.settings, 'utf8')
  const fresh = await stage.open()
  const { service, restartNeeded, inEffect, waiting } = await fresh.properties()
  expect(service.state).toBe('running')
  expect(restartNeeded).toBe(false)
  const isOld = now === old
  expect(inEffect?.internal.servers).toEqual([isOld ? '10.0.0.53' : '10.0.1.53'])
  if (change) expect(change.state).toBe(isOld ? 'rolled back' : 'kept')
  if (isOld) expect((waiting ?? 0) + stage.arrived.length).toBeGreaterThanOrEqual(1)
  else await eventually(() => stage.arrived, (mails) => mails.length === 1)
}

describe.each(points)('killed at “%s”', (step) => {
  it(`leaves it wholly old or wholly new after the next start, ${rounds} times`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      const { old } = await stuck()
      const first = await edgewise(stage, ['lookups', 'set', 'internal', '--adapter', 'LAN', '--restart'], { EDGEWISE_TEST_KILL_AT: step })
      expect(first.killed).toBe(true)
      const next = await edgewise(stage, ['changes', 'list'])
      const changes = changesIn(next)
      expect(changes).toHaveLength(1)
      expect(changes[0]?.state).not.toBe('open')
      if (step !== 'kept') expect(next.stderr).toMatch(/A change was interrupted: .* (It is kept|It was rolled back)\./)
      await tidy(old, changes[0])
      await stage.close()
    }
  })
})

describe.each(backPoints)('killed at “%s” on the way back', (step) => {
  it('is old after the next start', { timeout: 60_000 }, async () => {
    const { old } = await stuck()
    const first = await edgewise(stage, ['lookups', 'set', 'internal', '--adapter', 'LIAR', '--restart'], { EDGEWISE_TEST_KILL_AT: step })
    expect(first.killed).toBe(true)
    const next = await edgewise(stage, ['changes', 'list'])
    const changes = changesIn(next)
    expect(changes[0]?.state).toBe('rolled back')
    expect(await readFile(stage.home.settings, 'utf8')).toBe(old)
    await tidy(old, changes[0])
  })
})

describe.each(points)('the relay killed at “%s”', (step) => {
  it('ends with a closed journal and the service running', { timeout: 60_000 }, async () => {
    const { old } = await stuck()
    const ended = await edgewise(stage, ['lookups', 'set', 'internal', '--adapter', 'LAN', '--restart'], { EDGEWISE_TEST_KILL_AT: step, EDGEWISE_TEST_KILL_LOCK: stage.home.lock })
    expect(ended.killed).toBe(false)
    const next = await edgewise(stage, ['changes', 'list'])
    const changes = changesIn(next)
    expect(changes.map(({ state }) => state)).not.toContain('open')
    await edgewise(stage, ['queues'])
    await tidy(old, changes[0])
  })
})
