import { createSocket } from 'node:dgram'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, type AskOptions } from '../../main/dns/ask.ts'
import { questionPacket, readReply } from '../../main/dns/packet.ts'
import {
  a, AA, answers, fails, framed, garbage, inOrder, mx, otherId, otherQuestion, RA, rcode, reply, serve, silent, TC, truncates,
  type Behaviour, type Serving, type TestServer,
} from './server.ts'

const question = { name: 'example.test', type: 'MX' } as const
const good = answers(mx('example.test', 'mx.example.test'))
const reach: AskOptions['reach'] = (address, port) => ({ address, port })

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function asking(behave: Behaviour, options: Partial<AskOptions> = {}, serving: Serving = {}, name: string = question.name) {
  server = await serve(behave, serving)
  return ask(server, { ...question, name }, { protocol: 'any', timeout: 5000, reach, ...options })
}
/** Long enough for loopback, short enough to be waited for. */
const brief = { timeout: 250 }

describe('an answer', () => {
  test.each(['any', 'udp', 'tcp'] as const)('comes over %s with its flags', async (protocol) => {
    const answer = await asking((query) => [reply(query, { flags: AA | RA, answers: [mx('example.test', 'mx.example.test')] })], { protocol })
    expect(answer).toMatchObject({
      kind: 'answer', rcode: 'NOERROR', authoritative: true, recursionAvailable: true, truncated: false, over: protocol === 'tcp' ? 'tcp' : 'udp',
      answers: [{ type: 'MX', data: { preference: 10, exchange: 'mx.example.test' } }], authorities: [],
    })
    expect(server?.asked[0]?.packet).toMatchObject({ flag_rd: true, additionals: [{ type: 'OPT', udpPayloadSize: 1232 }] })
  })

  test.each(Object.entries(rcode))('with code %s is told as such', async (name, code) => {
    expect(await asking(fails(code))).toMatchObject({ kind: 'answer', rcode: name })
  })

  test('over IPv6', async () => {
    expect(await asking(good, {}, { address: '::1' })).toMatchObject({ kind: 'answer', rcode: 'NOERROR' })
  })

  test('is known by its name in any case', async () => {
    const shouting: Behaviour = (query) => [reply(query, { question: { ...query.question, name: 'EXAMPLE.test' } })]
    expect(await asking(shouting, {}, {}, 'Example.Test.')).toMatchObject({ kind: 'answer' })
  })

  test('to a name with other letters is asked for in ASCII', async () => {
    await asking(good, brief, {}, 'bücher.test')
    expect(server?.asked[0]?.question.name).toBe('xn--bcher-kva.test')
  })

  test('is sought where the world leads', async () => {
    server = await serve(good)
    const { port } = server
    const answer = await ask({ address: '203.0.113.53', port: 53 }, question, {
      protocol: 'udp', timeout: 5000, reach: (address) => (address === '203.0.113.53' ? { address: '127.0.0.1', port } : { address, port: 1 }),
    })
    expect(answer.kind).toBe('answer')
  })

  test('comes from a server that does not know EDNS', async () => {
    const old: Behaviour = (query) => [query.edns ? reply(query, { flags: rcode.FORMERR, question: null }) : reply(query)]
    expect(await asking(old)).toMatchObject({ kind: 'answer', rcode: 'NOERROR' })
  })

  test('comes although the first datagram is lost', async () => {
    let times = 0
    const deaf: Behaviour = (query) => ((times += 1) === 1 ? [] : [reply(query)])
    expect(await asking(deaf, { timeout: 2000 })).toMatchObject({ kind: 'answer' })
  })
})

describe('a truncated answer', () => {
  test('is asked for again over TCP', async () => {
    expect(await asking(truncates([a('example.test', '192.0.2.1')]))).toMatchObject({ kind: 'answer', over: 'tcp', truncated: false, answers: [{ type: 'A' }] })
  })

  test('stays as it is where only UDP may be used', async () => {
    expect(await asking(truncates([]), { protocol: 'udp' })).toMatchObject({ kind: 'answer', over: 'udp', truncated: true })
  })

  test('is none where nothing listens on TCP', async () => {
    const answer = await asking(truncates([]), {}, { withTcp: false })
    expect(answer).toMatchObject({ kind: 'none', reason: 'refused', text: `answered only in part over UDP, and asked again over TCP it refuses TCP port ${server?.port}: no DNS server listens there` })
  })
})

