// What is made of records that strangers write: SPF with its limits, DMARC, blocklist codes, names of PTR, and any text.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import type { Answer } from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { policyOf } from '../../main/diagnosis/checks/sender.ts'
import { withAddress } from '../../main/diagnosis/causes/sender.ts'
import { secondsIn } from '../../main/diagnosis/causes/said.ts'
import { isListing, listsOf } from '../../main/diagnosis/dnsbl.ts'
import { isGeneric } from '../../main/diagnosis/generic-name.ts'
import { Questions } from '../../main/diagnosis/questions.ts'
import { redactor } from '../../main/diagnosis/report.ts'
import { spfOf } from '../../main/diagnosis/spf.ts'
import { dkimOf } from '../../main/diagnosis/dkim.ts'
import type { Message } from '../../preload/contract/queues.ts'
import { textsOf } from '../../main/diagnosis/texts.ts'
import { RA, reply, serve, type Behaviour, type TestServer } from '../dns/server.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const strings = (text: string | Buffer) => {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.max(1, Math.ceil(bytes.length / 255)) }, (_, at) => bytes.subarray(at * 255, (at + 1) * 255))
}
const txt = (name: string, text: string | Buffer): Answer => ({ type: 'TXT', name, ttl: 60, class: 'IN', data: strings(text) })

/** A server that knows these TXT records, and addresses for every name that begins with “a”. */
const knowing = (records: Record<string, (string | Buffer)[]>): Behaviour => (query) => {
  const { name, type } = query.question
  const known = type === 'TXT' ? (records[name] ?? []).map((text) => txt(name, text)) : type === 'A' && name.startsWith('a') ? [{ type: 'A' as const, name, ttl: 60, data: '192.0.2.1' }] : []
  return [reply(query, { flags: RA | (known.length > 0 || type !== 'TXT' ? 0 : 3), answers: known })]
}

async function spf(records: Record<string, (string | Buffer)[]>, address = '203.0.113.10') {
  const server = await serve(knowing(records))
  servers.push(server)
  const questions = new Questions((at, port) => ({ address: at, port }), AbortSignal.timeout(20_000))
  const { fact, text, raw } = await spfOf({ domain: 'sender.test', address, helo: 'edge.sender.test' }, { questions, servers: [server.text] })
  return { result: fact?.kind === 'spf' ? fact.result : null, text, raw, asked: server.asked.length }
}

describe('SPF', () => {
  it.each([
    ['pass', 'v=spf1 ip4:203.0.113.0/24 -all'],
    ['fail', 'v=spf1 ip4:192.0.2.0/24 -all'],
    ['softfail', 'v=spf1 ip4:192.0.2.0/24 ~all'],
    ['neutral', 'v=spf1 ?all'],
    ['permerror', 'v=spf1 include:sender.test -all'],
    ['permerror', 'v=spf1 ip4:not-an-address -all'],
  ])('is “%s” for “%s”', async (result, record) => {
    const got = await spf({ 'sender.test': [record] })
    expect(['permerror', 'temperror'].includes(result) ? ['permerror', 'temperror'].includes(got.result ?? '') : got.result === result).toBe(true)
  })
  it('is none without a record, and in error with two', async () => {
    expect((await spf({})).result).toBe('none')
    expect((await spf({ 'sender.test': ['v=spf1 -all', 'v=spf1 ~all'] })).result).toBe('permerror')
  })
  it('allows ten lookups, and not eleven', async () => {
    const includes = (count: number) => `v=spf1 ${Array.from({ length: count }, (_, at) => `include:a${at}.test`).join(' ')} ip4:203.0.113.10 -all`
    const others = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`a${at}.test`, ['v=spf1 ip4:192.0.2.1 -all']]))
    expect((await spf({ ...others, 'sender.test': [includes(10)] })).result).toBe('pass')
    const eleven = await spf({ ...others, 'sender.test': [includes(11)] })
    expect([eleven.result, eleven.asked <= 12]).toEqual(['permerror', true])
  })
  it('ends in a loop of several domains', async () => {
    expect((await spf({ 'sender.test': ['v=spf1 include:b.test -all'], 'b.test': ['v=spf1 redirect=c.test'], 'c.test': ['v=spf1 include:b.test -all'] })).result).toBe('permerror')
  })
  it('takes a TXT of 60 KB without choking, and shows a part of it', async () => {
    const long = `v=spf1 ${'ip4:192.0.2.1 '.repeat(4_300)}-all`
    const got = await spf({ 'sender.test': [long] })
    expect(got.result).not.toBe('pass')
    expect([got.text.length < 2_000, (got.raw ?? '').length <= 100_000]).toEqual([true, true])
  })
  it('takes any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 900 }).map((bytes) => Buffer.from(bytes)), fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => `v=spf1 ${text}`)), async (record) => {
        const { result } = await spf({ 'sender.test': [record] })
        expect(['pass', 'fail', 'softfail', 'neutral', 'none', 'permerror', 'temperror']).toContain(result)
      }),
      { numRuns: 60 },
    )
  }, 30_000)
  it('is mended by our own address, before what stands for all others', () => {
    expect(withAddress('v=spf1 mx -all', '203.0.113.10')).toBe('v=spf1 mx ip4:203.0.113.10 -all')
    expect(withAddress('v=spf1 redirect=b.test', '2001:db8::1')).toBe('v=spf1 ip6:2001:db8::1 redirect=b.test')
    expect(withAddress('v=spf1 mx', '203.0.113.10')).toBe('v=spf1 mx ip4:203.0.113.10')
    expect(withAddress(null, '203.0.113.10')).toBe('v=spf1 ip4:203.0.113.10 ~all')
  })
})

