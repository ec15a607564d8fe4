import { expect, test, vi } from 'vitest'
import type { Result } from '../../preload/contract/call.ts'
import { follow } from '../../renderer/parts/follow.ts'

// The view's modules expect the preload's work to be there.
vi.hoisted(() => void vi.stubGlobal('window', { edgewise: {} }))

const tick = () => new Promise((resolve) => setTimeout(resolve, 0))

function stage() {
  const asked: ((result: Result<number>) => void)[] = []
  const told = vi.fn<(result: Result<number>) => void>()
  let change: () => void = () => undefined
  const deaf = vi.fn()
  const following = follow(
    () => new Promise<Result<number>>((resolve) => asked.push(resolve)),
    (again) => {
      change = again
      return deaf
    },
    told,
  )
  const answer = async (value: number) => {
    asked.at(-1)!({ ok: true, value })
    await tick()
  }
  return { asked, told, deaf, following, answer, change: () => change() }
}

test('asks at once, and again after each change', async () => {
  const { asked, told, answer, change } = stage()
  expect(asked).toHaveLength(1)
  await answer(1)
  change()
  expect(asked).toHaveLength(2)
  await answer(2)
  expect(told.mock.calls.map(([result]) => result)).toEqual([
    { ok: true, value: 1 },
    { ok: true, value: 2 },
  ])
})

test('however many changes come while a question is under way, one more is asked', async () => {
  const { asked, answer, change } = stage()
  change()
  change()
  change()
  expect(asked).toHaveLength(1)
  await answer(1)
  expect(asked).toHaveLength(2)
  await answer(2)
  expect(asked).toHaveLength(2)
})

test('asked by hand, the answer is one that was asked for afterwards', async () => {
  const { following, answer } = stage()
  const later = following.again()
  await answer(1)
  await answer(2)
  expect(await later).toEqual({ ok: true, value: 2 })
})

test('once ended it tells nothing and hears nothing', async () => {
  const { following, told, deaf, answer } = stage()
  following.end()
  await answer(1)
  expect(told).not.toHaveBeenCalled()
  expect(deaf).toHaveBeenCalledOnce()
})

test('a main side that is gone is one more failure to show', async () => {
  const told = vi.fn()
  follow(() => Promise.reject(new Error('no handler')), () => () => undefined, told)
  await tick()
  expect(told).toHaveBeenCalledWith({ ok: false, error: expect.objectContaining({ code: 'failed' }) })
})
