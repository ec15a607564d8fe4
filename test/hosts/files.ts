// Hosts files of every kind, for tests of what must hold for all of them.
import fc from 'fast-check'
import type { HostsEdit } from '../../preload/contract/hosts.ts'

const line = fc.constantFrom(
  '10.0.0.1 mx.test', '10.0.0.2\tmx.test  mail.test # relay', '::1 localhost', '#10.0.0.3 old.test', '# 10.0.0.4 older.test # x',
  '# see 10.0.0.1 for help', '# [mail]', '', '  ', '\t192.0.2.1 a\tb ', 'mx 10.0.0.1', '10.0.0.5 café.test', '10.0.0.1 a b c d e f g h i j', '# “ä” €', '0.0.0.0 ads.test', '10.0.0.9 a\0b',
)
const ending = fc.constantFrom('\n', '\n', '\r\n')

/** Text with a mark or without, in each encoding, whose last line may have no ending; and bytes that are nothing of the kind. */
export const anyFile: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.array(fc.tuple(line, ending), { minLength: 1, maxLength: 25 }), fc.boolean(), fc.constantFrom('utf8', 'bom', 'utf16le', 'utf16be', 'ansi')).map(([lines, ends, encoding]) => {
    const text = lines.map(([one, end], at) => (ends || at < lines.length - 1 ? one + end : one)).join('')
    if (encoding === 'utf8') return Buffer.from(text)
    if (encoding === 'bom') return Buffer.from(`\ufeff${text}`)
    if (encoding === 'ansi') return Buffer.from(`# \xfc\n${text.replace(/[“”€]/g, '\x93')}`, 'latin1')
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le')
    return encoding === 'utf16le' ? wide : wide.swap16()
  }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x20, 0x23, 0x31, 0x2e, 0x00, 0xff, 0xfe), fc.nat(255)), { maxLength: 80 }).map((bytes) => Buffer.from(bytes)) },
)

const number = fc.integer({ min: 1, max: 12 })
const lines = fc.uniqueArray(number, { minLength: 1, maxLength: 3 })
const address = fc.constantFrom('203.0.113.25', '2001:db8::25')
const names = fc.array(fc.constantFrom('mx1.example.test', 'mail', 'a'), { minLength: 1, maxLength: 3 })
const comment = fc.option(fc.constantFrom('new', 'from # Ann', ''))

export const anyEdit: fc.Arbitrary<HostsEdit> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), entries: fc.array(fc.record({ address, names, comment }), { minLength: 1, maxLength: 3 }), after: fc.option(number) }),
  fc.record({ kind: fc.constant('set' as const), line: number, address, names, comment }),
  fc.record({ kind: fc.constantFrom('enable' as const, 'disable' as const, 'remove' as const), lines }),
  fc.record({ kind: fc.constant('move' as const), lines, before: fc.option(number) }),
  fc.record({ kind: fc.constant('group' as const), lines, name: fc.constant('new group') }),
  fc.record({ kind: fc.constant('text' as const), line: fc.nat(26), text: fc.constantFrom('10.0.0.7 typed', '', '# x'), instead: fc.boolean() }),
)
