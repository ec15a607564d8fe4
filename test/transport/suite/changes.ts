// The guarded change on every transport: probed, journalled, applied, restarted, verified, and kept or taken back.
import { beforeEach, expect, it } from 'vitest'
import type { ChangeProgress, Wanted } from '../../../preload/contract/changes.ts'
import { Changes, type Wish } from '../../../main/change/changes.ts'
import { eventually } from '../stage.ts'
import { type AdapterName, asking, save, start, stuck, type TransportStage, waiting } from './stage.ts'

export function changeBehaviours(stage: () => TransportStage): void {
  let told: ChangeProgress[] = []
  beforeEach(() => void (told = []))
  const opened = async () => new Changes(stage().home, { world: await stage().world(), transport: await stage().open() })
  const wish = (name: AdapterName, more: Partial<Wish> = {}): Wish => ({ wanted: asking(name), restart: true, drain: false, force: false, keep: false, by: 'a test', ...more })
  const following = (signal = AbortSignal.timeout(90_000)) => ({ progress: (progress: ChangeProgress) => void told.push(progress), signal })
  const steps = () => told.flatMap((one) => (one.kind === 'step' ? [one.step.step] : []))
  const asked = async () => {
    const question = await eventually(() => told.find((one) => one.kind === 'keep?'), (one) => one !== undefined)
    if (question?.kind !== 'keep?') throw new Error('unreachable')
    return question
  }

  it('is kept since mail that waited was delivered, every step journalled before the next', async () => {
    await stuck(stage())
    const changes = await opened()
    const change = await changes.run(wish('LAN'), following())
    expect(change).toMatchObject({ state: 'kept', resumed: false, reason: expect.stringMatching(/^Mail to alice@example\.test that waited was delivered/) })
    expect(change.words).toContain(`Internal DNS lookups ask adapter “LAN” (${stage().server('LAN')}).`)
    expect(change.diff[0]).toEqual({ what: 'Internal DNS lookups, source', before: `adapter “DMZ” (${stage().server('DMZ')})`, after: `adapter “LAN” (${stage().server('LAN')})` })
    expect(steps()).toEqual(['planned', 'probed', 'journalled', 'applying', 'applied', 'stopping', 'stopped', 'starting', 'serving', 'verifying', 'verified', 'kept'])
    expect(told.find((one) => one.kind === 'probed')).toMatchObject({ probed: { server: stage().server('LAN'), name: 'example.test', type: 'MX', verdict: 'answers' } })
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
    expect(await changes.list()).toEqual([change])
    expect((await stage().transport.properties()).inEffect?.internal.servers).toEqual([stage().server('LAN')])
  })

  it('is taken back by itself where mail still waits at DNS, byte for byte', async () => {
    await save(stage().transport, asking('DMZ'))
    await stage().edit()
    const before = await stage().settings()
    await start(stage())
    await stage().send('alice@example.test')
    await eventually(() => waiting(stage()), ([message]) => message?.lastError != null)
    const change = await (await opened()).run(wish('OLD'), following())
    expect(change).toMatchObject({ state: 'rolled back', reason: expect.stringContaining('Mail to alice@example.test still waits: ') })
    expect(await stage().settings()).toBe(before)
    const after = await stage().transport.properties()
    expect(after).toMatchObject({ restartNeeded: false, waiting: 1, service: { state: 'running' } })
    expect(after.inEffect?.internal.servers).toEqual([stage().server('DMZ')])
  })

  it('is refused by the probe where no DNS server answers, and nothing is written', async () => {
    await save(stage().transport, asking('LAN'))
    await start(stage())
    const before = await stage().settings()
    const changes = await opened()
    await expect(changes.run(wish('DEAD'), following())).rejects.toMatchObject({ code: 'failed', message: `None of the DNS servers ${stage().server('DEAD')} answers. Nothing was changed.` })
    const gone: Wanted = { lookups: { internal: { source: { kind: 'adapter', id: 'GONE', name: 'GONE' }, protocol: 'any' } } }
    await expect(changes.run(wish('DEAD', { wanted: gone }), following())).rejects.toThrow('The adapter “GONE” is missing.')
    expect(await stage().settings()).toBe(before)
    expect(await changes.list()).toEqual([])
  })

  it('that was forced is taken back where mail still waits at DNS, and all settings are byte-equal', async () => {
    await stuck(stage())
    await stage().edit()
    const before = await stage().settings()
    const change = await (await opened()).run(wish('DEAD', { force: true }), following())
    expect(change.state).toBe('rolled back')
    expect(await stage().settings()).toBe(before)
    expect((await stage().transport.properties()).inEffect?.internal.servers).toEqual([stage().server('DMZ')])
  })

  it('that was forced and cannot be verified asks to be kept, and is taken back when it is cancelled', async () => {
    await save(stage().transport, asking('LAN'))
    await start(stage())
    const before = await stage().settings()
    const cancel = new AbortController()
    const running = (await opened()).run(wish('DEAD', { force: true }), following(cancel.signal))
    expect(await asked()).toMatchObject({ text: 'No mail waits, and no DNS server gave an answer to compare with.' })
    cancel.abort()
    expect((await running).state).toBe('rolled back')
    expect(await stage().settings()).toBe(before)
  })

  it('is kept with no mail waiting since the transport’s own resolver finds what the probe found', async () => {
    await save(stage().transport, asking('DMZ'))
    await start(stage())
    const change = await (await opened()).run(wish('LAN'), following())
    expect(change).toMatchObject({ state: 'kept', reason: expect.stringMatching(/^No mail waits; the transport's own resolver finds what the probe found: /) })
  })

  it('of limits alone is kept while mail waits: it is not meant to move', async () => {
    await stuck(stage())
    const { name, value } = stage().limit
    const change = await (await opened()).run(wish('DMZ', { wanted: { limits: { [name]: value } } }), following())
    expect(change).toMatchObject({ state: 'kept', reason: 'The transport service runs with the new limits.' })
    expect(await stage().transport.properties()).toMatchObject({ restartNeeded: false, waiting: 1, limits: { [name]: value } })
  })

  it('drains first where that is asked', async () => {
    await start(stage())
    await (await opened()).run(wish('LAN', { drain: true }), following())
    expect(steps().slice(steps().indexOf('applied'), steps().indexOf('stopping') + 1)).toEqual(['applied', 'draining', 'stopping'])
  })

  it('is only saved without a restart, and says so; a second time it changes nothing', async () => {
    await save(stage().transport, asking('DMZ'))
    const { pid } = await start(stage())
    const changes = await opened()
    const change = await changes.run(wish('LAN', { restart: false }), following())
    expect(change).toMatchObject({ state: 'kept', reason: 'Saved. It takes effect with the next restart of the transport service.' })
    expect(await stage().transport.properties()).toMatchObject({ restartNeeded: true, service: { pid } })
    const bytes = await stage().settings()
    expect((await changes.run(wish('LAN', { restart: false }), following())).reason).toBe('Nothing was different.')
    expect(await stage().settings()).toBe(bytes)
    expect(await changes.list()).toHaveLength(1)
  })

  it('leaves the settings alone that somebody else wrote meanwhile', async () => {
    await stuck(stage())
    const running = (await opened()).run(wish('OLD'), following())
    await eventually(steps, (reached) => reached.includes('applied'))
    await stage().edit()
    const theirs = await stage().settings()
    expect((await running).reason).toContain('changed by somebody else since')
    expect(await stage().settings()).toBe(theirs)
  })

  it('is one at a time: a second administrator is told who holds the first', async () => {
    await start(stage())
    const [changes, other] = [await opened(), await opened()]
    const running = changes.run(wish('DEAD', { force: true }), following())
    const { id } = await asked()
    await expect(other.run(wish('LAN'), { progress: () => {}, signal: AbortSignal.timeout(5_000) })).rejects.toThrow(/Another change is under way: a test \(process \d+\)/)
    changes.keep(id, true)
    expect(await running).toMatchObject({ state: 'kept', reason: expect.stringContaining('kept by the administrator') })
    expect(() => changes.keep(id, true)).toThrow('does not ask any more')
  })

  it('that was kept is taken back byte for byte, as a change of its own', async () => {
    await save(stage().transport, asking('DMZ'))
    await stage().edit()
    const before = await stage().settings()
    const changes = await opened()
    const kept = await changes.run(wish('LAN', { restart: false }), following())
    expect((await changes.rollBack(kept.id, { restart: false, by: 'a test' }, following())).state).toBe('kept')
    expect(await stage().settings()).toBe(before)
    await expect(changes.rollBack(kept.id, { restart: false, by: 'a test' }, following())).rejects.toThrow('changed again since')
    await expect(changes.show('nothing')).rejects.toThrow('There is no change “nothing”.')
  })
}
