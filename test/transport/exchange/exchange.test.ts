// Exchange behind the same dialog: what its transport makes of the double's answers.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Wanted } from '../../../preload/contract/changes.ts'
import type { Outcome } from '../../../preload/contract/queues.ts'
import { propertiesSchema } from '../../../preload/contract/servers.ts'
import { Changes } from '../../../main/change/changes.ts'
import { worldOf } from '../../../main/world/world-file.ts'
import { all, asking, save, soon, start } from '../suite/stage.ts'
import { type ExchangeStage, openExchange, servers } from './exchange-stage.ts'

let stage: ExchangeStage
beforeEach(async () => void (stage = await openExchange()))
afterEach(() => stage.close())

const mail = (id: number) => ({ id, from: 'bob@sender.test', to: ['alice@example.test'], subject: 'Hello', size: 2_000, received: Date.now() - 60_000, domain: 'example.test' })
const limits = { TransientFailureRetryInterval: 300 }

it('tells its Properties whole, stopped and running', async () => {
  const stopped = await stage.transport.properties()
  expect(propertiesSchema.parse(stopped)).toEqual(stopped)
  expect(stopped).toMatchObject({
    name: 'EDGE01', version: '15.2 (Build 1544.4)', inEffect: null, restartNeeded: false, waiting: null,
    acceptedDomains: [{ domain: 'ours.test', nextHop: '198.51.100.25' }],
    limits: { TransientFailureRetryInterval: 600, MaxOutboundConnections: '1000' },
  })
  await start(stage)
  expect(await stage.transport.properties()).toMatchObject({ service: { state: 'running', listening: '0.0.0.0:25' }, waiting: 0, inEffect: { internal: { servers: [servers.LAN, servers.DMZ] } } })
})

it('saves at once, and is in effect after the next restart', async () => {
  await save(stage.transport, asking('DMZ'))
  await start(stage)
  await save(stage.transport, { ...asking('LAN'), limits })
  expect(await stage.transport.properties()).toMatchObject({ restartNeeded: true, limits, lookups: { internal: { source: { id: 'LAN', name: 'LAN' } } }, inEffect: { internal: { servers: [servers.DMZ] } } })
  // A console that is opened later knows it, too.
  expect((await (await stage.open()).properties()).inEffect?.internal.servers).toEqual([servers.DMZ])
  await stage.transport.control('restart', { signal: soon() })
  expect(await stage.transport.properties()).toMatchObject({ restartNeeded: false, inEffect: { internal: { servers: [servers.LAN] } } })
})

it('does not guess what the service was started with where it was changed before anybody looked', async () => {
  const transport = stage.state()['transport'] as object | undefined
  stage.set({ service: { Status: 'Running', ProcessId: 4711, Since: '2026-11-24T08:00:00.0000000Z', InEffect: null }, transport: { ...(transport ?? (await startingValues())), WhenChanged: '2026-11-24T09:00:00.0000000Z' } })
  const properties = await stage.transport.properties()
  expect(properties).toMatchObject({ restartNeeded: true, inEffect: { internal: { servers: [], problem: expect.stringContaining('After a restart it is known.') } } })
})

/** The double writes its values down with its first answer. */
async function startingValues(): Promise<object> {
  await stage.transport.compose({})
  return stage.state()['transport'] as object
}

it('composes without writing, and goes back to what was there', async () => {
  const wanted: Wanted = { lookups: { internal: { source: { kind: 'servers', servers: ['192.0.2.1'] }, protocol: 'tcp' }, useExternalForInternet: true }, limits }
  const { before, after } = await stage.transport.compose(wanted)
  expect((await stage.transport.compose({})).before).toBe(before)
  await stage.transport.write(after, before)
  expect((await stage.transport.compose({})).before).toBe(after)
  expect(await stage.transport.properties()).toMatchObject({ lookups: { useExternalForInternet: true, internal: { source: { servers: ['192.0.2.1'] }, protocol: 'tcp' } } })
  // Somebody else's settings are not written over.
  await expect(stage.transport.write(before, before)).rejects.toMatchObject({ code: 'changed-meanwhile' })
  await stage.transport.write(before)
  expect((await stage.transport.compose({})).before).not.toBe(after)
  expect((await stage.transport.properties()).lookups).toMatchObject({ useExternalForInternet: false, internal: { source: { kind: 'all-adapters' }, protocol: 'any' } })
})

