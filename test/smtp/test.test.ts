// All hosts at once: the slowest holds nobody else, and all can be cancelled.
import { describe, expect, it } from 'vitest'
import { testHosts } from '../../main/smtp/test.ts'
import { transcript } from '../../preload/contract/smtp-transcript.ts'
import { answering, options, polite, raw, target } from './peers.ts'

describe('all hosts at once', () => {
  it('are all spoken with before the first of them has to answer', async () => {
    // Each waits for the others: one after the other, none would ever answer.
    const waiting: (() => void)[] = []
    const together = answering({ ...polite, RCPT: (socket) => {
      waiting.push(() => socket.write('250 Ok\r\n'))
      if (waiting.length === 5) for (const go of waiting) go()
    } })
    const peers = await Promise.all(Array.from({ length: 5 }, () => raw(together)))
    const dialogues = await testHosts(peers.map((peer, at) => target(peer, `mx${at}.example.test`)), options())
    expect(dialogues.map(({ host, outcome }) => `${host} ${outcome}`)).toEqual(peers.map((_, at) => `mx${at}.example.test accepted`))
  })
  it('end one by one: a silent one does not hold the others, and is cancelled alone', async () => {
    const good = await raw(answering(polite))
    const silent = await raw(answering({ ...polite, MAIL: () => {} }))
    const refusing = await raw(answering({ ...polite, RCPT: '550 5.1.1 Unknown\r\n' }))
    const abort = new AbortController()
    const ended: string[] = []
    const dialogues = await testHosts([target(silent, 'a.test'), target(good, 'b.test'), target(refusing, 'c.test')], {
      ...options({ signal: abort.signal, timeouts: { connect: 60, reply: 60 } }),
      onEnd: ({ host, outcome }) => {
        ended.push(`${host} ${outcome}`)
        if (ended.length === 2) abort.abort()
      },
    })
    expect(ended.slice(0, 2).sort()).toEqual(['b.test accepted', 'c.test refused'])
    expect(ended[2]).toBe('a.test cancelled')
    expect(dialogues[0]?.steps.at(-1)).toMatchObject({ stage: 'mail', verdict: 'cancelled', findings: [] })
    expect(dialogues[0]?.steps.slice(0, -1).every(({ verdict }) => verdict === 'accepted')).toBe(true)
  })
  it('that are cancelled before they begin connect to nobody', async () => {
    const peer = await raw(answering(polite))
    const [dialogue] = await testHosts([target(peer)], options({ signal: AbortSignal.abort() }))
    expect(dialogue).toMatchObject({ outcome: 'cancelled', source: null })
    expect(peer.heard).toEqual([])
  })
  it('leave nothing open', async () => {
    const peer = await raw(answering({ ...polite, QUIT: () => {} }))
    const closed = Promise.all(Array.from({ length: 3 }, () => testHosts([target(peer)], options({ timeouts: { connect: 1, reply: 0.2 } }))))
    expect((await closed).flat().map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted'])
    await expect.poll(() => peer.sockets.size).toBe(0)
  })
})

it('the transcript has every line with its time, who said it, and what was found', async () => {
  const peer = await raw(answering({ ...polite, EHLO: '250-raw.test\r\n250 AUTH PLAIN\r\n', AUTH: '235 2.7.0 Ok\r\n', MAIL: '250 Ok\n', RCPT: '550 5.1.1 Unknown\r\n' }))
  const [dialogue] = await testHosts([target(peer)], options({ auth: { user: 'u', password: 'open sesame' } }))
  if (dialogue === undefined) throw new Error('no dialogue')
  const lines = transcript(dialogue).split('\n')
  const time = /^\d\d:\d\d:\d\d\.\d{3} /
  expect(lines[0]).toBe(`* mail.example.test [127.0.0.1]:${peer.port}`)
  expect(lines.slice(1, -1).every((line) => time.test(line))).toBe(true)
  expect(lines.map((line) => line.replace(time, '')).slice(2, -1)).toEqual([
    '< 220 raw.test ESMTP',
    '> EHLO edge.sender.test', '< 250-raw.test', '< 250 AUTH PLAIN',
    '> AUTH PLAIN ********', '< 235 2.7.0 Ok', '* The password went over the network in clear.',
    '> MAIL FROM:<bob@sender.test>', '< 250 Ok', expect.stringContaining('* The host ends a line with a bare LF'),
    '> RCPT TO:<alice@example.test>', '< 550 5.1.1 Unknown',
    '> QUIT', '< 221 2.0.0 Bye',
  ])
})
