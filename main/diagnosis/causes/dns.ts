// What the DNS servers prove: those of the transport fail, refuse or lie where others answer right, or all say the same.
import type { Cause, CauseName, Remedy } from '../../../preload/contract/diagnosis.ts'
import { factsOf, type Circumstances, type Finding, type Found } from '../finding.ts'
import { mendDnsServers, tellDestination, useAdapter, useServers, wait } from '../remedies.ts'
import { dnsLeadsAstray } from './astray.ts'
import { deniedCauses } from './domain.ts'
import { delivers, hasGreeted, likely, proven, ruledOut, texts, type Stage } from './naming.ts'

export type Compared = Found<'compared'>

export const isChosen = ({ fact }: Compared) => 'chosen' in fact.asked
/** Mail could be sent with it; to an address that the Internet cannot reach only where that is our own. */
const isUsable = (one: Compared, known: Circumstances) => one.fact.verdict === 'usable' && (!one.fact.isPrivate || known.acceptedDomains.some(({ domain }) => domain.toLowerCase() === one.fact.domain.toLowerCase()))

export const dnsCauses: Stage = (findings, known) => {
  const compared = factsOf(findings, 'compared')
  // What mail gets through with is no fault, however odd it is.
  const chosen = compared.filter(isChosen)
  const works = (one: Compared) => delivers(findings, one.fact.domain) || (isUsable(one, known) && !dnsLeadsAstray(findings, one.fact.domain))
  const worked = new Set(chosen.filter(works).map(({ fact }) => fact.domain))
  const stuck = chosen.filter(({ fact }) => !worked.has(fact.domain))
  const causes: Cause[] = chosen.filter(works).flatMap((one) => ['dns-wrong-adapter', 'dns-server-failing'].map((name) => ruledOut(name as CauseName, 'The transport’s own DNS servers find the mail hosts.', [one], [one.fact.domain])))
  const helped = new Set<string>()
  for (const side of ['internal', 'external'] as const) {
    const cause = wrongAdapter(compared.filter(({ fact }) => fact.side === side), stuck.filter(({ fact }) => fact.side === side), worked, findings, known)
    if (!cause) continue
    causes.push(cause)
    for (const domain of cause.domains) helped.add(domain)
  }
  for (const one of stuck.filter(({ fact }) => !helped.has(fact.domain))) causes.push(...alone(one, compared, worked, findings, known))
  return causes
}

/** Proven where the chosen adapter gives no usable answer for what waits, and the same question to another adapter does. */
function wrongAdapter(compared: Compared[], stuck: Compared[], worked: Set<string>, findings: readonly Finding[], known: Circumstances): Cause | null {
  const chosen = compared.filter(({ fact }) => 'chosen' in fact.asked && fact.asked.adapter !== null)
  const caught = stuck.filter((one) => chosen.includes(one))
  const best = bestAdapter(compared, { worked, stuck: caught, findings, known })
  if (best === null) return null
  const { adapter, by } = best
  const cured = caught.filter(({ fact }) => by.some((one) => one.fact.domain === fact.domain))
  const [first] = cured
  if (!first) return null
  const inOwnZone = cured.every(({ fact }) => fact.authoritative)
  const remedy = useAdapter(adapter, hasNamesake(adapter, compared), first.fact.side, known)
  const parts = { domains: cured.map(({ fact }) => fact.domain), by: [...cured, ...by], remedies: [remedy] }
  if (inOwnZone) return proven('dns-split-horizon', { ...parts, text: `The DNS servers that the transport asks have a zone of their own for ${parts.domains.join(', ')}, which says something else than the Internet does.` })
  const from = 'chosen' in first.fact.asked ? (first.fact.asked.adapter?.name ?? '') : ''
  return proven('dns-wrong-adapter', { ...parts, text: `The transport asks the DNS servers of the adapter “${from}”, which give no usable answer; those of “${adapter.name}” do.` })
}

