// Refusals for who we are: PTR, HELO, sender’s domain, SPF, DMARC, blocklists. A fact of ours is a cause only where the
// destination’s words say so; without them it is likely at most.
import type { Cause, CauseName, Remedy } from '../../../preload/contract/diagnosis.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import { factsOf, type Circumstances, type Finding, type Found } from '../finding.ts'
import { zonesMeant } from '../dnsbl.ts'
import { delist, fixEgress, publishRecord, setPtr, tellDestination, tellSender } from '../remedies.ts'
import { rightlySaid } from './astray.ts'
import { likely, proven, ruledOut, texts } from './naming.ts'

type Said = Found<'said'>

/** Words that say no more than that mail is not taken: only then may a fact of ours be what is meant. */
const unexplained: readonly ReplyCategory[] = ['unknown', 'policy-other', 'protocol-error']
const isUnexplained = (findings: readonly Finding[]) => rightlySaid(findings).some(({ fact }) => !fact.isMadeUp && unexplained.includes(fact.explained.category))

export function senderCauses(findings: readonly Finding[], known: Circumstances): Cause[] {
  const of = (category: ReplyCategory) => rightlySaid(findings).filter(({ fact }) => fact.explained.category === category)
  return [
    ...identity(of('sender-ptr'), findings, known),
    ...senderDomain(of('sender-dns'), findings, known),
    ...policy(of('auth-policy'), findings),
    ...reputation(of('reputation-or-blocklist'), findings, known),
  ]
}

const domainsOf = (said: readonly Said[]) => [...new Set(said.map(({ fact }) => fact.domain))]

const ptrText = { missing: 'has no PTR', mismatch: 'has a PTR that does not lead back', generic: 'has a generic PTR, as providers give to customers' } as const

