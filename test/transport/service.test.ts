// One relay per home folder: found by all, started once, started again when it dies, left alone when it was stopped.
import { writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { EmbeddedTransport } from '../../main/transport/embedded/embedded.ts'
import { afterEach, expect, it } from 'vitest'
import { connectControl } from '../../main/transport/embedded/control.ts'
import { makeHome } from '../../main/transport/embedded/home.ts'
import { eventually, openStage, save, type Stage } from './stage.ts'

let stage: Stage
const open = async () => (stage = await openStage({ adapters: { LAN: { behaviour: 'answer' } } }))
afterEach(() => stage?.close())
const signal = () => AbortSignal.timeout(15_000)
const start = async (transport: EmbeddedTransport) => (await transport.control('start', { signal: signal() })).service
const stop = async (transport: EmbeddedTransport) => (await transport.control('stop', { signal: signal() })).service

it('is started when first asked, and found by the next', async () => {
  await open()
  expect((await stage.transport.serviceState()).state).toBe('stopped')
  expect(await stage.transport.queues()).toEqual([])
  const first = await stage.transport.serviceState()
  const second = await (await stage.open()).serviceState()
  expect(first.state).toBe('running')
  expect(second.pid).toBe(first.pid)
})

it('stays stopped when it was stopped by hand, and says how to start it', async () => {
  await open()
  await start(stage.transport)
  expect((await stop(stage.transport)).state).toBe('stopped')
  await expect(stage.transport.queues()).rejects.toMatchObject({ code: 'transport-unreachable', message: 'The transport service is stopped.' })
  expect((await start(stage.transport)).state).toBe('running')
  expect(await stage.transport.queues()).toEqual([])
})

it('can be stopped before it ever ran, and is then not started by being asked', async () => {
  await open()
  expect((await stop(stage.transport)).state).toBe('stopped')
  await expect(stage.transport.queues()).rejects.toMatchObject({ code: 'transport-unreachable' })
})

it('starts over a stale socket and a dead process’s lock', async () => {
  await open()
  await makeHome(stage.home)
  const dead = spawn(process.execPath, ['-e', ''])
  await once(dead, 'exit')
  await writeFile(stage.home.lock, `${dead.pid}\n`)
  const stale = createServer().listen(stage.home.control)
  await once(stale, 'listening')
  stale.unref()
  // As a killed process leaves it: the file is there and nobody listens.
  const kept = await connectControl(stage.home.control)
  kept?.close()
  await new Promise<void>((done) => stale.close(() => done()))
  await writeFile(stage.home.control, '')
  expect((await start(stage.transport)).state).toBe('running')
})

it('is started again when it dies while a window is open, which says so', async () => {
  await open()
  const notices: string[] = []
  stage.transport.keepAlive((_, text) => notices.push(text))
  const { pid } = await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'running')
  process.kill(pid ?? 0, 'SIGKILL')
  const again = await eventually(() => stage.transport.serviceState(), (service) => service.state === 'running' && service.pid !== pid)
  expect(again.pid).not.toBe(pid)
  await eventually(() => notices, (all) => all.length > 0)
  expect(notices).toEqual(['The transport service had stopped unexpectedly. It was started again and serves.'])
})

it('is not started again by the window after it was stopped by hand elsewhere, but found when it is back', async () => {
  await open()
  const notices: string[] = []
  let changes = 0
  stage.transport.watch(() => changes++)
  stage.transport.keepAlive((_, text) => notices.push(text))
  await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'running')
  const other = await stage.open()
  await stop(other)
  await eventually(() => stage.transport.serviceState(), ({ note }) => note === 'Stopped by the administrator.')
  await start(other)
  await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'running')
  const before = changes
  await stage.send('alice@example.test')
  await eventually(() => changes, (now) => now > before)
  expect(notices).toEqual([])
})

it('tells the window what another program saves', async () => {
  await open()
  let changes = 0
  stage.transport.watch(() => changes++)
  stage.transport.keepAlive(() => {})
  await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'running')
  const other = await stage.open()
  const before = changes
  await save(other, (await other.properties()).lookups)
  await eventually(() => changes, (now) => now > before)
})

it('can be restarted by another while the window keeps it alive, without a false alarm', async () => {
  await open()
  const notices: string[] = []
  stage.transport.keepAlive((_, text) => notices.push(text))
  await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'running')
  const other = await stage.open()
  const { service } = await other.control('restart', { signal: signal() })
  await eventually(() => stage.transport.serviceState(), ({ pid }) => pid === service.pid)
  expect(notices).toEqual([])
})

it('says in the window why it does not run and when it is tried again', async () => {
  await open()
  await makeHome(stage.home)
  await writeFile(stage.home.settings, 'no JSON')
  const notices: string[] = []
  stage.transport.keepAlive((_, text) => notices.push(text))
  const { note } = await eventually(() => stage.transport.serviceState(), (service) => service.note !== null)
  expect(note).toMatch(/settings file .* is damaged.*Next try in \d+ s\./)
  expect(notices[0]).toMatch(/^The transport service does not run\. /)
  await writeFile(stage.home.settings, '{}')
  await eventually(() => stage.transport.serviceState(), ({ state }) => state === 'running')
})

it('refuses what is no request of ours on its control socket', async () => {
  await open()
  await start(stage.transport)
  const { createConnection } = await import('node:net')
  const socket = createConnection(stage.home.control)
  socket.write('{"id": 1, "op": "__proto__", "input": {}}\n')
  const [answer] = await once(socket.setEncoding('utf8'), 'data')
  expect(JSON.parse(String(answer))).toMatchObject({ id: 1, error: { code: 'unknown-call' } })
  socket.write('garbage\n')
  await once(socket, 'close')
  expect((await stage.transport.serviceState()).state).toBe('running')
})
