// One dialogue with one mail host: each command with its reply is a step. It is guided or typed, line by line; nothing
// is sent before the reply to what went before.
import type { Socket } from 'node:net'
import type { Hand, SmtpFinding, SmtpStage, SmtpTarget } from '../../preload/contract/smtp-test.ts'
import { lineProblem } from '../../preload/contract/smtp-fields.ts'
import type { World } from '../world/world.ts'
import { type Credentials, mechanismOf } from './auth.ts'
import { connect, type Source } from './connect.ts'
import { Deadline } from './deadline.ts'
import { after, begun, next, secured, stageOf, type State, type Wanted } from './guide.ts'
import { LineReader, type Heard, type NoReply } from './line-reader.ts'
import { messageLines, stuffed } from './message.ts'
import { acceptedText, heloFindings, noReplyFinding, noReplyText, oddityFindings, tlsText, verdictOf, verdictText } from './said.ts'
import { mask, Secrets } from './secrets.ts'
import { now, Telling, type Draft, type Moment, type Told } from './telling.ts'
import { secure } from './tls.ts'

export interface DialogueOptions extends Wanted {
  target: Pick<SmtpTarget, 'host' | 'address' | 'port'>
  source: Source | null
  /** Seconds. */
  timeouts: { connect: number; reply: number }
  reach: World['reach']
  signal: AbortSignal
}

/** Milliseconds: nobody waits longer for a goodbye. */
const quitLimit = 5_000
/** Challenges of one AUTH; each mechanism known here needs two at most. */
const mostChallenges = 4
/** A guided dialogue has a dozen steps; a host that always wants more gets no more. */
const mostSteps = 24

export class Dialogue {
  private readonly options: DialogueOptions
  private readonly state: State = begun()
  private readonly secrets = new Secrets()
  private readonly telling = new Telling()
  private readonly deadline = new Deadline()
  private socket: Socket | null = null
  private reader: LineReader | null = null
  private lastSource: string | null = null

  constructor(options: DialogueOptions) {
    this.options = options
    if (options.auth) this.secrets.add(options.auth.password)
  }

  /** What a guided test does next; null where the connection is closed. */
  get next(): Hand | null {
    return next(this.state, this.options)
  }

  /** The address it comes from, once connected. */
  get source(): string | null {
    // To ask the system for it takes longer than a command: not while the greeting is on its way.
    this.lastSource ??= this.socket?.localAddress ?? null
    return this.lastSource
  }

  /** All that a guided test does. Never rejects for what the host does. */
  async run(told: Told): Promise<void> {
    await this.telling.to(told, async () => {
      await this.connect()
      for (let at = 0; at < mostSteps; at++) {
        const { next: hand } = this
        if (hand === null) return
        await this.step(hand)
      }
    })
  }

  /** Connects and listens to the greeting; with `implicit` TLS before that. */
  async open(told: Told): Promise<void> {
    await this.telling.to(told, () => this.connect())
  }

  /** Whether the connection stands is told by the steps: never rejects for what the host does. */
  async do(hand: Hand, told: Told): Promise<void> {
    await this.telling.to(told, async () => this.step(hand))
  }

  /** Cuts the connection, also under a step that waits. */
  close(): void {
    this.state.ended = true
    this.socket?.destroy()
    this.deadline.end()
  }

  private async connect(): Promise<void> {
    const { target, source, timeouts, reach, signal, tls } = this.options
    const begin = now()
    const connected = await connect({ address: target.address, port: target.port, source, limit: timeouts.connect * 1000, deadline: this.deadline, reach, signal })
    const { socket, findings } = connected
    if (socket === null) return this.end(begin, () => ({ stage: 'connect', verdict: connected.reason, text: connected.text, findings }))
    this.socket = socket
    const from = () => (this.source === null ? '' : ` from ${this.source}`)
    this.telling.add(begin, () => ({ stage: 'connect', verdict: 'accepted', text: `Connected to ${target.address}:${target.port}${from()}.`, findings }))
    if (tls === 'implicit' && !(await this.handshake(now(), 'tls', {}))) return
    this.reader ??= new LineReader(socket, signal, this.deadline)
    this.judge(now(), { stage: 'banner', lines: [], findings: [] }, await this.reply(this.reader, 'banner'))
  }

  private step(hand: Hand): Promise<unknown> | undefined {
    switch (hand.kind) {
      case 'line': return this.line(hand.text)
      case 'starttls': return this.starttls()
      case 'auth': return this.authenticate(hand)
      case 'message': return this.message(hand)
    }
  }

  private line(text: string): Promise<unknown> | undefined {
    const { mode } = this.state
    const stage = mode === 'command' ? stageOf(text) : mode
    // Else the host would speak TLS, and we would not.
    if (stage === 'starttls') return this.starttls()
    const lines = [text]
    if (!this.canSay(stage, lines)) return undefined
    if (stage !== 'message' || text === '.') return this.exchange(stage, lines)
    this.without(text)
    return undefined
  }

