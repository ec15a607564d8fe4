// Reads the replies of a mail server that may be anybody: each within one time limit and within bounds of size, however
// it comes.
import type { Duplex } from 'node:stream'

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

export class LineReader {
  private readonly stream: Duplex
  private readonly signal: AbortSignal
  private held: Buffer = Buffer.alloc(0)
  private ended: { error: string | null } | null = null
  private wake = () => {}
  private alarm: { limit: number; timer: NodeJS.Timeout } | null = null
  private rang = false

  /** Whoever aborts closes the stream as well; then the reply is `cancelled`. */
  constructor(stream: Duplex, signal: AbortSignal) {
    this.stream = stream
    this.signal = signal
    stream.on('data', this.take)
    stream.on('end', this.end)
    stream.on('close', this.end)
    stream.on('error', this.fail)
  }

  /** Milliseconds for the whole reply: a byte now and then gains a host no time. Never rejects. */
  async reply(limit: number): Promise<Heard> {
    const reading = new Reading()
    if (this.ended === null) this.setAlarm(limit)
    for (;;) {
      if (this.signal.aborted) return this.none('cancelled', reading.lines)
      const heard = this.next(reading)
      if (heard !== null) return heard
      if (this.ended !== null) return this.none('closed', reading.lines)
      if (!(await this.more())) return this.none(reading.lines.length > 0 || this.held.length > 0 ? 'slow' : 'silent', reading.lines)
    }
  }

  /** Whether bytes are there that nobody asked for. */
  get hasMore(): boolean {
    return this.held.length > 0 || this.stream.readableLength > 0
  }

  /** Lets the stream go, for TLS to take it over; an error meanwhile is whoever's that has it. */
  release(): void {
    this.letGo()
    this.stream.off('data', this.take).off('end', this.end).off('close', this.end).off('error', this.fail).pause()
  }

  private readonly take = (chunk: Buffer) => {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    if (this.held.length > mostAhead) this.stream.pause()
    this.wake()
  }

  private letGo(): void {
    clearTimeout(this.alarm?.timer)
    this.alarm = null
  }

  private readonly end = () => {
    this.letGo()
    this.ended ??= { error: null }
    this.wake()
  }

  private readonly fail = (error: NodeJS.ErrnoException) => {
    this.ended ??= { error: error.code ?? error.message }
    this.end()
  }

  /** Waits for bytes or the end; false where the alarm rang before. */
  private async more(): Promise<boolean> {
    const awake = new Promise<void>((resolve) => (this.wake = resolve))
    if (this.stream.isPaused()) this.stream.resume()
    await awake
    return !this.rang
  }

  /** One alarm for all replies, set anew for each: a timer of its own for each would cost more than the rest of it. */
  private setAlarm(limit: number): void {
    this.rang = false
    if (this.alarm && this.alarm.limit === limit) return void this.alarm.timer.refresh()
    clearTimeout(this.alarm?.timer)
    const timer = setTimeout(() => {
      this.rang = true
      this.wake()
    }, limit)
    this.alarm = { limit, timer }
  }

  /** Goes on with the lines that are there; null while the reply is not whole. */
  private next(reading: Reading): Heard | null {
    for (;;) {
      const at = this.held.indexOf(10)
      if (at > longestReplyLine || (at === -1 && this.held.length > longestReplyLine)) return this.none('line-too-long', reading.lines)
      if (at === -1) return null
      const line = this.held.subarray(0, at + 1)
      this.held = this.held.subarray(at + 1)
      const heard = reading.line(line)
      if (heard !== null) return heard
    }
  }

  private none(reason: NoReply['reason'], lines: string[]): NoReply {
    const rest = this.held.length > 0 ? [readable(this.held.subarray(0, longestReplyLine))] : []
    return { kind: 'none', reason, lines: [...lines.slice(0, mostKept), ...rest], error: this.ended?.error ?? null }
  }
}

/** One reply while its lines come (RFC 5321 §4.2.1: `250-` goes on, `250 ` ends). */
class Reading {
  readonly lines: string[] = []
  private readonly oddities = new Set<Oddity>()
  private bytes = 0

  /** With its line end; null where more lines follow. */
  line(bytes: Buffer): Heard | null {
    this.bytes += bytes.length
    if (bytes.at(-2) !== 13) this.oddities.add('bare-line-feed')
    const content = bytes.subarray(0, bytes.at(-2) === 13 ? -2 : -1)
    const text = this.text(content)
    this.lines.push(text)
    const [, code, mark] = /^(\d{3})(?:([ -])|$)/.exec(text) ?? []
    if (code === undefined) return this.none('unreadable')
    if (!this.lines[0]?.startsWith(code)) this.oddities.add('mixed-codes')
    if (mark !== '-') return { kind: 'reply', code: Number(code), lines: this.lines, oddities: [...this.oddities] }
    return this.bytes > longestReply || this.lines.length >= mostReplyLines ? this.none('reply-too-long') : null
  }

  private text(content: Buffer): string {
    const plain = content.toString('latin1')
    if (/^[ -~]*$/.test(plain)) return plain
    if (content.includes(0)) this.oddities.add('null-byte')
    if (content.some((byte) => byte > 127)) this.oddities.add('eight-bit')
    return readable(content)
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
