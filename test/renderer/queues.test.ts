// The Queue Viewer without its window: pages at hand, what a refresh keeps, the filter as it is written, an action to its end.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { pageSize, rowAt } from '../../renderer/parts/pages.ts'
import { exportFolder } from '../../renderer/parts/saving.ts'
import { ask, cancel, close, putBack, start, useActing } from '../../renderer/queues/acting.ts'
import { parts, run } from '../../renderer/queues/actions.ts'
import { contextNow } from '../../renderer/queues/chosen.ts'
import { apply, draftOfRows, draftOfText, newRow, show, useFilters, withField, write } from '../../renderer/queues/filters.ts'
import { groupsOf } from '../../renderer/queues/groups.ts'
import { groupList, messageList, queueList, useTab } from '../../renderer/queues/lists.ts'
import { orderOf } from '../../renderer/queues/order.ts'
import { useWhere } from '../../renderer/console/place.ts'
import { useForm } from '../../renderer/smtp/form.ts'
import { messageOf } from './queues.ts'

const { story } = await vi.hoisted(async () => {
  const { tell } = await import('./story.ts')
  const listeners = new EventTarget()
  const story = tell(0)
  Object.assign(globalThis, { window: Object.assign(listeners, { edgewise: story.api }) })
  return { story }
})

const mail = (count: number) => Array.from({ length: count }, (_, place) => messageOf(`M${place}`))
const state = () => messageList.use.getState()
const idAt = (place: number) => rowAt(state().pages, place)?.id
const seen = (from: number, rest = 0) => messageList.need({ from, to: from + 20, rest })
let ends: () => void

/** Follows the messages, as the tab does while it is shown. */
async function follow(count: number) {
  story.waiting.mail.set('local', mail(count))
  ends = messageList.follow('local')
  await vi.waitFor(() => expect(state()).toMatchObject({ isKnown: true, total: count }))
}

const refreshed = async (messages: ReturnType<typeof mail>) => {
  const { pages } = state()
  story.waiting.mail.set('local', messages)
  story.changed('local')
  await vi.waitFor(() => expect(state().pages).not.toBe(pages))
}

beforeEach(() => {
  useTab.setState({ tab: 'messages' })
  Object.assign(story.waiting, { hangsAfter: null, retried: { outcome: 'sent', text: '250 taken' }, asked: [], removals: [] })
  story.fail('queues.messages', null)
  show('messages', { all: [] })
  ends = () => undefined
})
afterEach(() => {
  ends()
  close()
  messageList.use.setState({ isKnown: false, pages: new Map(), total: 0, selected: new Set(), at: 0, anchor: 0, failure: null })
  seen(0)
})

describe('pages', () => {
  test('of 100,000 messages only those are asked for that are seen, and few are kept', async () => {
    await follow(100_000)
    expect(story.waiting.asked.every(({ limit }) => limit <= pageSize)).toBe(true)
    for (let from = 0; from < 100_000; from += 2_000) {
      seen(from)
      await vi.waitFor(() => expect(idAt(from)).toBe(`M${from}`))
    }
    expect(state().pages.size).toBeLessThanOrEqual(40)
  })

  test('a list that cannot be read says so, and is not an empty one', async () => {
    await follow(3)
    story.fail('queues.messages', { code: 'transport-unreachable', message: 'The relay does not answer.' })
    messageList.again()
    await vi.waitFor(() => expect(state().failure?.message).toBe('The relay does not answer.'))
    expect(state()).toMatchObject({ total: 3 })
    story.fail('queues.messages', null)
    messageList.again()
    await vi.waitFor(() => expect(state().failure).toBeNull())
  })
})

