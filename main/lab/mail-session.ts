// One connection to a mail server of the lab: what it says to each command, as the scenario has it.
import type { Socket } from 'node:net'
import { TLSSocket, type SecureContext } from 'node:tls'
import type { Destination, ReplyMoment } from './scenario-destination.ts'
import type { Delivered } from './destination.ts'

/** What all connections to one mail server share. */
export interface MailServer {
  manner: Omit<Destination, 'address' | 'port' | 'connection'>
  /** Null where it offers no TLS, or one that fails. */
  secure: SecureContext | null
  /** What it is asked for every sender and recipient, and the address that mail comes from. */
  greylisted(client: string, from: string, to: string): boolean
  /** Null where too many messages came; else what gives the place back. */
  takePlace(): (() => void) | null
  took(message: Delivered): void
}

/** Milliseconds without a word from the other side. */
const idleLimit = 30_000
const mostHeaderBytes = 64 * 1024
const longestLine = 16 * 1024

export class MailSession {
  private socket: Socket
  private readonly server: MailServer
  private waiting = ''
  private busy = false
  private closing = false
  private from: string | null = null
  private recipients: string[] = []
  private message: { head: string; size: number } | null = null
  private givePlaceBack: (() => void) | null = null
  private readonly client: string

  /** `isOneTooMany`: it is told so, and let go. */
  constructor(socket: Socket, server: MailServer, isOneTooMany = false) {
    this.socket = socket
    this.client = socket.remoteAddress ?? ''
    this.server = server
    this.listen(socket)
    void this.say(isOneTooMany ? '421 4.7.0 Too many concurrent connections from your host' : this.given('connect') ?? `220 ${server.manner.banner} ESMTP`)
  }

  private listen(socket: Socket): void {
    socket.setTimeout(idleLimit, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.forget())
    socket.on('data', (chunk: Buffer) => {
      this.waiting += chunk.toString('latin1')
      if (this.message === null && this.waiting.length > longestLine && !this.waiting.includes('\n')) socket.destroy()
      void this.work()
    })
  }

