import { expect, test } from 'vitest'
import { inEffectText } from '../../renderer/parts/names.ts'
import { count, seconds, size, speed, time } from '../../renderer/parts/format.ts'

test('counts agree with their word', () => {
  expect(count(0, 'message')).toBe('0 messages')
  expect(count(1, 'message')).toBe('1 message')
  expect(count(2, 'entry', 'entries')).toBe('2 entries')
})

test('the time alone where it is today’s, with its date otherwise', () => {
  const now = new Date(2026, 0, 5, 12, 0, 0)
  const today = time(new Date(2026, 0, 5, 9, 30, 0).toISOString(), now)
  const before = time(new Date(2026, 0, 4, 9, 30, 0).toISOString(), now)
  expect(today).not.toMatch(/2026/)
  expect(before).toMatch(/2026/)
  expect(time(null)).toBe('–')
  expect(time('soon')).toBe('soon')
})

test('milliseconds, bytes and megabits as people say them', () => {
  expect(seconds(312.4)).toMatch(/^0[.,]31 s$/)
  expect(size(14_220)).toMatch(/^14\s?kB$/)
  expect(size(2_500_000)).toMatch(/^2[.,]5\s?MB$/)
  expect(speed(10_000)).toMatch(/^10\sGbit\/s$/)
  expect(speed(100)).toMatch(/^100\sMbit\/s$/)
})

test('the lookups in effect in one line', () => {
  const adapter = { kind: 'adapter', id: 'x', name: 'DMZ' } as const
  expect(inEffectText({ lookups: { source: adapter, protocol: 'any' }, servers: ['203.0.113.53'], problem: null })).toBe('DMZ → 203.0.113.53')
  expect(inEffectText({ lookups: { source: adapter, protocol: 'tcp' }, servers: [], problem: 'x' })).toBe('DMZ → no DNS servers, over TCP only')
  expect(inEffectText({ lookups: { source: { kind: 'all-adapters' }, protocol: 'any' }, servers: ['10.0.0.10', 'fd00::10'], problem: null })).toBe('All available adapters → 10.0.0.10, fd00::10')
})