  /** Not everything can be said to every host: letters that are not ASCII only where it says that it takes them. */
  private canSay(stage: SmtpStage, lines: string[]): boolean {
    if (lines.every((line) => /^\p{ASCII}*$/u.test(line))) return true
    const { extensions } = this.state
    if (extensions.has('SMTPUTF8') || (stage === 'message' && extensions.has('8BITMIME'))) return true
    this.notSent(stage, 'smtputf8', 'It was not sent: there are letters in it that are not ASCII, and the host does not offer SMTPUTF8 (RFC 6531).')
    return false
  }

  /** A line of a message: it has no answer of its own. */
  private without(text: string): void {
    const begin = now()
    this.send([text])
    this.telling.add(begin, () => ({ stage: 'message', sent: text, verdict: 'accepted', text: 'A line of the message; a line with a single dot ends it.' }))
  }

  private async starttls(): Promise<void> {
    const begin = now()
    const offered = this.state.extensions.has('STARTTLS')
    const lines = ['STARTTLS']
    const findings: SmtpFinding[] = offered ? [] : [{ kind: 'tls-not-offered', level: 'warning', text: 'The host does not offer STARTTLS; it was asked for all the same. Something on the way may have struck out the offer.' }]
    const asked = this.ask('starttls', lines)
    if (asked === null) return this.lost('starttls')
    const heard = await asked
    if (heard.kind === 'none' || heard.code !== 220) return this.judge(begin, { stage: 'starttls', lines, findings }, heard)
    if (this.reader?.hasMore) {
      const text = 'The host sent more in clear after it agreed to TLS: whoever sits on the way could put words in its mouth like this (CVE-2011-0411). The test stops here.'
      return this.end(begin, () => ({ stage: 'starttls', sent: 'STARTTLS', reply: this.masked(heard), verdict: 'failed', text, findings: [...findings, { kind: 'injection', level: 'fault', text }] }))
    }
    await this.handshake(begin, 'starttls', { sent: 'STARTTLS', reply: this.masked(heard), findings })
  }

  /** False where it failed; then the connection is closed. */
  private async handshake(begin: Moment, stage: 'tls' | 'starttls', said: Pick<Draft, 'sent' | 'reply' | 'findings'>): Promise<boolean> {
    const { target, timeouts, signal } = this.options
    if (this.socket === null) return false
    this.reader?.release()
    const securing = secure(this.socket, { host: target.host, limit: timeouts.reply * 1000, deadline: this.deadline, signal })
    this.telling.tell()
    const outcome = await securing
    const { findings = [] } = said
    if (outcome.socket === null) {
      const { reason, text } = outcome
      this.end(begin, () => ({ ...said, stage, verdict: reason, text, findings: reason === 'failed' ? [...findings, { kind: 'tls-failed', level: 'fault', text }] : findings }))
      return false
    }
    this.socket = outcome.socket
    this.reader = new LineReader(outcome.socket, signal, this.deadline)
    secured(this.state)
    const { tls } = outcome
    this.telling.add(begin, () => ({ ...said, stage, verdict: 'accepted', text: tlsText(tls), tls, findings: tls.problem === null ? findings : [...findings, { kind: 'certificate', level: 'warning', text: tls.problem }] }))
    return true
  }

  private async authenticate(given: Credentials): Promise<void> {
    const { extensions, secure: encrypted } = this.state
    const offered = (extensions.get('AUTH') ?? '').toUpperCase().split(/\s+/).filter(Boolean)
    const mechanism = mechanismOf(offered, encrypted)
    this.secrets.add(given.password)
    if (mechanism === null) {
      const why = offered.length === 0 ? 'The host offers no authentication.' : `The host offers only ${offered.join(', ')}, which this test does not speak.`
      return this.notSent('auth', 'auth-not-offered', `Nothing was sent: ${why}${encrypted ? '' : ' Many hosts offer it only once the connection is encrypted.'}`)
    }
    if (!encrypted && this.options.tls !== 'none')
      return this.notSent('auth', 'password-in-clear', 'The password was not sent: the connection is not encrypted. Choose no TLS to send it all the same.')
    const initial = mechanism.initial?.(given) ?? null
    if (initial !== null) this.secrets.add(initial)
    const findings: SmtpFinding[] = encrypted || mechanism.name === 'CRAM-MD5' ? [] : [{ kind: 'password-in-clear', level: 'warning', text: 'The password went over the network in clear.' }]
    let heard = await this.exchange('auth', [`AUTH ${mechanism.name}${initial === null ? '' : ` ${initial}`}`], findings)
    for (let at = 0; heard?.kind === 'reply' && heard.code === 334 && at < mostChallenges; at++) {
      const answer = mechanism.answers[at]?.(given, heard.lines.at(-1)?.slice(4) ?? '') ?? '*'
      this.secrets.add(answer)
      heard = await this.exchange('auth', [answer])
      if (answer === '*') return
    }
  }

