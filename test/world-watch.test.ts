// Who listens is told which edge server's adapters changed, and nothing is watched for nobody.
import { expect, test } from 'vitest'
import { WorldWatch } from '../main/world-watch.ts'

function watched() {
  const listeners = new Set<() => void>()
  return {
    world: {
      watchAdapters(listener: () => void) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    change: () => listeners.forEach((listener) => listener()),
    get isWatched() {
      return listeners.size > 0
    },
  }
}

test('each server’s changes are told with a revision, from when somebody listens until nobody does', () => {
  const [local, rehearsal] = [watched(), watched()]
  const watch = new WorldWatch('watchAdapters')
  const told: unknown[] = []
  watch.add('local', local.world)
  expect(local.isWatched).toBe(false)
  const stop = watch.listen((change) => told.push(change))
  watch.add('rehearsal', rehearsal.world)
  local.change()
  rehearsal.change()
  watch.remove('rehearsal')
  rehearsal.change()
  expect([told, rehearsal.isWatched]).toEqual([[{ server: 'local', revision: 1 }, { server: 'rehearsal', revision: 2 }], false])
  stop()
  expect(local.isWatched).toBe(false)
  watch.listen((change) => told.push(change))
  local.change()
  watch.close()
  local.change()
  expect(told).toHaveLength(3)
})
