// The view of the hosts file without its window: pages at hand, and what is selected over filters and other people's writes.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HostsRow, HostsSave } from '../../preload/contract/hosts.ts'
import { useChange } from '../../renderer/change/change.ts'
import { editOf } from '../../renderer/hosts/draft.ts'
import { emptyDraft, useForms } from '../../renderer/hosts/forms.ts'
import { followHosts, need, reload, saved, show, type, useHosts } from '../../renderer/hosts/hosts.ts'
import { nextMissing, pageSize, rowAt, withPage, type Pages } from '../../renderer/parts/pages.ts'
import { begin, save } from '../../renderer/hosts/saving.ts'
import { extendTo, goTo, select, selectAll, selectedRows, toggle } from '../../renderer/hosts/selecting.ts'
import { said, withLater } from '../../renderer/hosts/undo.ts'

const { story } = await vi.hoisted(async () => {
  const { tell } = await import('./story.ts')
  const told = tell(0)
  vi.stubGlobal('window', Object.assign(new EventTarget(), { edgewise: told.api }))
  return { story: told }
})
const { hosts } = story
const { getState: state, setState: set } = useHosts
const initial = state()

const named = (at: number) => `192.0.2.${at % 250} host${at}.example.test`
const numbered = Array.from({ length: 1_000 }, (_, at) => named(at))
const texts = async () => (await selectedRows()).map(({ text }) => text)
const atText = () => rowAt(state().pages, state().at)?.text
/** What others write, up to where the view shows it. */
async function others(lines: readonly string[]): Promise<void> {
  hosts.write(lines)
  await vi.waitFor(() => expect(state().file?.lines).toBe(lines.length))
}
async function filtered(filter: string, total: number): Promise<void> {
  type(filter)
  await vi.waitFor(() => expect(state().view.filter).toBe(filter))
  expect(state().total).toBe(total)
}

let deaf = () => undefined as void
beforeEach(async () => {
  set(initial, true)
  hosts.write(numbered)
  deaf = followHosts('local')
  await vi.waitFor(() => expect(state().total).toBe(1_000))
})
afterEach(() => deaf())

describe('pages', () => {
  const row = (line: number) => ({ line }) as HostsRow
  const page = (at: number) => Array.from({ length: pageSize }, (_, place) => row(at * pageSize + place + 1))

  test('what is seen is asked for first, then its neighbours, the nearest first, and nothing beyond the ends', () => {
    const [from, to, total] = [2 * pageSize + 5, 2 * pageSize + 25, 5 * pageSize]
    const asked: number[] = []
    for (let next = nextMissing(new Set(asked), from, to, total); next !== undefined; next = nextMissing(new Set(asked), from, to, total)) asked.push(next)
    expect(asked).toEqual([2, 3, 1, 4, 0])
    expect(nextMissing(new Set([1]), pageSize - 5, pageSize + 5, 2 * pageSize)).toBe(0)
    expect(nextMissing(withPage(new Map(), 0, page(0), 0), 0, 20, pageSize - 5)).toBeUndefined()
  })

  test('the farthest are forgotten, so that a long way does not fill the memory', () => {
    let pages: Pages<HostsRow> = new Map()
    for (let at = 0; at < 500; at++) pages = withPage(pages, at, page(at), at)
    expect(pages.size).toBeLessThan(100)
    expect(rowAt(pages, 499 * pageSize)?.line).toBe(499 * pageSize + 1)
    expect(rowAt(pages, 0)).toBeUndefined()
  })

  test('what is near the row of the keyboard stays, however far the list is scrolled', () => {
    let pages: Pages<HostsRow> = new Map([[3, page(3)]])
    for (let at = 100; at < 600; at++) pages = withPage(pages, at, page(at), at, 3)
    expect(rowAt(pages, 3 * pageSize)?.line).toBe(3 * pageSize + 1)
    expect(pages.size).toBeLessThan(100)
  })
})

test('of a long file only what is seen is read, and the rest when it is scrolled to', async () => {
  expect(rowAt(state().pages, 0)?.text).toBe(named(0))
  expect(rowAt(state().pages, 900)).toBeUndefined()
  await need({ from: 890, to: 930, rest: 0 })
  expect(rowAt(state().pages, 900)?.text).toBe(named(900))
})