describe('no answer', () => {
  test.each(['udp', 'tcp'] as const)('from a silent server over %s', async (protocol) => {
    expect(await asking(silent, { ...brief, protocol })).toMatchObject({ kind: 'none', reason: 'silent', text: 'did not answer within 0.25 s' })
  })

  test.each(['udp', 'tcp'] as const)('where nothing listens, over %s', async (protocol) => {
    const gone = await serve(good)
    await gone.close()
    expect(await ask(gone, question, { protocol, timeout: 5000, reach })).toMatchObject({ kind: 'none', reason: 'refused' })
  })

  test('where no way leads', async () => {
    const answer = await ask({ address: 'fe80::1%no-adapter', port: 53 }, question, { protocol: 'udp', timeout: 5000, reach })
    expect(answer).toMatchObject({ kind: 'none', reason: 'unreachable', text: expect.stringContaining('cannot be reached') })
  })

  test.each(['udp', 'tcp'] as const)('over %s in no time at all, or at a port that is none', async (protocol) => {
    for (const timeout of [0, 0.01, 1, Number.NaN]) {
      expect(await asking(silent, { protocol, timeout })).toMatchObject({ kind: 'none', reason: 'silent' })
      await server?.close()
    }
    expect(await ask({ address: '127.0.0.1', port: 70_000 }, question, { protocol, timeout: 5000, reach })).toMatchObject({ kind: 'none', reason: 'unreachable' })
  })

  test.each(['udp', 'tcp'] as const)('when cancelled before and while waiting over %s', async (protocol) => {
    const cancelled = { kind: 'none', reason: 'cancelled' }
    expect(await asking(good, { protocol, signal: AbortSignal.abort() })).toMatchObject(cancelled)
    await server?.close()
    const controller = new AbortController()
    const cancels: Behaviour = () => {
      controller.abort()
      return []
    }
    expect(await asking(cancels, { protocol, signal: controller.signal })).toMatchObject(cancelled)
  })

  test.each([
    ['', 'it is empty'],
    ['a..b', 'nothing between two of its dots'],
    ['.example.test', 'nothing between two of its dots'],
    [`${'a'.repeat(64)}.test`, 'longer than 63'],
    [`${'a.'.repeat(127)}test`, 'longer than 253'],
    ['two words.test', 'a space'],
    ['nul\u0000.test', 'a control character'],
  ])('about the name “%s”, which nobody is asked', async (name, why) => {
    expect(await asking(good, {}, {}, name)).toMatchObject({ kind: 'none', reason: 'bad-name', text: expect.stringContaining(why) })
    expect(server?.asked).toEqual([])
  })
})

describe('what is not the answer is passed over', () => {
  test.each([['another id', otherId], ['another question', otherQuestion], ['garbage', garbage]])('%s before it', async (_, foreign) => {
    for (const protocol of ['udp', 'tcp'] as const) {
      expect(await asking(inOrder(foreign, foreign, good), { protocol })).toMatchObject({ kind: 'answer', answers: [{ type: 'MX' }] })
      await server?.close()
    }
  })

  test.each([['another id', otherId], ['another question', otherQuestion]])('%s alone is told, since something did answer', async (_, foreign) => {
    for (const protocol of ['udp', 'tcp'] as const) {
      expect(await asking(foreign, { ...brief, protocol })).toMatchObject({ kind: 'none', reason: 'garbage', text: expect.stringContaining('does not answer the question') })
      await server?.close()
    }
  })

  test('garbage alone is told as garbage', async () => {
    expect(await asking(garbage, brief)).toMatchObject({ kind: 'none', reason: 'garbage' })
  })

  test('the question itself, sent back', async () => {
    const echo: Behaviour = ({ packet }) => [questionPacket({ ...question, name: 'example.test' }, false).bytes].map((bytes) => {
      bytes.writeUInt16BE(packet.id ?? 0, 0)
      return bytes
    })
    expect(await asking(echo, brief)).toMatchObject({ kind: 'none', reason: 'garbage' })
  })

  test('an answer from another port', async () => {
    const stranger = createSocket('udp4')
    const elsewhere: Behaviour = (query) => {
      stranger.send(reply(query, { answers: [mx('example.test', 'evil.test')] }), query.from.port, query.from.address)
      return []
    }
    expect(await asking(elsewhere, brief)).toMatchObject({ kind: 'none', reason: 'silent' })
    stranger.close()
  })
})

