import { expect, test, vi } from 'vitest'
import { openBorder, type Ask, type Asked, type OwnWindow } from '../../main/app/ipc.ts'

const page = 'file:///app/renderer/index.html'

function border(ask: Ask = vi.fn<Ask>(async () => ({ ok: true, value: 'answered' }))) {
  const handlers = new Map<string, (event: Asked, ...args: unknown[]) => unknown>()
  const mainFrame = { url: page }
  const window = { webContents: { mainFrame, send: vi.fn(), isDestroyed: () => false }, isDestroyed: (): boolean => false } satisfies OwnWindow
  let own: OwnWindow | null = window
  const channels = { handle: (name: string, handler: never) => handlers.set(name, handler), on: (name: string, handler: never) => handlers.set(name, handler) }
  const opened = openBorder(channels, () => own, page, ask)
  const event: Asked = { sender: window.webContents, senderFrame: mainFrame }
  const send = async (channel: string, from: Asked, ...args: unknown[]) => handlers.get(`edgewise:${channel}`)!(from, ...args)
  return { opened, ask, event, window, mainFrame, call: (from: Asked) => send('call', from, 'servers', 'list', {}), send, close: () => (own = null) }
}

const refused = { ok: false, error: { code: 'foreign-sender', message: expect.any(String) } }

test('our own main frame on our own page is answered', async () => {
  const { call, event, ask } = border()
  expect(await call(event)).toEqual({ ok: true, value: 'answered' })
  expect(ask).toHaveBeenCalledWith('servers', 'list', {}, expect.anything())
})

test('our page with a fragment is still our page', async () => {
  const { call, event, mainFrame } = border()
  mainFrame.url = `${page}#top`
  expect(await call(event)).toMatchObject({ ok: true })
})

test.each([
  ['a frame inside our page', (event: Asked): Asked => ({ ...event, senderFrame: { url: page } })],
  ['a frame that is gone', (event: Asked): Asked => ({ ...event, senderFrame: null })],
  ['another window', (event: Asked): Asked => ({ ...event, sender: {} })],
])('%s is refused', async (_, from) => {
  const { call, event, ask } = border()
  expect(await call(from(event))).toEqual(refused)
  expect(ask).not.toHaveBeenCalled()
})

test.each(['https://example.com/', 'file:///app/renderer/other.html', 'file:///app/renderer/index.html.evil', 'about:blank'])('our window on the page %s is refused', async (url) => {
  const { call, event, mainFrame, ask } = border()
  mainFrame.url = url
  expect(await call(event)).toEqual(refused)
  expect(ask).not.toHaveBeenCalled()
})

test('a closed window is refused', async () => {
  const { call, event, ask, close } = border()
  close()
  expect(await call(event)).toEqual(refused)
  expect(ask).not.toHaveBeenCalled()
})

test('a window that is being destroyed is refused', async () => {
  const { call, event, window } = border()
  window.isDestroyed = () => true
  expect(await call(event)).toEqual(refused)
})

/** A stream that tells one step and then waits to be cancelled. */
const patient: Ask = async (_topic, _name, _input, { signal, progress }) => {
  progress('step')
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  return { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } }
}

test('a stream tells its progress under its own number, and ends when it is cancelled', async () => {
  const { send, event, window } = border(patient)
  const result = send('stream', event, 7, 'servers', 'restart', {})
  expect(window.webContents.send).toHaveBeenCalledWith('edgewise:progress', 7, 'step')
  await send('cancel', event, 8)
  await send('cancel', { ...event, senderFrame: { url: page } }, 7)
  await send('cancel', event, 7)
  expect(await result).toMatchObject({ error: { code: 'cancelled' } })
})

test('a number is not taken twice', async () => {
  const { send, event } = border(patient)
  const first = send('stream', event, 1, 'servers', 'restart', {})
  expect(await send('stream', event, 1, 'servers', 'restart', {})).toMatchObject({ error: { code: 'bad-input' } })
  expect(await send('stream', event, 'one', 'servers', 'restart', {})).toMatchObject({ error: { code: 'bad-input' } })
  await send('cancel', event, 1)
  await first
})

test('what a closed window has begun is cancelled, and it is told nothing more', async () => {
  const { send, event, close, window, opened } = border(patient)
  const result = send('stream', event, 1, 'servers', 'restart', {})
  window.webContents.send.mockClear()
  close()
  opened.cancelAll()
  expect(await result).toMatchObject({ error: { code: 'cancelled' } })
  opened.send('servers', 'changed', { server: 'local', revision: 1 })
  expect(window.webContents.send).not.toHaveBeenCalled()
})