describe('a refresh', () => {
  test('keeps keyboard, selection and scroll on their rows while others leave above them', async () => {
    await follow(5_000)
    seen(1_000, 7)
    await vi.waitFor(() => expect(idAt(1_010)).toBe('M1010'))
    messageList.select(1_005)
    messageList.toggle(1_010)
    await vi.waitFor(() => expect(state().selected).toEqual(new Set(['M1005', 'M1010'])))
    let messages = mail(5_000)
    for (let round = 1; round <= 10; round++) {
      messages = messages.filter(({ id }) => id !== `M${round}` && id !== `M${3_000 + round}`)
      await refreshed(messages)
      expect(idAt(state().at)).toBe('M1010')
      expect(state().scroll).toEqual({ from: 1_000 - round, to: 1_020 - round, rest: 7 })
      expect(state().selected).toEqual(new Set(['M1005', 'M1010']))
      seen(1_000 - round, 7)
    }
  })

  test('finds its rows again when a thousand have left at once', async () => {
    await follow(5_000)
    seen(3_000)
    await vi.waitFor(() => expect(idAt(3_002)).toBe('M3002'))
    messageList.select(3_002)
    await refreshed(mail(5_000).slice(1_000))
    expect(idAt(state().at)).toBe('M3002')
    expect(state().at).toBe(2_002)
    expect(state().scroll?.from).toBe(2_000)
  })

  test('what has left is no longer selected, where all is at hand', async () => {
    await follow(10)
    messageList.select(2)
    messageList.extendTo(4)
    await vi.waitFor(() => expect(state().selected.toString()).toBeTruthy())
    expect(state().selected).toEqual(new Set(['M2', 'M3', 'M4']))
    await refreshed(mail(10).filter(({ id }) => id !== 'M3'))
    expect(state().selected).toEqual(new Set(['M2', 'M4']))
  })

  test('who looks at the first row goes on to do so when others come before it', async () => {
    await follow(100)
    await refreshed([messageOf('new'), ...mail(100)])
    expect(idAt(0)).toBe('new')
    expect(idAt(state().at)).toBe('M0')
    expect(state().scroll?.from).toBe(0)
  })
})

describe('selecting', () => {
  test('a range over rows that are not at hand asks for them; all of a filter is not named one by one', async () => {
    await follow(5_000)
    messageList.select(10)
    messageList.extendTo(3_000)
    await vi.waitFor(() => expect((state().selected as ReadonlySet<string>).size).toBe(2_991))
    messageList.selectAll()
    expect(state().selected).toBe('all')
    expect(contextNow().chosen).toEqual({ messages: { filter: { all: [] } } })
  })

  test('another filter selects nothing; another order keeps what is selected', async () => {
    await follow(10)
    messageList.select(1)
    await vi.waitFor(() => expect(state().selected).toEqual(new Set(['M1'])))
    messageList.show({ sort: { by: 'id', descending: true } })
    await vi.waitFor(() => expect(idAt(0)).toBe('M9'))
    expect(state().selected).toEqual(new Set(['M1']))
    show('messages', { all: [{ field: 'id', is: 'equals', value: 'M3' }] })
    await vi.waitFor(() => expect(state().total).toBe(1))
    expect(state().selected).toEqual(new Set())
    messageList.show({ sort: { by: 'received', descending: false } })
  })
})

test('on another edge server the filter stays, and is asked of that one', async () => {
  await follow(3)
  ends()
  story.waiting.mail.set('rehearsal', [messageOf('R1'), messageOf('R2')])
  show('messages', { all: [{ field: 'id', is: 'equals', value: 'R2' }] })
  ends = messageList.follow('rehearsal')
  await vi.waitFor(() => expect(state()).toMatchObject({ server: 'rehearsal', total: 1 }))
  expect(idAt(0)).toBe('R2')
})

