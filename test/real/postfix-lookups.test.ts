// What a chosen adapter's DNS servers and the machine's own resolv.conf do to a Postfix that runs, when they change.
import { readFile, writeFile } from 'node:fs/promises'
import { beforeEach, afterEach, expect, it } from 'vitest'
import { PostfixTransport } from '../../main/transport/postfix/postfix.ts'
import { SettingsSubject } from '../../main/change/settings-subject.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { asking, save, soon, start } from '../transport/suite/stage.ts'
import { onPostfix } from './on-postfix.ts'
import type { PostfixStage } from './postfix-stage.ts'

onPostfix('a chosen adapter', (stages) => {
  let stage: PostfixStage
  let world: string
  let transport: PostfixTransport
  beforeEach(async () => {
    stage = await stages().stage()
    world = await readFile(stage.worldFile, 'utf8')
    transport = stage.transport
  })
  afterEach(async () => {
    await transport?.close()
    await writeFile(stage.worldFile, world)
    await stage?.close()
  })

  /** As a DHCP client would: the adapter has another server from here on. */
  async function leased(...dnsServers: string[]): Promise<void> {
    const given = JSON.parse(world) as { adapters: { name: string; dnsServers: string[] }[] }
    for (const adapter of given.adapters) if (adapter.name === 'LAN') adapter.dnsServers = dnsServers
    await writeFile(stage.worldFile, JSON.stringify(given))
    await transport.close()
    transport = new PostfixTransport({ configDir: stage.instance.configDir, home: stage.home, world: await worldOf(stage.worldFile) })
  }

  it('that has other DNS servers by now is said to have them, and is asked at them from the next start', async () => {
    await save(transport, asking('LAN'))
    await start({ transport })
    await leased(stage.server('OLD'))
    const before = await transport.properties()
    expect(before).toMatchObject({ restartNeeded: true, savedServers: [stage.server('LAN')], inEffect: { internal: { servers: [stage.server('LAN')] } } })
    expect(before.service.note).toContain(`“LAN” has other DNS servers by now (${stage.server('OLD')}) than Postfix asks (${stage.server('LAN')})`)
    expect((await transport.serviceState()).note).toBe(before.service.note)
    const { service } = await transport.control('restart', { signal: soon() })
    expect(service.note).toBeNull()
    const after = await transport.properties()
    expect(after).toMatchObject({ restartNeeded: false, savedServers: [stage.server('OLD')], inEffect: { internal: { servers: [stage.server('OLD')], lookups: { source: { name: 'LAN' } } } }, service: { note: null } })
  })

  it('that is chosen again is a change, which writes its servers of now', async () => {
    await save(transport, asking('LAN'))
    await leased(stage.server('DMZ'))
    const subject = new SettingsSubject({ world: await worldOf(stage.worldFile), transport })
    const prepare = (wanted: Parameters<SettingsSubject['prepare']>[0]) => subject.prepare(wanted, { progress: () => undefined, signal: soon() })
    const { described, isIdle, probed } = await prepare(asking('LAN'))
    expect(described.diff).toEqual([{ what: 'Internal DNS lookups, source', before: `adapter “LAN” (${stage.server('LAN')})`, after: `adapter “LAN” (${stage.server('DMZ')})` }])
    expect(isIdle(false)).toBe(false)
    expect(new Set(probed.map(({ server }) => server))).toEqual(new Set([stage.server('DMZ')]))
    await save(transport, asking('LAN'))
    expect(await readFile(stage.instance.lookupsFile, 'utf8')).toContain(`nameserver ${stage.server('DMZ')}\n`)
    expect((await prepare(asking('LAN'))).described.diff).toEqual([])
  })

  it('that has none any more is still asked where it was, and that is said', async () => {
    await save(transport, asking('LAN'))
    await start({ transport })
    await leased()
    const { service, restartNeeded } = await transport.properties()
    expect(service.note).toContain(`“LAN” has no DNS servers. Postfix goes on to ask what was there before: ${stage.server('LAN')}.`)
    expect(restartNeeded).toBe(false)
    await transport.control('restart', { signal: soon() })
    expect((await transport.properties()).inEffect?.internal.servers).toEqual([stage.server('LAN')])
  })
})

onPostfix('a main.cf that cannot be read', (stages) => {
  let stage: PostfixStage
  beforeEach(async () => void (stage = await stages().stage()))
  afterEach(() => stage?.close())

  it('hides no server: its service is told, with file and line; no change is written over it', async () => {
    const { transport, instance } = stage
    const { pid } = await start(stage)
    await writeFile(instance.mainCf, `${await readFile(instance.mainCf, 'utf8')}this is no parameter\n`)
    const bytes = await readFile(instance.mainCf)
    const where = new RegExp(`${instance.mainCf}, line \\d+: .*“?this is no parameter`)
    const opened = await stage.open()
    const listed = await opened.listed()
    expect(listed).toMatchObject({ name: 'edge.test', transport: 'postfix', version: expect.stringMatching(/^\d+\.\d+/), waiting: null, service: { state: 'running', pid } })
    expect(listed.service.note).toMatch(where)
    expect(listed.service.note).toContain('Mend that line')
    expect(await transport.serviceState()).toEqual(listed.service)
    const subject = new SettingsSubject({ world: await stage.world(), transport })
    await expect(subject.prepare(asking('LAN'), { progress: () => undefined, signal: soon() })).rejects.toThrow(where)
    expect((await readFile(instance.mainCf)).equals(bytes)).toBe(true)
    await expect(readFile(instance.lookupsFile)).rejects.toThrow('ENOENT')
    await instance.kill()
    expect(await opened.serviceState()).toMatchObject({ state: 'stopped', note: listed.service.note })
  })
})