describe('what is selected', () => {
  test('is extended over rows that were never read', async () => {
    await select(3)
    await extendTo(900)
    expect(state().selected.size).toBe(898)
    await extendTo(1)
    expect(await texts()).toEqual([named(1), named(2), named(3)])
    toggle(2)
    expect(await texts()).toEqual([named(1), named(3)])
  })

  test('is all that the filter leaves, and no line that it hides', async () => {
    await filtered('host99', 11)
    await selectAll()
    expect(await texts()).toEqual([99, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999].map(named))
  })

  test('under another filter it is what was under the keyboard, where that is still shown', async () => {
    await filtered('host99', 11)
    await select(4)
    await filtered('', 1_000)
    expect(state().at).toBe(993)
    expect(await texts()).toEqual([named(993)])
    await filtered('host12', 11)
    expect(state().selected.size).toBe(0)
  })

  test('keeps to its lines when others put some before them, and loses those that others remove', async () => {
    await select(10)
    await extendTo(12)
    await others(['# one', '# two', ...numbered])
    expect(state().at).toBe(14)
    expect(await texts()).toEqual([named(10), named(11), named(12)])
    await others(['# one', '# two', ...numbered.filter((_, at) => at !== 11)])
    expect(await texts()).toEqual([named(10), named(12)])
  })

  test('keeps to its lines under a filter too, far from the first page', async () => {
    await filtered('host', 1_000)
    await select(700)
    await others(['# one', ...numbered])
    expect(state().at).toBe(700)
    expect(await texts()).toEqual([named(700)])
  })

  test('a line that no longer fits the filter is not selected any more', async () => {
    await filtered('host99', 11)
    await selectAll()
    await others(numbered.map((line, at) => (at === 995 ? '203.0.113.9 other.example.test' : line)).concat('# grown'))
    expect(await texts()).not.toContain('203.0.113.9 other.example.test')
    expect(state().selected.size).toBe(10)
  })

  test('what is selected while the file is read anew is not forgotten', async () => {
    hosts.write(['# one', ...numbered])
    const reading = reload()
    await select(20)
    await reading
    await vi.waitFor(() => expect(state().file?.lines).toBe(1_001))
    expect(await texts()).toEqual([named(20)])
    expect(atText()).toBe(named(20))
  })
})

test('a line is gone to, whatever the filter hides', async () => {
  await filtered('host99', 11)
  await goTo(500)
  expect(state().view).toEqual({ filter: '', show: 'all' })
  expect(state().at).toBe(499)
  expect(await texts()).toEqual([named(499)])
})

test('what others write is told with the time, one’s own save with what it did', async () => {
  await others(['# one', ...numbered])
  expect(state().note).toMatch(/^The file was changed outside this console at \d+:\d\d/)
  hosts.write(numbered)
  await saved('Saved: line 1 is removed.')
  await reload()
  expect(state().note).toBe('Saved: line 1 is removed.')
})

test('lines with something amiss are counted, and shown alone', async () => {
  await others(['0.0.0.0 nobody.example.test', ...numbered])
  expect(state().problems).toBe(1)
  show('problems')
  await vi.waitFor(() => expect(state().total).toBe(1))
})

test('a file that cannot be read is a sentence, and what was read before stays', async () => {
  story.fail('hosts.list', { code: 'failed', message: 'The hosts file may not be read.', remedy: 'Give this user the right to read it.' })
  await reload()
  expect(state().failure?.message).toBe('The hosts file may not be read.')
  expect(state().total).toBe(1_000)
  story.fail('hosts.list', null)
  await reload()
  expect(state().failure).toBeNull()
})

