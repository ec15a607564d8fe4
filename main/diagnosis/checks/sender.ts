// Finds out what destinations find out about the sender: whether its domain takes mail, SPF for our address, DMARC.
import { getDomain } from 'tldts'
import { rawRead, type Check, type Looking, type Told } from '../looking.ts'
import { senderDomain } from '../subject.ts'
import { dkimOf } from '../dkim.ts'
import { spfOf } from '../spf.ts'
import { textsOf } from '../texts.ts'

const mostDomains = 3

export const sender: Check = {
  name: 'sender',
  title: 'The sender’s domain: MX, SPF, DKIM, DMARC',
  limit: 20_000,
  async run(looking, tell) {
    const { domains, egress, properties, samples } = looking.subject
    const senders = [...new Set(domains.flatMap(({ messages }) => messages.map(({ from }) => senderDomain(from))))].filter(Boolean).slice(0, mostDomains)
    if (senders.length === 0) tell({ target: '*', verdict: 'good', text: 'No mail with a sender waits, so no sender’s domain was looked at.', raw: rawRead({ domains: domains.map(({ domain, queue }) => ({ domain, queue })) }), fact: null })
    await Promise.all([...samples.map((message) => dkimOf(message, looking).then(tell)), ...senders.flatMap((domain) => [
      takesMail(domain, looking).then(tell),
      dmarc(domain, looking).then(tell),
      egress.address === null
        ? Promise.resolve(tell({ target: domain, verdict: 'not-known', text: `SPF of ${domain} was not evaluated: ${egress.text}`, raw: rawRead(egress), fact: null }))
        : spfOf({ domain, address: egress.address, helo: properties.name }, looking).then(tell),
    ])])
  },
}

/** RFC 5321 §5.1, RFC 7505. */
async function takesMail(domain: string, { questions, servers }: Looking): Promise<Told> {
  const [mx, a, aaaa] = await Promise.all((['MX', 'A', 'AAAA'] as const).map((type) => questions.agreed(servers, { name: domain, type })))
  const raw = [mx, a, aaaa].map((one) => one?.raw ?? '').join('\n\n')
  const about = { target: domain, raw }
  const exchanges = mx?.kind === 'records' ? mx.records.flatMap((record) => (record.type === 'MX' ? [record.data.exchange.replace(/\.$/, '')] : [])) : []
  const isNullMx = exchanges.length > 0 && exchanges.every((exchange) => exchange === '')
  if (isNullMx) return { ...about, verdict: 'bad', text: `The sender’s domain ${domain} says that it takes no mail (null MX): ${mx?.text}.`, fact: { kind: 'sender', domain, isDead: true, isNullMx } }
  if ([mx, a, aaaa].some((one) => one?.kind === 'records')) return { ...about, verdict: 'good', text: `The sender’s domain ${domain} takes mail: ${[mx, a, aaaa].find((one) => one?.kind === 'records')?.text}.`, fact: { kind: 'sender', domain, isDead: false, isNullMx } }
  if ([mx, a, aaaa].some((one) => one?.kind === 'unknown')) return { ...about, verdict: 'not-known', text: `Whether the sender’s domain ${domain} takes mail is not known: ${[mx, a, aaaa].find((one) => one?.kind === 'unknown')?.text}.`, fact: null }
  return { ...about, verdict: 'bad', text: `The sender’s domain ${domain} has neither an MX nor an address: ${mx?.text}.`, fact: { kind: 'sender', domain, isDead: true, isNullMx } }
}

/** RFC 7489 §6.6.3: the domain’s own record, else that of its organisation. */
async function dmarc(domain: string, { questions, servers }: Looking): Promise<Told> {
  const organisation = getDomain(domain, { allowPrivateDomains: true }) ?? domain
  const raw: string[] = []
  for (const name of new Set([domain, organisation])) {
    const found = await questions.agreed(servers, { name: `_dmarc.${name}`, type: 'TXT' })
    raw.push(found.raw)
    if (found.kind === 'unknown') return { target: domain, verdict: 'not-known', text: `The DMARC policy of ${domain} is not known: ${found.text}.`, raw: raw.join('\n\n'), fact: null }
    const [record, ...more] = found.kind === 'records' ? textsOf(found.records).filter((text) => /^v=DMARC1\s*(;|$)/i.test(text)) : []
    // RFC 7489 §6.6.3: two records are none.
    if (record === undefined || more.length > 0) continue
    const policy = policyOf(record, name !== domain)
    return { target: domain, verdict: 'good', text: `${name} publishes the DMARC policy “${policy}”: ${record.slice(0, 300)}`, raw: raw.join('\n\n'), fact: { kind: 'dmarc', domain, policy, record } }
  }
  return { target: domain, verdict: 'good', text: `${domain} publishes no DMARC policy.`, raw: raw.join('\n\n'), fact: { kind: 'dmarc', domain, policy: null, record: null } }
}

export function policyOf(record: string, isOfOrganisation: boolean): string {
  const tags = new Map(record.split(';').map((tag) => {
    const [name = '', value = ''] = tag.split('=', 2)
    return [name.trim().toLowerCase(), value.trim().toLowerCase()]
  }))
  const policy = (isOfOrganisation ? tags.get('sp') : undefined) ?? tags.get('p') ?? ''
  return ['none', 'quarantine', 'reject'].includes(policy) ? policy : 'none'
}
