import { EOL } from 'node:os'
import { describe, expect, test } from 'vitest'
import { hostsEditSchema } from '../../preload/contract/hosts.ts'
import { edited } from '../../main/hosts/edit.ts'
import { parseHosts } from '../../main/hosts/lines.ts'
import { rowsOf } from '../../main/hosts/rows.ts'

/** Letters below 256 are bytes, so that ANSI can be written here. */
const bytes = (text: string) => Buffer.from(text, 'latin1')
const after = (text: string, edit: unknown) => edited(bytes(text), hostsEditSchema.parse(edit)).toString('latin1')
const entry = (address: string, ...names: string[]) => ({ address, names })

describe('add', () => {
  test.each([
    ['at the end', 'a\n', null, 'a\n10.0.0.1 mx mail\n'],
    ['behind a line', '1\n2\n', 1, '1\n10.0.0.1 mx mail\n2\n'],
    ['with the line ending that most have', '1\r\n2\r\n3\n', null, '1\r\n2\r\n3\n10.0.0.1 mx mail\r\n'],
    ['behind a last line that has no ending, which gets one', '1\r\n2', null, '1\r\n2\r\n10.0.0.1 mx mail\r\n'],
    ['to an empty file, with this system’s line ending', '', null, `10.0.0.1 mx mail${EOL}`],
    ['behind a byte order mark alone', '\xef\xbb\xbf', null, `\xef\xbb\xbf10.0.0.1 mx mail${EOL}`],
    ['behind a blank line', '1\n\n', null, '1\n\n10.0.0.1 mx mail\n'],
  ])('%s', (_, text, line, expected) => {
    expect(after(text, { kind: 'add', entries: [entry('10.0.0.1', 'mx', 'mail')], after: line })).toBe(expected)
  })

  test('several with a comment', () => {
    expect(after('1\n', { kind: 'add', entries: [{ ...entry('10.0.0.1', 'a'), comment: ' new ' }, entry('::1', 'b')] })).toBe('1\n10.0.0.1 a # new\n::1 b\n')
  })

  test('in UTF-16, both ways round', () => {
    const text = Buffer.from('\ufeff10.0.0.1 ö\r\n', 'utf16le')
    const expected = Buffer.from('\ufeff10.0.0.1 ö\r\n10.0.0.2 ü\r\n', 'utf16le')
    const edit = hostsEditSchema.parse({ kind: 'add', entries: [entry('10.0.0.2', 'ü')] })
    expect(edited(text, edit)).toEqual(expected)
    expect(edited(Buffer.from(text).swap16(), edit)).toEqual(Buffer.from(expected).swap16())
  })

  test('in ANSI, as far as it has the letters', () => {
    const add = (name: string) => after('# Gr\xfc\xdfe\n', { kind: 'add', entries: [{ ...entry('10.0.0.1', 'a'), comment: name }] })
    expect(add('für 5 €')).toBe('# Gr\xfc\xdfe\n10.0.0.1 a # f\xfcr 5 \x80\n')
    expect(() => add('本')).toThrow(expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('ANSI, which has no “本”') }))
  })
})

