// One dialogue with one mail host: each command with its reply is a step. It is guided or typed, line by line; nothing
// is sent before the reply to what went before.
import type { Socket } from 'node:net'
import type { Hand, SmtpFinding, SmtpStage, SmtpStep, SmtpTarget, Tls, Verdict } from '../../preload/contract/smtp-test.ts'
import { lineProblem } from '../../preload/contract/smtp-fields.ts'
import type { World } from '../world/world.ts'
import { type Credentials, mechanismOf } from './auth.ts'
import { connect, type Source } from './connect.ts'
import { after, begun, next, secured, stageOf, type State, type Wanted } from './guide.ts'
import { LineReader, type Heard, type NoReply, type Reply } from './line-reader.ts'
import { messageLines, stuffed } from './message.ts'
import { acceptedText, enhancedOf, explainedOf, heloFindings, noReplyFinding, noReplyText, oddityFindings, tlsText, verdictOf, verdictText } from './said.ts'
import { mask, Secrets } from './secrets.ts'
import { secure } from './tls.ts'

export interface DialogueOptions extends Wanted {
  target: Pick<SmtpTarget, 'host' | 'address' | 'port'>
  source: Source | null
  /** Seconds. */
  timeouts: { connect: number; reply: number }
  reach: World['reach']
  signal: AbortSignal
}

type Told = (step: SmtpStep) => void

/** Milliseconds: nobody waits longer for a goodbye. */
const quitLimit = 5_000
/** Challenges of one AUTH; each mechanism known here needs two at most. */
const mostChallenges = 4

