// What connections to port 25 prove: a closed port, a host that is silent or refuses, no way for IPv6, a proxy between.
import type { Cause } from '../../../preload/contract/diagnosis.ts'
import type { ReplyCategory } from '../../../preload/contract/smtp.ts'
import { factsOf, type Circumstances, type Finding, type Found } from '../finding.ts'
import { fixEgress, openPort, startMailboxServer, tellDestination, wait } from '../remedies.ts'
import { rightlySaid } from './astray.ts'
import { hasGreeted, likely, proven, ruledOut, texts, type Stage } from './naming.ts'

type Spoke = Found<'spoke'>

export const connectCauses: Stage = (findings, known) => {
  // Once the hosts file or DNS lead astray, where they lead says nothing about the destination.
  const astray = new Set(factsOf(findings, 'hosts-entry').map(({ fact }) => `${fact.domain} ${fact.address}`))
  const isOwn = (domain: string) => known.acceptedDomains.some((own) => own.domain.toLowerCase() === domain.toLowerCase())
  const spoke = factsOf(findings, 'spoke').filter(({ fact }) => !astray.has(`${fact.domain} ${fact.address}`) && (isOwn(fact.domain) || isOutside(fact.domain, fact.address, findings)))
  const domains = [...new Set(spoke.filter(({ fact }) => !fact.isControl).map(({ fact }) => fact.domain))]
  const outside = spoke.filter(({ fact }) => !isOwn(fact.domain))
  const filtered = portFiltered(outside)
  const causes = filtered.length > 0 ? [proven('port25-filtered', { domains: domains.filter((domain) => filtered.some(({ fact }) => fact.domain === domain)), by: filtered, remedies: [openPort(filtered[0]?.fact.address ?? '', known.egress)], text: 'Connections to port 25 get no answer from anywhere: mail hosts of networks that have nothing to do with each other are all silent.' })] : []
  for (const domain of domains) {
    const own = spoke.filter(({ fact }) => fact.domain === domain && !fact.isControl)
    const speaking = own.filter((one) => hasGreeted(one) && !breaksOff(one))
    if (speaking.length > 0) causes.push(...(['port25-filtered', 'host-silent', 'host-refusing'] as const).map((name) => ruledOut(name, 'A mail host greets.', speaking, [domain])))
    else if (isOwn(domain)) causes.push(mailboxServerDown(domain, own, known))
    else if (!filtered.some(({ fact }) => fact.domain === domain)) causes.push(...unreached(domain, own, findings, known))
  }
  return [...causes, ...unresolved(findings, known), ...proxied(outside, factsOf(findings, 'said'))]
}

/** It greets, and ends or forgets the dialogue without a word. */
const breaksOff = ({ fact }: Spoke) => fact.ending === 'reset' || fact.ending === 'silent'

/** A private address that DNS gives for a domain of the Internet is DNS’s fault. */
function isOutside(domain: string, address: string, findings: readonly Finding[]): boolean {
  return !factsOf(findings, 'compared').some(({ fact }) => fact.domain === domain && fact.isPrivate && fact.hosts.some(({ addresses }) => addresses.includes(address)))
}

const network = (address: string) => (address.includes(':') ? address.split(':').slice(0, 2).join(':') : address.split('.').slice(0, 3).join('.'))

/** Silence alone, from networks of two domains or more that share none; where no way leads, nothing is filtered either. */
function portFiltered(spoke: Spoke[]): Spoke[] {
  const outside = spoke.filter(({ fact }) => fact.ending !== 'no-route')
  if (outside.length === 0 || outside.some(({ fact }) => fact.ending !== 'timeout')) return []
  const networks = new Map<string, Set<string>>()
  for (const { fact } of outside) networks.set(fact.domain, (networks.get(fact.domain) ?? new Set()).add(network(fact.address)))
  const sets = [...networks.values()]
  const apart = sets.some((one, at) => sets.some((other, place) => place > at && [...one].every((net) => !other.has(net))))
  return apart ? outside : []
}

