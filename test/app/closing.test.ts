import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Closing, rememberedIn } from '../../main/app/closing.ts'
import type { Properties } from '../../preload/contract/servers.ts'

let home: string
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'edgewise-closing-'))))
afterEach(() => rmSync(home, { recursive: true, force: true }))

function closing(local: () => Promise<Properties>, patience = 200) {
  const tell = vi.fn()
  const closeWindow = vi.fn()
  return { tell, closeWindow, closing: new Closing({ local, tell, closeWindow, patience }) }
}

const server = (transport: Properties['transport'], state: Properties['service']['state']) => async () =>
  ({ transport, home, service: { state, pid: null, listening: null, since: null, note: null } }) as Properties

test('the first close of a home folder says that the service keeps running; the second just closes', async () => {
  const first = closing(server('embedded', 'running'))
  expect(first.closing.mayClose()).toBe(false)
  await vi.waitFor(() => expect(first.tell).toHaveBeenCalledOnce())
  first.closing.shown()
  await sleep(300)
  expect(first.closeWindow).not.toHaveBeenCalled()
  first.closing.closeNow()
  expect(first.closeWindow).toHaveBeenCalledOnce()
  expect(JSON.parse(readFileSync(join(home, rememberedIn), 'utf8'))).toHaveProperty('saidThatServiceKeepsRunning')

  const second = closing(server('embedded', 'running'))
  expect(second.closing.mayClose()).toBe(false)
  await vi.waitFor(() => expect(second.closeWindow).toHaveBeenCalledOnce())
  expect(second.tell).not.toHaveBeenCalled()
  expect(second.closing.mayClose()).toBe(true)
})

test('who has been told and stays may close at once', async () => {
  const { closing: told, tell } = closing(server('embedded', 'running'))
  told.mayClose()
  await vi.waitFor(() => expect(tell).toHaveBeenCalled())
  told.shown()
  expect(told.mayClose()).toBe(true)
})

test.each([
  ['is stopped', server('embedded', 'stopped')],
  ['is not the embedded one', server('postfix', 'running')],
  ['cannot be asked', async () => Promise.reject(new Error('gone'))],
])('where the service %s, the window just closes', async (_, local) => {
  const { closing: plain, closeWindow, tell } = closing(local as () => Promise<Properties>)
  plain.mayClose()
  await vi.waitFor(() => expect(closeWindow).toHaveBeenCalledOnce())
  expect(tell).not.toHaveBeenCalled()
})

test('a view that does not react does not hold the window', async () => {
  const { closing: mute, closeWindow, tell } = closing(server('embedded', 'running'))
  mute.mayClose()
  await vi.waitFor(() => expect(tell).toHaveBeenCalledOnce())
  await vi.waitFor(() => expect(closeWindow).toHaveBeenCalledOnce())
})

test('a core that does not answer does not hold the window either', async () => {
  const { closing: silent, closeWindow, tell } = closing(() => new Promise(() => undefined))
  silent.mayClose()
  silent.mayClose()
  await vi.waitFor(() => expect(closeWindow).toHaveBeenCalledOnce())
  expect(tell).not.toHaveBeenCalled()
})

test('a home folder that cannot be written closes without the sentence', async () => {
  rmSync(home, { recursive: true })
  const { closing: unwritable, closeWindow, tell } = closing(server('embedded', 'running'))
  unwritable.mayClose()
  await vi.waitFor(() => expect(closeWindow).toHaveBeenCalledOnce())
  expect(tell).not.toHaveBeenCalled()
})