describe('set', () => {
  const line = ' \t10.0.0.1\t mx.test   mail.test\t#  the relay  \r\n'
  test.each([
    ['an address', { address: '2001:db8::1' }, ' \t2001:db8::1\t mx.test   mail.test\t#  the relay  \r\n'],
    ['one name', { names: ['mx2.test', 'mail.test'] }, ' \t10.0.0.1\t mx2.test   mail.test\t#  the relay  \r\n'],
    ['fewer names', { names: ['mx.test'] }, ' \t10.0.0.1\t mx.test\t#  the relay  \r\n'],
    ['more names', { names: ['mx.test', 'mail.test', 'c'] }, ' \t10.0.0.1\t mx.test   mail.test c\t#  the relay  \r\n'],
    ['a comment', { comment: 'old' }, ' \t10.0.0.1\t mx.test   mail.test\t#  old  \r\n'],
    ['no comment', { comment: null }, ' \t10.0.0.1\t mx.test   mail.test\r\n'],
    ['all', { address: '10.0.0.2', names: ['a'], comment: 'b' }, ' \t10.0.0.2\t a\t#  b  \r\n'],
    ['nothing', {}, line],
  ])('%s, and nothing else', (_, change, expected) => {
    expect(after(`# 1\n${line}x`, { kind: 'set', line: 2, ...change })).toBe(`# 1\n${expected}x`)
  })

  test('a comment where there is none, before the spaces at the end', () => {
    expect(after('10.0.0.1 a  \n', { kind: 'set', line: 1, comment: 'x' })).toBe('10.0.0.1 a # x  \n')
    expect(after('10.0.0.1 a #\n', { kind: 'set', line: 1, comment: 'x' })).toBe('10.0.0.1 a # x\n')
  })

  test('what is disabled, which stays so', () => {
    expect(after('# 10.0.0.1 a\n', { kind: 'set', line: 1, names: ['b'] })).toBe('# 10.0.0.1 b\n')
  })

  test('bytes that are no UTF-8 stay as they are', () => {
    expect(after('10.0.0.1 a # \x93f\xfcr\x94\n', { kind: 'set', line: 1, names: ['ä'] })).toBe('10.0.0.1 \xe4 # \x93f\xfcr\x94\n')
  })

  test('a line in UTF-8 within an ANSI file gets UTF-8', () => {
    expect(after('# \xfc\n10.0.0.1 a # \xc3\xbc\n', { kind: 'set', line: 2, comment: 'ö' })).toBe('# \xfc\n10.0.0.1 a # \xc3\xb6\n')
  })

  test.each([['a comment', '# see 10.0.0.1 for help'], ['blank', ' '], ['a heading', '# [mail]'], ['none that a system understands', 'mx 10.0.0.1']])('refuses what is %s', (what, text) => {
    expect(() => after(`${text}\n`, { kind: 'set', line: 1, address: '10.0.0.2' })).toThrow(expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(`Line 1 is ${what}`) }))
  })
})

describe('disable and enable', () => {
  test.each(['10.0.0.1 a', '\t10.0.0.1\ta # b', ' ::1 ip6-localhost'])('“%s” and back is the same', (line) => {
    const off = after(`x\n${line}\r\ny`, { kind: 'disable', lines: [2] })
    expect(off).toBe(`x\n#${line}\r\ny`)
    expect(parseHosts(bytes(off)).lines[1]?.entry).toBeNull()
    expect(after(off, { kind: 'enable', lines: [2] })).toBe(`x\n${line}\r\ny`)
  })

  test('many lines at once, in any order', () => {
    expect(after('# 10.0.0.1 a\n#10.0.0.2 b\n10.0.0.3 c\n', { kind: 'enable', lines: [2, 1, 2] })).toBe(' 10.0.0.1 a\n10.0.0.2 b\n10.0.0.3 c\n')
  })

  test('behind a byte order mark', () => {
    expect(after('\xef\xbb\xbf10.0.0.1 a\n', { kind: 'disable', lines: [1] })).toBe('\xef\xbb\xbf#10.0.0.1 a\n')
  })

  test.each(['# see 10.0.0.1 for help', '# 10.0.0.1 is free, ask Ann', '# 10.0.0.1', '## 10.0.0.1 a', 'text'])('“%s” cannot be enabled', (line) => {
    expect(() => after(`${line}\n`, { kind: 'enable', lines: [1] })).toThrow(expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('Line 1') }))
  })

  test('refuse all where one line cannot be, or is not there', () => {
    expect(() => after('10.0.0.1 a\n# b\n', { kind: 'disable', lines: [1, 2] })).toThrow('Line 2 is a comment, so it cannot be disabled.')
    expect(() => after('10.0.0.1 a\n', { kind: 'disable', lines: [1, 7] })).toThrow('Line 7 is not there: the hosts file has one line.')
  })
})

