import { describe, expect, test } from 'vitest'
import { hostsEditSchema, patchLineSchema, threeWaySchema } from '../../preload/contract/hosts.ts'
import { edited } from '../../main/hosts/edit.ts'
import { hashOf } from '../../main/hosts/file.ts'
import { movedLines, threeWay } from '../../main/hosts/moved.ts'
import { patchOf, wordsOf } from '../../main/hosts/patch.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `10.0.0.${at + 1} host${at + 1}\n`)
const bytes = (lines: string[] | string) => Buffer.from(typeof lines === 'string' ? lines : lines.join(''))
const patch = (before: string[] | string, after: string[] | string) => {
  const lines = patchOf(bytes(before), bytes(after))
  for (const line of lines) expect(patchLineSchema.parse(line)).toEqual(line)
  return lines.map(({ kind, line, text }) => `${kind} ${line} ${text}`)
}

describe('a patch', () => {
  test('of one changed line has three lines of context', () => {
    expect(patch(numbered(9), numbered(9).with(4, 'x\n'))).toEqual([
      'kept 2 10.0.0.2 host2', 'kept 3 10.0.0.3 host3', 'kept 4 10.0.0.4 host4',
      'removed 5 10.0.0.5 host5', 'added 5 x',
      'kept 6 10.0.0.6 host6', 'kept 7 10.0.0.7 host7', 'kept 8 10.0.0.8 host8',
    ])
  })

  test('counts what is left out between two', () => {
    expect(patch(numbered(20), numbered(20).with(2, 'x\n').with(16, 'y\n'))).toContain('left out 7 7 lines')
    expect(patch(numbered(9), numbered(9).with(0, 'x\n').with(8, 'y\n'))).toContain('left out 5 one line')
  })

  test('of the same is none', () => expect(patch('a\n', 'a\n')).toEqual([]))

  test('says where only a line ending changes', () => {
    expect(patch('a\nb', 'a\nb\nc\n')).toEqual(['kept 1 a', 'removed 2 b (without a line ending)', 'added 2 b (with a line ending)', 'added 3 c'])
    expect(patch('a\r\n', 'a\n')).toEqual(['removed 1 a (with a line ending, CRLF)', 'added 1 a (with a line ending)'])
  })

  test('of very many lines counts the rest', () => {
    const lines = patchOf(bytes(numbered(5_000)), bytes(''))
    expect(lines).toHaveLength(2_001)
    expect(lines.at(-1)).toEqual({ kind: 'left out', line: 2_001, text: '3,000 more lines of this diff' })
  })
})

describe('words', () => {
  const before = bytes('10.0.0.1 a b # x\n#10.0.0.2 c\nd\n')
  const words = (edit: unknown) => wordsOf(hostsEditSchema.parse(edit), before)

  test.each([
    [{ kind: 'add', entries: [{ address: '203.0.113.25', names: ['mx1.example.test'] }] }, 'mx1.example.test is at 203.0.113.25.'],
    [{ kind: 'add', entries: [{ address: '203.0.113.25', names: ['a', 'b'] }] }, 'a, b are at 203.0.113.25.'],
    [{ kind: 'set', line: 1, address: '10.0.0.9' }, 'Line 1 has the address 10.0.0.9 (before: a, b are at 10.0.0.1).'],
    [{ kind: 'set', line: 1, names: ['c'] }, 'Line 1 has the name c (before: a, b are at 10.0.0.1).'],
    [{ kind: 'set', line: 1, comment: 'new' }, 'Line 1 has the comment “new”.'],
    [{ kind: 'set', line: 1, comment: null }, 'Line 1 has no comment.'],
    [{ kind: 'disable', lines: [1] }, 'Line 1 is disabled: a, b are at 10.0.0.1.'],
    [{ kind: 'enable', lines: [2] }, 'Line 2 is enabled: c is at 10.0.0.2.'],
    [{ kind: 'remove', lines: [3] }, 'Line 3 is removed: “d”.'],
    [{ kind: 'remove', lines: [1, 2, 3, 4, 5, 6] }, '6 lines are removed.'],
    [{ kind: 'move', lines: [2, 3], before: 1 }, 'Lines 2, 3 are moved before line 1.'],
    [{ kind: 'move', lines: [1], before: null }, 'Line 1 is moved to the end.'],
    [{ kind: 'group', lines: [1], name: 'mail' }, 'Line 1 is put under the heading “# [mail]”.'],
    [{ kind: 'text', line: 3, text: 'e', instead: true }, 'Line 3 is “e” instead of “d”.'],
    [{ kind: 'text', line: 0, text: 'e', instead: false }, '“e” is written before the first line.'],
  ])('of %j', (edit, expected) => expect(words(edit)).toEqual([expected]))
})