interface Helping {
  /** Domains whose mail gets through now: none may be lost by the remedy. */
  worked: Set<string>
  stuck: Compared[]
  findings: readonly Finding[]
  known: Circumstances
}

/** Where its answer leads, mail is taken; or somebody is there, or nothing is known; or nobody is. */
function worth({ fact }: Compared, findings: readonly Finding[]): number {
  const there = factsOf(findings, 'spoke').filter((one) => one.fact.domain === fact.domain && fact.hosts.some(({ addresses }) => addresses.includes(one.fact.address)))
  if (there.some((one) => one.fact.ending === 'accepted')) return 3
  return there.length === 0 || there.some(hasGreeted) ? 2 : 1
}

/** Among the adapters that keep what works, the one that helps most. */
function bestAdapter(compared: Compared[], { worked, stuck, findings, known }: Helping): { adapter: { id: string; name: string }; by: Compared[] } | null {
  const usableAt = new Map<string, Compared[]>()
  for (const one of compared) {
    const { asked } = one.fact
    if ('chosen' in asked || !('adapter' in asked) || !isUsable(one, known)) continue
    usableAt.set(asked.adapter.id, [...(usableAt.get(asked.adapter.id) ?? []), one])
  }
  const sum = (found: Compared[]) => found.reduce((total, one) => total + worth(one, findings), 0)
  const [best] = [...usableAt.values()]
    .filter((found) => [...worked].every((domain) => found.some(({ fact }) => fact.domain === domain) || !compared.some(({ fact }) => fact.domain === domain)))
    .map((found) => found.filter(({ fact }) => stuck.some((one) => one.fact.domain === fact.domain)))
    .sort((a, b) => sum(b) - sum(a))
  const asked = best?.[0]?.fact.asked
  return best && asked && 'adapter' in asked && asked.adapter ? { adapter: asked.adapter, by: best } : null
}

function hasNamesake(adapter: { id: string; name: string }, compared: Compared[]): boolean {
  return compared.some(({ fact: { asked } }) => 'adapter' in asked && asked.adapter?.name === adapter.name && asked.adapter.id !== adapter.id)
}

/** No other adapter cures it: the servers themselves are at fault, or the domain is. */
function alone(one: Compared, compared: Compared[], worked: Set<string>, findings: readonly Finding[], known: Circumstances): Cause[] {
  const { domain, side, verdict } = one.fact
  const others = compared.filter(({ fact }) => fact.domain === domain && fact.side === side && !('chosen' in fact.asked))
  const usable = others.filter((other) => isUsable(other, known))
  const remedies = usable.length > 0 ? remedyBy(one, usable, compared, { worked, stuck: [one], findings, known }) : []
  if (verdict === 'failed') return byServers(one, others, usable, remedies, findings, known)
  if (usable.length === 0) return deniedCauses(one, others, findings, known)
  // The servers of all adapters were asked, and those of a wrong one spoke first.
  const [remedy] = remedies
  if (remedy?.name.startsWith('use-adapter:') && !one.fact.authoritative) return [proven('dns-wrong-adapter', { domains: [domain], by: [one, ...usable], remedies, text: `The transport asks the DNS servers of all adapters, and what the first of them say of ${domain} is of no use; those of one adapter alone answer right.` })]
  return [proven('dns-split-horizon', { domains: [domain], by: [one, ...usable], remedies, text: `The DNS servers that the transport asks say something else of ${domain} than others do, and mail cannot be sent by it.` })]
}

function remedyBy(one: Compared, usable: Compared[], compared: Compared[], helping: Helping): Remedy[] {
  const { worked, findings, known } = helping
  const { asked, side } = one.fact
  const best = bestAdapter(compared.filter(({ fact }) => fact.side === side), helping)
  const isList = known.lookups[side].source.kind === 'servers'
  if ('chosen' in asked && !isList && best?.by.length) return [useAdapter(best.adapter, hasNamesake(best.adapter, compared), side, known)]
  const source = [...usable].sort((a, b) => worth(b, findings) - worth(a, findings)).find(({ fact }) => [...worked].every((domain) => compared.some((other) => other.fact.domain === domain && other.fact.verdict === 'usable' && same(other, fact.servers))))
  return source ? [useServers(source.fact.servers, side, known)] : []
}

