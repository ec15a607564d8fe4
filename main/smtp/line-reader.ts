// Reads the replies of a mail server that may be anybody: each within one time limit and within bounds of size, however
// it comes.
import type { Duplex } from 'node:stream'
import type { Deadline } from './deadline.ts'

/** What was odd in a reply that can be used all the same. */
export type Oddity = 'bare-line-feed' | 'null-byte' | 'eight-bit' | 'mixed-codes'

export interface Reply {
  kind: 'reply'
  code: number
  /** As they came, without their line ends; what cannot be shown is escaped. */
  lines: string[]
  oddities: Oddity[]
}

export interface NoReply {
  kind: 'none'
  /** `silent`: nothing came within the limit. `slow`: something did, but no whole reply. `unreadable`: it is not SMTP. */
  reason: 'silent' | 'slow' | 'closed' | 'line-too-long' | 'reply-too-long' | 'unreadable' | 'cancelled'
  /** What came of it, escaped; only the first lines. Whoever shows it masks it first and then cuts it. */
  lines: string[]
  /** The system's word for a connection that broke: `ECONNRESET`. */
  error: string | null
}

export type Heard = Reply | NoReply

/** Bytes; RFC 5321 §4.5.3.1.5 allows 512. */
export const longestReplyLine = 8 * 1024
/** Bytes of one reply, and its lines: the longest EHLO reply seen has some 30. */
export const longestReply = 64 * 1024
export const mostReplyLines = 256
/** Bytes that are read ahead of whoever asks; more stays with the system, and so with the host. */
const mostAhead = 64 * 1024
/** Lines of what came where no reply did. */
const mostKept = 20

const nothing = Buffer.alloc(0)

export class LineReader {
  private readonly stream: Duplex
  private readonly signal: AbortSignal
  private readonly deadline: Deadline
  private held: Buffer = nothing
  private ended: { error: string | null } | null = null
  private reading = new Reading()
  /** Who waits for the reply; by callback, since to await each piece of it would cost more than to read it. */
  private answer: ((heard: Heard) => void) | null = null

  /** Whoever aborts closes the stream as well; then the reply is `cancelled`. */
  constructor(stream: Duplex, signal: AbortSignal, deadline: Deadline) {
    this.stream = stream
    this.signal = signal
    this.deadline = deadline
    stream.on('data', this.take)
    stream.on('end', this.end)
    stream.on('close', this.end)
    stream.on('error', this.fail)
  }

  /** One at a time. Milliseconds for the whole reply: a byte now and then gains a host no time. Never rejects. */
  reply(limit: number): Promise<Heard> {
    return new Promise((answer) => {
      this.answer = answer
      this.reading = new Reading()
      if (this.signal.aborted) return this.heard(this.none('cancelled'))
      this.read()
      if (this.answer === null) return
      if (this.ended !== null) return this.heard(this.none('closed'))
      this.deadline.set(limit, this.late)
      if (this.stream.isPaused()) this.stream.resume()
    })
  }

  /** Whether bytes are there that nobody asked for. */
  get hasMore(): boolean {
    return this.held.length > 0 || this.stream.readableLength > 0
  }

  /** Lets the stream go, for TLS to take it over; an error meanwhile is whoever's that has it. */
  release(): void {
    this.stream.off('data', this.take).off('end', this.end).off('close', this.end).off('error', this.fail).pause()
  }

  private readonly take = (chunk: Buffer) => {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    if (this.answer !== null) this.read()
    if (this.held.length > mostAhead) this.stream.pause()
  }

  private readonly end = () => {
    this.ended ??= { error: null }
    if (this.answer !== null) this.heard(this.none(this.signal.aborted ? 'cancelled' : 'closed'))
  }

  private readonly fail = (error: NodeJS.ErrnoException) => {
    this.ended ??= { error: error.code ?? error.message }
    this.end()
  }

  private readonly late = () => this.heard(this.none(this.reading.lines.length > 0 || this.held.length > 0 ? 'slow' : 'silent'))

  private heard(heard: Heard): void {
    const { answer } = this
    this.answer = null
    this.deadline.met()
    answer?.(heard)
  }

  /** Goes on with the lines that are there. */
  private read(): void {
    let heard: Heard | null = null
    while (heard === null) {
      const { held } = this
      const at = held.indexOf(10)
      if (at > longestReplyLine || (at === -1 && held.length > longestReplyLine)) heard = this.none('line-too-long')
      else if (at === -1) return
      else {
        this.held = at + 1 === held.length ? nothing : held.subarray(at + 1)
        heard = this.reading.line(held, at)
      }
    }
    this.heard(heard)
  }

  private none(reason: NoReply['reason']): NoReply {
    const rest = this.held.length > 0 ? [readable(this.held.subarray(0, longestReplyLine))] : []
    return { kind: 'none', reason, lines: [...this.reading.lines.slice(0, mostKept), ...rest], error: this.ended?.error ?? null }
  }
}

/** One reply while its lines come (RFC 5321 §4.2.1: `250-` goes on, `250 ` ends). */
class Reading {
  readonly lines: string[] = []
  private readonly oddities: Oddity[] = []
  private bytes = 0

  /** One that ends with the line feed at that place; null where more lines follow. */
  line(bytes: Buffer, feed: number): Heard | null {
    this.bytes += feed + 1
    const end = bytes[feed - 1] === 13 ? feed - 1 : feed
    if (end === feed) this.odd('bare-line-feed')
    const text = this.text(bytes, end)
    this.lines.push(text)
    if (!/^\d{3}(?:[ -]|$)/.test(text)) return this.none('unreadable')
    const code = text.slice(0, 3)
    if (!this.lines[0]?.startsWith(code)) this.odd('mixed-codes')
    if (text[3] !== '-') return { kind: 'reply', code: Number(code), lines: this.lines, oddities: this.oddities }
    return this.bytes > longestReply || this.lines.length >= mostReplyLines ? this.none('reply-too-long') : null
  }

  private text(bytes: Buffer, end: number): string {
    const plain = bytes.toString('latin1', 0, end)
    if (/^[ -~]*$/.test(plain)) return plain
    const content = bytes.subarray(0, end)
    if (content.includes(0)) this.odd('null-byte')
    if (content.some((byte) => byte > 127)) this.odd('eight-bit')
    return readable(content)
  }

  private odd(oddity: Oddity): void {
    if (!this.oddities.includes(oddity)) this.oddities.push(oddity)
  }

  private none(reason: NoReply['reason']): NoReply {
    return { kind: 'none', reason, lines: this.lines.slice(0, mostKept), error: null }
  }
}

/** UTF-8 where it is, else byte by byte; whatever would steer a terminal or hide is escaped. */
function readable(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  const whole = text.includes('\ufffd') ? bytes.toString('latin1').replace(/[\x80-\xff]/g, byteEscape) : text
  return whole.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) => (character > '\xff' ? `\\u${character.charCodeAt(0).toString(16)}` : byteEscape(character)))
}

const byteEscape = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