  private async message({ subject, body }: { subject: string; body: string }): Promise<void> {
    const { from, recipient, helo } = this.options
    const lines = [...messageLines({ from, to: recipient, helo, subject, body }).map(stuffed), '.']
    // Judged before DATA: after it the host takes everything for the message.
    if (!this.canSay('message', lines)) return
    if (this.state.mode === 'command') {
      const heard = await this.exchange('data', ['DATA'])
      if (heard?.kind !== 'reply' || heard.code !== 354) return
    }
    await this.exchange('message', lines)
  }

  /** Sends, waits for the reply, judges it; null where the connection is closed already. */
  private async exchange(stage: SmtpStage, lines: string[], findings: SmtpFinding[] = []): Promise<Heard | null> {
    const begin = now()
    if (this.reader?.hasMore) findings.push({ kind: 'unasked', level: 'warning', text: 'The host spoke before it was asked, so this reply may be to something else.' })
    const asked = this.ask(stage, lines)
    if (asked === null) {
      this.lost(stage)
      return null
    }
    const heard = await asked
    this.judge(begin, { stage, lines, findings }, heard)
    return heard
  }

  /** Null where the connection is closed already. */
  private ask(stage: SmtpStage, lines: string[]): Promise<Heard> | null {
    if (this.reader === null || this.state.ended) return null
    this.send(lines)
    return this.reply(this.reader, stage)
  }

  private reply(reader: LineReader, stage: SmtpStage): Promise<Heard> {
    const heard = reader.reply(this.limitOf(stage))
    this.telling.tell()
    return heard
  }

  /** The only way to the wire. A line break within a line would be another command (RFC 5321 §2.3.8), so there is none. */
  private send(lines: string[]): void {
    for (const line of lines) if (lineProblem(line) !== null) throw new Error('a line with a line break in it was to be sent')
    this.socket?.write(`${lines.join('\r\n')}\r\n`)
  }

  private shown(stage: SmtpStage, lines: string[]): string | null {
    if (lines.length === 0) return null
    const text = lines.join('\n')
    if (stage !== 'auth') return this.secrets.masked(text)
    // Typed ones are not known as secrets before they are seen here.
    const [, command, secret] = /^(\s*auth\s+\S+)(?:\s+(.+))?$/i.exec(text) ?? []
    if (command === undefined && text !== '*') this.secrets.add(text)
    if (secret !== undefined) this.secrets.add(secret)
    return text === '*' ? text : command === undefined ? mask : secret === undefined ? command : `${command} ${mask}`
  }

  /** To be shown: masked before it is cut, since half a secret is known no more. */
  private masked<T extends Heard>(heard: T): T {
    return { ...heard, lines: heard.lines.map((line) => this.secrets.masked(line)) }
  }

  /** Judges what was heard, which decides what comes next; the words for it can wait. */
  private judge(begin: Moment, said: Said, heard: Heard): void {
    if (heard.kind === 'none') return this.unheard(begin, said, heard)
    const { stage, lines } = said
    // Who gave up (RFC 4954 §4) is not asked for more.
    const verdict = stage === 'auth' && lines[0] === '*' && heard.code === 334 ? 'failed' : verdictOf(stage, heard)
    after(this.state, { stage, verdict, code: heard.code, lines: heard.lines }, this.options)
    if (this.state.ended) this.close()
    this.telling.add(begin, () => {
      const findings = [...heloFindings(stage, lines), ...said.findings, ...oddityFindings(heard.oddities)]
      if (verdict === 'failed') findings.unshift({ kind: 'wrong-code', level: 'fault', text: `The code ${heard.code} does not belong there.` })
      const sent = this.shown(stage, lines)
      const reply = this.masked(heard)
      return { stage, sent, reply, verdict, text: verdict === 'accepted' ? acceptedText(stage, reply) : verdictText(stage, verdict, reply), findings }
    })
  }

  private unheard(begin: Moment, { stage, lines, findings }: Said, heard: NoReply): void {
    this.end(begin, () => {
      const sent = this.shown(stage, lines)
      const text = noReplyText(stage, this.masked(heard), this.limitOf(stage))
      return { stage, sent, verdict: heard.reason === 'cancelled' ? 'cancelled' : 'failed', text, findings: [...heloFindings(stage, lines), ...findings, ...noReplyFinding(heard, text)] }
    })
  }

  /** Milliseconds. */
  private limitOf(stage: SmtpStage): number {
    const limit = this.options.timeouts.reply * 1000
    return stage === 'quit' ? Math.min(limit, quitLimit) : limit
  }

  private notSent(stage: SmtpStage, kind: SmtpFinding['kind'], text: string): void {
    this.state.stopped = true
    this.telling.add(now(), () => ({ stage, verdict: 'failed', text, findings: [{ kind, level: 'fault', text }] }))
  }

  private lost(stage: SmtpStage): void {
    this.end(now(), () => ({ stage, verdict: 'failed', text: 'The connection is closed: nothing was sent.' }))
  }

  private end(begin: Moment, draft: () => Draft): void {
    this.close()
    this.telling.add(begin, draft)
  }
}

/** What a step said, and what was found before its answer; no lines where only listened. */
interface Said {
  stage: SmtpStage
  lines: string[]
  findings: SmtpFinding[]
}