it('says the same in PowerShell', async () => {
  const { command } = await new Changes(stage.home, { world: await worldOf(stage.worldFile), transport: stage.transport }).plan({ lookups: { internal: { source: { kind: 'servers', servers: [servers.LAN] }, protocol: 'any' }, useExternalForInternet: true } }, { progress: () => {}, signal: soon() })
  expect(command.powershell).toBe(`Set-SendConnector 'Internet' -UseExternalDNSServersEnabled $true; Get-TransportService | Set-TransportService -InternalDNSAdapterEnabled $false -InternalDNSServers '${servers.LAN}'`)
})

it('tells how a message left that was waiting, and finds it by its number', async () => {
  stage.set({ mail: [mail(1)] })
  await save(stage.transport, asking('DMZ'))
  await start(stage)
  const [message] = (await stage.transport.messages({}, all)).messages
  expect(message).toMatchObject({ from: 'bob@sender.test', queue: 'example.test', reason: 'dns-failure', end: null })
  const ids = [message?.id ?? '']
  expect((await stage.transport.messages({ ids }, all)).messages).toMatchObject([{ recipients: ['alice@example.test'], end: null }])
  await save(stage.transport, asking('LAN'))
  await stage.transport.control('restart', { signal: soon() })
  expect((await stage.transport.messages({ ids }, all)).messages).toMatchObject([{ id: ids[0], from: 'bob@sender.test', end: { how: 'delivered', text: '250 2.1.5 Recipient OK (mail.example.test, 198.51.100.25)' } }])
  expect((await stage.transport.properties()).waiting).toBe(0)
})

it('removes exactly what was chosen, keeps a copy, and says that it was removed', async () => {
  stage.set({ mail: [mail(1), mail(2)] })
  await save(stage.transport, asking('DMZ'))
  await start(stage)
  const [first, second] = (await stage.transport.messages({}, all)).messages
  if (!first || !second) throw new Error('two wait')
  const rows: Outcome[] = []
  const { id, from, received } = first
  await stage.transport.act({ kind: 'remove', ndr: false }, { messages: [{ id, from, received }, { id: second.id, from: 'mallory@sender.test', received: second.received }] }, { signal: soon(), told: (more) => rows.push(...more) })
  expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['gone', 'removed'])
  expect((await stage.transport.messages({ ids: [id] }, all)).messages).toMatchObject([{ end: { how: 'removed' } }])
  expect((await stage.transport.select({})).map((one) => one.id)).toEqual([second.id])
})

it('asks the DNS servers in effect', async () => {
  await save(stage.transport, asking('LAN'))
  await expect(stage.transport.resolve('example.test', 'MX', soon())).rejects.toMatchObject({ code: 'transport-unreachable' })
  await start(stage)
  expect(await stage.transport.resolve('example.test', 'MX', soon())).toMatchObject({ kind: 'records', values: ['10 mail.example.test'] })
})

it('a guarded change is kept since mail that waited was delivered', async () => {
  stage.set({ mail: [mail(1)] })
  await save(stage.transport, asking('DMZ'))
  await start(stage)
  const changes = new Changes(stage.home, { world: await worldOf(stage.worldFile), transport: await stage.open() })
  const change = await changes.run({ wanted: asking('LAN'), restart: true, drain: false, force: false, keep: false, by: 'a test' }, { progress: () => {}, signal: soon() })
  expect(change).toMatchObject({ state: 'kept', reason: expect.stringMatching(/^Mail to alice@example\.test that waited was delivered/) })
})
