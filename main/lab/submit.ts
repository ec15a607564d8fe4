// Hands one message to an edge server over SMTP, as a sender's mail program would.
import { createConnection } from 'node:net'
import { Failure } from '../../preload/contract/failure.ts'
import { withLimit } from '../time-limit.ts'

export interface Submission {
  from: string
  to: string
  subject: string
  /** Bytes, at least. */
  size?: number
}

/** The edge server takes no mail for now: the sender keeps it. */
export class PutOff extends Failure {}

/** Time for the whole dialogue. */
const limit = 15_000
const mostReplyBytes = 16 * 1024

/** Throws a Failure where it is not taken, a PutOff where that is so for now. */
export async function submit(place: { address: string; port: number }, message: Submission, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const steps = [
    { say: null, want: 220 },
    { say: 'EHLO sender.edge.test', want: 250 },
    { say: `MAIL FROM:<${message.from}>`, want: 250 },
    { say: `RCPT TO:<${message.to}>`, want: 250 },
    { say: 'DATA', want: 354 },
    { say: `${text(message)}\r\n.`, want: 250 },
    { say: 'QUIT', want: 221 },
  ]
  const socket = createConnection({ host: place.address, port: place.port, signal: withLimit(signal, limit) })
  const broken = new Promise<never>((_, failed) => {
    socket.once('error', failed)
    socket.once('close', () => failed(new Error('the connection was closed')))
  })
  // Whoever waits for the next reply hears of it; between two replies nobody does.
  broken.catch(() => {})
  const replies = repliesOf(socket)
  let after = 'connecting'
  try {
    for (const { say, want } of steps) {
      if (say !== null) socket.write(`${say}\r\n`)
      if (say !== null) after = say.split('\r\n', 1)[0] ?? ''
      const got = await Promise.race([replies.next(), broken])
      const reply = got.done ? 'nothing' : got.value
      if (reply.startsWith('4')) throw new PutOff('failed', `The edge server at ${place.address}:${place.port} did not take the message to ${message.to}: after “${after}” it said: ${reply}.`)
      if (!reply.startsWith(String(want))) throw new Error(`after “${after}” it said: ${reply}`)
    }
  } catch (error) {
    if (signal.aborted) throw new Failure('cancelled', 'The rehearsal was cancelled.')
    if (error instanceof PutOff) throw error
    const why = error instanceof Error && error.name === 'TimeoutError' ? `no answer within ${limit / 1000} seconds` : error instanceof Error ? error.message : String(error)
    throw new Failure('failed', `The edge server at ${place.address}:${place.port} did not take the message to ${message.to}: ${why}.`)
  } finally {
    socket.destroy()
  }
}

/** Whole replies, their lines joined (RFC 5321 §4.2.1: `250-` goes on, `250 ` ends). */
async function* repliesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, undefined> {
  let waiting = ''
  for await (const chunk of chunks) {
    waiting += chunk.toString('latin1')
    if (waiting.length > mostReplyBytes) throw new Error('its reply does not end')
    const ended = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/.exec(waiting)
    if (!ended) continue
    waiting = waiting.slice(ended[0].length)
    yield ended[0].trim().replace(/\r?\n/g, ' ')
  }
  return undefined
}

function text({ from, to, subject, size = 0 }: Submission): string {
  const message = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${/^[\x20-\x7e]*$/.test(subject) ? subject : `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${crypto.randomUUID()}@sender.edge.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This message is part of a rehearsal.',
  ].join('\r\n')
  const line = `\r\n${'x'.repeat(70)}`
  return message + line.repeat(Math.ceil(Math.max(0, size - message.length) / line.length))
}
