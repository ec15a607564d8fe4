import { describe, expect, it } from 'vitest'
import { blocklistZone } from '../../main/lab/blocklist.ts'
import { blocklist } from '../../main/lab/scenario-dns.ts'
import { lookUp } from '../../main/lab/zone.ts'

const ask = (list: object, name: string, type: 'A' | 'TXT' = 'A') =>
  lookUp(blocklistZone(blocklist.parse({ zone: 'bl.test', ...list })), { name, type }).answers.map((answer) => ('data' in answer ? String(answer.data) : ''))

describe('a blocklist of the lab', () => {
  const lists = { lists: ['203.0.113.12', '2001:db8::1', 'Bad.test'], code: '127.0.0.4', reason: 'Because' }

  it('lists what it lists, and its test point', () => {
    expect(ask(lists, '12.113.0.203.bl.test')).toEqual(['127.0.0.4'])
    expect(ask(lists, '12.113.0.203.bl.test', 'TXT')).toEqual(['Because'])
    expect(ask(lists, `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.bl.test`)).toEqual(['127.0.0.4'])
    expect(ask(lists, 'bad.test.bl.test')).toEqual(['127.0.0.4'])
    expect(ask({}, '2.0.0.127.bl.test')).toEqual(['127.0.0.2'])
  })
  it('lists nothing else', () => {
    expect(ask(lists, '1.0.0.127.bl.test')).toEqual([])
    expect(ask(lists, '13.113.0.203.bl.test')).toEqual([])
  })
  it('can answer the same to all', () => {
    for (const name of ['1.0.0.127.bl.test', '12.113.0.203.bl.test', 'bl.test']) expect(ask({ answersAll: '127.255.255.254' }, name)).toEqual(['127.255.255.254'])
  })
  it('can be dead', () => {
    expect(ask({ ...lists, alive: false }, '2.0.0.127.bl.test')).toEqual([])
  })
})
