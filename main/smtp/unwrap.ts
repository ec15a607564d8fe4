// The innermost reply of a text: transports wrap what the next server said, and their wrappers say nothing of the cause.
import type { ReplyStage } from '../../preload/contract/smtp.ts'

export interface Unwrapped {
  /** The innermost reply, its lines joined. */
  inner: string
  /** What stood around it and may still tell the cause where the inner one does not; nearest first. */
  around: string[]
  host: string | null
  command: string | null
  stage: ReplyStage | null
  /** The enhanced code that a delivery report gives beside the reply. */
  status: string | null
  /** Said by a program of the mail system itself, not by a host that was reached. */
  local: boolean
}

interface Peeled {
  inner: string
  /** Whether the wrapper's own words may be asked where the inner reply says nothing. */
  keep?: boolean
  host?: string | undefined
  command?: string | undefined
  stage?: ReplyStage | undefined
  status?: string | undefined
  local?: boolean
}

type Peel = (text: string) => Peeled | null

/** Longer wrappers than these are none. */
const depth = 12
/** A reply of RFC 5321 has lines of 512 characters; no provider uses more than a dozen. */
const longestInner = 6_000

export function unwrap(text: string): Unwrapped {
  const found: Unwrapped = { inner: text.trim(), around: [], host: null, command: null, stage: null, status: null, local: false }
  for (let level = 0; level < depth; level++) {
    const peeled = firstPeeled(found.inner)
    if (peeled === null || peeled.inner.trim().length < 3) break
    if (peeled.keep) found.around.unshift(found.inner.slice(0, longestInner))
    found.inner = peeled.inner.trim()
    found.host = peeled.host ?? found.host
    found.command = peeled.command ?? found.command
    found.stage = peeled.stage ?? found.stage
    found.status ??= peeled.status ?? null
    found.local ||= peeled.local ?? false
  }
  found.inner = joined(found.inner.slice(0, longestInner))
  found.around = found.around.map(joined)
  found.stage ??= stageOf(found.command)
  return found
}

function firstPeeled(text: string): Peeled | null {
  for (const peel of peels) {
    const peeled = peel(text)
    if (peeled !== null && peeled.inner.trim() !== text.trim()) return peeled
  }
  return null
}

/** RFC 3464. The report of the first recipient that has a reason. */
const report: Peel = (text) => {
  const at = text.search(/\bDiagnostic-Code:[ \t]*/i)
  if (at < 0) return null
  const rest = text.slice(at).replace(/^[^:]{1,20}:[ \t]*/, '')
  const lines = rest.slice(0, longestInner).split('\n')
  const end = lines.findIndex((line, index) => index > 0 && !/^[ \t]+\S/.test(line))
  const value = lines.slice(0, end < 0 ? lines.length : end).join(' ').replace(/\s(?:Last-Attempt-Date|Remote-MTA|Final-Recipient|Action|Status|Will-Retry-Until|X-[A-Z][\w-]{1,30}): .*$/i, '')
  const near = text.slice(Math.max(0, at - 2_000), at + longestInner)
  const status = /\bStatus:[ \t]*([245]\.\d{1,3}\.\d{1,3})/i.exec(near)?.[1]
  const host = /\bRemote-MTA:[ \t]*(?:dns[ \t]*;[ \t]*)?([\w.-]{1,255})/i.exec(near)?.[1]
  if (value.replace(/^[\w-]{1,40}[ \t]*;/, '').trim().length < 3) return null
  return { inner: value, status, host, ...(at > 0 && !/\d{3}/.test(value) ? { keep: true } : {}) }
}

/** A greeting that is no reply to anything, before the one that is. */
const greeting: Peel = (text) => {
  const match = /^2\d\d[ -][^\n]{0,200}?\s(?=[45]\d\d[ -])/.exec(text)
  return match ? { inner: text.slice(match[0].length) } : null
}

const protocolPrefix: Peel = (text) => {
  const match = /^(?:smtp|lmtp|x-[\w-]{1,40}|x\.?\d{0,3}400|unknown|dns|local)[ \t]*;[ \t]*|,smtp;(?=[45]\d\d[ -])/i.exec(text)
  return match ? { inner: text.slice(match.index + match[0].length) } : null
}

