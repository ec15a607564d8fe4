import { describe, expect, test } from 'vitest'
import { hostsRowSchema, type HostsFinding } from '../../preload/contract/hosts.ts'
import { findingsOf } from '../../main/hosts/findings.ts'
import { parseHosts } from '../../main/hosts/lines.ts'
import { rowsOf, type HostsAsked } from '../../main/hosts/rows.ts'

const file = `# The machine’s own
127.0.0.1\tlocalhost

# [mail]
10.0.0.1 mx1.test MX # relay
#10.0.0.2 mx2.test
10.0.0.3 mx1.test
what is this

10.0.0.4 alone.test`
const hosts = parseHosts(Buffer.from(file))
const findings = findingsOf(hosts, 'other')
const rows = (asked: Partial<HostsAsked> = {}, of = hosts, with_: HostsFinding[] = findings) => {
  const answer = rowsOf(of, with_, { filter: '', show: 'all', page: { offset: 0, limit: 100 }, ...asked })
  for (const row of answer.rows) expect(hostsRowSchema.omit({ use: true }).parse(row)).toEqual(row)
  return answer
}
const numbers = (asked: Partial<HostsAsked>) => rows(asked).rows.map(({ line }) => line)

describe('rows', () => {
  test('have kind, parts, heading and findings', () => {
    const { rows: all, total } = rows()
    expect(total).toBe(10)
    expect(all.map(({ kind }) => kind)).toEqual(['comment', 'entry', 'blank', 'heading', 'entry', 'disabled', 'entry', 'unreadable', 'blank', 'entry'])
    expect(all.map(({ group }) => group)).toEqual([null, null, null, 'mail', 'mail', 'mail', 'mail', 'mail', null, null])
    expect(all[4]).toEqual({ line: 5, kind: 'entry', text: '10.0.0.1 mx1.test MX # relay', address: '10.0.0.1', names: ['mx1.test', 'MX'], comment: 'relay', group: 'mail', findings: [] })
    expect(all[5]).toMatchObject({ address: '10.0.0.2', names: ['mx2.test'], comment: null })
    expect(all[6]?.findings).toMatchObject([{ kind: 'shadowed', line: 7 }])
  })

  test('are found by address, name, comment and group, in any case', () => {
    expect(numbers({ filter: '10.0.0.3' })).toEqual([7])
    expect(numbers({ filter: 'Mx1' })).toEqual([5, 7])
    expect(numbers({ filter: ' RELAY ' })).toEqual([5])
    expect(numbers({ filter: 'mail' })).toEqual([4, 5, 6, 7, 8])
    expect(numbers({ filter: 'nothing of it' })).toEqual([])
  })

  test('can be entries alone, disabled ones too, or what is amiss', () => {
    expect(numbers({ show: 'entries' })).toEqual([2, 5, 6, 7, 10])
    expect(numbers({ show: 'problems' })).toEqual([7, 8])
    expect(numbers({ show: 'problems', filter: 'mx1' })).toEqual([7])
  })

  test('come in pages', () => {
    expect(numbers({ page: { offset: 4, limit: 2 } })).toEqual([5, 6])
    expect(rows({ filter: 'mx', page: { offset: 1, limit: 1 } })).toMatchObject({ total: 3, rows: [{ line: 6, group: 'mail' }] })
    expect(numbers({ page: { offset: 99, limit: 5 } })).toEqual([])
  })

  test('of ANSI are read as code page 1252, and a line in UTF-8 among them as that', () => {
    const ansi = parseHosts(Buffer.from('# f\xfcr 5 \x80\n# \xc3\xbc\n', 'latin1'))
    expect(rows({}, ansi, []).rows.map(({ text }) => text)).toEqual(['# für 5 €', '# ü'])
    expect(ansi.encoding).toBe('ANSI')
  })

  test('of UTF-16 are shown, as entries that no system finds', () => {
    const wide = parseHosts(Buffer.from('\ufeff# [mail]\r\n10.0.0.1 ö\r\n', 'utf16le'))
    expect(wide.lineEndings).toBe('CRLF')
    expect(rows({}, wide, []).rows).toMatchObject([{ kind: 'heading', text: '# [mail]' }, { kind: 'unreadable', text: '10.0.0.1 ö', names: ['ö'], group: 'mail' }])
  })

  test('of a line of 1 MB are cut', () => {
    expect(rows({}, parseHosts(Buffer.from(`# ${'x'.repeat(1024 * 1024)}`)), []).rows[0]?.text).toHaveLength(4001)
  })
})
