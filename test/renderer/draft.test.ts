import { describe, expect, test } from 'vitest'
import {
  cancelEdit,
  draftOf,
  edit,
  enter,
  entryProblem,
  isChanged,
  lookupsOf,
  move,
  paste,
  problemOf,
  remove,
  typed,
  type Draft,
  type SideDraft,
} from '../../renderer/properties/draft.ts'
import type { DnsLookups } from '../../preload/contract/dns.ts'

const saved: DnsLookups = {
  internal: { source: { kind: 'adapter', id: 'lan-id', name: 'LAN' }, protocol: 'any' },
  external: { source: { kind: 'servers', servers: ['10.0.0.10', 'fd00::10'] }, protocol: 'udp' },
  useExternalForInternet: true,
}
const inside = (change: Partial<SideDraft>): Draft => ({ ...draftOf(saved), internal: { ...draftOf(saved).internal, ...change } })
const list = (servers: string[]): SideDraft => ({ ...draftOf(saved).internal, uses: 'servers', servers })

describe('what counts as a change', () => {
  test('what is saved comes back as it was', () => {
    expect(lookupsOf(draftOf(saved))).toEqual(saved)
    expect(isChanged(draftOf(saved), saved)).toBe(false)
  })

  test.each([
    ['another adapter', { adapter: { id: 'dmz-id', name: 'DMZ' } }],
    ['all available', { adapter: null }],
    ['a list instead', { uses: 'servers' as const, servers: ['10.0.0.10'] }],
    ['another protocol', { protocol: 'tcp' as const }],
  ])('%s is one', (_, change) => {
    expect(isChanged(inside(change), saved)).toBe(true)
  })

  test('the adapter’s new name is none: its id decides', () => {
    expect(isChanged(inside({ adapter: { id: 'lan-id', name: 'Local Area Connection' } }), saved)).toBe(false)
  })

  test('there and back again is none', () => {
    const there = inside({ uses: 'servers', servers: ['10.0.0.10'] })
    expect(isChanged({ ...there, internal: { ...there.internal, uses: 'adapter' } }, saved)).toBe(false)
  })

  test('the list of the side that is not used is kept, and does not count', () => {
    const draft = inside({ servers: ['10.9.9.9'] })
    expect(isChanged(draft, saved)).toBe(false)
    expect(lookupsOf(draft)).toEqual(saved)
  })

  test('order counts: servers are asked one after the other', () => {
    const draft = draftOf(saved)
    expect(isChanged({ ...draft, external: move(draft.external, 0, 1) }, saved)).toBe(true)
  })

  test('what is typed and not added counts', () => {
    const draft = draftOf(saved)
    expect(isChanged({ ...draft, external: typed(draft.external, '10.0.0.11') }, saved)).toBe(true)
  })
})

describe('what cannot be saved is told with its tab', () => {
  test('nothing is wrong with what is saved', () => {
    expect(problemOf(draftOf(saved))).toBeNull()
  })
  test('an empty list', () => {
    expect(problemOf(inside({ uses: 'servers' }))).toBe('Internal DNS Lookups: Add at least one DNS server, or use the network card DNS settings.')
  })
  test('an address that is typed and not added', () => {
    expect(problemOf(inside({ uses: 'servers', servers: ['10.0.0.10'], entry: '10.0.0.11' }))).toBe(
      'Internal DNS Lookups: “10.0.0.11” is typed but not in the list: press Add, or clear the field.',
    )
  })
  test('a bad address that is typed', () => {
    expect(problemOf(inside({ uses: 'servers', servers: ['10.0.0.10'], entry: '1.2.3' }))).toMatch(/^Internal DNS Lookups: “1\.2\.3” is not an IP address/)
  })
  test('what is wrong with the side that is not used does not matter', () => {
    expect(problemOf(inside({ entry: '1.2.3' }))).toBeNull()
  })
})

