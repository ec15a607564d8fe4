// What real mail hosts do, and how far a dialogue with each is said to have come; nothing is ever sent past RCPT TO.
import { afterEach, describe, expect, it } from 'vitest'
import { judged } from '../../main/diagnosis/checks/own-smtp.ts'
import { findingsOf } from '../../main/diagnosis/checks/smtp.ts'
import { factsOf, type Finding } from '../../main/diagnosis/finding.ts'
import { testHosts } from '../../main/smtp/test.ts'
import type { SmtpDialogue } from '../../preload/contract/smtp-test.ts'
import { rawHost, type RawHost, type Script } from './raw-smtp.ts'

const hosts: RawHost[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

async function talk(script: Script | null, from = 'bob@sender.test'): Promise<{ dialogue: SmtpDialogue; host: RawHost | null }> {
  const host = script && (await rawHost(script))
  if (host) hosts.push(host)
  const target = { key: 'alice@example.test', host: 'mail.example.test', address: '127.0.0.1', family: 4 as const, port: host?.port ?? 1 }
  const [dialogue] = await testHosts([target], { recipient: 'alice@example.test', from, helo: 'edge.sender.test', tls: 'if-offered', auth: null, data: null, source: null, timeouts: { connect: 1, reply: 0.4 }, reach: (address, port) => ({ address, port }), signal: AbortSignal.timeout(10_000) })
  if (!dialogue) throw new Error('no dialogue')
  return { dialogue, host }
}

const envelopes = [{ from: 'bob@sender.test', to: 'alice@example.test', isMadeUp: false }]
const found = (dialogue: SmtpDialogue, isControl = false) => findingsOf(dialogue, { domain: 'example.test', envelopes }, isControl, 'transport').map((told, at): Finding => ({ id: String(at), check: 'smtp', at: '', ...told, raw: told.raw ?? null }))

describe('a mail host', () => {
  it.each<[string, Script | null, string, string, string | null]>([
    ['takes mail', {}, 'rcpt', 'accepted', null],
    ['refuses the recipient', { RCPT: '550 5.1.1 User unknown' }, 'mail', 'reply', 'recipient-unknown'],
    ['defers the sender', { MAIL: '451 4.7.1 Greylisted, please try again later' }, 'ehlo', 'reply', 'greylisted'],
    ['refuses in its greeting', { banner: '554 5.7.1 Poor Reputation Sender' }, 'connected', 'reply', 'reputation-or-blocklist'],
    ['says nothing', { banner: null }, 'connected', 'silent', null],
    ['cuts the connection', { banner: 'reset' }, 'connected', 'reset', null],
    ['cuts it after its greeting', { EHLO: 'reset' }, 'banner', 'reset', null],
    ['says more in clear when it should speak TLS', { EHLO: '250-mail.example.test\r\n250 STARTTLS', STARTTLS: '220 Go ahead\r\nno TLS at all' }, 'ehlo', 'tls', null],
    ['is not there', null, 'nothing', 'refused', null],
  ])('that %s', async (_, script, reached, ending, category) => {
    const { dialogue, host } = await talk(script)
    const findings = found(dialogue)
    const [spoke] = factsOf(findings, 'spoke')
    expect([spoke?.fact.reached, spoke?.fact.ending]).toEqual([reached, ending])
    expect(factsOf(findings, 'said').map(({ fact }) => fact.explained.category)).toEqual(category === null ? [] : [category])
    expect(host?.heard.some((line) => /^(DATA|BDAT)/i.test(line)) ?? false).toBe(false)
    for (const { raw } of findings) expect(raw).toContain('* mail.example.test [127.0.0.1]')
  })
  it('that breaks off the handshake fails in TLS', async () => {
    const { dialogue } = await talk({ EHLO: '250-mail.example.test\r\n250 STARTTLS', STARTTLS: '220 Go ahead', '\u0016\u0003\u0001\u0002': 'reset' })
    expect(factsOf(found(dialogue), 'spoke')[0]?.fact.ending).toBe('tls')
  })
  it('offers what its EHLO says', async () => {
    const { dialogue } = await talk({ EHLO: '250-mail.example.test\r\n250-SIZE 1000\r\n250 PIPELINING' })
    expect(factsOf(found(dialogue), 'spoke')[0]?.fact).toMatchObject({ offers: ['PIPELINING', 'SIZE 1000'], size: 1000, banner: '220 mail.example.test ESMTP' })
  })
  it('of another domain is only connected to: what it says is nobody’s', async () => {
    const { dialogue } = await talk({ RCPT: '550 5.1.1 User unknown' })
    expect(factsOf(found(dialogue, true), 'said')).toEqual([])
  })
})

describe('this edge server itself', () => {
  it.each<[string, Script, string | null]>([
    ['takes mail', {}, null],
    ['is short of memory when it greets', { banner: '452 4.3.1 Insufficient system resources' }, 'busy'],
    ['is short of memory when it is told the sender', { MAIL: '452 4.3.1 Insufficient system resources' }, 'busy'],
  ])('%s', async (_, script, problem) => {
    const { dialogue } = await talk(script, '')
    expect(judged(dialogue.steps, 'raw').fact).toEqual({ kind: 'own-smtp', problem })
  })
  it('that answers something else is told, and no cause', async () => {
    const { dialogue } = await talk({ MAIL: '530 5.7.0 Authentication required' }, '')
    expect(judged(dialogue.steps, 'raw')).toMatchObject({ verdict: 'odd', fact: null })
  })
})
