// What a step means, in sentences: of a reply that goes on, of one that does not, and of what was odd about it.
import type { Explained } from '../../preload/contract/smtp.ts'
import type { SmtpFinding, SmtpStage, Tls, Verdict } from '../../preload/contract/smtp-test.ts'
import { expected } from './guide.ts'
import { longestReply, longestReplyLine, mostReplyLines, type NoReply, type Oddity, type Reply } from './line-reader.ts'
import { explain } from './reply.ts'

const accepted: Record<SmtpStage, string> = {
  connect: 'Connected.',
  tls: 'The connection is encrypted.',
  banner: 'The host greets.',
  ehlo: 'The host offers no extensions.',
  helo: 'The host takes the older greeting, which knows no extensions.',
  starttls: 'The host is ready for TLS.',
  auth: 'The host took user and password.',
  mail: 'The host takes mail from this sender.',
  rcpt: 'The host takes mail for this recipient.',
  data: 'The host waits for the message.',
  message: 'The host took the message, and answers for it from now on.',
  rset: 'The host forgot sender and recipients.',
  quit: 'The host said goodbye.',
  other: 'The host did it.',
}

export function acceptedText(stage: SmtpStage, { code, lines }: Reply): string {
  if (stage === 'ehlo' && lines.length > 1) return `The host offers ${said(lines.slice(1).map((line) => line.slice(4).trim()).join(', '))}.`
  if (stage === 'auth' && code === 334) return 'The host asks for more.'
  if (stage === 'rcpt' && code === 251) return 'The recipient is elsewhere, and the host forwards mail for him.'
  if (stage === 'rcpt' && code === 252) return 'The host does not say whether it knows the recipient, but takes mail for him.'
  return accepted[stage]
}

/** Characters of a reply in a sentence: all of it stands in the transcript. */
const mostSaid = 500
const said = (words: string) => (words.length > mostSaid ? `${words.slice(0, mostSaid)}…` : words)

const asked: Record<SmtpStage, string> = {
  connect: 'the connection', tls: 'TLS', banner: 'the connection', ehlo: 'EHLO', helo: 'HELO', starttls: 'STARTTLS', auth: 'the authentication',
  mail: 'the sender', rcpt: 'the recipient', data: 'DATA', message: 'the message', rset: 'RSET', quit: 'QUIT', other: 'the command',
}

export function verdictText(stage: SmtpStage, verdict: Verdict, reply: Reply): string {
  const words = said(reply.lines.join(' '))
  const what = asked[stage]
  if (verdict === 'deferred') return `The host does not take ${what} for now: ${words}`
  if (verdict === 'refused') return `The host refuses ${what}: ${words}`
  return `To ${what} the host answered what does not belong there: ${words}`
}

/** `limit` in milliseconds. */
export function noReplyText(stage: SmtpStage, { reason, lines, error }: NoReply, limit: number): string {
  const after = stage === 'banner' ? 'when it was connected to' : stage === 'message' ? 'after the message' : `to ${asked[stage]}`
  const came = lines.length > 0 ? `: ${said(lines.join(' '))}` : '.'
  switch (reason) {
    case 'silent': return `The host said nothing ${after} within ${limit / 1000} s.`
    case 'slow': return `The host did not come to the end of its reply ${after} within ${limit / 1000} s${came}`
    case 'closed': return `The host closed the connection ${lines.length > 0 ? 'in the middle of its reply' : 'without a reply'} ${after}${error === null ? '' : ` (${error})`}${came}`
    case 'line-too-long': return `The host sent a line of more than ${longestReplyLine} bytes ${after}; the rest was not read.`
    case 'reply-too-long': return `The host’s reply ${after} has more than ${mostReplyLines} lines or ${longestReply / 1024} KB and does not end; the rest was not read.`
    case 'unreadable': return `The host answered ${after} in something that is no SMTP reply${came}`
    case 'cancelled': return 'Cancelled.'
  }
}

export const noReplyFinding = ({ reason }: NoReply, text: string): SmtpFinding[] => (reason === 'cancelled' ? [] : [{ kind: reason, level: 'fault', text }])

const odd: Record<Oddity, SmtpFinding> = {
  'bare-line-feed': { kind: 'bare-line-feed', level: 'warning', text: 'The host ends a line with a bare LF instead of CR LF (RFC 5321 §2.3.8): some mail servers will not read that.' },
  'null-byte': { kind: 'null-byte', level: 'warning', text: 'There is a NUL in the host’s reply, which SMTP does not allow.' },
  'eight-bit': { kind: 'eight-bit', level: 'info', text: 'There are letters in the host’s reply that are not ASCII.' },
  'mixed-codes': { kind: 'wrong-code', level: 'warning', text: 'The lines of the host’s reply have different codes (RFC 5321 §4.2.1): the last one counts here, to others the first one may.' },
}

export const oddityFindings = (oddities: Oddity[]): SmtpFinding[] => oddities.map((oddity) => odd[oddity])

export function verdictOf(stage: SmtpStage, { code }: Reply): Verdict {
  if (expected(stage, code)) return 'accepted'
  return code >= 400 && code < 500 ? 'deferred' : code >= 500 && code < 600 ? 'refused' : 'failed'
}

/** RFC 3463 §2, at the beginning of the text; the last line has it where they differ. */
export function enhancedOf({ lines }: Reply): string | null {
  return /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(lines.at(-1) ?? '')?.[1] ?? null
}

export function tlsText({ protocol, cipher, chain, expiresInDays, problem }: Tls): string {
  const [own] = chain
  const until = expiresInDays === null || expiresInDays < 0 ? '' : `, valid for ${expiresInDays} more day${expiresInDays === 1 ? '' : 's'}`
  const certificate = own === undefined ? '' : `; certificate of ${own.subject}, issued by ${own.issuer}${until}`
  return `Encrypted with ${protocol}, ${cipher}${certificate}.${problem === null ? '' : ` ${problem}`}`
}

/** Of what was answered; and where there was no connection, or none that is encrypted, of why. */
export function explainedOf(stage: SmtpStage, verdict: Verdict, lines: string[], text: string): Explained | null {
  if (verdict === 'deferred' || verdict === 'refused') return explain(lines.join('\n'))
  if (verdict !== 'failed' || (stage !== 'connect' && stage !== 'tls' && stage !== 'starttls')) return null
  const explained = explain(text)
  return explained.category === 'unknown' ? null : explained
}

/** RFC 5321 §2.3.5: a full name or an address literal; many hosts refuse others at RCPT TO. */
export function heloFindings(stage: SmtpStage, [line = '']: string[]): SmtpFinding[] {
  if ((stage !== 'ehlo' && stage !== 'helo') || /^\s*\S+\s+(?:\[\S+\]\s*$|\S*[^\s.]\.[^\s.])/.test(line)) return []
  const name = line.trim().split(/\s+/)[1] ?? ''
  return [{ kind: 'helo-name', level: 'warning', text: `“${name}” is no full host name such as edge.example.com: some hosts refuse mail from whoever greets like that.` }]
}
