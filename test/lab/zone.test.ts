import { describe, expect, it } from 'vitest'
import { lookUp, readRecord, type ZoneRecord } from '../../main/lab/zone.ts'

const zone = (...lines: string[]): ZoneRecord[] =>
  lines.map((line) => {
    const read = readRecord(line)
    if ('problem' in read) throw new Error(read.problem)
    return read
  })

describe('a record', () => {
  it.each([
    ['example.test. MX 10 Mail.Example.Test.', { name: 'example.test', type: 'MX', data: { preference: 10, exchange: 'mail.example.test' } }],
    ['null.test MX 0 .', { name: 'null.test', type: 'MX', data: { preference: 0, exchange: '' } }],
    ['a.test  a   198.51.100.1 ', { name: 'a.test', type: 'A', data: '198.51.100.1' }],
    ['a.test AAAA 2001:db8::1', { name: 'a.test', type: 'AAAA', data: '2001:db8::1' }],
    ['www.test CNAME a.test', { name: 'www.test', type: 'CNAME', data: 'a.test' }],
  ])('%s', (line, answer) => {
    expect(readRecord(line)).toMatchObject({ answer })
  })

  it('TXT is cut into strings of 255 bytes', () => {
    const read = readRecord(`t.test TXT "${'x'.repeat(600)}"`)
    expect('answer' in read && read.answer.type === 'TXT' && Array.isArray(read.answer.data) && read.answer.data.map((part) => part.length)).toEqual([255, 255, 90])
  })

  it('TXT has as many strings as are quoted', () => {
    const read = readRecord('t.test TXT "v=spf1 mx" " -all"')
    expect('answer' in read && read.answer.type === 'TXT' && Array.isArray(read.answer.data) && read.answer.data.map(String)).toEqual(['v=spf1 mx', ' -all'])
  })

  it.each(['a.test SOA ns.a.test', 'a.test SRV 1 2 mail.a.test', 'a.test CAA 0 other "x"', 'a.test TLSA 3 1 1 xyz', 'a.test DS 1 13 2 abc', 'a.test TYPE65 000100', 'a.test TYPE65 \\# 2 000100', '', 'example.test', 'example.test MX', 'a.test A 1.2.3', 'a.test AAAA ::g', 'a.test MX 99999 b.test', 'a.test SPF x', 'a..test A 1.2.3.4'])('“%s” is refused', (line) => {
    expect(readRecord(line)).toHaveProperty('problem')
  })
})

describe('what a resolver says', () => {
  const known = zone('example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25', 'www.example.test CNAME web.example.test', 'web.example.test A 198.51.100.80', 'loop.test CNAME loop.test')

  it('the records of the name, in any case', () => {
    expect(lookUp(known, { name: 'MAIL.example.TEST', type: 'A' })).toMatchObject({ exists: true, answers: [{ data: '198.51.100.25' }] })
  })
  it('the alias and what it leads to', () => {
    expect(lookUp(known, { name: 'www.example.test', type: 'A' }).answers.map(({ type }) => type)).toEqual(['CNAME', 'A'])
  })
  it('that a name exists without records of the type, or only below it', () => {
    expect(lookUp(known, { name: 'mail.example.test', type: 'AAAA' })).toEqual({ exists: true, answers: [] })
    expect(lookUp(known, { name: 'test', type: 'A' })).toEqual({ exists: true, answers: [] })
  })
  it('that a name does not exist', () => {
    expect(lookUp(known, { name: 'other.test', type: 'MX' })).toEqual({ exists: false, answers: [] })
  })
  it('what a star stands for, where nothing else stands there', () => {
    const wild = zone('*.example.test A 198.51.100.1', 'own.example.test A 198.51.100.2', 'deep.below.example.test TXT x')
    const answer = (name: string) => lookUp(wild, { name, type: 'A' }).answers.map((record) => ('data' in record ? `${record.name} ${String(record.data)}` : ''))
    expect(answer('any.example.test')).toEqual(['any.example.test 198.51.100.1'])
    expect(answer('any.thing.example.test')).toEqual(['any.thing.example.test 198.51.100.1'])
    expect(answer('own.example.test')).toEqual(['own.example.test 198.51.100.2'])
    expect(answer('x.own.example.test')).toEqual([])
    expect(answer('below.example.test')).toEqual([])
    expect(answer('example.test')).toEqual([])
  })
  it('and comes back from a loop', () => {
    expect(lookUp(known, { name: 'loop.test', type: 'A' }).answers).toHaveLength(1)
  })
})
