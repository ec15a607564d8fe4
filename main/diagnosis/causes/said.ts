// What mail servers say proves: the destination’s own words, now or in the last attempt, with what stands behind them.
import type { Cause, CauseName, Remedy } from '../../../preload/contract/diagnosis.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import { factsOf, type Circumstances, type Finding, type Found } from '../finding.ts'
import { fixEgress, limitConcurrency, retry, tellDestination, tellSender, tlsPolicy, wait } from '../remedies.ts'
import { senderCauses } from './sender.ts'
import { rightlySaid } from './astray.ts'
import { delivers, likely, onTheWay, proven, ruledOut, texts, type Stage } from './naming.ts'

type Said = Found<'said'>

const notWaiting = 'Mail that waits for it: none does.'

/** Milliseconds: longer, and it is no greylisting any more (facts of greylisting servers: 1 to 30 minutes, 4 hours at most). */
const longestGreylisting = 4 * 3_600_000

export const saidCauses: Stage = (findings, known) => {
  const said = rightlySaid(findings)
  const domains = [...new Set(said.map(({ fact }) => fact.domain))]
  const causes = domains.flatMap((domain) => {
    const own = said.filter(({ fact }) => fact.domain === domain)
    const categories = [...new Set(own.map(({ fact }) => fact.explained.category))]
    return categories.flatMap((category) => byCategory(category, own.filter(({ fact }) => fact.explained.category === category), domain, findings, known))
  })
  return [...causes, ...tooLarge(findings, known), ...brokenTls(findings, known), ...senderCauses(findings, known)]
}

function byCategory(category: ReplyCategory, by: Said[], domain: string, findings: readonly Finding[], known: Circumstances): Cause[] {
  const parts = { domains: [domain], by }
  const passes = delivers(findings, domain) && !by.some(({ fact }) => fact.isFresh)
  const again = passes ? [retry('The destination takes it up to RCPT TO now.')] : []
  const tell = tellDestination(domain, texts(by), known)
  const later = (text: string): Remedy => wait(nextRetry(by, known), text)
  // What a probe alone was told is not what kept any mail.
  const waits = by.some(({ fact }) => !fact.isFresh) || factsOf(findings, 'queue').some(({ fact }) => fact.domain === domain)
  const of = waits ? proven : (name: CauseName, told: Parameters<typeof proven>[1]) => likely(name, notWaiting, told)
  const recipients = [...new Set(by.map(({ fact }) => fact.recipient).filter((one) => one !== null))].join(', ')
  switch (category) {
    case 'greylisted': return greylisted(parts, by, { again, waits, known, sources: factsOf(findings, 'sources').find(({ fact }) => fact.addresses.length > 1) ?? null })
    case 'rate-limited': return [of('rate-limited', { ...parts, text: `${domain} takes only so much mail from this edge server in a time.`, remedies: slowingDown(by, again, known) })]
    case 'spam-content': return [proven('spam-content', { ...parts, text: `${domain} refuses the message for its content.`, remedies: [tellSender('The destination takes the message for spam: change its links, attachments or wording, and send it again.'), tell] })]
    case 'mailbox-full': return by.every(({ fact }) => fact.isMadeUp) ? [] : [proven('mailbox-full', { ...parts, text: `The mailbox of ${recipients || 'the recipient'} is full.`, remedies: [...again, later('The recipient has to make room.'), tellSender(`The mailbox of ${recipients} is full.`)] })]
    case 'recipient-unknown': return recipientUnknown(parts, by, recipients, again)
    case 'too-large': return [proven('too-large', { ...parts, text: `The message is larger than ${domain} takes.`, remedies: [tellSender('The destination does not take messages of this size: send a link to the file, or smaller parts.')] })]
    case 'server-busy': return [proven('destination-busy', { ...parts, text: `${domain} takes no mail at the moment: it says that it is busy or has a fault of its own.`, remedies: [...again, later('It is the destination’s own trouble; the transport tries again by itself.'), tell] })]
    case 'tls': return [proven('tls-failed', { ...parts, text: `${domain} and this edge server do not come to terms about TLS.`, remedies: [tlsPolicy(domain), tell] })]
    case 'expired': return [proven('expired', { ...parts, text: 'It waited longer than the message expiration timeout, and was returned to its sender.', remedies: [tellSender('The sender has to send it again once what kept it waiting is mended.')] })]
    default: return []
  }
}

function nextRetry(by: Said[], { now }: Circumstances): string | null {
  const named = by.flatMap(({ fact }) => secondsIn(fact.explained.inner)).sort((a, b) => a - b)[0]
  if (named !== undefined) return new Date(Date.parse(now) + named * 1000).toISOString()
  return by.map(({ fact }) => fact.nextRetry).find((at) => at !== null) ?? null
}

