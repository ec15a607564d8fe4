// STARTTLS and TLS from the first byte with real servers: what was agreed on, what is wrong with a certificate, and what
// somebody on the way may try.
import type { Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { testHosts } from '../../main/smtp/test.ts'
import { answering, byHand, certificate, options, polite, raw, smtpServer, target, type Answers } from './peers.ts'

async function guided(peer: { address: string; port: number }, more: Parameters<typeof options>[0] = {}) {
  const [dialogue] = await testHosts([target(peer)], options({ tls: 'if-offered', ...more }))
  if (dialogue === undefined) throw new Error('no dialogue')
  return dialogue
}
const offering: Answers = { ...polite, EHLO: '250-raw.test\r\n250 STARTTLS\r\n', STARTTLS: '220 2.0.0 Ready\r\n' }

describe('STARTTLS', () => {
  it('greets anew under TLS, and shows chain, name, expiry and protocol', async () => {
    const peer = await smtpServer(certificate('good'))
    const { steps, outcome } = await guided(peer)
    expect(steps.map(({ stage }) => stage)).toEqual(['connect', 'banner', 'ehlo', 'starttls', 'ehlo', 'mail', 'rcpt', 'quit'])
    const { tls, text, findings } = steps[3] ?? {}
    expect(tls).toMatchObject({
      protocol: 'TLSv1.3', nameMatches: true,
      chain: [{ subject: 'mail.example.test', issuer: 'Edgewise test authority' }, { subject: 'Edgewise test authority', issuer: 'Edgewise test authority' }],
      problem: 'The certificate was issued by an authority that is not among the known ones.',
    })
    expect(tls?.expiresInDays).toBeGreaterThan(365)
    expect(text).toMatch(/^Encrypted with TLSv1\.3, TLS_\w+; certificate of mail\.example\.test, issued by Edgewise test authority, valid for \d+ more days\. The certificate was issued/)
    expect(findings).toMatchObject([{ kind: 'certificate', level: 'warning' }])
    // It is told, and stops nothing.
    expect(outcome).toBe('accepted')
  })
  it.each([
    ['expired', 'mail.example.test', /The certificate expired on 2021-01-01\./, true],
    ['good', 'mx2.example.test', /The certificate is for mail\.example\.test, 127\.0\.0\.1, not for mx2\.example\.test\./, false],
    ['own', 'mail.example.test', /^The host signed its certificate itself, .* The certificate is for other\.example\.test, not for mail\.example\.test\.$/, false],
  ] as const)('tells what is wrong with the certificate “%s” at %s', async (name, host, problem, nameMatches) => {
    const peer = await smtpServer(certificate(name))
    const [dialogue] = await testHosts([target(peer, host)], options({ tls: 'required' }))
    const tls = dialogue?.steps.find(({ stage }) => stage === 'starttls')?.tls
    expect(tls).toMatchObject({ nameMatches, problem: expect.stringMatching(problem) })
    expect(dialogue?.outcome).toBe('accepted')
  })
  it('is not asked for without wish or offer, and asked for all the same where it is required', async () => {
    const withoutWish = await smtpServer(certificate('good'))
    expect((await guided(withoutWish, { tls: 'none' })).steps.map(({ stage }) => stage)).not.toContain('starttls')
    const withoutOffer = await smtpServer({ disabledCommands: ['STARTTLS'] })
    expect((await guided(withoutOffer)).steps.map(({ stage }) => stage)).not.toContain('starttls')
    const { steps, outcome } = await guided(withoutOffer, { tls: 'required' })
    expect(steps.find(({ stage }) => stage === 'starttls')).toMatchObject({ verdict: 'refused', findings: [{ kind: 'tls-not-offered' }] })
    expect(steps.map(({ stage }) => stage)).not.toContain('mail')
    expect(outcome).toBe('refused')
    // The offer was struck out, as some firewalls do, but the host knows it.
    const stripped = await smtpServer({ ...certificate('good'), hideSTARTTLS: true })
    expect((await guided(stripped, { tls: 'required' })).outcome).toBe('accepted')
  })
  it('goes on in clear where a host offers it and then cannot, unless it is required', async () => {
    const peer = await raw(answering({ ...offering, STARTTLS: '454 4.7.0 Not now\r\n' }))
    expect(await guided(peer)).toMatchObject({ outcome: 'accepted' })
    expect(await guided(peer, { tls: 'required' })).toMatchObject({ outcome: 'deferred' })
  })
  it('stops where bytes come in clear after the 220', async () => {
    const peer = await raw(answering({ ...offering, STARTTLS: '220 2.0.0 Ready\r\n250 2.1.5 Ok\r\n' }))
    const { steps, outcome } = await guided(peer)
    expect(steps.at(-1)).toMatchObject({ stage: 'starttls', verdict: 'failed', findings: [{ kind: 'injection', level: 'fault' }] })
    expect(outcome).toBe('failed')
    expect(peer.heard[0]?.toString()).toMatch(/STARTTLS\r\n$/)
  })
  it('and where they come a little later: they are no TLS', async () => {
    const peer = await raw(answering({ ...offering, STARTTLS: (socket) => {
      socket.write('220 2.0.0 Ready\r\n')
      setTimeout(() => socket.write('250 2.1.5 Ok, take this\r\n'), 30)
    } }))
    const { steps, outcome } = await guided(peer)
    expect(steps.at(-1)).toMatchObject({ stage: 'starttls', findings: [{ kind: 'tls-failed' }], text: expect.stringMatching(/something that is not TLS/) })
    expect(outcome).toBe('failed')
  })
  it.each([
    ['silent', () => {}, /The TLS handshake was not done within 0\.3 s/],
    ['closing', (socket) => void setTimeout(() => socket.destroy(), 30), /closed the connection in the TLS handshake/],
  ] as [string, (socket: Socket) => void, RegExp][])('a handshake with a %s host ends within its limit', async (_, then, text) => {
    const peer = await raw(answering({ ...offering, STARTTLS: (socket) => {
      socket.write('220 2.0.0 Ready\r\n')
      then(socket)
    } }))
    expect(await guided(peer, { timeouts: { connect: 1, reply: 0.3 } })).toMatchObject({ outcome: 'failed', text: expect.stringMatching(text) })
  })
  it('typed is done, whatever its case', async () => {
    const { type, steps } = await byHand(await smtpServer(certificate('good')))
    await type('EHLO me.test')
    expect(await type('starttls')).toMatchObject({ stage: 'starttls', verdict: 'accepted', tls: { protocol: 'TLSv1.3' } })
    expect(await type('EHLO me.test')).toMatchObject({ verdict: 'accepted' })
    expect(steps).toHaveLength(5)
  })
  it('lets a password pass that it would not say in clear', async () => {
    const peer = await smtpServer({ ...certificate('good'), authMethods: ['PLAIN'], onAuth: ({ password }, _, done) => done(password === 'secret' ? null : new Error('no'), { user: 'x' }) })
    const { steps, outcome } = await guided(peer, { auth: { user: 'u', password: 'secret' } })
    expect(steps.find(({ stage }) => stage === 'auth')).toMatchObject({ sent: 'AUTH PLAIN ********', verdict: 'accepted', findings: [] })
    expect(outcome).toBe('accepted')
  })
})

describe('TLS from the first byte', () => {
  it('comes before the banner', async () => {
    const peer = await smtpServer({ ...certificate('good'), secure: true })
    const { steps, outcome } = await guided(peer, { tls: 'implicit' })
    expect(steps.map(({ stage }) => stage)).toEqual(['connect', 'tls', 'banner', 'ehlo', 'mail', 'rcpt', 'quit'])
    expect(outcome).toBe('accepted')
  })
  it('with a host that speaks in clear is told', async () => {
    const peer = await raw(answering(polite))
    expect(await guided(peer, { tls: 'implicit' })).toMatchObject({ outcome: 'failed', text: 'The host answered the TLS handshake in something that is not TLS.' })
  })
  it('with a host too old is told', async () => {
    const peer = await smtpServer({ ...certificate('good'), secure: true, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    // So that the test knows that such a host is really there.
    const old = tlsConnect({ ...peer, host: peer.address, rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await new Promise((done) => old.once('secureConnect', done))
    expect(old.getProtocol()).toBe('TLSv1.1')
    old.destroy()
    expect(await guided(peer, { tls: 'implicit' })).toMatchObject({ outcome: 'failed', text: expect.stringMatching(/no version of TLS/) })
  })
})
