// Whether the way that the transport takes leads to hosts that are not the domain’s: what these say is nobody’s answer.
import { addressKey } from '../../hosts/lines.ts'
import { factsOf, type Finding, type Found } from '../finding.ts'
import { hasGreeted } from './naming.ts'

type Spoke = Found<'spoke'>

/** What a host says that has nothing to do with the domain; the others are what the right one says too. */
const foreign = ['recipient-unknown', 'policy-other', 'unknown', 'mailbox-full']

/** Other DNS servers know an address that does better, and those of the transport lead only to where nobody takes the mail. */
export function dnsLeadsAstray(findings: readonly Finding[], domain: string): boolean {
  const spoke = dialogues(findings, domain)
  const own = spoke.filter(({ fact }) => fact.by === 'transport')
  const others = spoke.filter(({ fact }) => fact.by === 'others')
  if (own.length === 0 || own.some(({ fact }) => fact.ending === 'accepted')) return false
  if (others.some(({ fact }) => fact.ending === 'accepted')) return own.every((one) => !hasGreeted(one) || isForeign(one, findings))
  return others.some(hasGreeted) && !own.some(hasGreeted)
}

export interface HostsWay {
  /** Dialogues where the entry leads. */
  here: Spoke[]
  /** And where mail would go without it. */
  there: Spoke[]
  /** Of these, those that came further. */
  better: Spoke[]
}

export function hostsWay({ fact: { domain, name, address, others } }: Found<'hosts-entry'>, findings: readonly Finding[]): HostsWay {
  const spoke = dialogues(findings, domain)
  const here = spoke.filter(({ fact }) => addressKey(fact.address) === addressKey(address))
  // An entry for the domain itself hides all its mail hosts.
  const hidesAll = name === domain.toLowerCase()
  const there = spoke.filter((one) => !here.includes(one) && (hidesAll ? one.fact.by === 'others' : others.some((other) => addressKey(other) === addressKey(one.fact.address))))
  const better = there.filter((one) => one.fact.ending === 'accepted' || (one.fact.reached === 'mail' && !isForeign(one, findings) && here.every((other) => other.fact.ending !== 'reply' || isForeign(other, findings))))
  return { here, there, better }
}

/** The hosts file leads mail to where it is not taken, and without its entry it would come further. */
export const hostsLeadAstray = (findings: readonly Finding[], domain: string): boolean =>
  factsOf(findings, 'hosts-entry').some((entry) => {
    const { here, better } = hostsWay(entry, findings)
    return entry.fact.domain === domain && better.length > 0 && here.length > 0 && here.every(({ fact }) => fact.ending !== 'accepted')
  })

/** What was said of mail, without the words of hosts that it was led to by mistake: those of the last attempt are such then. */
export function rightlySaid(findings: readonly Finding[]): Found<'said'>[] {
  const said = factsOf(findings, 'said')
  const astray = new Set([...new Set(said.map(({ fact }) => fact.domain))].filter((domain) => dnsLeadsAstray(findings, domain) || hostsLeadAstray(findings, domain)))
  return said.filter(({ fact }) => !astray.has(fact.domain) || (fact.isFresh && dialogues(findings, fact.domain).some((one) => one.fact.by === 'others' && one.fact.address === fact.address)))
}

const dialogues = (findings: readonly Finding[], domain: string) => factsOf(findings, 'spoke').filter(({ fact }) => fact.domain === domain && !fact.isControl)

const isForeign = ({ fact }: Spoke, findings: readonly Finding[]) => {
  const said = factsOf(findings, 'said').filter((one) => one.fact.domain === fact.domain && one.fact.address === fact.address)
  return said.length > 0 && said.every((one) => one.fact.explained.permanent === true || foreign.includes(one.fact.explained.category))
}
