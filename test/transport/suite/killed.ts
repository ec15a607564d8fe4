// The command line and the service are killed at each step of a change, found by its name; the next start tidies up.
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../preload/contract/changes.ts'
import { changesIn, edgewise } from '../../change/killed-process.ts'
import { eventually } from '../stage.ts'
import { stuck, type TransportStage } from './stage.ts'

const points = ['planned', 'probed', 'journalled', 'applying', 'applied', 'stopping', 'stopped', 'starting', 'serving', 'verifying', 'verified', 'kept'] as const
const backPoints = ['failed', 'rolling back', 'restored', 'rolled back'] as const

export function killedBehaviours(stage: () => TransportStage): void {
  async function waits(): Promise<string> {
    await stuck(stage())
    return stage().settings()
  }
  const change = (adapter: string, env: Record<string, string>) => edgewise(stage().flags, ['lookups', 'set', 'internal', '--adapter', adapter, '--restart'], env)

  /** Wholly old or wholly new, in the settings and in the running service; no mail lost; the journal closed. */
  async function tidy(old: string, ended: Change | undefined): Promise<void> {
    const isOld = (await stage().settings()) === old
    const { service, restartNeeded, inEffect, waiting } = await (await stage().open()).properties()
    expect(service.state).toBe('running')
    expect(restartNeeded).toBe(false)
    expect(inEffect?.internal.servers).toEqual([stage().server(isOld ? 'DMZ' : 'LAN')])
    if (ended) expect(ended.state).toBe(isOld ? 'rolled back' : 'kept')
    if (isOld) expect((waiting ?? 0) + stage().arrived.length).toBeGreaterThanOrEqual(1)
    else await eventually(() => stage().arrived, (mails) => mails.length === 1)
  }

  describe.each(points)('at “%s”', (step) => {
    it('leaves it wholly old or wholly new after the next start, which says which', { timeout: 90_000 }, async () => {
      const old = await waits()
      expect((await change('LAN', { EDGEWISE_TEST_KILL_AT: step })).killed).toBe(true)
      const next = await edgewise(stage().flags, ['changes', 'list'])
      const changes = changesIn(next)
      expect(changes).toHaveLength(1)
      expect(changes[0]?.state).not.toBe('open')
      if (step !== 'kept') expect(next.stderr).toMatch(/A change was interrupted: .* (It is kept|It was rolled back)\./)
      await tidy(old, changes[0])
    })
  })

  describe.each(backPoints)('at “%s” on the way back', (step) => {
    it('is old after the next start', { timeout: 90_000 }, async () => {
      const old = await waits()
      expect((await change('OLD', { EDGEWISE_TEST_KILL_AT: step })).killed).toBe(true)
      const changes = changesIn(await edgewise(stage().flags, ['changes', 'list']))
      expect(changes[0]?.state).toBe('rolled back')
      expect(await stage().settings()).toBe(old)
      await tidy(old, changes[0])
    })
  })

  describe.each(points)('the service at “%s”', (step) => {
    it('ends with a closed journal and the service running', { timeout: 90_000 }, async () => {
      const old = await waits()
      const ended = await change('LAN', { EDGEWISE_TEST_KILL_AT: step, EDGEWISE_TEST_KILL_SERVICE: stage().pidFile })
      expect(ended.killed).toBe(false)
      const changes = changesIn(await edgewise(stage().flags, ['changes', 'list']))
      expect(changes.map(({ state }) => state)).not.toContain('open')
      await edgewise(stage().flags, ['service', 'start'])
      await tidy(old, changes[0])
    })
  })
}