/** `try again in 300 seconds`, `wait 5 min`; at most a day. */
export function secondsIn(text: string): number[] {
  const [, value, unit = ''] = /\b(?:in|after|wait|for)\s+(?:at least\s+|another\s+)?(\d{1,5})\s*(s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hour|hours)\b/i.exec(text) ?? []
  if (value === undefined) return []
  const seconds = Number(value) * ({ s: 1, m: 60, h: 3600 }[unit[0]?.toLowerCase() ?? 's'] ?? 1)
  return seconds > 0 && seconds <= 86_400 ? [seconds] : []
}

/** Fewer connections help at once where it names them; else the time does. */
function slowingDown(by: Said[], again: Remedy[], known: Circumstances): Remedy[] {
  const later = wait(nextRetry(by, known), 'It takes mail again after a while; the transport tries by itself.')
  const fewer = limitConcurrency(known)
  const namesConnections = by.some(({ fact }) => /connection|concurren|simultaneous|parallel|sessions/i.test(fact.explained.inner))
  return namesConnections ? [fewer, ...again, later] : [...again, later, fewer]
}

type Parts = { domains: string[]; by: Said[] }

interface Standing {
  again: Remedy[]
  /** Mail waits that it was said to. */
  waits: boolean
  /** Where connections leave from more than one address. */
  sources: Found<'sources'> | null
  known: Circumstances
}

function greylisted(parts: Parts, by: Said[], { again, waits, sources, known }: Standing): Cause[] {
  const domain = parts.domains[0] ?? ''
  const since = by.map(({ fact }) => fact.since).filter((at) => at !== null).sort()[0]
  const tooLong = since !== undefined && Date.parse(known.now) - Date.parse(since) > longestGreylisting
  const told = { ...parts, text: `${domain} greylists: it takes mail of a sender that it does not know only at a later attempt.`, remedies: [...again, wait(nextRetry(by, known), 'A later attempt from the same address passes; the transport makes it by itself.')] }
  const oneAddress: Remedy = { ...fixEgress('Let all connections to port 25 leave from the same address: greylisting takes each address for another sender.'), title: 'Send from one address' }
  // The second attempt left from another address than the first.
  const varying = by.filter(({ fact }) => fact.attempts > 1)
  if (sources && varying.length > 0) {
    const text = `${domain} greylists, and this edge server’s connections leave from ${sources.fact.addresses.join(', ')} in turn: ${domain} takes each attempt for another sender’s.`
    return [proven('greylisted-source-varies', { ...parts, by: [...by, sources], text, remedies: [oneAddress, wait(null, 'It may pass once an address comes round again after the time that the destination wants.')] })]
  }
  if (!tooLong) return [waits ? proven('greylisted', told) : likely('greylisted', notWaiting, told)]
  return [
    ruledOut('greylisted', `It has lasted since ${since}, longer than greylisting does.`, by, parts.domains),
    likely('greylisted-source-varies', 'The addresses that the destination saw in each attempt.', { ...parts, text: `${domain} greylists, and no attempt has passed for hours: it may see another address each time.`, remedies: [oneAddress, tellDestination(domain, texts(by), known)] }),
  ]
}

/** What is said of a recipient that was made up for the probe is nobody’s mail. */
function recipientUnknown(parts: Parts, by: Said[], recipients: string, again: Remedy[]): Cause[] {
  const real = by.filter(({ fact }) => !fact.isMadeUp)
  return real.length === 0 ? [] : [proven('recipient-unknown', { ...parts, by: real, text: `The destination knows no mailbox ${recipients || 'of this recipient'}.`, remedies: [...again, tellSender(`There is no mailbox ${recipients}: the address has to be mended.`)] })]
}

/** The destination says in EHLO how much it takes. */
function tooLarge(findings: readonly Finding[], known: Circumstances): Cause[] {
  return factsOf(findings, 'message').flatMap((message): Cause[] => {
    const { domain, size } = message.fact
    const limited = onTheWay(findings, domain).filter(({ fact }) => fact.size !== null)
    const small = limited.filter(({ fact }) => (fact.size ?? size) < size)
    if (small.length === 0 || small.length < limited.length) return []
    return [proven('too-large', { domains: [domain], by: [message, ...small], text: `A message of ${size} bytes waits, and ${domain} takes at most ${small[0]?.fact.size ?? 0}.`, remedies: [tellSender('The destination does not take messages of this size: send a link to the file, or smaller parts.'), tellDestination(domain, texts(small), known)] })]
  })
}

function brokenTls(findings: readonly Finding[], known: Circumstances): Cause[] {
  const domains = new Set(factsOf(findings, 'spoke').filter(({ fact }) => fact.ending === 'tls' && !fact.isControl).map(({ fact }) => fact.domain))
  return [...domains].flatMap((domain): Cause[] => {
    const broken = onTheWay(findings, domain).filter(({ fact }) => fact.ending === 'tls')
    if (broken.length === 0 || delivers(findings, domain)) return []
    return [proven('tls-failed', { domains: [domain], by: broken, text: `${domain} offers TLS, and the handshake fails.`, remedies: [tlsPolicy(domain), tellDestination(domain, texts(broken), known)] })]
  })
}