function identity(said: Said[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const [ptr] = factsOf(findings, 'ptr')
  const [helo] = factsOf(findings, 'helo')
  const causes: Cause[] = []
  const aboutHelo = said.filter(({ fact }) => /\b(helo|ehlo)\b/i.test(fact.explained.inner) || ((fact.stage === 'ehlo' || fact.stage === 'helo') && !/\bptr\b|reverse|rdns|\.7\.25/i.test(fact.explained.inner)))
  const aboutPtr = said.filter((one) => !aboutHelo.includes(one))
  if (ptr?.fact.state === 'good') causes.push(...(['ptr-missing', 'ptr-mismatch', 'ptr-generic'] as const).map((name) => ruledOut(name, `The PTR of ${ptr.fact.address} is ${ptr.fact.name}, which leads back.`, [ptr])))
  if (ptr && ptr.fact.state !== 'good') {
    const { address, state, name: own } = ptr.fact
    const text = `The address ${address} that destinations see ${ptrText[state]}${own === null ? '' : `: ${own}`}.`
    const remedies: Remedy[] = [setPtr(address, known, text), ...(state === 'mismatch' && own !== null ? [publishRecord(own, address.includes(':') ? 'AAAA' : 'A', `${own} ${address.includes(':') ? 'AAAA' : 'A'} ${address}`)] : [])]
    const name = `ptr-${state}` as const satisfies CauseName
    if (aboutPtr.length > 0) causes.push(proven(name, { domains: domainsOf(aboutPtr), by: [...aboutPtr, ptr], text, remedies }))
    else if (state !== 'generic' && isUnexplained(findings)) causes.push(likely(name, 'The destination’s word that it refuses mail for it.', { by: [ptr], text, remedies }))
  } else if (aboutPtr.length > 0) {
    causes.push(likely('ptr-missing', ptr ? 'What the destination sees: from here the PTR is right.' : 'The PTR of the address that destinations see.', { domains: domainsOf(aboutPtr), by: aboutPtr, text: 'The destination refuses this edge server for the name of its address.', remedies: [fixEgress('Find out which address destinations see, and give it: edgewise diagnose TARGET --egress ADDRESS.')] }))
  }
  if (aboutHelo.length > 0) {
    const parts = { domains: domainsOf(aboutHelo), by: [...aboutHelo, ...(helo ? [helo] : [])], text: `The destination refuses the name ${known.name} that this edge server says in EHLO${helo?.fact.why ?? ''}.`, remedies: [fixEgress('Let the edge server say a full name in EHLO that is in the DNS and leads to its address: in Exchange the send connector’s FQDN, in Postfix smtp_helo_name, here “name” in settings.json.'), publishRecord(known.name, 'A', `${known.name} A ${known.egress ?? 'the address that destinations see'}`)] }
    causes.push(helo?.fact.state === 'good' ? likely('helo-bad', 'What is wrong with the name: from here it is in order.', parts) : proven('helo-bad', parts))
  }
  return causes
}

function senderDomain(said: Said[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const senders = factsOf(findings, 'sender')
  const dead = senders.filter(({ fact }) => fact.isDead)
  const remedies = dead.map(({ fact }) => publishRecord(fact.domain, 'MX', `${fact.domain} MX 10 ${known.name}`, `Publish MX for ${fact.domain}, or let the sender use an address of a domain that takes mail`))
  const text = `The sender’s domain ${dead.map(({ fact }) => fact.domain).join(', ')} takes no mail itself, so that a refusal could not be sent back.`
  if (dead.length > 0 && said.length > 0) return [proven('sender-domain-dead', { domains: domainsOf(said), by: [...said, ...dead], text, remedies })]
  if (dead.length > 0) return !isUnexplained(findings) ? [] : [likely('sender-domain-dead', 'The destination’s word that it refuses mail for it.', { by: dead, text, remedies })]
  if (said.length > 0) return [likely('sender-domain-dead', 'What is wrong with the sender’s domain: from here it is in order or not known.', { domains: domainsOf(said), by: said, against: senders, text: 'The destination refuses the sender’s domain.', remedies: [] })]
  return senders.length > 0 ? [ruledOut('sender-domain-dead', 'The senders’ domains take mail.', senders)] : []
}

function policy(said: Said[], findings: readonly Finding[]): Cause[] {
  const spf = factsOf(findings, 'spf')
  const dmarc = factsOf(findings, 'dmarc').filter(({ fact }) => fact.policy === 'reject' || fact.policy === 'quarantine')
  const broken = spf.filter(({ fact }) => fact.result === 'permerror')
  const failing = spf.filter(({ fact }) => fact.result === 'fail' || fact.result === 'softfail' || fact.result === 'none' || fact.result === 'neutral')
  const passing = spf.filter(({ fact }) => fact.result === 'pass')
  const dkim = factsOf(findings, 'dkim')
  const signed = dkim.filter(({ fact }) => fact.result === 'aligned')
  const unsigned = dkim.filter(({ fact }) => fact.result === 'none' || fact.result === 'fail' || fact.result === 'other-domain')
  const domains = domainsOf(said)
  const correct = (one: Found<'spf'>): Remedy => publishRecord(one.fact.domain, 'TXT', `${one.fact.domain} TXT "${withAddress(one.fact.record, one.fact.address)}"`)
  const aboutDmarc = said.filter(({ fact }) => /dmarc|align|5\.7\.509|4\.7\.32/i.test(fact.explained.inner))
  const aboutSpf = said.filter((one) => /spf|sender policy|5\.7\.2[34]|not (?:designated|permitted|authori[sz]ed)/i.test(one.fact.explained.inner) && !aboutDmarc.includes(one))
  if (said.length === 0) {
    const hard = isUnexplained(findings) ? spf.filter(({ fact }) => fact.result === 'fail') : []
    return [
      ...(hard.length > 0 ? [likely('spf-fail', 'The destination’s word that it refuses mail for it.', { by: hard, text: `SPF of ${hard.map(({ fact }) => fact.domain).join(', ')} does not allow this edge server to send.`, remedies: hard.map(correct) })] : []),
      ...(broken.length > 0 && isUnexplained(findings) ? [likely('spf-error', 'The destination’s word that it refuses mail for it.', { by: broken, text: `The SPF record of ${broken.map(({ fact }) => fact.domain).join(', ')} cannot be evaluated.`, remedies: broken.map(mend) })] : []),
      ...(passing.length > 0 && hard.length + broken.length === 0 ? [ruledOut('spf-fail', 'SPF passes.', passing)] : []),
    ]
  }
  if (broken.length > 0 && aboutDmarc.length < said.length) return [proven('spf-error', { domains, by: [...said, ...broken], text: `The SPF record of ${broken.map(({ fact }) => fact.domain).join(', ')} is in error, so that the destination cannot evaluate it.`, remedies: broken.map(mend) })]
  const isDmarc = aboutDmarc.length > 0 && (dmarc.length > 0 || aboutSpf.length === 0)
  if (isDmarc) {
    const parts = { domains, by: [...aboutDmarc, ...dmarc, ...failing, ...unsigned], against: signed, text: `The destination refuses it for DMARC: ${dmarc.map(({ fact }) => `${fact.domain} asks for “${fact.policy}”`).join(', ') || 'the policy of the sender’s domain'}, and ${dkim.length === 0 ? 'neither SPF nor DKIM passes there for that domain; DKIM cannot be seen from here' : signed.length > 0 ? 'there neither SPF nor DKIM passes for that domain; from here DKIM of the message does' : 'neither SPF nor DKIM passes for that domain'}.`, remedies: [...failing.map(correct), ...dmarc.slice(0, 1).map(({ fact }) => publishRecord(`selector._domainkey.${fact.domain}`, 'TXT', `selector._domainkey.${fact.domain} TXT "v=DKIM1; k=rsa; p=…"`, `Sign mail of ${fact.domain} with DKIM, and publish the key`))] }
    if (signed.length > 0) return [likely('dmarc-fail', 'What fails at the destination: DKIM of the message passes here for its own domain.', parts)]
    return [dmarc.length > 0 ? proven('dmarc-fail', parts) : likely('dmarc-fail', 'A DMARC policy of the sender’s domain, which was not found.', parts)]
  }
  if (failing.length > 0) return [proven('spf-fail', { domains, by: [...said, ...failing], text: `SPF of ${failing.map(({ fact }) => fact.domain).join(', ')} does not allow ${failing[0]?.fact.address ?? 'this edge server'} to send, and the destination refuses mail for it.`, remedies: failing.map(correct) })]
  return [likely('spf-fail', passing.length > 0 ? `What fails at the destination: from here SPF passes; ${dkim.length === 0 ? 'DKIM cannot be seen from here' : unsigned.length > 0 ? 'DKIM does not' : 'DKIM passes too'}.` : 'The address that destinations see, and SPF for it.', { domains, by: said, against: passing, text: 'The destination refuses it for SPF, DKIM or DMARC.', remedies: [] })]
}

/** Names cost lookups, addresses none: those that the record has stay in it. */
function mend({ fact: { domain, record, address } }: Found<'spf'>): Remedy {
  const kept = record?.match(/(?<=\s)\+?ip[46]:[\da-f:./]+/gi) ?? []
  const ends = /\s([-~?]all)\b/i.exec(record ?? '')?.[1] ?? '~all'
  const own = ownMechanism(address)
  const title = `Publish one TXT for ${domain} instead of all that begin with v=spf1, with addresses in place of names: it may need at most ten lookups (RFC 7208 §4.6.4)`
  return publishRecord(domain, 'TXT', `${domain} TXT "${['v=spf1', ...new Set([...kept, own]), ends].join(' ')}"`, title)
}

const ownMechanism = (address: string) => `ip${address.includes(':') ? 6 : 4}:${address}`

/** The record with our address in it, before what stands for all others. */
export function withAddress(record: string | null, address: string): string {
  const own = ownMechanism(address)
  if (record === null) return `v=spf1 ${own} ~all`
  return /\s[-~?+]?all\b/i.test(record) || /\sredirect=/i.test(record) ? record.replace(/\s([-~?+]?all\b|redirect=)/i, ` ${own} $1`) : `${record} ${own}`
}

function reputation(said: Said[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const listings = factsOf(findings, 'listing')
  const anywhere = listings.filter(({ fact }) => fact.state === 'listed')
  const meant = zonesMeant(anywhere.map(({ fact }) => fact.zone), said.map(({ fact }) => fact.explained.inner).join('\n'))
  const listed = anywhere.filter(({ fact }) => meant.includes(fact.zone))
  const clean = listings.filter(({ fact }) => fact.state === 'not-listed')
  const remedies = listed.map(({ fact }) => delist(fact.zone, fact.what, fact.reason))
  const text = `${[...new Set(listed.map(({ fact }) => fact.zone))].join(', ')} list${listed.length === 1 ? 's' : ''} ${[...new Set(listed.map(({ fact }) => fact.what))].join(', ')}.`
  if (said.length > 0 && listed.length > 0) return [proven('dnsbl-listed', { domains: domainsOf(said), by: [...said, ...listed], text, remedies })]
  if (said.length > 0) return [proven('reputation', { domains: domainsOf(said), by: said, against: clean, text: `The destination refuses this edge server for its reputation${clean.length > 0 ? '; no blocklist that was asked lists it' : ''}.`, remedies: [fixEgress('Find and stop what the reputation suffers from: a mailbox that was broken into, a mailing that nobody ordered. Then ask the destination, with the address or link that its reply names.'), tellSender('Their mail is refused until the reputation of this edge server has recovered.'), ...domainsOf(said).map((domain) => tellDestination(domain, texts(said), known))] })]
  const heavy = listed.filter(({ fact }) => fact.weight === 'high')
  if (heavy.length > 0) return [likely('dnsbl-listed', 'A destination that refuses mail for it.', { by: heavy, text, remedies })]
  return clean.length > 0 && listed.length === 0 ? [ruledOut('dnsbl-listed', 'No blocklist that was asked lists it.', clean)] : []
}
