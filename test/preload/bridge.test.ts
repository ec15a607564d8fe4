// The preload as it is, before a double of Electron's bridge.
import { beforeEach, expect, test, vi } from 'vitest'
import { contract, type Api } from '../../preload/contract/index.ts'

type Heard = (event: unknown, ...args: unknown[]) => void

const { world, heard, ipcRenderer } = vi.hoisted(() => {
  const heard = new Map<string, Heard>()
  return {
    world: {} as Record<string, unknown>,
    heard,
    ipcRenderer: {
      on: (channel: string, listener: Heard) => heard.set(channel, listener),
      invoke: vi.fn(async (..._args: unknown[]): Promise<unknown> => ({ ok: true, value: {} })),
      send: vi.fn(),
    },
  }
})
vi.mock('electron', () => ({ ipcRenderer, contextBridge: { exposeInMainWorld: (name: string, api: unknown) => Object.assign(world, { [name]: api }) } }))

await import('../../preload/index.ts')
const api = world['edgewise'] as Api

beforeEach(() => {
  ipcRenderer.invoke.mockClear()
  ipcRenderer.send.mockClear()
})

test('hands over exactly the contract, as window.edgewise and nothing else', () => {
  expect(Object.keys(world)).toEqual(['edgewise'])
  const names = (topics: object) => Object.entries(topics).map(([topic, entries]) => [topic, Object.keys(entries as object)])
  expect(names(api)).toEqual(names(contract))
})

test('a call passes topic, name and input on', async () => {
  expect(await api.servers.start({ server: 'local' })).toEqual({ ok: true, value: {} })
  expect(ipcRenderer.invoke).toHaveBeenCalledWith('edgewise:call', 'servers', 'start', { server: 'local' })
})

test('a stream hears its own progress until it ends, and can be cancelled', async () => {
  let end: (value: unknown) => void = () => undefined
  ipcRenderer.invoke.mockImplementationOnce(() => new Promise((resolve) => (end = resolve)))
  const steps = vi.fn()
  const running = api.servers.restart({ server: 'local' }, steps)
  const id = ipcRenderer.invoke.mock.calls[0]?.[1]
  expect(ipcRenderer.invoke).toHaveBeenCalledWith('edgewise:stream', id, 'servers', 'restart', { server: 'local' })

  heard.get('edgewise:progress')?.({}, id, { step: 'stopping', at: 0 })
  heard.get('edgewise:progress')?.({}, 4711, { step: 'stopped', at: 1 })
  expect(steps.mock.calls).toEqual([[{ step: 'stopping', at: 0 }]])
  running.cancel()
  expect(ipcRenderer.send).toHaveBeenCalledWith('edgewise:cancel', id)

  end({ ok: true, value: {} })
  await running.result
  heard.get('edgewise:progress')?.({}, id, { step: 'serving', at: 2 })
  expect(steps).toHaveBeenCalledOnce()
})

test('an event reaches each listener until it unsubscribes, without Electron’s event', () => {
  const one = vi.fn()
  const two = vi.fn()
  const endOne = api.servers.changed(one)
  api.servers.changed(two)
  heard.get('edgewise:event')?.({ sender: 'secret' }, 'servers', 'changed', { server: 'local', revision: 1 })
  endOne()
  heard.get('edgewise:event')?.({}, 'servers', 'changed', { server: 'local', revision: 2 })
  heard.get('edgewise:event')?.({}, 'app', 'noticed', { revision: 1 })
  expect(one.mock.calls).toEqual([[{ server: 'local', revision: 1 }]])
  expect(two).toHaveBeenCalledTimes(2)
})