function unreached(domain: string, own: Spoke[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const parts = { domains: [domain], by: own }
  const tell = [tellDestination(domain, texts(own), known), wait(null, 'The transport tries again by itself until the mail expires.')]
  if (own.every(({ fact }) => fact.family === 6)) {
    if (own.every(({ fact }) => fact.ending === 'no-route' || (!known.hasIpv6 && fact.ending === 'timeout'))) {
      const text = `The mail hosts of ${domain} have IPv6 addresses alone, and no way leads there from here.`
      return [proven('no-ipv6-route', { ...parts, text, remedies: [fixEgress(`Give this machine a way to the Internet over IPv6, or send mail for ${domain} through a smart host that has one. Test again with: edgewise smtp-test postmaster@${domain}`), ...tell] })]
    }
  }
  const refusing = own.filter(({ fact }) => fact.ending === 'refused' || fact.ending === 'reset')
  if (refusing.length > 0) return [proven('host-refusing', { ...parts, text: refusing.some(hasGreeted) ? `The mail host of ${domain} greets, and breaks the connection off.` : `The mail host of ${domain} refuses connections to port 25.`, remedies: tell })]
  const text = `The mail host of ${domain} does not answer.`
  const unanswered = own.filter(({ fact }) => fact.ending === 'timeout' || fact.ending === 'no-route')
  if (unanswered.length === own.length) return [proven('host-silent', { ...parts, text, remedies: tell })]
  const silent = own.filter(({ fact }) => fact.ending === 'silent')
  if (silent.length === 0) return []
  // Some keep their greeting back on purpose: only the transport itself knows how long it waited in vain.
  const last = rightlySaid(findings).filter(({ fact }) => fact.domain === domain && !fact.isFresh && fact.explained.category === 'connect-failed')
  if (last.length > 0) return [proven('host-silent', { ...parts, by: [...own, ...last], text: `The mail host of ${domain} takes the connection and says nothing.`, remedies: tell })]
  return [likely('host-silent', 'An attempt of the transport that ended for it: some hosts keep their greeting back longer than was waited here.', { ...parts, text: `The mail host of ${domain} takes the connection and says nothing.`, remedies: tell })]
}

const nextHopOf = (domain: string, { acceptedDomains }: Circumstances) => acceptedDomains.find((own) => own.domain.toLowerCase() === domain.toLowerCase())?.nextHop ?? domain

function mailboxServerDown(domain: string, by: Spoke[], known: Circumstances): Cause {
  const nextHop = nextHopOf(domain, known)
  return proven('mailbox-server-down', { domains: [domain], by, text: `The mailbox server ${nextHop} of ${domain} ${by.some(hasGreeted) ? 'greets, and breaks the connection off' : 'does not take connections'}.`, remedies: [startMailboxServer(nextHop)] })
}

/** A mailbox server whose name nobody here knows. */
function unresolved(findings: readonly Finding[], known: Circumstances): Cause[] {
  const compared = factsOf(findings, 'compared')
  return compared
    .filter(({ fact }) => 'chosen' in fact.asked && fact.verdict === 'denied' && known.acceptedDomains.some((own) => own.domain.toLowerCase() === fact.domain.toLowerCase()))
    .filter(({ fact }) => !compared.some((other) => other.fact.domain === fact.domain && other.fact.verdict === 'usable'))
    .map((one) => proven('mailbox-server-down', { domains: [one.fact.domain], by: [one], text: `The mailbox server ${nextHopOf(one.fact.domain, known)} of ${one.fact.domain} has no address.`, remedies: [startMailboxServer(nextHopOf(one.fact.domain, known))] }))
}

/** What a host says that misses TLS, or that was told commands which it never got so. */
const minded: readonly ReplyCategory[] = ['tls', 'unknown', 'policy-other', 'protocol-error']
const isMasked = ({ fact }: Spoke) => /^220[ -][\s*]{6,}/.test(fact.banner ?? '')

/** Two hosts that have nothing in common greet with the same words, or a greeting is struck out; and neither offers TLS. */
function proxied(outside: Spoke[], said: Found<'said'>[]): Cause[] {
  const heard = outside.filter(({ fact }) => fact.banner !== null && fact.offers !== null)
  const bare = heard.filter(({ fact }) => !fact.offers?.some((offer) => offer.startsWith('STARTTLS')))
  if (bare.length === 0 || bare.length < heard.length) return []
  const masked = bare.filter(isMasked)
  const twins = bare.filter((one) => bare.some((other) => other.fact.domain !== one.fact.domain && network(other.fact.address) !== network(one.fact.address) && other.fact.banner === one.fact.banner && !one.fact.banner?.toLowerCase().includes(one.fact.host.toLowerCase()) && !other.fact.banner?.toLowerCase().includes(other.fact.host.toLowerCase()) && other.fact.offers?.join() === one.fact.offers?.join()))
  const by = masked.length > 0 ? masked : twins
  if (by.length === 0) return []
  const remedies = [fixEgress('A firewall or security software between this edge server and the Internet speaks SMTP in the hosts’ place and strikes out what they offer. Turn its SMTP inspection off: on a Cisco ASA “no inspect esmtp”, elsewhere the mail scanning of the security software. Test again with: edgewise smtp-test; the greeting must name the host.')]
  const parts = { domains: [...new Set(by.filter(({ fact }) => !fact.isControl).map(({ fact }) => fact.domain))], by, remedies, text: 'Something between this edge server and the Internet answers in the mail hosts’ place: greetings are masked or the same everywhere, and TLS is offered nowhere.' }
  if (bare.every(({ fact }) => fact.ending === 'accepted')) return [likely('smtp-proxied', 'Mail that is refused for it: so far it is taken.', parts)]
  const refused = bare.filter(({ fact }) => fact.ending !== 'accepted')
  const isFor = ({ fact }: Spoke) => said.some((one) => one.fact.domain === fact.domain && minded.includes(one.fact.explained.category)) || !said.some((one) => one.fact.domain === fact.domain)
  return refused.some(isFor) ? [proven('smtp-proxied', parts)] : [likely('smtp-proxied', 'Mail that is refused for it: it is refused for something else.', parts)]
}