describe('over TCP', () => {
  const overTcp = (tcp: (socket: Socket) => void, options: Partial<AskOptions> = {}) => asking(silent, { protocol: 'tcp', ...options }, { tcp })

  test('an answer may come byte by byte', async () => {
    const answer = await overTcp((socket) => {
      socket.setNoDelay(true)
      socket.once('data', async (bytes) => {
        const packet = framed(Buffer.concat([bytes.subarray(2, 4), Buffer.from('81800001000000000000', 'hex'), bytes.subarray(14, -11)]))
        for (const byte of packet) {
          socket.write(Buffer.of(byte))
          await new Promise((next) => setImmediate(next))
        }
      })
    })
    expect(answer).toMatchObject({ kind: 'answer', rcode: 'NOERROR', over: 'tcp' })
  })

  test('a server that hangs up', async () => {
    expect(await overTcp((socket) => socket.once('data', () => socket.end()))).toMatchObject({ kind: 'none', reason: 'refused', text: 'closed the connection without an answer' })
  })

  test('a server that hangs up within the answer', async () => {
    expect(await overTcp((socket) => socket.once('data', () => socket.end(Buffer.of(0, 40, 1, 2, 3))))).toMatchObject({ kind: 'none', reason: 'garbage' })
  })

  test('a server that begins 64 KB and never ends', async () => {
    expect(await overTcp((socket) => socket.once('data', () => socket.write(Buffer.alloc(60_000, 0xff))), brief)).toMatchObject({ kind: 'none', reason: 'silent', text: expect.stringMatching(/^began to answer and did not end within/) })
  })

  test('a server that never ceases', async () => {
    const flood = Buffer.alloc(65_537, 0xff)
    const answer = await overTcp((socket) => {
      const send = () => {
        while (socket.writable && socket.write(flood));
      }
      socket.on('drain', send).once('data', send)
    })
    expect(answer).toMatchObject({ kind: 'none', reason: 'garbage' })
  })
})

describe('reading a packet', () => {
  const asked = questionPacket({ name: 'example.test', type: 'MX' }, true)
  const answer = Buffer.from(asked.bytes)
  answer.writeUInt16BE(0x8180, 2)

  test('never throws on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(['other', 'garbage']).toContain(readReply(Buffer.from(bytes), asked))
    }))
  })

  test('never throws on an answer with some bytes changed', () => {
    const change = fc.record({ at: fc.nat(answer.length - 1), to: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const bytes = Buffer.from(answer)
        for (const { at, to } of changes) bytes[at] = to
        expect(readReply(bytes, asked)).toBeDefined()
      }),
    )
  })

  test('takes the part of the code that is in EDNS', () => {
    const bytes = Buffer.from(answer)
    bytes[bytes.length - 6] = 1
    expect(readReply(bytes, asked)).toMatchObject({ rcode: 'BADVERS' })
  })

  test('tells truncation, authority and recursion apart', () => {
    const flagged = (flags: number) => {
      const bytes = Buffer.from(answer)
      bytes.writeUInt16BE(0x8000 | flags, 2)
      return readReply(bytes, asked)
    }
    expect(flagged(TC)).toMatchObject({ truncated: true, authoritative: false, recursionAvailable: false })
    expect(flagged(AA)).toMatchObject({ truncated: false, authoritative: true, recursionAvailable: false })
    expect(flagged(RA)).toMatchObject({ truncated: false, authoritative: false, recursionAvailable: true })
  })
})