describe('lines that were moved', () => {
  const moved = (before: string, after: string, lines: number[]) => movedLines(bytes(before), bytes(after), lines)

  test('are found where they stand now', () => {
    expect(moved('a\nb\nc\n', 'x\na\nb\nc\n', [1, 3])).toEqual([2, 4])
    expect(moved('a\nb\nc\n', 'a\nc\n', [1, 2, 3])).toEqual([1, null, 2])
    expect(moved('a\nb\nc\n', 'a\nB\nc\n', [2])).toEqual([2])
    expect(moved('a\nb\n', 'a\nb\n', [1, 2, 9])).toEqual([1, 2, null])
  })

  test('are null where the file ended before them', () => expect(moved('a\n', 'b\na\n', [7])).toEqual([null]))
})

describe('three ways', () => {
  const base = numbered(6)
  const compared = (theirs: string[], edit: unknown) => {
    const told = threeWay(bytes(base), bytes(theirs), hostsEditSchema.parse(edit))
    expect(threeWaySchema.parse(told)).toEqual(told)
    return told
  }
  const merged = (theirs: string[], edit: unknown) => {
    const told = compared(theirs, edit)
    expect(told.merged?.hash).toBe(hashOf(bytes(theirs)))
    return told.merged && edited(bytes(theirs), told.merged.edit).toString()
  }

  test('the same edit finds its line again', () => {
    const theirs = ['# theirs\n', ...base]
    expect(merged(theirs, { kind: 'disable', lines: [2] })).toBe(theirs.with(2, '#10.0.0.2 host2\n').join(''))
    expect(merged(theirs, { kind: 'set', line: 6, comment: 'x' })).toBe(theirs.with(6, '10.0.0.6 host6 # x\n').join(''))
    expect(merged(theirs, { kind: 'add', entries: [{ address: '::1', names: ['a'] }], after: 1 })).toBe(theirs.toSpliced(2, 0, '::1 a\n').join(''))
    expect(merged(theirs, { kind: 'move', lines: [6], before: 1 })).toBe(['# theirs\n', base[5], ...base.slice(0, 5)].join(''))
    expect(merged(theirs, { kind: 'text', line: 0, text: 'top', instead: false })).toBe(['top\n', ...theirs].join(''))
  })

  test('where both touched a line nothing is merged, and all three texts are shown', () => {
    const theirs = base.with(1, '10.9.9.9 host2\n')
    expect(compared(theirs, { kind: 'set', line: 2, address: '10.8.8.8' })).toMatchObject({
      merged: null,
      conflicts: [{ line: 2, before: '10.0.0.2 host2', theirs: '10.9.9.9 host2', ours: '10.8.8.8 host2' }],
      theirs: expect.arrayContaining([{ kind: 'added', line: 2, text: '10.9.9.9 host2' }]),
      ours: expect.arrayContaining([{ kind: 'added', line: 2, text: '10.8.8.8 host2' }]),
    })
    expect(compared(base.toSpliced(1, 1), { kind: 'remove', lines: [2] })).toMatchObject({ merged: null, conflicts: [{ line: 2, theirs: '', ours: '' }] })
  })

  test('a place that is gone is the one before it', () => {
    expect(merged(base.toSpliced(2, 1), { kind: 'add', entries: [{ address: '::1', names: ['a'] }], after: 3 })).toBe(base.toSpliced(2, 1, '::1 a\n').join(''))
  })
})