describe('DMARC', () => {
  it.each([
    ['v=DMARC1; p=reject', false, 'reject'],
    ['v=DMARC1;P = Quarantine ; sp=none', false, 'quarantine'],
    ['v=DMARC1; p=reject; sp=none', true, 'none'],
    ['v=DMARC1; p=reject', true, 'reject'],
    ['v=DMARC1', false, 'none'],
    ['v=DMARC1; p=everything', false, 'none'],
  ])('“%s” asks for the policy', (record, ofOrganisation, policy) => {
    expect(policyOf(record, ofOrganisation)).toBe(policy)
  })
  it('is read from any text', () => {
    fc.assert(fc.property(fc.string(), fc.boolean(), (record, ofOrganisation) => ['none', 'quarantine', 'reject'].includes(policyOf(record, ofOrganisation))))
  })
})

describe('a blocklist’s code', () => {
  it.each([
    ['zen.spamhaus.org', '127.0.0.2', true],
    ['zen.spamhaus.org', '127.0.0.11', true],
    ['zen.spamhaus.org', '127.0.0.20', false],
    ['zen.spamhaus.org', '127.255.255.254', false],
    ['dbl.spamhaus.org', '127.0.1.4', true],
    ['dbl.spamhaus.org', '127.0.1.255', false],
    ['multi.uribl.com', '127.0.0.1', false],
    ['dnsbl-3.uceprotect.net', '127.0.0.2', false],
    ['list.test', '127.0.0.2', true],
    ['list.test', '203.0.113.1', false],
    ['list.test', '127.0.0.1', false],
  ])('of %s, %s: listed %s', (zone, code, listed) => {
    expect(listsOf(zone).some((list) => isListing(list, code))).toBe(listed)
  })
})

describe('a name of a PTR', () => {
  it.each([
    ['203-0-113-10.dsl.provider.test', true],
    ['host10.113.0.203.provider.test', true],
    ['ip203000113010.provider.test', true],
    ['pool-7.provider.test', true],
    ['c1.cable.provider.test', true],
    ['edge.sender.test', false],
    ['mail.dyn.test', false],
    ['mx10.sender.test', false],
    ['server203.sender.test', false],
  ])('%s is generic: %s', (name, generic) => {
    expect(isGeneric(name, '203.0.113.10')).toBe(generic)
  })
  it('is judged whatever it is', () => {
    fc.assert(fc.property(fc.string(), fc.oneof(fc.ipV4(), fc.ipV6()), (name, address) => typeof isGeneric(name, address) === 'boolean'))
  })
})

