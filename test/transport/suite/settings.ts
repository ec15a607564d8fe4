// The settings of every transport: what is saved, what is in effect, and what is refused.
import { expect, it } from 'vitest'
import type { Wanted } from '../../../preload/contract/changes.ts'
import { propertiesSchema } from '../../../preload/contract/servers.ts'
import { judgeLookups, judgeParameters } from '../../../main/transport/wanted.ts'
import { eventually } from '../stage.ts'
import { asking, save, soon, start, type TransportStage } from './stage.ts'

export function settingsBehaviours(stage: () => TransportStage): void {
  it('are told whole, with the service stopped and with it running', async () => {
    const { transport } = stage()
    const stopped = await transport.properties()
    expect(propertiesSchema.parse(stopped)).toEqual(stopped)
    expect(stopped).toMatchObject({ inEffect: null, restartNeeded: false, service: { state: 'stopped' } })
    expect(stopped.name).not.toBe('')
    expect(stopped.version).toMatch(/^\d+\.\d+/)
    expect(stopped.acceptedDomains.map(({ domain }) => domain)).toEqual(['ours.test', 'sender.test'])
    const { limit } = stage()
    expect(stopped.parameters.find(({ name }) => name === limit.name)?.help).toContain(limit.name)
    expect(Object.keys({ ...stopped.limits, ...stopped.log }).sort()).toEqual(stopped.parameters.map(({ name }) => name).sort())
    const service = await start(stage())
    expect(service).toMatchObject({ state: 'running', pid: expect.any(Number), since: expect.stringMatching(/^\d{4}-.*Z$/), listening: expect.stringMatching(/:\d+$/) })
    const running = await transport.properties()
    expect(running).toMatchObject({ waiting: 0, restartNeeded: false, service })
    expect(running.inEffect?.internal.lookups.source).toEqual(running.lookups.internal.source)
  })

  it('of the lookups are saved at once and in effect after the next restart', async () => {
    const { transport, server } = stage()
    await save(transport, asking('DMZ'))
    await start(stage())
    expect((await transport.properties()).inEffect?.internal).toMatchObject({ servers: [server('DMZ')], problem: null })
    await save(transport, asking('LAN'))
    const between = await transport.properties()
    expect(between.lookups.internal.source).toEqual({ kind: 'adapter', id: 'LAN', name: 'LAN' })
    expect(between.restartNeeded).toBe(true)
    expect(between.inEffect?.internal).toMatchObject({ lookups: { source: { name: 'DMZ' } }, servers: [server('DMZ')] })
    await transport.control('restart', { signal: soon() })
    const after = await transport.properties()
    expect(after.restartNeeded).toBe(false)
    expect(after.inEffect?.internal).toMatchObject({ lookups: { source: { name: 'LAN' } }, servers: [server('LAN')] })
  })

  it('can name the servers themselves, asked over TCP alone', async () => {
    const { transport, server } = stage()
    await save(transport, { lookups: { internal: { source: { kind: 'servers', servers: [server('LAN'), server('DMZ')] }, protocol: 'tcp' } } })
    await start(stage())
    const { lookups, inEffect } = await transport.properties()
    expect(lookups.internal).toEqual({ source: { kind: 'servers', servers: [server('LAN'), server('DMZ')] }, protocol: 'tcp' })
    expect(inEffect?.internal).toMatchObject({ lookups: lookups.internal, servers: [server('LAN'), server('DMZ')] })
    await stage().send('alice@example.test')
    await eventually(() => stage().arrived, (mails) => mails.length === 1)
  })

  it('of the limits are saved at once and in effect after the next restart', async () => {
    const { transport, limit } = stage()
    await start(stage())
    await save(transport, { limits: { [limit.name]: limit.value } })
    expect(await transport.properties()).toMatchObject({ restartNeeded: true, limits: { [limit.name]: limit.value } })
    await transport.control('restart', { signal: soon() })
    expect(await transport.properties()).toMatchObject({ restartNeeded: false, limits: { [limit.name]: limit.value } })
  })

  it('are composed without being written, and go back byte for byte, as often as they are written', async () => {
    const { transport, limit } = stage()
    await save(transport, asking('DMZ'))
    await stage().edit()
    const bytes = await stage().settings()
    const { before, after } = await transport.compose({ ...asking('LAN'), limits: { [limit.name]: limit.value } })
    expect(await stage().settings()).toBe(bytes)
    expect((await transport.compose({})).before).toBe(before)
    for (const _ of [1, 2]) await transport.write(after)
    const changed = await transport.properties()
    expect(changed).toMatchObject({ lookups: { internal: { source: { name: 'LAN' } } }, limits: { [limit.name]: limit.value } })
    expect((await transport.compose({})).before).toBe(after)
    for (const _ of [1, 2]) await transport.write(before)
    expect(await stage().settings()).toBe(bytes)
    expect((await transport.compose({})).before).toBe(before)
  })

  it('that it does not have, or that cannot be, are refused by their names', async () => {
    const { transport, limit } = stage()
    const properties = await transport.properties()
    const judged = (wanted: Wanted) => () => judgeParameters(properties, wanted)
    expect(judged({ limits: { noSuchLimit: 1 } })).toThrow('has no parameter “noSuchLimit” here.')
    expect(judged({ limits: { [limit.name]: limit.bad } })).toThrow(`(${limit.name})`)
    expect(judged({ limits: { [limit.name]: limit.value } })).not.toThrow()
    const { noExternal, ports, protocols } = properties.capabilities
    const external = () => judgeLookups(properties, { lookups: { external: asking('LAN').lookups?.internal } })
    if (noExternal === null) expect(external).not.toThrow()
    else expect(external).toThrow(noExternal)
    const ported = () => judgeLookups(properties, { lookups: { internal: { source: { kind: 'servers', servers: ['10.0.0.1:5353'] }, protocol: 'any' } } })
    if (ports) expect(ported).not.toThrow()
    else expect(ported).toThrow('at port 53 alone')
    const udp = () => judgeLookups(properties, { lookups: { internal: { ...properties.lookups.internal, protocol: 'udp' } } })
    if (protocols.includes('udp')) expect(udp).not.toThrow()
    else expect(udp).toThrow()
  })
}