  /** One line after the other, each answered before the next is read. */
  private async work(): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      for (let end = this.waiting.indexOf('\n'); end !== -1 && !this.closing; end = this.waiting.indexOf('\n')) {
        const line = this.waiting.slice(0, end).replace(/\r$/, '')
        this.waiting = this.waiting.slice(end + 1)
        if (this.message) await this.read(line)
        else await this.hear(line)
      }
    } finally {
      this.busy = false
    }
  }

  private async hear(line: string): Promise<void> {
    const verb = line.slice(0, 8).toUpperCase().trimEnd().split(' ')[0] ?? ''
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        this.forget()
        return this.say(this.given('ehlo') ?? (verb === 'HELO' ? `250 ${this.server.manner.banner}` : this.offers()))
      case 'STARTTLS':
        return this.startTls()
      case 'MAIL':
        return this.hearSender(line)
      case 'RCPT':
        return this.hearRecipient(line)
      case 'DATA': {
        const refusal = this.recipients.length === 0 ? '503 5.5.1 Recipients first' : this.given('data')
        if (refusal === null) this.message = { head: '', size: 0 }
        return this.say(refusal ?? '354 End data with <CR><LF>.<CR><LF>')
      }
      case 'RSET':
        this.forget()
        return this.say('250 2.0.0 Forgotten')
      case 'NOOP':
        return this.say('250 2.0.0 Still here')
      case 'QUIT':
        await this.say('221 2.0.0 Goodbye')
        return this.close()
      default:
        return this.say('502 5.5.2 Command not recognised')
    }
  }

  private async hearSender(line: string): Promise<void> {
    const from = /^MAIL FROM:\s*<([^>]*)>/i.exec(line)?.[1]
    if (from === undefined) return this.say('501 5.5.4 A sender is wanted: MAIL FROM:<bob@example.test>')
    if (this.from !== null) return this.say('503 5.5.1 The sender was named already')
    const { maxSize, rateLimit } = this.server.manner
    const given = this.given('mail')
    if (given !== null) return this.say(given)
    const unproven = this.certificateProblem()
    if (unproven !== null) return this.say(`454 4.7.5 TLS client certificate required: ${unproven}`)
    if (maxSize !== undefined && Number(/ SIZE=(\d+)/i.exec(line)?.[1] ?? 0) > maxSize) return this.say(tooLarge)
    this.givePlaceBack = this.server.takePlace()
    if (this.givePlaceBack === null) return this.say(rateLimit?.reply ?? '450 4.7.1 Too many messages')
    this.from = from
    return this.say('250 2.1.0 Sender ok')
  }

  private async hearRecipient(line: string): Promise<void> {
    const to = /^RCPT TO:\s*<([^>]+)>/i.exec(line)?.[1]
    if (to === undefined) return this.say('501 5.5.4 A recipient is wanted: RCPT TO:<alice@example.test>')
    if (this.from === null) return this.say('503 5.5.1 Sender first')
    const { recipients, accepts, greylist } = this.server.manner
    const own = Object.entries(recipients).find(([address]) => address.toLowerCase() === to.toLowerCase())?.[1]
    const given = own ?? this.given('rcpt') ?? (accepts ? null : '451 4.3.2 System not accepting network messages')
    if (given !== null) {
      if (given.startsWith('2')) this.recipients.push(to)
      return this.say(given)
    }
    if (greylist && this.server.greylisted(this.client, this.from, to)) return this.say(greylist.reply)
    this.recipients.push(to)
    return this.say('250 2.1.5 Recipient ok')
  }

  private async read(line: string): Promise<void> {
    const message = this.message
    if (!message) return
    if (line !== '.') {
      if (message.size < mostHeaderBytes) message.head += `${line.replace(/^\./, '')}\n`
      message.size += line.length + 2
      return
    }
    this.message = null
    const { maxSize } = this.server.manner
    const refusal = maxSize !== undefined && message.size > maxSize ? tooLarge : this.given('message')
    if (refusal === null || refusal.startsWith('2')) {
      const headers = headersOf(message.head)
      this.server.took({ from: this.from ?? '', recipients: this.recipients, subject: headers.get('subject') ?? '', headers })
      this.givePlaceBack = null
    }
    this.forget()
    return this.say(refusal ?? '250 2.0.0 Message taken')
  }

  private offers(): string {
    const { banner, maxSize, tls } = this.server.manner
    const lines = [banner, '8BITMIME', 'ENHANCEDSTATUSCODES']
    if (maxSize !== undefined) lines.push(`SIZE ${maxSize}`)
    if (tls !== 'none' && !(this.socket instanceof TLSSocket)) lines.push('STARTTLS')
    return `250 ${lines.join('\n')}`
  }

  private async startTls(): Promise<void> {
    const { tls } = this.server.manner
    if (tls === 'none' || this.socket instanceof TLSSocket) return this.say('502 5.5.1 TLS is not offered')
    const given = this.given('starttls') ?? (tls === 'refused' ? '454 4.7.0 TLS not available due to temporary reason' : null)
    if (given !== null) return this.say(given)
    await this.say('220 2.0.0 Ready to start TLS')
    const plain = this.socket
    plain.removeAllListeners('data')
    this.waiting = ''
    if (!this.server.secure) {
      // To the client's first words, what is no TLS at all.
      plain.once('data', () => plain.end('500 5.5.1 Command not recognised\r\n'))
      return
    }
    const { clientCertificate } = this.server.manner
    this.socket = new TLSSocket(plain, { isServer: true, secureContext: this.server.secure, requestCert: clientCertificate, rejectUnauthorized: false })
    this.listen(this.socket)
    this.forget()
  }

  /** What is wrong with the certificate that the other side shows; no authority stands behind any in the lab, so only its age is. */
  private certificateProblem(): string | null {
    if (!this.server.manner.clientCertificate) return null
    const shown = this.socket instanceof TLSSocket ? this.socket.getPeerCertificate().valid_to : undefined
    if (shown === undefined) return 'none was shown'
    return Date.parse(shown) < Date.now() ? 'the certificate has expired' : null
  }

  private given(moment: ReplyMoment): string | null {
    return this.server.manner.replies[moment] ?? null
  }

  private async say(reply: string): Promise<void> {
    const { delay } = this.server.manner
    if (delay > 0) await new Promise((done) => setTimeout(done, delay))
    const code = reply.slice(0, 3)
    const lines = reply.split('\n').map((line) => (line.startsWith(code) ? line.slice(4) : line))
    if (this.socket.writable) this.socket.write(lines.map((line, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join(''))
    // RFC 5321 §3.8: after 421 the channel is closed.
    if (code === '421') this.close()
  }

  private close(): void {
    this.closing = true
    this.socket.end()
  }

  private forget(): void {
    this.givePlaceBack?.()
    this.givePlaceBack = null
    this.from = null
    this.recipients = []
  }
}

const tooLarge = '552 5.3.4 Message size exceeds fixed limit'

/** The headers of a message, in lower case, the first of each name. */
function headersOf(message: string): Map<string, string> {
  const [head = ''] = Buffer.from(message, 'latin1').toString('utf8').split('\n\n', 1)
  const headers = new Map<string, string>()
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const [, name, value] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined && !headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value)
  }
  return headers
}