export class Dialogue {
  private readonly options: DialogueOptions
  private readonly state: State = begun()
  private readonly secrets = new Secrets()
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
    return this.lastSource
  }

  /** Connects and listens to the greeting; with `implicit` TLS before that. */
  async open(told: Told): Promise<void> {
    const { target, source, timeouts, reach, signal, tls } = this.options
    const begin = clock()
    const connected = await connect({ address: target.address, port: target.port, source, limit: timeouts.connect * 1000, reach, signal })
    if (connected.socket === null) return this.failed(begin, 'connect', connected, told)
    this.socket = connected.socket
    this.lastSource = connected.socket.localAddress ?? null
    told(this.step(begin, { stage: 'connect', verdict: 'accepted', text: `Connected to ${target.address}:${target.port}${this.lastSource === null ? '' : ` from ${this.lastSource}`}.`, findings: connected.findings }))
    if (tls === 'implicit' && !(await this.handshake(clock(), 'tls', {}, told))) return
    this.reader ??= new LineReader(connected.socket, signal)
    const greeted = clock()
    this.told(greeted, { stage: 'banner', sent: null }, await this.reader.reply(timeouts.reply * 1000), told)
  }

  /** Whether the connection stands is told by the steps: never rejects for what the host does. */
  async do(hand: Hand, told: Told): Promise<void> {
    if (hand.kind === 'auth') return this.authenticate(hand, told)
    if (hand.kind === 'message') return this.message(hand, told)
    if (hand.kind === 'starttls') return this.starttls(told)
    await this.line(hand.text, told)
  }

  /** Cuts the connection, also under a step that waits. */
  close(): void {
    this.state.ended = true
    this.socket?.destroy()
  }

  private async line(text: string, told: Told): Promise<unknown> {
    const { mode } = this.state
    const stage = mode === 'command' ? stageOf(text) : mode
    // Else the host would speak TLS, and we would not.
    if (stage === 'starttls') return this.starttls(told)
    if (!this.canSay(stage, [text], told)) return undefined
    return stage === 'message' && text !== '.' ? this.without(text, told) : this.exchange(stage, [text], told, heloFindings(stage, text))
  }

  /** Not everything can be said to every host: letters that are not ASCII only where it says that it takes them. */
  private canSay(stage: SmtpStage, lines: string[], told: Told): boolean {
    const { extensions } = this.state
    const takesAll = extensions.has('SMTPUTF8') || (stage === 'message' && extensions.has('8BITMIME'))
    if (takesAll || lines.every((line) => /^\p{ASCII}*$/u.test(line))) return true
    this.notSent(stage, 'smtputf8', 'It was not sent: there are letters in it that are not ASCII, and the host does not offer SMTPUTF8 (RFC 6531).', told)
    return false
  }

  /** A line of a message: it has no answer of its own. */
  private without(text: string, told: Told): void {
    const begin = clock()
    this.send([text])
    told(this.step(begin, { stage: 'message', sent: text, verdict: 'accepted', text: 'A line of the message; a line with a single dot ends it.' }))
  }

  private async starttls(told: Told): Promise<void> {
    const begin = clock()
    const offered = this.state.extensions.has('STARTTLS')
    const findings: SmtpFinding[] = offered ? [] : [{ kind: 'tls-not-offered', level: 'warning', text: 'The host does not offer STARTTLS; it was asked for all the same. Something on the way may have struck out the offer.' }]
    const heard = await this.heard('starttls', ['STARTTLS'])
    if (heard === null) return this.lost('starttls', told)
    if (heard.kind === 'none' || heard.code !== 220) return this.told(begin, { stage: 'starttls', sent: 'STARTTLS', findings }, heard, told)
    if (this.reader?.hasMore) {
      const text = 'The host sent more in clear after it agreed to TLS: whoever sits on the way could put words in its mouth like this (CVE-2011-0411). The test stops here.'
      return this.end(this.step(begin, { stage: 'starttls', sent: 'STARTTLS', reply: this.masked(heard), verdict: 'failed', text, findings: [...findings, { kind: 'injection', level: 'fault', text }] }), told)
    }
    await this.handshake(begin, 'starttls', { sent: 'STARTTLS', reply: this.masked(heard), findings }, told)
  }

  /** False where it failed; then the connection is closed. */
  private async handshake(begin: Clock, stage: 'tls' | 'starttls', said: Pick<Partial<Draft>, 'sent' | 'reply' | 'findings'>, told: Told): Promise<boolean> {
    const { target, timeouts, signal } = this.options
    if (this.socket === null) return false
    this.reader?.release()
    const outcome = await secure(this.socket, { host: target.host, limit: timeouts.reply * 1000, signal })
    const { findings = [] } = said
    if (outcome.socket === null) {
      const { reason, text } = outcome
      this.end(this.step(begin, { ...said, stage, verdict: reason, text, findings: reason === 'failed' ? [...findings, { kind: 'tls-failed', level: 'fault', text }] : findings }), told)
      return false
    }
    this.socket = outcome.socket
    this.reader = new LineReader(outcome.socket, signal)
    secured(this.state)
    const { tls } = outcome
    told(this.step(begin, { ...said, stage, verdict: 'accepted', text: tlsText(tls), tls, findings: tls.problem === null ? findings : [...findings, { kind: 'certificate', level: 'warning', text: tls.problem }] }))
    return true
  }

  private async authenticate(given: Credentials, told: Told): Promise<void> {
    const { extensions, secure: encrypted } = this.state
    const offered = (extensions.get('AUTH') ?? '').toUpperCase().split(/\s+/).filter(Boolean)
    const mechanism = mechanismOf(offered, encrypted)
    this.secrets.add(given.password)
    if (mechanism === null) {
      const why = offered.length === 0 ? 'The host offers no authentication.' : `The host offers only ${offered.join(', ')}, which this test does not speak.`
      return this.notSent('auth', 'auth-not-offered', `Nothing was sent: ${why}${encrypted ? '' : ' Many hosts offer it only once the connection is encrypted.'}`, told)
    }
    if (!encrypted && this.options.tls !== 'none')
      return this.notSent('auth', 'password-in-clear', 'The password was not sent: the connection is not encrypted. Choose no TLS to send it all the same.', told)
    const initial = mechanism.initial?.(given) ?? null
    if (initial !== null) this.secrets.add(initial)
    const findings: SmtpFinding[] = encrypted || mechanism.name === 'CRAM-MD5' ? [] : [{ kind: 'password-in-clear', level: 'warning', text: 'The password went over the network in clear.' }]
    let heard = await this.exchange('auth', [`AUTH ${mechanism.name}${initial === null ? '' : ` ${initial}`}`], told, findings)
    for (let at = 0; heard?.kind === 'reply' && heard.code === 334 && at < mostChallenges; at++) {
      const answer = mechanism.answers[at]?.(given, heard.lines.at(-1)?.slice(4) ?? '') ?? '*'
      this.secrets.add(answer)
      heard = await this.exchange('auth', [answer], told)
      if (answer === '*') return
    }
  }

  private async message({ subject, body }: { subject: string; body: string }, told: Told): Promise<void> {
    const { from, recipient, helo } = this.options
    const lines = [...messageLines({ from, to: recipient, helo, subject, body }).map(stuffed), '.']
    // Judged before DATA: after it the host takes everything for the message.
    if (!this.canSay('message', lines, told)) return
    if (this.state.mode === 'command') {
      const heard = await this.exchange('data', ['DATA'], told)
      if (heard?.kind !== 'reply' || heard.code !== 354) return
    }
    await this.exchange('message', lines, told)
  }

  /** Sends, waits for the reply, tells the step. */
  private async exchange(stage: SmtpStage, lines: string[], told: Told, findings: SmtpFinding[] = []): Promise<Heard | null> {
    const begin = clock()
    const unasked = this.reader?.hasMore === true
    const heard = await this.heard(stage, lines)
    if (heard === null) {
      this.lost(stage, told)
      return null
    }
    if (unasked) findings.push({ kind: 'unasked', level: 'warning', text: 'The host spoke before it was asked, so this reply may be to something else.' })
    this.told(begin, { stage, sent: this.shown(stage, lines), findings }, heard, told)
    return heard
  }

  /** Null where the connection is closed already. */
  private async heard(stage: SmtpStage, lines: string[]): Promise<Heard | null> {
    if (this.reader === null || this.socket === null || this.state.ended) return null
    this.send(lines)
    return this.reader.reply(this.limitOf(stage))
  }

  /** The only way to the wire. A line break within a line would be another command (RFC 5321 §2.3.8), so there is none. */
  private send(lines: string[]): void {
    for (const line of lines) if (lineProblem(line) !== null) throw new Error('a line with a line break in it was to be sent')
    this.socket?.write(`${lines.join('\r\n')}\r\n`)
  }

  private shown(stage: SmtpStage, lines: string[]): string {
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

  /** Judges what was heard. */
  private told(begin: Clock, { stage, sent, findings = [] }: Said, heard: Heard, told: Told): void {
    if (heard.kind === 'none') return this.unheard(begin, { stage, sent, findings }, heard, told)
    // Who gave up (RFC 4954 §4) is not asked for more.
    const verdict = sent === '*' && heard.code === 334 ? 'failed' : verdictOf(stage, heard)
    if (verdict === 'failed') findings.push({ kind: 'wrong-code', level: 'fault', text: `The code ${heard.code} does not belong there.` })
    if (heard.oddities.length > 0) findings.push(...oddityFindings(heard.oddities))
    const reply = this.masked(heard)
    const text = verdict === 'accepted' ? acceptedText(stage, reply) : verdictText(stage, verdict, reply)
    const step = this.step(begin, { stage, sent, reply, verdict, text, findings })
    after(this.state, { stage, verdict, code: heard.code, lines: heard.lines }, this.options)
    if (this.state.ended) this.end(step, told)
    else told(step)
  }

  private unheard(begin: Clock, { stage, sent, findings = [] }: Said, heard: NoReply, told: Told): void {
    const text = noReplyText(stage, this.masked(heard), this.limitOf(stage))
    const verdict = heard.reason === 'cancelled' ? 'cancelled' : 'failed'
    this.end(this.step(begin, { stage, sent, verdict, text, findings: [...findings, ...noReplyFinding(heard, text)] }), told)
  }

  /** Milliseconds. */
  private limitOf(stage: SmtpStage): number {
    const limit = this.options.timeouts.reply * 1000
    return stage === 'quit' ? Math.min(limit, quitLimit) : limit
  }

  private notSent(stage: SmtpStage, kind: SmtpFinding['kind'], text: string, told: Told): void {
    this.state.stopped = true
    told(this.step(clock(), { stage, verdict: 'failed', text, findings: [{ kind, level: 'fault', text }] }))
  }

  private lost(stage: SmtpStage, told: Told): void {
    this.end(this.step(clock(), { stage, verdict: 'failed', text: 'The connection is closed: nothing was sent.', findings: [] }), told)
  }

  private failed(begin: Clock, stage: SmtpStage, { reason, text, findings }: { reason: 'failed' | 'cancelled'; text: string; findings: SmtpFinding[] }, told: Told): void {
    this.end(this.step(begin, { stage, verdict: reason, text, findings }), told)
  }

  private end(step: SmtpStep, told: Told): void {
    this.close()
    told(step)
  }

  private step(begin: Clock, { stage, sent = null, reply = null, verdict, text, tls = null, findings = [] }: Draft): SmtpStep {
    const said = reply === null ? null : { code: reply.code, enhanced: enhancedOf(reply), lines: reply.lines }
    return { stage, at: begin.at, ms: begin.ms(), sent, reply: said, verdict, text, explained: explainedOf(stage, verdict, said?.lines ?? [], text), tls, findings }
  }
}

type Said = Pick<Draft, 'stage' | 'findings'> & { sent: string | null }

interface Draft {
  stage: SmtpStage
  sent?: string | null
  reply?: Reply | null
  verdict: Verdict
  text: string
  tls?: Tls | null
  findings?: SmtpFinding[]
}

let lastTime = { now: 0, text: '' }
/** Writing the time takes as long as half of a step, and several steps are done within one millisecond. */
function timeText(): string {
  const now = Date.now()
  if (now !== lastTime.now) lastTime = { now, text: new Date(now).toISOString() }
  return lastTime.text
}

interface Clock {
  at: string
  ms(): number
}

function clock(): Clock {
  const start = performance.now()
  return { at: timeText(), ms: () => Math.round((performance.now() - start) * 10) / 10 }
}
