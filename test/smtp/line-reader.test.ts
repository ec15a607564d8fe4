// The reply reader against whatever bytes a host may send, over real sockets.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Deadline } from '../../main/smtp/deadline.ts'
import { LineReader, longestReplyLine, mostReplyLines, type Heard } from '../../main/smtp/line-reader.ts'
import { atEnd, raw } from './peers.ts'

async function reader(behave: (socket: Socket) => void, signal = new AbortController().signal): Promise<{ reader: LineReader; socket: Socket }> {
  const { port } = await raw(behave)
  const socket = createConnection(port, '127.0.0.1')
  atEnd(() => socket.destroy())
  await once(socket, 'connect')
  const deadline = new Deadline()
  atEnd(() => deadline.end())
  return { reader: new LineReader(socket, signal, deadline), socket }
}

const heard = async (bytes: string | Buffer, limit = 5_000): Promise<Heard> => (await reader((socket) => socket.write(bytes))).reader.reply(limit)

describe('a reply', () => {
  it.each([
    ['250 Ok\r\n', 250, ['250 Ok']],
    ['250\r\n', 250, ['250']],
    ['250-one\r\n250-two\r\n250 three\r\n', 250, ['250-one', '250-two', '250 three']],
    ['250-\r\n250 \r\n', 250, ['250-', '250 ']],
  ])('%j is read whole', async (bytes, code, lines) => {
    expect(await heard(bytes)).toEqual({ kind: 'reply', code, lines, oddities: [] })
  })
  it.each([
    ['250-one\n250 two\n', ['bare-line-feed'], '250-one'],
    ['250 o\0k\r\n', ['null-byte'], '250 o\\x00k'],
    [Buffer.from('250 Grüß Gott\r\n'), ['eight-bit'], '250 Grüß Gott'],
    [Buffer.from('250 Gr\xfc\xdf\r\n', 'latin1'), ['eight-bit'], '250 Gr\\xfc\\xdf'],
    ['250-one\r\n550 two\r\n', ['mixed-codes'], '250-one'],
    ['250 \u001b[31mred\r\n', [], '250 \\x1b[31mred'],
    [Buffer.from('250 a\u202eb\r\n'), ['eight-bit'], '250 a\\u202eb'],
  ])('%# is used, and what is odd about it told', async (bytes, oddities, first) => {
    expect(await heard(bytes)).toMatchObject({ kind: 'reply', oddities, lines: expect.arrayContaining([first]) })
  })
  it('is the same however its bytes are cut up, and what follows it stays for the next', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), async (cuts) => {
        const bytes = Buffer.from('250-one\r\n250-two\r\n250 three\r\n354 next\r\n')
        const places = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b)
        const { reader: read } = await reader((socket) => {
          const pieces = [0, ...places].map((from, at) => bytes.subarray(from, places[at] ?? bytes.length))
          const write = () => {
            const piece = pieces.shift()
            if (piece) socket.write(piece, () => setImmediate(write))
          }
          write()
        })
        expect(await read.reply(5_000)).toMatchObject({ code: 250, lines: ['250-one', '250-two', '250 three'] })
        expect(await read.reply(5_000)).toMatchObject({ code: 354, lines: ['354 next'] })
      }),
      { numRuns: 20 },
    )
  })
})

describe('no reply', () => {
  it.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'unreadable'],
    ['25 Ok\r\n', 'unreadable'],
    ['250-one\r\ntwo\r\n', 'unreadable'],
    ['2500 Ok\r\n', 'unreadable'],
    [`250 ${'x'.repeat(longestReplyLine)}\r\n`, 'line-too-long'],
    [`250 ${'x'.repeat(1024 * 1024)}`, 'line-too-long'],
    ['250-more\r\n'.repeat(mostReplyLines + 1), 'reply-too-long'],
    [`250-${'x'.repeat(2_000)}\r\n`.repeat(40), 'reply-too-long'],
  ])('%#: bytes that are none', async (bytes, reason) => {
    expect(await heard(bytes)).toMatchObject({ kind: 'none', reason })
  })
  it('where the host is silent, slow, closes or breaks off, or it is cancelled', async () => {
    expect(await heard('', 50)).toMatchObject({ reason: 'silent', lines: [] })
    expect(await heard('250-one\r\n25', 50)).toMatchObject({ reason: 'slow', lines: ['250-one', '25'] })
    const closing = await reader((socket) => socket.end('250-one\r\n'))
    expect(await closing.reader.reply(5_000)).toMatchObject({ reason: 'closed', lines: ['250-one'] })
    const resetting = await reader((socket) => socket.once('data', () => socket.resetAndDestroy()))
    resetting.socket.write('QUIT')
    expect(await resetting.reader.reply(5_000)).toMatchObject({ reason: 'closed' })
    const abort = new AbortController()
    const waiting = await reader(() => {}, abort.signal)
    const reply = waiting.reader.reply(60_000)
    abort.abort()
    waiting.socket.destroy()
    expect(await reply).toMatchObject({ reason: 'cancelled' })
  })
  it('a byte now and then gains no time: the limit is for the whole', async () => {
    let written = 0
    const { reader: read } = await reader((socket) => {
      const timer = setInterval(() => socket.write(written++ % 20 === 19 ? '\n' : written % 20 < 4 ? '2' : '-'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await read.reply(300)).toMatchObject({ kind: 'none', reason: 'slow' })
  })
  it('a flood is not read ahead of whoever asks', async () => {
    const block = Buffer.alloc(1024 * 1024, '250 Ok\r\n')
    let taken = 0
    const { reader: read, socket } = await reader((peer) => {
      const pour = () => void peer.write(block, (error) => {
        taken++
        if (!error) pour()
      })
      pour()
    })
    for (let at = 0; at < 100; at++) expect(await read.reply(5_000)).toMatchObject({ code: 250 })
    // What the kernel holds is in it too; without bounds it would be hundreds.
    const before = socket.bytesRead
    await new Promise((done) => setTimeout(done, 200))
    expect(socket.bytesRead - before).toBeLessThan(1024 * 1024)
    expect(taken).toBeLessThan(40)
  })
})
