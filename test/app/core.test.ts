import { expect, test, vi } from 'vitest'
import { holdCore } from '../../main/app/core.ts'
import type { Edgewise } from '../../main/edgewise.ts'
import { kinds } from '../../preload/contract/kinds.ts'
import { Failure } from '../../preload/contract/failure.ts'

const asked = { signal: new AbortController().signal, progress: () => undefined }
const core = (list: () => unknown = async () => ({ servers: [] })) => ({ home: '/home', answers: { servers: { list } }, onChange: vi.fn(), onNotice: vi.fn(), close: vi.fn(async () => undefined) }) as unknown as Edgewise

test('calls wait for the core, which is opened once', async () => {
  let opened: (edgewise: Edgewise) => void = () => undefined
  const open = vi.fn(() => new Promise<Edgewise>((resolve) => (opened = resolve)))
  const connect = vi.fn()
  const held = holdCore(open, connect)
  const first = held.answers.servers.list({}, asked)
  const second = held.answers.servers.list({}, asked)
  opened(core())
  expect(await Promise.all([first, second])).toEqual([{ servers: [] }, { servers: [] }])
  expect(open).toHaveBeenCalledOnce()
  expect(connect).toHaveBeenCalledOnce()
})

test('a core that could not be opened fails each call with its sentence, and is opened again by the next', async () => {
  const taken = new Failure('failed', 'The home folder cannot be written.')
  const open = vi.fn<() => Promise<Edgewise>>().mockRejectedValueOnce(taken).mockResolvedValue(core())
  const held = holdCore(open, vi.fn())
  await expect(held.answers.servers.list({}, asked)).rejects.toBe(taken)
  expect(await held.answers.servers.list({}, asked)).toEqual({ servers: [] })
  expect(open).toHaveBeenCalledTimes(2)
})

test('there is an answer for every entry of the contract but those of the window', async () => {
  const held = holdCore(async () => core(), vi.fn())
  expect(Object.keys(held.answers)).toEqual(Object.keys(kinds).filter((topic) => topic !== 'app'))
  expect(Object.keys(held.answers.servers)).not.toContain('changed')
})

test('closing closes what was opened', async () => {
  const edgewise = core()
  const held = holdCore(async () => edgewise, vi.fn())
  expect(held.close()).toBeNull()
  await held.answers.servers.list({}, asked)
  await held.close()
  expect(edgewise.close).toHaveBeenCalledOnce()
})