describe('the filter builder', () => {
  test('rows make the text, and a text makes the rows', () => {
    const rows = [{ ...newRow('lastError'), value: 'timed out' }, { ...newRow('inbound') }, { ...newRow('received'), value: '2h' }]
    const draft = draftOfRows(rows, 'messages')
    expect(draft).toMatchObject({ text: 'lastError contains "timed out" and inbound is yes and received older-than 2h', problem: null })
    expect(draftOfText(draft.text, 'messages', []).rows).toEqual(rows)
  })

  test('what cannot be read keeps the rows and says why', () => {
    const draft = draftOfText('received older-than soon', 'messages', [newRow('size')])
    expect(draft.rows).toEqual([newRow('size')])
    expect(draft.problem).toMatch(/“soon” is no time/)
    expect(draftOfRows([newRow('size')], 'messages').problem).toMatch(/“” is no size/)
  })

  test('another field keeps what it can have', () => {
    expect(withField({ field: 'from', is: 'not-contains', value: 'ana' }, 'subject')).toEqual({ field: 'subject', is: 'not-contains', value: 'ana' })
    expect(withField({ field: 'from', is: 'contains', value: 'ana' }, 'size')).toEqual({ field: 'size', is: 'over', value: 'ana' })
    expect(withField({ field: 'from', is: 'contains', value: 'ana' }, 'status')).toEqual(newRow('status'))
  })

  test('a filter that cannot be read is not applied, and nothing can be done by it', async () => {
    await follow(10)
    messageList.selectAll()
    expect(contextNow().chosen).not.toBeNull()
    write('messages', draftOfText('from conteins ana', 'messages', []))
    apply('messages')
    expect(state().view.filter).toEqual({ all: [] })
    expect(contextNow().chosen).toBeNull()
    run('remove')
    expect(useActing.getState().current).toBeNull()
    expect(useFilters.getState().messages.problem).toContain('conteins')
  })
})

describe('an action', () => {
  const current = () => useActing.getState().current
  const asked = () => vi.waitFor(() => expect(current()?.phase).toBe('asked'))
  const ended = () => vi.waitFor(() => expect(current()?.phase).toBe('ended'))
  const byFilter = { messages: { filter: { all: [] } } }

  test('is counted first, and done with exactly those that were counted', async () => {
    await follow(5)
    await ask('local', { kind: 'remove', ndr: false }, byFilter, '')
    expect(current()).toMatchObject({ phase: 'asked', messages: 5 })
    story.waiting.mail.set('local', [...mail(5), messageOf('later')])
    start()
    await ended()
    expect(current()).toMatchObject({ counts: { removed: 5 }, done: 5, end: { removal: 'R1' } })
    expect(story.waiting.mail.get('local')?.map(({ id }) => id)).toEqual(['later'])
    putBack('local', 'R1', 5)
    await ended()
    expect(story.waiting.mail.get('local')).toHaveLength(6)
  })

  test('tells how each row ended, and counts what was gone', async () => {
    await follow(3)
    story.waiting.retried = { outcome: 'deferred', text: '451 later' }
    await ask('local', { kind: 'retry' }, byFilter, '')
    story.waiting.mail.set('local', mail(2))
    messageList.use.setState({ selected: new Set(['M1', 'M2']) })
    start()
    await ended()
    expect(state().selected).toEqual(new Set(['M1']))
    expect(current()?.counts).toEqual({ deferred: 2, gone: 1 })
    expect(current()?.rows.map(({ outcome }) => outcome)).toEqual(['deferred', 'deferred', 'gone'])
  })

  test('is cancelled: what was done stays done and is told', async () => {
    await follow(5)
    story.waiting.hangsAfter = 2
    await ask('local', { kind: 'suspend' }, byFilter, '')
    await asked()
    start()
    await vi.waitFor(() => expect(current()?.done).toBe(2))
    close()
    expect(current()?.phase).toBe('running')
    cancel()
    await vi.waitFor(() => expect(current()?.phase).toBe('failed'))
    expect(current()).toMatchObject({ failure: { code: 'cancelled' }, counts: { suspended: 2 } })
    expect(story.waiting.mail.get('local')?.map(({ status }) => status)).toEqual(['Suspended', 'Suspended', 'Retry', 'Retry', 'Retry'])
  })
})