describe('typing', () => {
  test.each(['1.2.3', '::g', 'dns.example.test', '300.1.1.1', '10.0.0.10:0', '224.0.0.1'])('%s is refused with a sentence, and not added', (text) => {
    const side = typed(list(['10.0.0.10']), text)
    expect(entryProblem(side)).toMatch(/^“.+”.+\.$/)
    expect(enter(side).servers).toEqual(['10.0.0.10'])
  })
  test.each([
    ['10.0.0.11', ['10.0.0.10', '10.0.0.11']],
    [' fd00::10 ', ['10.0.0.10', 'fd00::10']],
    ['[fd00::10]:5353', ['10.0.0.10', '[fd00::10]:5353']],
    ['10.0.0.11:53', ['10.0.0.10', '10.0.0.11']],
    ['10.0.0.11, 10.0.0.12;10.0.0.13', ['10.0.0.10', '10.0.0.11', '10.0.0.12', '10.0.0.13']],
  ])('%s is added', (text, servers) => {
    const side = typed(list(['10.0.0.10']), text)
    expect(entryProblem(side)).toBeNull()
    expect(enter(side)).toMatchObject({ servers, entry: '', selected: servers.length - 1 })
  })
  test('the same one twice is refused', () => {
    expect(entryProblem(typed(list(['10.0.0.10']), '10.0.0.10:53'))).toBe('10.0.0.10 is listed twice.')
  })
  test('an empty field is no problem and adds nothing', () => {
    const side = typed(list(['10.0.0.10']), '  ')
    expect(entryProblem(side)).toBeNull()
    expect(enter(side)).toBe(side)
  })
})

describe('pasting', () => {
  test('a list is split at commas, spaces and lines, and added as a whole', () => {
    expect(paste(list(['10.0.0.10']), '10.0.0.11,10.0.0.12\n fd00::10\r\n')).toMatchObject({ servers: ['10.0.0.10', '10.0.0.11', '10.0.0.12', 'fd00::10'], entry: '' })
  })
  test('one address goes into the field', () => {
    expect(paste(list([]), ' 10.0.0.11\n')).toBeNull()
  })
  test('one bad address among good ones refuses them all, and says which', () => {
    const side = paste(list(['10.0.0.10']), '10.0.0.11\n1.2.3\n10.0.0.12')!
    expect(side.servers).toEqual(['10.0.0.10'])
    expect(entryProblem(side)).toContain('“1.2.3”')
    expect(entryProblem(typed(side, ''))).toBeNull()
  })
  test('ten thousand are refused at once, with one sentence', () => {
    const begun = performance.now()
    const side = paste(list(['10.0.0.10']), Array.from({ length: 10_000 }, (_, at) => `10.1.${at >> 8}.${at & 255}`).join('\n'))!
    expect(entryProblem(side)).toMatch(/^10001 DNS servers are too many/)
    expect(side.servers).toEqual(['10.0.0.10'])
    expect(performance.now() - begun).toBeLessThan(100)
  })
})

describe('editing', () => {
  const three = list(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  test('what is edited keeps its place', () => {
    expect(enter(typed(edit(three, 1), '10.0.0.9'))).toMatchObject({ servers: ['10.0.0.1', '10.0.0.9', '10.0.0.3'], selected: 1, editing: null, entry: '' })
  })
  test('unchanged, it is not “listed twice”', () => {
    expect(entryProblem(edit(three, 1))).toBeNull()
    expect(enter(edit(three, 1)).servers).toEqual(three.servers)
  })
  test('cancelled, nothing has happened', () => {
    expect(cancelEdit(typed(edit(three, 1), '10.0.0.9'))).toMatchObject({ servers: three.servers, editing: null, entry: '' })
  })
  test('pending, it says what to press', () => {
    expect(problemOf({ ...draftOf(saved), internal: typed(edit(three, 1), '10.0.0.9') })).toContain('press Update')
  })
  test('removing selects the next, and at the end the last', () => {
    expect(remove(three, 1)).toMatchObject({ servers: ['10.0.0.1', '10.0.0.3'], selected: 1 })
    expect(remove(three, 2)).toMatchObject({ servers: ['10.0.0.1', '10.0.0.2'], selected: 1 })
    expect(remove(list(['10.0.0.1']), 0)).toMatchObject({ servers: [], selected: null })
  })
  test('moving keeps the selection on what was moved, and stops at the ends', () => {
    expect(move(three, 0, 1)).toMatchObject({ servers: ['10.0.0.2', '10.0.0.1', '10.0.0.3'], selected: 1 })
    expect(move(three, 0, -1)).toBe(three)
    expect(move(three, 2, 3)).toBe(three)
  })
})