const same = ({ fact }: Compared, servers: string[]) => fact.servers.join() === servers.join()

const nameOf = { fails: 'dns-server-failing', refuses: 'dns-server-refusing', 'not-recursive': 'dns-server-not-recursive', silent: 'dns-server-silent', closed: 'dns-server-silent', unreachable: 'dns-server-silent', garbage: 'dns-server-failing', truncated: 'dns-server-failing' } as const

const words: Record<(typeof nameOf)[keyof typeof nameOf], string> = {
  'dns-server-failing': 'fail', 'dns-server-refusing': 'refuse to answer', 'dns-server-not-recursive': 'do not look names up for others (no recursion)', 'dns-server-silent': 'do not answer',
}

const mending: Record<keyof typeof words, string> = {
  'dns-server-failing': 'It fails the query: mostly it cannot ask the Internet itself, or its own zone is broken.',
  'dns-server-refusing': 'It refuses to answer this edge server: its address has to be allowed to ask (recursion).',
  'dns-server-not-recursive': 'It does not look names up for others: let it do so for this edge server (recursion).',
  'dns-server-silent': 'Start it, or let UDP and TCP connections from this edge server to port 53 there pass.',
}

function byServers(one: Compared, others: Compared[], usable: Compared[], remedies: Remedy[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const { domain, servers, lacksIpv6Only } = one.fact
  const health = factsOf(findings, 'server').filter(({ fact }) => servers.includes(fact.health.server))
  const by = [one, ...health, ...usable]
  const or = (what: string) => (remedies.length > 0 ? remedies : [mendDnsServers(servers, domain, what, texts([one, ...health]))])
  if (lacksIpv6Only) return [proven('dns-server-ignores-aaaa', { domains: [domain], by, remedies: or('It ignores questions for IPv6 addresses (AAAA), where it should say that there are none.'), text: `The DNS servers that the transport asks ignore questions for IPv6 addresses (AAAA), and ${domain} has no others: its mail hosts are not found.` })]
  const verdicts = health.map(({ fact }) => {
    const own = fact.health.answers.filter((answer) => answer.name === domain && answer.over === 'udp')
    return (own.find(({ type }) => type === 'MX') ?? own[0])?.verdict ?? fact.health.state
  })
  const names = verdicts.flatMap((verdict) => (verdict in nameOf ? [nameOf[verdict as keyof typeof nameOf]] : []))
  const [name] = names
  if (name === undefined) return []
  const elsewhere = others.filter(({ fact }) => fact.verdict === 'failed')
  const answersOther = health.some(({ fact }) => fact.health.answers.some(({ verdict, name: asked }) => asked !== domain && (verdict === 'records' || verdict === 'no-data')))
  // Everybody’s servers fail for this domain alone: then they are not what fails.
  const isTheirs = usable.length === 0 && answersOther && elsewhere.length > 0 && elsewhere.length === others.length && name === 'dns-server-failing'
  if (isTheirs) return [proven(name, { domains: [domain], by: [...by, ...elsewhere], remedies: [tellDestination(domain, texts([one, ...elsewhere]), known), wait(null, `Mail for ${domain} is tried again by itself until it expires.`)], text: `The DNS servers of ${domain} itself fail: whoever is asked here gets no answer for it, and gets one for others.` })]
  const isSure = names.length === servers.length || usable.length > 0
  const text = `The DNS servers that the transport asks ${words[name]}: ${servers.join(', ')}.`
  const parts = { domains: [domain], by, remedies: or(mending[name]), text }
  return [isSure ? proven(name, parts) : likely(name, 'What each of the servers answers.', parts)]
}
