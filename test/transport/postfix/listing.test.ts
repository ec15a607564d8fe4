// Lines of `postqueue -j` and of Postfix's log, as they come from versions and hands that nobody foresaw.
import { describe, expect, it } from 'vitest'
import { readLogLine, stageOf } from '../../../main/transport/postfix/log-lines.ts'
import { moreOf, readListed } from '../../../main/transport/postfix/listing.ts'
import { queueFile } from '../../../main/transport/postfix/paths.ts'

const line = (more = '', recipient = '') =>
  `{"queue_name": "deferred", "queue_id": "819C5258393", "arrival_time": 1795537173, "message_size": 351, "forced_expire": false, ${more}"sender": "x@y.test", "recipients": [{"address": "r@example.test", ${recipient}"delay_reason": "connect to 127.0.0.1[127.0.0.1]:1: Connection refused"}]}`

describe('A line of the listing', () => {
  it('is read the same the short way and by the schema', () => {
    const usual = readListed(line())
    expect(usual).toMatchObject({ queue_name: 'deferred', queue_id: '819C5258393', arrival_time: 1795537173, message_size: 351, sender: 'x@y.test', recipients: [{ address: 'r@example.test', delay_reason: expect.stringContaining('refused') }] })
    const { forced_expire: _, ...whole } = readListed(line().replace('{"queue', '{ "queue'))
    expect(whole).toEqual(usual)
    expect(moreOf(usual)).toBeNull()
  })

  it('keeps what this version knows nothing of', () => {
    expect(moreOf(readListed(line('"priority": {"level": 3}, ', '"orig_address": "R@example.test", ')))).toEqual({ priority: '{"level":3}', 'r@example.test: orig_address': 'R@example.test' })
    expect(moreOf(readListed(line().replace('"forced_expire": false', '"forced_expire": true')))).toEqual({ forced_expire: 'true' })
  })

  it('may be a megabyte long, and have quotes and letters of any script', () => {
    const recipients = Array.from({ length: 20_000 }, (_, at) => ({ address: `user${at}@example.test`, delay_reason: 'said: "450 später" \u{1f4e7}' }))
    const long = JSON.stringify({ ...JSON.parse(line()), recipients })
    expect(long.length).toBeGreaterThan(1_000_000)
    expect(readListed(long).recipients).toEqual(recipients)
  })

  it('that is none is refused with its beginning, and no id leaves the queue’s folders', () => {
    expect(() => readListed('{"queue_name": "defer')).toThrow(/it is no JSON.*queue_name/)
    expect(() => readListed(line().replace('819C5258393', '../../etc'))).toThrow('is no queue id')
    expect(() => readListed(line().replace('819C5258393', '-d'))).toThrow('is no queue id')
    expect(() => readListed(line().replace('1795537173', '"now"'))).toThrow('arrival_time')
  })
})

describe('A line of the log', () => {
  const said = 'postfix/smtp[9727]: 71BB3258322: to=<a1@example.test>, relay=mail.example.test[192.0.2.1]:25, delay=0.04, delays=0.02/0.02/0/0, dsn=4.2.0, status=deferred (host mail.example.test[192.0.2.1] said: 450 4.2.0 later (in reply to RCPT TO command))'

  it('is read in both forms of time, and of this instance alone', () => {
    const tried = { id: '71BB3258322', kind: 'tried', to: 'a1@example.test', status: 'deferred', text: expect.stringContaining('(in reply to RCPT TO command)') }
    expect(readLogLine(`2026-11-24T16:19:33.123456+00:00 edge ${said}`, 'postfix')).toMatchObject({ ...tried, at: Date.parse('2026-11-24T16:19:33.123Z') })
    const now = new Date(2026, 0, 2).getTime()
    expect(readLogLine(`Dec 31 23:59:58 edge ${said}`, 'postfix', now)).toMatchObject({ ...tried, at: new Date(2025, 11, 31, 23, 59, 58).getTime() })
    expect(readLogLine(`Jan  1 00:00:01 edge ${said.replace('postfix/', 'postfix/relay/')}`, 'postfix', now)).toMatchObject({ ...tried, at: new Date(2026, 0, 1, 0, 0, 1).getTime() })
    expect(readLogLine(`Jan  1 00:00:01 edge ${said}`, 'postfix-two', now)).toBeNull()
    expect(readLogLine(`Jan  1 00:00:01 edge postfix/smtp[1]: warning: removed`, 'postfix', now)).toBeNull()
  })

  it('says how far the attempt got', () => {
    expect(stageOf('host a.test[192.0.2.1] said: 450 4.2.0 later (in reply to RCPT TO command)')).toBe('smtp')
    expect(stageOf('Host or domain name not found. Name service error for name=example.test type=MX: Host not found, try again')).toBe('dns')
    expect(stageOf('delivery temporarily suspended: connect to 127.0.0.1[127.0.0.1]:1: Connection refused')).toBe('connect')
    expect(stageOf('mail transport unavailable')).toBe('other')
  })
})

describe('A queue file', () => {
  it('lies in folders by its id, a long one’s by its microseconds', () => {
    const instance = { queueDir: '/q', values: new Map([['hash_queue_names', 'deferred, defer'], ['hash_queue_depth', '2']]) }
    expect(queueFile(instance, 'deferred', '819C5258393')).toBe('/q/deferred/8/1/819C5258393')
    expect(queueFile(instance, 'hold', '819C5258393')).toBe('/q/hold/819C5258393')
  })
})
