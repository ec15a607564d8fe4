// What a definite answer of the DNS servers proves of the recipient’s domain.
import type { Cause } from '../../../preload/contract/diagnosis.ts'
import { factsOf, type Circumstances, type Finding } from '../finding.ts'
import { tellDestination, tellSender } from '../remedies.ts'
import type { Compared } from './dns.ts'
import { likely, onTheWay, proven, texts } from './naming.ts'

const fixAddress = (domain: string) => tellSender(`Tell the sender that mail for ${domain} cannot be delivered, so that the address is mended; then remove the message. Is it a slip of the pen?`)

/** `one` is what the transport’s servers say; nobody among the others knows better. */
export function deniedCauses(one: Compared, others: Compared[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const { domain, denial, authoritative, isPrivate } = one.fact
  if (isPrivate) return privateAddress(one, others, findings, known)
  const agreeing = others.filter(({ fact }) => fact.denial === denial && !fact.servers.every((server) => one.fact.servers.includes(server)))
  const by = [one, ...agreeing]
  const sure = authoritative || isRecursing(one, others, findings) || agreeing.length > 0 || one.fact.servers.length === 0
  const parts = { domains: [domain], by }
  switch (denial) {
    case 'no-domain': {
      const told = { ...parts, text: `There is no domain ${domain}.`, remedies: [fixAddress(domain)] }
      return [sure ? proven('domain-not-found', told) : likely('domain-not-found', 'A second DNS server, independent of the first, that says so too.', told)]
    }
    case 'null-mx':
      return [proven('domain-null-mx', { ...parts, text: `${domain} says itself that it takes no mail (null MX, RFC 7505).`, remedies: [fixAddress(domain)] })]
    case 'no-mail-host': {
      const told = { ...parts, text: `${domain} exists, but has neither an MX nor an address: nobody takes its mail.`, remedies: [fixAddress(domain), tellDestination(domain, texts(by), known)] }
      return known.acceptedDomains.some((own) => own.domain.toLowerCase() === domain.toLowerCase()) ? [] : [proven('domain-no-mail-host', told)]
    }
    case 'mx-target-missing':
      return [proven('mx-target-missing', { ...parts, text: `The MX of ${domain} names hosts that have no address.`, remedies: [tellDestination(domain, texts(by), known)] })]
    default:
      return []
  }
}

/** No second server speaks at all, and this one has shown that it looks names of the Internet up. */
function isRecursing(one: Compared, others: Compared[], findings: readonly Finding[]): boolean {
  if (others.some(({ fact }) => fact.verdict !== 'failed')) return false
  const elsewhere = factsOf(findings, 'compared').some(({ fact }) => fact.domain !== one.fact.domain && fact.verdict === 'usable' && !fact.isPrivate && fact.servers.join() === one.fact.servers.join())
  return elsewhere || factsOf(findings, 'ptr').some(({ fact }) => fact.name !== null) || factsOf(findings, 'listing').some(({ fact }) => fact.state !== 'not-usable')
}

function privateAddress(one: Compared, others: Compared[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const { domain } = one.fact
  const spoke = onTheWay(findings, domain)
  const by = [one, ...others.filter(({ fact }) => fact.isPrivate), ...spoke]
  const told = { domains: [domain], by, remedies: [tellDestination(domain, texts([one]), known)], text: `The mail hosts of ${domain} are said to be at private addresses, where nobody outside can reach them.` }
  if (spoke.length === 0) return [likely('mx-private-address', 'A connection that fails.', told)]
  return spoke.every(({ fact }) => fact.ending !== 'accepted') ? [proven('mx-private-address', told)] : []
}