test('retry and remove are never neighbours, wherever actions are listed', () => {
  const order = parts.flat() as string[]
  expect(Math.abs(order.indexOf('retry') - order.indexOf('remove'))).toBeGreaterThan(2)
  expect(Math.abs(order.indexOf('retry') - order.indexOf('removeQuietly'))).toBeGreaterThan(2)
  expect(parts.some((part) => (part as readonly string[]).includes('retry') && (part as readonly string[]).includes('remove'))).toBe(false)
})

test('an export goes beside the edge server’s own files, as its system writes paths', () => {
  const now = new Date(2025, 2, 1, 9, 5, 7)
  expect(exportFolder('/var/lib/edgewise', now)).toBe('/var/lib/edgewise/exported/2025-03-01 090507')
  expect(exportFolder('C:\\ProgramData\\Edgewise', now)).toBe('C:\\ProgramData\\Edgewise\\exported\\2025-03-01 090507')
})

test('queues come whole and are sorted here; what has no value comes last', () => {
  const rows = [{ nextHop: 'b', nextRetry: null }, { nextHop: 'a10', nextRetry: '2' }, { nextHop: 'a9', nextRetry: '1' }]
  const names = (by: string, descending: boolean) => rows.toSorted(orderOf({ by, descending })).map(({ nextHop }) => nextHop)
  expect(names('nextHop', false)).toEqual(['a9', 'a10', 'b'])
  expect(names('nextRetry', true)).toEqual(['a10', 'a9', 'b'])
})

test('by reason alone, the messages of all destinations are counted together', () => {
  const reason = { reason: 'connect-failed' as const, error: '451', explained: null }
  const groups = groupsOf([{ ...reason, nextHop: 'a', messages: 3 }, { ...reason, nextHop: 'b', messages: 2 }, { ...reason, reason: 'greylisted', nextHop: 'a', messages: 1 }], 'reason')
  expect(groups.map(({ nextHop, messages, destinations }) => [nextHop, messages, destinations])).toEqual([[null, 5, 2], [null, 1, 1]])
})

test('of a group that is selected, all its messages are meant', async () => {
  story.waiting.mail.set('local', [...mail(2), messageOf('x', { queue: 'other.test' })])
  useTab.setState({ tab: 'reasons' })
  const end = groupList.follow('local')
  await vi.waitFor(() => expect(groupList.use.getState().total).toBe(2))
  groupList.select(0)
  await vi.waitFor(() => expect(contextNow().chosen).toEqual({ messages: { filter: { all: [{ field: 'nextHop', is: 'equals', value: 'example.test' }, { field: 'reason', is: 'equals', value: 'connect-failed' }] } } }))
  end()
})

test('the SMTP test is opened for a message’s recipient, and for a queue’s domain', async () => {
  await follow(2)
  messageList.select(1)
  run('smtpTest')
  expect(useWhere.getState().place).toBe('smtp')
  expect(useForm.getState().draft.recipient).toBe(state().pages.get(0)?.[1]?.recipients[0])
  useTab.setState({ tab: 'queues' })
  expect(contextNow().recipient).toBeNull()
  const end = queueList.follow('local')
  await vi.waitFor(() => expect(queueList.use.getState().total).toBe(1))
  queueList.select(0)
  run('smtpTest')
  expect(useForm.getState().draft.recipient).toBe('postmaster@example.test')
  end()
})

test('a queue leads to its messages by a filter', async () => {
  story.waiting.mail.set('local', mail(2))
  useTab.setState({ tab: 'queues' })
  const end = queueList.follow('local')
  await vi.waitFor(() => expect(queueList.use.getState().total).toBe(1))
  queueList.select(0)
  run('open')
  expect(useTab.getState().tab).toBe('messages')
  expect(state().view.filter).toEqual({ all: [{ field: 'nextHop', is: 'equals', value: 'example.test' }] })
  expect(useFilters.getState().messages.text).toBe('nextHop is "example.test"')
  end()
})
