import { describe, expect, test } from 'vitest'
import { hostsFindingSchema } from '../../preload/contract/hosts.ts'
import { findingsAt, findingsOf } from '../../main/hosts/findings.ts'
import { parseHosts } from '../../main/hosts/lines.ts'

const found = (text: string, system: 'windows' | 'other' = 'other') => {
  const findings = findingsOf(parseHosts(Buffer.from(text)), system)
  for (const finding of findings) expect(hostsFindingSchema.parse(finding)).toEqual(finding)
  return findings
}
const kinds = (text: string, system?: 'windows' | 'other') => found(text, system).map(({ kind, line }) => `${line} ${kind}`)

describe('findings', () => {
  test('the first of two addresses wins, and it is said which', () => {
    expect(found('10.0.0.1 mx.test\n10.0.0.2 other MX.test.\n')).toEqual([
      { kind: 'shadowed', line: 2, level: 'warning', text: 'MX.test. is at 10.0.0.1 by line 1, which comes first and wins; 10.0.0.2 of this line is not used.' },
    ])
  })

  test('a name has an address of each family', () => {
    expect(found('127.0.0.1 localhost\n::1 localhost\n')).toEqual([])
    expect(kinds('::1 a\n0:0::1 a\n::2 a\n')).toEqual(['2 duplicate', '3 shadowed'])
  })

  test('the same twice, on two lines or on one', () => {
    expect(found('10.0.0.1 a b\n10.0.0.1 b c c\n').map(({ text }) => text)).toEqual(['Line 1 says already that b is at 10.0.0.1.', '“c” stands on this line twice.'])
  })

  test('comments and disabled entries count for nothing', () => {
    expect(found('# 10.0.0.1 a\n#10.0.0.2 a\n10.0.0.3 a # 10.0.0.4 a\n')).toEqual([])
  })

  test.each([
    ['0.0.0.0', 'info'], ['::', 'info'], ['0.1.2.3', 'warning'], ['224.0.0.1', 'warning'], ['255.255.255.255', 'warning'], ['240.0.0.1', 'warning'], ['ff02::1', 'warning'],
  ])('%s can be no host’s', (address, level) => {
    expect(found(`${address} mx.test\n`)).toMatchObject([{ kind: 'impossible-address', level }])
  })

  test('what systems come with is right', () => {
    expect(found('127.0.1.1 me\nff02::1 ip6-allnodes\nff00::0 ip6-mcastprefix\nfe00::0 ip6-localnet\n255.255.255.255 broadcasthost\nfe80::1%lo0 localhost\n')).toEqual([])
  })

  test('Windows reads nine names of a line', () => {
    const ten = '10.0.0.1 a b c d e f g h i j\n'
    expect(found(ten, 'windows')).toMatchObject([{ kind: 'too-many-names', text: expect.stringContaining('does not find j.') }])
    expect(found(ten)).toEqual([])
    expect(found('10.0.0.1 a b c d e f g h i\n', 'windows')).toEqual([])
  })

  test.each(['café.test', 'a*b', '-a.test', 'a..b', `${'x'.repeat(64)}.test`, '10.0.0.1', 'a:b'])('“%s” is an unusual name', (name) => {
    expect(kinds(`10.0.0.9 ${name}\n`)).toEqual(['1 unusual-name'])
  })

  test.each(['mx1', 'a-b.test.', '_sip.test', 'xn--caf-dma.test', '1.2.3.test'])('“%s” is a usual one', (name) => {
    expect(found(`10.0.0.9 ${name}\n`)).toEqual([])
  })

  test('of 200,000 lines come in time, and each line once', () => {
    const text = Array.from({ length: 200_000 }, (_, at) => `224.0.0.1 ads${at}.test\n`).join('')
    expect(found(text)).toHaveLength(200_000)
  })

  test('do not drown in a list that switches names off, and are there for each of its lines', () => {
    const hosts = parseHosts(Buffer.from('0.0.0.0 a.test\n10.0.0.1 b.test\n:: c.test\n0.0.0.0 b.test\n'))
    const all = found('0.0.0.0 a.test\n10.0.0.1 b.test\n:: c.test\n0.0.0.0 b.test\n')
    expect(all).toMatchObject([{ kind: 'impossible-address', line: 1, text: expect.stringMatching(/2 more lines have such an address\.$/) }, { kind: 'shadowed', line: 4 }])
    const each = hosts.lines.map(({ entry }) => entry && findingsAt(entry, all.filter(({ line }) => line === entry.line)).map(({ kind }) => kind))
    expect(each).toEqual([['impossible-address'], [], ['impossible-address'], ['impossible-address', 'shadowed']])
  })
})
