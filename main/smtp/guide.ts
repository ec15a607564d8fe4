// How far a dialogue is, and what a guided test does next: the same whether the last command was typed or guided.
import type { Hand, SmtpStage, TlsMode, Verdict } from '../../preload/contract/smtp-test.ts'
import type { Credentials } from './auth.ts'

export interface Wanted {
  recipient: string
  /** Empty for the null sender. */
  from: string
  helo: string
  tls: TlsMode
  auth: Credentials | null
  data: { subject: string; body: string } | null
}

export interface State {
  /** What the host waits for: a command, more of AUTH, or lines of a message. */
  mode: 'command' | 'auth' | 'message'
  greeted: boolean
  /** EHLO is not known there: then HELO is tried. */
  ehloRefused: boolean
  /** By keyword in capitals, with what stands behind it. */
  extensions: Map<string, string>
  secure: boolean
  starttlsTried: boolean
  authenticated: boolean
  mail: boolean
  recipient: boolean
  message: boolean
  /** The last step did not do what it should: a guided test ends then. */
  stopped: boolean
  ended: boolean
}

export const begun = (): State => ({
  mode: 'command', greeted: false, ehloRefused: false, extensions: new Map(), secure: false, starttlsTried: false,
  authenticated: false, mail: false, recipient: false, message: false, stopped: false, ended: false,
})

const line = (text: string): Hand => ({ kind: 'line', text })

/** Null where the connection is closed. */
export function next(state: State, { recipient, from, helo, tls, auth, data }: Wanted): Hand | null {
  if (state.ended) return null
  if (state.mode === 'message') return data ? { kind: 'message', ...data } : line('.')
  // RFC 4954 §4: gives up.
  if (state.mode === 'auth') return line('*')
  if (state.stopped) return line('QUIT')
  if (!state.greeted) return line(`${state.ehloRefused ? 'HELO' : 'EHLO'} ${helo}`)
  const wantsTls = tls === 'required' || (tls === 'if-offered' && state.extensions.has('STARTTLS'))
  if (wantsTls && !state.secure && !state.starttlsTried) return { kind: 'starttls' }
  if (auth && !state.authenticated) return { kind: 'auth', ...auth }
  const utf8 = needsUtf8(from, recipient) && state.extensions.has('SMTPUTF8') ? ' SMTPUTF8' : ''
  if (!state.mail) return line(`MAIL FROM:<${from}>${utf8}`)
  if (!state.recipient) return line(`RCPT TO:<${recipient}>`)
  if (data && !state.message) return { kind: 'message', ...data }
  return line('QUIT')
}

/** RFC 6531: a host must say that it takes such addresses. */
const needsUtf8 = (...addresses: string[]) => addresses.some((address) => !/^\p{ASCII}*$/u.test(address))

export interface Outcome {
  stage: SmtpStage
  verdict: Verdict
  code: number
  lines: string[]
}

/** What a step that was answered changes. */
export function after(state: State, { stage, verdict, code, lines }: Outcome, { tls }: Pick<Wanted, 'tls'>): void {
  const done = verdict === 'accepted'
  state.stopped = !done
  if (stage === 'ehlo' || stage === 'helo') {
    state.greeted = done
    // RFC 5321 §4.1.4: a greeting begins anew.
    if (done) state.mail = state.recipient = false
    if (done) state.extensions = stage === 'ehlo' ? extensionsOf(lines) : new Map()
    if (stage === 'ehlo' && code >= 500 && code !== 554) {
      state.ehloRefused = true
      state.stopped = false
    }
  }
  if (stage === 'starttls') {
    state.starttlsTried = true
    // As a mail server does that would rather send in clear than not at all.
    if (!done && tls !== 'required') state.stopped = false
  }
  if (stage === 'auth') {
    state.mode = done && code === 334 ? 'auth' : 'command'
    if (done && code !== 334) state.authenticated = true
  }
  if (stage === 'mail' && done) [state.mail, state.recipient, state.message] = [true, false, false]
  if (stage === 'rcpt' && done) state.recipient = true
  if (stage === 'data') state.mode = done ? 'message' : 'command'
  if (stage === 'message') [state.mode, state.message] = ['command', done]
  if (stage === 'rset' && done) state.mail = state.recipient = state.message = false
  if (code === 421 || stage === 'quit') state.ended = true
}

/** RFC 3207 §4.2: what was said in clear is forgotten. */
export function secured(state: State): void {
  Object.assign(state, { ...begun(), secure: true, starttlsTried: true })
}

/** The reply to EHLO: the first line is a greeting, each other one an extension. `AUTH=` is an old way to write AUTH. */
function extensionsOf(lines: string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const offered of lines.slice(1)) {
    const [, keyword, rest = ''] = /^\d{3}[ -]([A-Za-z\d-]+)[ =]?(.*)$/.exec(offered) ?? []
    if (keyword === undefined) continue
    const name = keyword.toUpperCase()
    const before = found.get(name)
    found.set(name, before === undefined ? rest : `${before} ${rest}`)
  }
  return found
}

const commands: Record<string, SmtpStage> = { EHLO: 'ehlo', HELO: 'helo', STARTTLS: 'starttls', AUTH: 'auth', MAIL: 'mail', RCPT: 'rcpt', DATA: 'data', RSET: 'rset', QUIT: 'quit' }

export const stageOf = (text: string): SmtpStage => commands[/^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase() ?? ''] ?? 'other'

/** The first digit that a reply must have there for the dialogue to go on. */
export function expected(stage: SmtpStage, code: number): boolean {
  if (stage === 'data') return code === 354
  if (stage === 'auth') return code === 334 || code === 235
  if (stage === 'other') return code >= 200 && code < 400
  return code >= 200 && code < 300
}
