// The service of every transport: started, stopped and restarted step by step, told as it is, watched.
import { expect, it } from 'vitest'
import type { RestartStep } from '../../../preload/contract/servers.ts'
import { eventually } from '../stage.ts'
import { all, asking, killed, save, soon, start, stuck, type TransportStage, waiting } from './stage.ts'

export function serviceBehaviours(stage: () => TransportStage): void {
  it('is restarted step by step, and its downtime is measured until it takes mail again', async () => {
    const { transport } = stage()
    const first = await transport.control('start', { signal: soon() })
    expect(first.steps.map(({ step }) => step)).toEqual(['starting', 'serving'])
    expect(first.downtime).toBe(0)
    const told: RestartStep[] = []
    const restarted = await transport.control('restart', { signal: soon(), progress: (step) => told.push(step) })
    expect(restarted.steps.map(({ step }) => step)).toEqual(['stopping', 'stopped', 'starting', 'serving'])
    expect(told).toEqual(restarted.steps)
    expect(restarted.steps.map(({ at }) => at)).toEqual(restarted.steps.map(({ at }) => at).sort((one, other) => one - other))
    expect(restarted.downtime).toBeGreaterThan(0)
    expect(restarted.downtime).toBeLessThanOrEqual(restarted.steps.at(-1)?.at ?? 0)
    expect(restarted.service).toMatchObject({ state: 'running', note: null })
    expect(restarted.service.pid).not.toBe(first.service.pid)
    // Where it says that it serves, it takes mail at once.
    await stage().send('carol@ours.test')
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
  })

  it('stays stopped when it was stopped, and says so', async () => {
    const { transport } = stage()
    await start(stage())
    const { steps, service, downtime } = await transport.control('stop', { signal: soon() })
    expect(steps.map(({ step }) => step)).toEqual(['stopping', 'stopped'])
    expect({ ...service, note: '' }).toEqual({ state: 'stopped', pid: null, listening: null, since: null, note: '' })
    expect(downtime).toBe(0)
    await expect(stage().send('carol@ours.test')).rejects.toThrow()
    expect(await transport.properties()).toMatchObject({ service: { state: 'stopped' }, inEffect: null })
    expect((await transport.control('stop', { signal: soon() })).service.state).toBe('stopped')
    expect((await start(stage())).state).toBe('running')
  })

  it('is one, however many start it at once', async () => {
    const others = await Promise.all([stage().open(), stage().open(), stage().open()])
    const states = await Promise.all(others.map((transport) => start({ transport })))
    expect(states.map(({ state }) => state)).toEqual(['running', 'running', 'running'])
    expect(new Set(states.map(({ pid }) => pid)).size).toBe(1)
  })

  it('is brought back although the one who asked for a restart cancels', async () => {
    await start(stage())
    const cancel = new AbortController()
    const { service } = await stage().transport.control('restart', { signal: cancel.signal, progress: ({ step }) => step === 'stopping' && cancel.abort() })
    expect(service.state).toBe('running')
  })

  it('is restarted by three at once, and serves', async () => {
    await start(stage())
    const others = await Promise.all([stage().open(), stage().open(), stage().open()])
    const ended = await Promise.all(others.map((transport) => transport.control('restart', { signal: soon() })))
    expect(ended.map(({ service }) => service.state)).toEqual(['running', 'running', 'running'])
    await stage().send('carol@ours.test')
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
  })

  it('drains before a restart where that is asked: what is being delivered is waited for, and is not lost', async () => {
    const { transport } = stage()
    await start(stage())
    await stage().send('carol@ours.test')
    const waitsFor: string[] = []
    const { steps, service } = await transport.control('restart', { signal: soon(), drain: (what) => waitsFor.push(what) })
    expect(steps.map(({ step }) => step)).toEqual(['draining', 'stopping', 'stopped', 'starting', 'serving'])
    expect(service.state).toBe('running')
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
  })

  it('loses no mail and no attempt when it is killed', async () => {
    const message = await stuck(stage())
    await killed(stage())
    expect(await stage().transport.properties()).toMatchObject({ service: { state: 'stopped' }, inEffect: null })
    await start(stage())
    // It is tried anew at once.
    const [again] = await eventually(() => waiting(stage()), ([one]) => (one?.attempts.length ?? 0) >= 2)
    expect(again).toMatchObject({ id: message.id, from: message.from, received: message.received, recipients: message.recipients })
    // A log may tell whole seconds alone.
    const [was] = message.attempts
    expect(again?.attempts[0]).toEqual({ ...was, at: expect.stringContaining(was?.at.slice(0, 19) ?? '') })
  })

  it('tells who watches of settings, mail and restarts, until it ends', async () => {
    const { transport } = stage()
    let heard = 0
    const unwatch = transport.watch(() => heard++)
    await start(stage())
    await transport.messages({}, all)
    const hears = async (work: () => Promise<unknown>) => {
      const before = heard
      await work()
      await eventually(() => heard, (now) => now > before)
    }
    await hears(() => save(transport, asking('LAN')))
    await hears(() => stage().send('carol@ours.test'))
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
    await hears(() => transport.control('restart', { signal: soon() }))
    unwatch()
    const before = heard
    await save(transport, asking('DMZ'))
    expect(heard).toBe(before)
  })
}
