import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { coalesce } from '../../main/app/coalesce.ts'

interface Change {
  server: string
  revision: number
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first goes at once, then only the latest of each tenth of a second', () => {
  const sent: number[] = []
  const send = coalesce<Change>(({ revision }) => sent.push(revision), ({ server }) => server)
  for (let revision = 1; revision <= 50; revision++) send({ server: 'local', revision })
  expect(sent).toEqual([1])
  vi.advanceTimersByTime(100)
  expect(sent).toEqual([1, 50])
  vi.advanceTimersByTime(1000)
  expect(sent).toEqual([1, 50])
  send({ server: 'local', revision: 51 })
  expect(sent).toEqual([1, 50, 51])
})

test('in a second of constant change no more than eleven are sent', () => {
  let sent = 0
  const send = coalesce<Change>(() => sent++, ({ server }) => server)
  for (let at = 0; at < 1000; at++) {
    send({ server: 'local', revision: at })
    vi.advanceTimersByTime(1)
  }
  expect(sent).toBeLessThanOrEqual(11)
})

test('one server does not hold back another', () => {
  const sent: string[] = []
  const send = coalesce<Change>(({ server }) => sent.push(server), ({ server }) => server)
  send({ server: 'local', revision: 1 })
  send({ server: 'rehearsal', revision: 2 })
  expect(sent).toEqual(['local', 'rehearsal'])
})
