import { expect, test, vi } from 'vitest'
import { Notices } from '../../main/app/notices.ts'

test('each notice stays until it is dismissed, and every change is told', () => {
  const changed = vi.fn()
  const notices = new Notices(changed)
  notices.add('warning', 'The relay died.')
  notices.add('information', 'It was started again.')
  expect(notices.list.map(({ text }) => text)).toEqual(['The relay died.', 'It was started again.'])
  notices.dismiss(notices.list[0]!.id)
  expect(notices.list.map(({ text }) => text)).toEqual(['It was started again.'])
  const revisions = changed.mock.calls.map(([revision]) => revision as number)
  expect(revisions).toHaveLength(3)
  expect(new Set(revisions).size).toBe(3)
})

test('the same sentence again is one notice, as its latest', () => {
  const notices = new Notices(vi.fn())
  notices.add('warning', 'The relay died.')
  notices.add('warning', 'Something else.')
  notices.add('warning', 'The relay died.')
  expect(notices.list.map(({ text }) => text)).toEqual(['Something else.', 'The relay died.'])
})

test('a flood keeps the latest twenty', () => {
  const notices = new Notices(vi.fn())
  for (let at = 1; at <= 100; at++) notices.add('warning', `Fault ${at}.`)
  expect(notices.list).toHaveLength(20)
  expect(notices.list.at(-1)?.text).toBe('Fault 100.')
})
