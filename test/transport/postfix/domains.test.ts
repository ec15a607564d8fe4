// Accepted domains: the parts of a list, and the way on as transport(5) gives it.
import { describe, expect, it } from 'vitest'
import { keysFor, nextHopOf } from '../../../main/transport/postfix/domains.ts'
import { partsOf } from '../../../main/transport/postfix/tables.ts'

describe('a list of Postfix', () => {
  it('is divided by spaces and commas, but not within braces', () => {
    expect(partsOf('a.test, b.test\n  hash:/etc/postfix/relay')).toEqual(['a.test', 'b.test', 'hash:/etc/postfix/relay'])
    expect(partsOf('inline:{ {a.test=x}, {b.test = y} }, c.test')).toEqual(['inline:{ {a.test=x}, {b.test = y} }', 'c.test'])
    expect(partsOf('')).toEqual([])
  })
})

describe('the next hop', () => {
  it('is looked for by the domain, what it lies in, and anything', () => {
    expect(keysFor('Mail.Example.Test')).toEqual(['mail.example.test', '.example.test', '.test', '*'])
  })

  it.each([
    [['smtp:[10.0.0.5]:25', 'relay'], 'a.test', '10.0.0.5'],
    [['smtp:[mailbox.example.test]:2525', 'relay'], 'a.test', 'mailbox.example.test:2525'],
    [['relay:[2001:db8::5]:2525', 'relay'], 'a.test', '[2001:db8::5]:2525'],
    [['', 'relay'], 'a.test', 'a.test'],
    [[':', 'relay'], '[smart.example.test]', 'smart.example.test'],
    [['smtp:', 'relay:[other.test]'], 'a.test', 'a.test'],
    [[':[mailbox.test]', 'relay'], 'a.test', 'mailbox.test'],
    [['', 'local:$myhostname'], 'a.test', 'local:$myhostname'],
    [['', 'virtual'], 'a.test', 'virtual:'],
    [['', 'lmtp:unix:private/dovecot-lmtp'], 'a.test', 'lmtp:unix:private/dovecot-lmtp'],
    [['lmtp:inet:[10.0.0.6]:24', 'virtual'], 'a.test', '10.0.0.6:24'],
    [['error:gone', 'relay'], 'a.test', 'error:gone'],
  ])('of %j for %s is %s', (ways, rest, hop) => {
    expect(nextHopOf(ways, rest)).toBe(hop)
  })
})
