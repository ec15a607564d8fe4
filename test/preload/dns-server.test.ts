// Which texts are addresses of DNS servers, judged against node's own parser of addresses.
import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDnsServer, printDnsServer } from '../../preload/contract/dns-server.ts'

const address = (text: string) => {
  const parsed = parseDnsServer(text)
  return 'problem' in parsed ? null : parsed.address
}
const isOfServer = (text: string) => (isIPv4(text) ? !/^(0|22[4-9]|2[3-5]\d)\./.test(text) : text !== '::' && !/^ff/i.test(text))

describe('what is an IP address for node is one here, and nothing else is', () => {
  const piece = fc.constantFrom(':', ':', '::', '0', 'f', 'fe80', '1', '12345', 'g', '.', '1.2.3.4', '256', '00', '')
  test.each([
    ['pieces of addresses', fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''))],
    ['groups', fc.array(fc.constantFrom('0', 'a', 'ffff', ''), { minLength: 6, maxLength: 9 }).map((groups) => groups.join(':'))],
    ['IPv6 addresses', fc.ipV6()],
    ['IPv4 addresses', fc.ipV4()],
  ])('%s', (_, texts) => {
    fc.assert(fc.property(texts, (text) => {
      // `10.0.0.10:5353` is a server as well; with more than one colon there is no port without brackets.
      fc.pre(!/^[^:]*:\d+$/.test(text))
      expect(address(text) !== null, text).toBe((isIPv4(text) || isIPv6(text)) && isOfServer(text))
    }), { numRuns: 2000 })
  })
})

test.each([
  ['10.0.0.10:5353', '10.0.0.10:5353'],
  [' 10.0.0.10:53 ', '10.0.0.10'],
  ['[fd00::10]:5353', '[fd00::10]:5353'],
  ['fe80::1%本地连接', 'fe80::1%本地连接'],
  ['::ffff:10.0.0.10', '::ffff:10.0.0.10'],
])('%s is the server %s', (text, printed) => {
  const parsed = parseDnsServer(text)
  expect('problem' in parsed ? parsed : printDnsServer(parsed)).toBe(printed)
})

test.each(['', '10.0.0.10:0', '10.0.0.10:65536', '[10.0.0.10', 'fe80::1%', 'dns.example.test', '1.2.3.4.5', '01.2.3.4'])('“%s” is none', (text) => {
  expect(parseDnsServer(text)).toMatchObject({ problem: expect.any(String) })
})