describe('a save', () => {
  const subject = () => ({ server: 'local' as const, file: state().file! })
  const remove = { kind: 'remove' as const, lines: [1] }
  const question = () => useForms.getState().question
  afterEach(() => {
    useForms.setState({ form: null, question: null })
    useChange.setState({ current: null })
    hosts.file = { readOnly: false, hidden: false, notes: [] }
  })

  test('is shown as a diff, written when that is said, and closes by itself', async () => {
    const onSaved = vi.fn()
    begin(subject(), remove, onSaved)
    await vi.waitFor(() => expect(useChange.getState().current).toMatchObject({ phase: 'planned', described: { patch: [{ kind: 'removed', text: named(0) }, {}, {}, {}] } }))
    expect(hosts.lines()).toHaveLength(1_000)
    useChange.getState().apply()
    await vi.waitFor(() => expect(useChange.getState().current).toBeNull())
    expect(hosts.lines()).toEqual(numbered.slice(1))
    expect(onSaved).toHaveBeenCalledOnce()
    await vi.waitFor(() => expect(state().note).toBe('Saved: Lines: remove.'))
  })

  test('that comes after somebody else’s asks for three ways, and writes nothing', async () => {
    const before = subject()
    await others([...numbered, '# others'])
    begin(before, remove)
    await vi.waitFor(() => expect(question()).toMatchObject({ kind: 'compare', saving: { edit: remove } }))
    expect(useChange.getState().current).toBeNull()
    expect(hosts.lines()).toHaveLength(1_001)
  })

  test('that was agreed to as merged is carried out without another question', async () => {
    save({ ...subject(), edit: remove, evenReadOnly: false, isAgreed: true })
    await vi.waitFor(() => expect(hosts.lines()).toEqual(numbered.slice(1)))
    await vi.waitFor(() => expect(useChange.getState().current).toBeNull())
  })

  test('of a read-only file is asked about before it is even planned', async () => {
    hosts.file = { readOnly: true, hidden: false, notes: [] }
    await reload()
    begin(subject(), remove)
    const asked = question()
    expect(asked).toMatchObject({ kind: 'read-only' })
    expect(useChange.getState().current).toBeNull()
    if (asked?.kind === 'read-only') asked.write()
    await vi.waitFor(() => expect(useChange.getState().current?.phase).toBe('planned'))
    useChange.getState().apply()
    await vi.waitFor(() => expect(hosts.lines()).toEqual(numbered.slice(1)))
    await vi.waitFor(() => expect(useChange.getState().current).toBeNull())
  })
})

describe('an entry as it is typed', () => {
  const draft = { ...emptyDraft, address: ' 203.0.113.25 ', names: 'mx1.example.test, mail;  mx', comment: '  ' }

  test('names may be separated by spaces, commas or semicolons; no comment is none', () => {
    expect(editOf([draft], null, null)).toEqual({ edit: { kind: 'add', entries: [{ address: '203.0.113.25', names: ['mx1.example.test', 'mail', 'mx'], comment: null }], after: null } })
    expect(editOf([draft], 7, null)).toEqual({ edit: { kind: 'set', line: 7, address: '203.0.113.25', names: ['mx1.example.test', 'mail', 'mx'], comment: null } })
  })

  test('only what is ticked is added', () => {
    const second = { ...draft, names: 'mx2.example.test', isWanted: false }
    expect(editOf([draft, second], null, null)).toMatchObject({ edit: { entries: [{ names: ['mx1.example.test', 'mail', 'mx'] }] } })
    expect(editOf([second], null, null)).toEqual({ problem: 'Tick at least one entry.' })
  })

  test('what is wrong is a sentence', () => {
    expect(editOf([{ ...draft, address: '203.0.113' }], null, null)).toEqual({ problem: '“203.0.113” is not an IP address, such as 203.0.113.25 or 2001:db8::25.' })
    expect(editOf([{ ...draft, names: '' }], null, null)).toEqual({ problem: 'Give at least one host name.' })
    expect(editOf([{ ...draft, names: 'a#b' }], null, null)).toEqual({ problem: 'A host name has no spaces and no “#” in it, such as mx1.example.test.' })
  })
})

describe('what goes back with a save', () => {
  const past = (id: string, more: Partial<HostsSave> = {}): HostsSave => ({ id, at: '', by: '', words: [], patch: [], undone: false, isUndo: false, ...more })
  const saves = [past('e'), past('d', { isUndo: true }), past('c', { undone: true }), past('b'), past('a')]

  test('those that came after it and still stand, the newest first', () => {
    expect(withLater(saves, saves[4]!).map(({ id }) => id)).toEqual(['e', 'b', 'a'])
    expect(withLater(saves, saves[0]!).map(({ id }) => id)).toEqual(['e'])
    expect(said(saves[4]!, 3)).toBe('2 later saves go back with it.')
  })
  test('nothing of one that is taken back already, or is an undo itself', () => {
    expect(withLater(saves, saves[2]!)).toEqual([])
    expect(withLater(saves, saves[1]!)).toEqual([])
  })
})

test('a hand that stays on the keys while others write is no failure, and ends where it stands', async () => {
  hosts.write(['# one', ...numbered])
  for (let pressed = 0; pressed < 200 && state().file?.lines === 1_000; pressed++) {
    await select(pressed % pageSize)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const [chosen] = await texts()
  await vi.waitFor(() => expect(state().file?.lines).toBe(1_001))
  expect(state().failure).toBeNull()
  expect(await texts()).toEqual([chosen])
})