describe('remove, move and group', () => {
  const text = '\xef\xbb\xbf1\n2\r\n3\n4\n5'
  const moved = (lines: number[], before: number | null) => after(text, { kind: 'move', lines, before }).slice(3)

  test('removing takes whole lines, and never the byte order mark', () => {
    expect(after(text, { kind: 'remove', lines: [1, 3] })).toBe('\xef\xbb\xbf2\r\n4\n5')
    expect(after(text, { kind: 'remove', lines: [5] })).toBe('\xef\xbb\xbf1\n2\r\n3\n4\n')
    expect(after('1\n', { kind: 'remove', lines: [1] })).toBe('')
  })

  test('moving keeps their order and endings', () => {
    expect(moved([4, 2], 1)).toBe('2\r\n4\n1\n3\n5')
    expect(moved([1], 3)).toBe('2\r\n1\n3\n4\n5')
    expect(moved([2, 3], 3)).toBe('1\n2\r\n3\n4\n5')
  })

  test('the last line gets an ending where another comes behind it', () => {
    expect(moved([1], null)).toBe('2\r\n3\n4\n5\n1\n')
    expect(moved([5], 1)).toBe('5\n1\n2\r\n3\n4\n')
    expect(moved([4, 5], null)).toBe('1\n2\r\n3\n4\n5')
  })

  test('a place that is not there is refused', () => {
    expect(() => moved([1], 9)).toThrow('Line 9 is not there')
  })

  test('a group begins with its heading and holds no other line', () => {
    expect(after('10.0.0.1 a\n10.0.0.2 b\n10.0.0.3 c\n10.0.0.4 d\n', { kind: 'group', lines: [2, 4], name: 'mail' })).toBe('10.0.0.1 a\n# [mail]\n10.0.0.2 b\n10.0.0.4 d\n\n10.0.0.3 c\n')
    expect(after('10.0.0.1 a\n\n10.0.0.2 b', { kind: 'group', lines: [1], name: 'mail' })).toBe('# [mail]\n10.0.0.1 a\n\n10.0.0.2 b')
    expect(after('10.0.0.1 a', { kind: 'group', lines: [1], name: 'mail' })).toBe(`# [mail]${EOL}10.0.0.1 a`)
  })

  test('what ends a group cannot be in one', () => {
    expect(() => after('10.0.0.1 a\n\n', { kind: 'group', lines: [1, 2], name: 'x' })).toThrow('Line 2 is blank')
  })
})

describe('text', () => {
  test.each([
    ['instead of a line, whose ending stays', { line: 2, instead: true }, '1\nnew\r\n3'],
    ['instead of the last line, which has none', { line: 3, instead: true }, '1\n2\r\nnew'],
    ['before the first line', { line: 0, instead: false }, 'new\n1\n2\r\n3'],
    ['behind the last line', { line: 3, instead: false }, '1\n2\r\n3\nnew\n'],
  ])('%s', (_, where, expected) => {
    expect(after('1\n2\r\n3', { kind: 'text', text: 'new', ...where })).toBe(expected)
  })

  test.each(['a\0b', '\x93\x81', '\xc3\xbc \xe6\x9c\xac', '\t# \xff', ' '])('%j typed as it is shown changes no byte', (line) => {
    const text = `# \xfc\n${line}\r\n`
    const hosts = parseHosts(bytes(text))
    expect(hosts.encoding).toBe('ANSI')
    const shown = rowsOf(hosts, [], { filter: '', show: 'all', page: { offset: 1, limit: 1 } }).rows[0]?.text
    expect(after(text, { kind: 'text', line: 2, text: shown, instead: true })).toBe(text)
  })

  test('instead of line 0 is refused', () => {
    expect(() => after('1\n', { kind: 'text', line: 0, text: 'x', instead: true })).toThrow('no line 0')
  })
})