/** `[{LED=…};{MSG=…};{FQDN=…};{IP=…};{LRT=…}]`, in any order. */
const exchangeQueue: Peel = (text) => {
  const at = text.search(/\{LED=/i)
  if (at < 0) return null
  const body = text.slice(at + 5, at + longestInner)
  const end = body.search(/\}\s*;\s*\{(?:MSG|FQDN|IP|LRT)=|\}\s*\]|\}\s*$/i)
  const host = /\{FQDN=([^{}]{1,255})\}/i.exec(text.slice(at, at + longestInner))?.[1]
  return { inner: end < 0 ? body : body.slice(0, end), host }
}

/** What Exchange quotes: `responded with: "…"`, `failed … with '…'`, `Remote Server returned '…'`. */
const quoted: Peel = (text) => {
  const match = /\b(?:responded with|returned|session setup failed[^'"\n]{0,80} with|server said|was|error is|said|replied|response|error)(?:[ \t]+(?:error|status|code|the following))?[ \t]*:?\s*(["'])(?=\s*[<#]?\s*(?:\d{3}[ -]|[245]\.\d{1,3}\.\d{1,3}\b))/i.exec(text)
  if (!match) return null
  const mark = match[1] ?? '"'
  const body = text.slice(match.index + match[0].length, match.index + match[0].length + longestInner)
  const end = endOfQuotation(body, mark)
  return { inner: body.slice(0, end), keep: true, host: /\b(?:Remote Server at|host) ([\w.-]{1,255})/i.exec(text.slice(Math.max(0, match.index - 300), match.index + 40))?.[1] }
}

/** Quotations are nested with the same marks: the outermost ends with the last mark, or before Exchange's own words. */
function endOfQuotation(body: string, mark: string): number {
  const own = body.search(/["'][.,]?\s*(?:Attempted failover|The last endpoint|Last attempted|\(delivery attempts)/i)
  if (own >= 0) return own
  const line = body.indexOf('\n\n') < 0 ? body.length : body.indexOf('\n\n')
  const last = body.lastIndexOf(mark, line)
  return last < 0 ? line : last
}

/** `451 4.4.397 Error communicating with target host. -> 421 4.2.1 Unable to connect -> SocketTimedout: …` */
const chain: Peel = (text) => {
  const at = text.indexOf(' -> ')
  if (at < 0) return null
  const before = text.slice(0, at)
  return /\b[245]\d\d\b/.test(before.slice(0, 400)) ? { inner: text.slice(at + 4), keep: true } : null
}

/** Amazon's: `Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection timed out>` */
const expiry: Peel = (text) => {
  const match = /\bexpired\b[^<>\n]{0,200}<(?=[45]\d\d[ -])([^\n]{3,600})>\s*$/i.exec(text)
  return match?.[1] === undefined ? null : { inner: match[1], keep: true }
}

const bracketedMessage: Peel = (text) => {
  const match = /\[Message=([^\n]{3,600}?)\](?=\s*(?:\[|$|[.;]|\s))/i.exec(text)
  return match?.[1] !== undefined && /\d/.test(match[1]) ? { inner: match[1], keep: true } : null
}

const postfixLog: Peel = (text) => {
  const match = /\bstatus=(?:deferred|bounced|expired|undeliverable|SOFTBOUNCE|sent)\s*\(/i.exec(text)
  if (!match) return null
  // Pasted logs are folded; the next entry begins with a date.
  const line = text.slice(match.index + match[0].length, match.index + longestInner).split(/\n(?=\w{3} [ \d]\d |\d{4}-\d\d-\d\d|[ \t]*\n)/, 1)[0] ?? ''
  const before = text.slice(Math.max(0, match.index - 600), match.index)
  return { inner: line.replace(/\)\s*$/, ''), host: /\brelay=([\w.-]{1,255})\[/.exec(before)?.[1], status: /\bdsn=([245]\.\d{1,3}\.\d{1,3})/.exec(before)?.[1] }
}

const suspended: Peel = (text) => {
  const match = /\bdelivery temporarily suspended:\s*/i.exec(text)
  return match ? { inner: text.slice(match.index + match[0].length) } : null
}

const postfixSaid: Peel = (text) => {
  const match = /\b(?:host|connect to|server)\s{1,20}([\w.-]{1,255}|\[[^\]\s]{1,60}\])\[([^\]\s]{1,60})\](?::\d{1,5})?:?\s{0,20}(?:server\s{1,20})?(said|refused\s{1,20}to\s{1,20}talk\s{1,20}to\s{1,20}me|refused mail service|offered [^:\n]{0,40}):\s*/i.exec(text)
  if (!match) return null
  const rest = text.slice(match.index + match[0].length)
  const reply = /\(in\s{1,20}reply\s{1,20}to\s{1,20}([^()]{1,80}?)(?:\s{1,20}command)?\)?\)/i.exec(rest.slice(0, longestInner))
  const banner = /refused/i.test(match[3] ?? '')
  const login = /SASL authentication failed;\s{1,20}$/i.test(text.slice(Math.max(0, match.index - 60), match.index))
  return { inner: reply ? rest.slice(0, reply.index) : rest, host: match[1], command: reply?.[1], ...(banner ? { stage: 'banner' } : login ? { stage: 'auth' } : {}) }
}

const inReplyTo: Peel = (text) => {
  const match = /\(in reply to ([^()\n]{1,60}?)(?: command)?\)/i.exec(text)
  return match && match.index > 0 ? { inner: text.slice(0, match.index), command: match[1] } : null
}

/** Amavis, which passes on what the next transport said. */
const nextTransport: Peel = (text) => {
  const match = /\bfrom MTA\([^()]{1,80}\):\s*(?=[245]\d\d[ -])/i.exec(text)
  return match ? { inner: text.slice(match.index + match[0].length) } : null
}

const exim: Peel = (text) => {
  const match = /SMTP error from remote (?:mail ?server|mailer|server|MTA)(?: after ([^\n:<]{1,60}?)(?:\s*:\s*<[^>\n]{0,320}>)?(?: [A-Z]{2,12}=\S{1,80}){0,6})?\s*:\s*(?:host ([\w.-]{1,255}) \[([^\]\s]{1,60})\]\s*:?\s*)?/i.exec(text)
  if (!match) return null
  const host = match[2] ?? /\bhost ([\w.-]{1,255}) \[[^\]\s]{1,60}\]/.exec(text.slice(Math.max(0, match.index - 300), match.index))?.[1] ?? /\bH=([\w.-]{1,255})/.exec(text.slice(Math.max(0, match.index - 600), match.index))?.[1]
  // Exim adds its own end of the story to the reply that is the cause.
  const inner = paragraph(text.slice(match.index + match[0].length)).replace(/:\s*retry timeout exceeded[^]*$/i, '')
  return { inner, host, command: match[1]?.replace(/^(?:pipelined|initial)\s+/i, '') }
}

/** `>>> RCPT To:<…>` and `<<< 550 …`: the last answer that refuses. */
const sendmailTranscript: Peel = (text) => {
  const at = text.search(/(?:^|\s)<<<\s*[245]\d\d/)
  if (at < 0) return null
  const answers = text.slice(at, at + longestInner).split(/(?:^|\s)(?=<<<\s|>>>\s)/)
  const refusing = answers.findIndex((one) => /^<<<\s*[45]\d\d/.test(one))
  if (refusing < 0) return null
  const code = /^<<<\s*(\d\d\d)/.exec(answers[refusing] ?? '')?.[1] ?? ''
  const lines: string[] = []
  for (const one of answers.slice(refusing)) {
    if (!one.startsWith(`<<< ${code}`)) break
    lines.push((one.slice(4).split(/\n(?=\d{3}[ -]|\.{3} |-----|[A-Z][\w-]{1,30}: |[ \t]*\n)|\s5\d\d 5\.\d\.\d (?=Service unavailable)/, 1)[0] ?? '').trim())
    if (one.startsWith(`<<< ${code} `)) break
  }
  const asked = [...text.slice(0, at + longestInner).matchAll(/>>>\s*([A-Z]{4})[^\n]{0,400}?(?=\s*<<<)/gi)].at(-1)?.[1]
  const host = /while talking to ([\w.-]{1,255}?)\.?:/i.exec(text.slice(0, at))?.[1]
  return { inner: lines.join('\n'), command: asked, host }
}

const sendmailLog: Peel = (text) => {
  const match = /\bstat=(?:Deferred:?\s*|Service unavailable:?\s*)?/i.exec(text)
  if (!match) return null
  const before = text.slice(Math.max(0, match.index - 600), match.index)
  const rest = text.slice(match.index + match[0].length).split('\n', 1)[0] ?? ''
  const status = /\bdsn=([245]\.\d{1,3}\.\d{1,3})/.exec(before)?.[1]
  return { inner: rest.length < 3 ? text.slice(match.index + 5) : rest, status, host: /\brelay=([\w.-]{1,255}?)\.? \[/.exec(before)?.[1] }
}

/** What qmail says before the reply. */
const qmailStages: [RegExp, ReplyStage][] = [
  [/but my name was rejected/i, 'helo'],
  [/but sender was rejected/i, 'mail'],
  [/does not like recipient/i, 'rcpt'],
  [/failed (?:on DATA command|after I sent the message)/i, 'data'],
]

const remoteSaid: Peel = (text) => {
  const match = /\b(?:Remote host said|reported error|last (?:transfail|smtp (?:error|response)|response|reply)|remote server (?:said|responded|replied)|server (?:said|responded|replied)|(?:response|answer|reply|error)(?: (?:from|of|that) (?:the )?(?:remote|other|receiving|destination|recipient'?s?)(?: mail)? (?:server|host|system)(?: returned)?)? (?:was|is)|SMTP Protocol Returned an? (?:Permanent|Transient) Error|(?:Antwort des (?:Remote-)?Servers|r[ée]ponse du serveur(?: distant)?|respuesta del servidor(?: remoto)?|resposta do servidor(?: remoto)?|risposta del server(?: remoto)?|antwoord van de (?:externe )?server|odpowied[źz] serwera|ответ (?:удал[её]нного )?сервера)[^:\n]{0,40})\s*:?\s*(?=["'<(#]{0,2}(?:[45]\d\d|[45]\.\d))/i.exec(text)
  if (!match) return null
  const inner = paragraph(text.slice(match.index + match[0].length)).replace(/\s*Giving up on [\d.:a-f]{3,45}\.?[^\n]{0,100}/i, '')
  const qmail = qmailStages.find(([pattern]) => pattern.test(text.slice(Math.max(0, match.index - 300), match.index)))
  return inner.length < 3 ? null : { inner, keep: true, host: /\b(?:Connected to|transferring to) ([\w.-]{1,255})/.exec(text)?.[1], stage: qmail?.[1] }
}

/** IronPort's: `5.1.0 - Unknown address error 550-'5.2.2 …' (delivery attempts: 0)`. */
const ironPort: Peel = (text) => {
  const match = /^[245]\.\d{1,3}\.\d{1,3} - [^'\n]{1,80} (\d{3})-'/.exec(text)
  if (!match) {
    const plain = /^[245]\.\d{1,3}\.\d{1,3} - Unknown address error[ [(]{1,3}'(?=[^']{3})/.exec(text)
    return plain ? { inner: text.slice(plain[0].length).replace(/'[\])]?(?:\s*\(delivery attempts[^]*)?$/, ''), status: text.slice(0, text.indexOf(' ')) } : null
  }
  const body = text.slice(match[0].length)
  const end = body.search(/'(?:\s*\(delivery attempts|\s*$)/)
  return { inner: `${match[1]} ${end < 0 ? body : body.slice(0, end)}` }
}

/** `<mx.example.test #5.1.1 smtp;550 …>`, `#550 5.1.1 … ##`. */
const exchangeReport: Peel = (text) => {
  const smtp = /#\s?[245]\.\d{1,3}\.\d{1,3}\s+X?-?SMTP\s*;\s*([^\n]{3,600}?)>?\s*(?:##?|$|\n)/i.exec(text)
  if (smtp?.[1] !== undefined) return { inner: smtp[1] }
  const numbered = /(?:^|\s)#\s?([245]\d\d[ -][^\n]{3,600}?)\s*##/.exec(text)
  return numbered?.[1] === undefined ? null : { inner: numbered[1], keep: true }
}

/** What a program of the mail system's own said when it was to take the message: `permission denied. Command output: …` */
const commandOutput: Peel = (text) => {
  const match = /\bCommand output:\s*(?=\S{2})/i.exec(text)
  return match ? { inner: paragraph(text.slice(match.index + match[0].length)), keep: true, local: true } : null
}

/** Python's: `SMTPDataError: (554, b'5.7.1 …')`, `{'a@example.test': (550, '…')}`. */
const exception: Peel = (text) => {
  const match = /(?:SMTP(Authentication|SenderRefused|RecipientsRefused|Data|Helo|Connect|Response)\w{0,10}\b[^()]{0,200}|: )\(([45]\d\d), ?b?(['"])/.exec(text)
  if (!match) return null
  const body = text.slice(match.index + match[0].length, match.index + match[0].length + longestInner)
  const end = body.search(new RegExp(`${match[3]}\\s*[,)]|$`))
  return { inner: `${match[2]} ${body.slice(0, end).replace(/\\r?\\n|\\n/g, '\n')}`, stage: exceptionStages[match[1] ?? ''] }
}

const exceptionStages: Record<string, ReplyStage> = { Authentication: 'auth', SenderRefused: 'mail', RecipientsRefused: 'rcpt', Data: 'data', Helo: 'helo', Connect: 'banner' }

/** `Requested action not taken: mailbox unavailable. [SMTP Error Code 550]` */
const codeAtEnd: Peel = (text) => {
  const match = /^([^]{3,2000}?)\s*[[(]SMTP Error (?:Code )?([45]\d\d)[\])]\s*$/i.exec(text)
  return match ? { inner: `${match[2]} ${match[1]?.split('\n').at(-1)?.trim()}` } : null
}

/** Barracuda's: `permanent failure for one or more recipients (addr@example.test:550 5.1.1 …)`. */
const oneOrMore: Peel = (text) => {
  const match = /\bfor one or more recipients \([^()\s]{1,300}?:(?=[245]\d\d[ -])/i.exec(text)
  return match ? { inner: text.slice(match.index + match[0].length).replace(/\)\s*\.{0,3}\s*$/, '') } : null
}

/** In a longer text, the first line that reads as a refusing reply. */
const lineOfReply: Peel = (text) => {
  const match = /(?:^|\n|[:;>]\s)[\s"'>*(]{0,20}(?=[45]\d\d(?:[ -](?:[245]\.\d{1,3}\.\d{1,3}\b|["'<#[(A-Za-z])|[-: ]{1,3}[245]\.\d{1,3}\.\d{1,3}\b))/.exec(text)
  if (!match || match.index + match[0].length === 0) return null
  // A later line of the reply that the text begins with.
  if (/^[45]\d\d-/.test(text) && text.startsWith(text.slice(match.index + match[0].length).slice(0, 3))) return null
  const before = text.slice(0, match.index).trim()
  if (before === '') return { inner: text.slice(match[0].length) }
  return { inner: paragraph(text.slice(match.index + match[0].length)), keep: true }
}

/** The reply begins it; what Exchange tells of its own retries ends it. */
const failover: Peel = (text) => {
  const at = text.search(/["']?\s*Attempted failover to alternate host/i)
  return at > 0 ? { inner: text.slice(0, at) } : null
}

const peels: Peel[] = [report, exception, protocolPrefix, greeting, exchangeQueue, postfixLog, suspended, quoted, failover, chain, expiry, bracketedMessage, postfixSaid, inReplyTo, nextTransport, exim, sendmailTranscript, sendmailLog, ironPort, exchangeReport, oneOrMore, commandOutput, codeAtEnd, remoteSaid, lineOfReply]

/** Up to the next empty line, if something stands before it. */
function paragraph(text: string): string {
  const trimmed = text.trimStart().slice(0, longestInner)
  const end = trimmed.search(/\n[ \t]*\n/)
  return end < 0 ? trimmed : trimmed.slice(0, end)
}

/** One line of a reply's several: the code that each of them repeats would split its phrases. */
export function joined(reply: string): string {
  const line = reply.replace(/\s+/g, ' ').trim()
  const head = /^["'<(]?([245]\d\d)(?:[ -]+#?([245]\.\d{1,3}\.\d{1,3}))?/.exec(line)
  if (!head?.[1]) return line
  const [start, code, enhanced] = head
  const again = new RegExp(`\\s${code}[- ]${enhanced === undefined ? '' : `(?:${enhanced.replace(/\./g, '\\.')} ?)?`}`, 'g')
  const rest = line.slice(start.length).replace(again, ' ')
  const without = enhanced === undefined ? rest : rest.replaceAll(` ${enhanced} `, ' ')
  return `${start.replace(/^["'<(]/, '').replace(/^(\d{3})-+/, '$1 ')}${without}`.replace(/^(\d{3})-/, '$1 ').replace(/\s+/g, ' ').trim()
}

const stages: [RegExp, ReplyStage][] = [
  [/^(?:STARTTLS)/i, 'starttls'],
  [/^(?:HELO|EHLO|LHLO)/i, 'helo'],
  [/^AUTH/i, 'auth'],
  [/^MAIL/i, 'mail'],
  [/^RCPT/i, 'rcpt'],
  [/DATA|end of|message|BDAT/i, 'data'],
  [/connect|greeting|banner/i, 'banner'],
]

function stageOf(command: string | null): ReplyStage | null {
  return command === null ? null : (stages.find(([pattern]) => pattern.test(command.trim()))?.[1] ?? null)
}