describe('any text', () => {
  it('of a reply names at most a day', () => {
    expect(secondsIn('Greylisted, try again in 5 minutes')).toEqual([300])
    expect(secondsIn('please wait 90s')).toEqual([90])
    expect(secondsIn('try again in 99999 hours')).toEqual([])
    fc.assert(fc.property(fc.string(), (text) => secondsIn(text).every((seconds) => seconds > 0 && seconds <= 86_400)))
  })
  it('of TXT records is joined, whatever its bytes', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 255 }), { maxLength: 20 }), (parts) => {
      expect(textsOf([{ type: 'TXT', name: 'a', data: parts.map((part) => Buffer.from(part)) }])).toEqual([Buffer.concat(parts).toString('latin1')])
    }))
  })
  it('loses its mail addresses and paths, the same address for the same stand-in', () => {
    const hide = redactor('/srv/edge')
    expect(hide({ to: 'alice@example.test', text: '<Alice@example.test> and "b c"@example.test; postmaster@x.test in /srv/edge/relay.log, /home/bob/x', subject: 'Secret' })).toEqual({
      to: 'user1@example.test', text: '<user1@example.test> and user2@example.test; postmaster@x.test in (home folder)/relay.log, (path)',
    })
    fc.assert(fc.property(fc.jsonValue(), (value) => JSON.stringify(hide(value)) !== undefined))
  })
})

describe('DKIM of a message that waits', () => {
  const text = 'From: Bob <bob@sender.test>\r\nTo: alice@example.test\r\nSubject: Hello\r\n\r\nHello\r\n.a line that begins with a dot\r\n'
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
  const key = { 's1._domainkey.sender.test': [`v=DKIM1; k=rsa; p=${keys.publicKey.toString('base64')}`] }

  /** As it lies in the queue: behind what the transport keeps of it. */
  async function judged(message: string, records: Record<string, string[]>) {
    const folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
    try {
      const stored = join(folder, 'queued')
      writeFileSync(stored, `an envelope${message}`)
      const server = await serve(knowing(records))
      servers.push(server)
      const questions = new Questions((at, port) => ({ address: at, port }), AbortSignal.timeout(20_000))
      return await dkimOf({ id: 'm1', size: Buffer.byteLength(message), stored } as Message, { questions, servers: [server.text] })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const signed = async (signingDomain: string) => {
    const { signatures } = await dkimSign(text, { signingDomain, selector: 's1', privateKey: keys.privateKey, signatureData: [{ signingDomain, selector: 's1', privateKey: keys.privateKey }] })
    return signatures + text
  }

  it('passes for the domain in From, and for another', async () => {
    expect((await judged(await signed('sender.test'), key)).fact).toEqual({ kind: 'dkim', domain: 'sender.test', result: 'aligned' })
    const other = { 's1._domainkey.mailer.example': key['s1._domainkey.sender.test'] }
    expect((await judged(await signed('mailer.example'), other)).fact).toMatchObject({ result: 'other-domain' })
  })
  it('fails where the message was changed or the key is not published; a message without one has none', async () => {
    expect((await judged((await signed('sender.test')).replace('Hello\r\n.a', 'Hallo\r\n.a'), key)).fact).toMatchObject({ result: 'fail' })
    expect((await judged(await signed('sender.test'), {})).fact).toMatchObject({ result: 'fail' })
    expect((await judged(text, key)).fact).toMatchObject({ result: 'none' })
  })
  it('is not known where the message may not be read', async () => {
    const questions = new Questions((at, port) => ({ address: at, port }), AbortSignal.timeout(20_000))
    expect(await dkimOf({ id: 'm1', size: 10 } as Message, { questions, servers: [] })).toMatchObject({ verdict: 'not-known', fact: null, text: expect.stringContaining('cannot be seen') })
    expect(await dkimOf({ id: 'm1', size: 10, stored: '/nowhere/at/all' } as Message, { questions, servers: [] })).toMatchObject({ verdict: 'not-known', fact: null })
  })
})
