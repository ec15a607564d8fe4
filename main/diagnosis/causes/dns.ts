// What the DNS servers prove: those of the transport fail, refuse or lie where others answer right, or all say the same.
import type { Cause, CauseName, Remedy } from '../../../preload/contract/diagnosis.ts'
import { factsOf, type Circumstances, type Finding, type Found } from '../finding.ts'
import { tellDestination, useAdapter, useServers, wait } from '../remedies.ts'
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
  const works = (one: Compared) => delivers(findings, one.fact.domain) || (isUsable(one, known) && !leadsAstray(one, findings))
  const worked = new Set(chosen.filter(works).map(({ fact }) => fact.domain))
  const stuck = chosen.filter(({ fact }) => !worked.has(fact.domain))
  const causes: Cause[] = chosen.filter(works).flatMap((one) => ['dns-wrong-adapter', 'dns-server-failing'].map((name) => ruledOut(name as CauseName, 'The transport’s own DNS servers find the mail hosts.', [one], [one.fact.domain])))
  const helped = new Set<string>()
  for (const side of ['internal', 'external'] as const) {
    const cause = wrongAdapter(compared.filter(({ fact }) => fact.side === side), stuck.filter(({ fact }) => fact.side === side), worked, known)
    if (!cause) continue
    causes.push(cause)
    for (const domain of cause.domains) helped.add(domain)
  }
  for (const one of stuck.filter(({ fact }) => !helped.has(fact.domain))) causes.push(...alone(one, compared, worked, findings, known))
  return causes
}

/** Other servers know an address where mail is taken, and these lead only elsewhere, where none is. */
function leadsAstray({ fact }: Compared, findings: readonly Finding[]): boolean {
  const spoke = factsOf(findings, 'spoke').filter((one) => one.fact.domain === fact.domain)
  const own = spoke.filter((one) => one.fact.by === 'transport')
  return own.length > 0 && !own.some(hasGreeted) && spoke.some((one) => one.fact.by === 'others' && one.fact.ending === 'accepted')
}

/** Proven where the chosen adapter gives no usable answer for what waits, and the same question to another adapter does. */
function wrongAdapter(compared: Compared[], stuck: Compared[], worked: Set<string>, known: Circumstances): Cause | null {
  const chosen = compared.filter(({ fact }) => 'chosen' in fact.asked && fact.asked.adapter !== null)
  const caught = stuck.filter((one) => chosen.includes(one))
  const best = bestAdapter(compared, worked, caught, known)
  if (best === null) return null
  const { adapter, by } = best
  const cured = caught.filter(({ fact }) => by.some((one) => one.fact.domain === fact.domain))
  const [first] = cured
  if (!first) return null
  const inOwnZone = cured.every(({ fact }) => fact.authoritative || fact.isPrivate)
  const remedy = useAdapter(adapter, hasNamesake(adapter, compared), first.fact.side, known)
  const parts = { domains: cured.map(({ fact }) => fact.domain), by: [...cured, ...by], remedies: [remedy] }
  if (inOwnZone) return proven('dns-split-horizon', { ...parts, text: `The DNS servers that the transport asks have a zone of their own for ${parts.domains.join(', ')}, which says something else than the Internet does.` })
  const from = 'chosen' in first.fact.asked ? (first.fact.asked.adapter?.name ?? '') : ''
  return proven('dns-wrong-adapter', { ...parts, text: `The transport asks the DNS servers of the adapter “${from}”, which give no usable answer; those of “${adapter.name}” do.` })
}

/** Nothing that works now may be lost by the remedy; among the adapters that are left, the one that helps most. */
function bestAdapter(compared: Compared[], worked: Set<string>, stuck: Compared[], known: Circumstances): { adapter: { id: string; name: string }; by: Compared[] } | null {
  const usableAt = new Map<string, Compared[]>()
  for (const one of compared) {
    const { asked } = one.fact
    if ('chosen' in asked || !('adapter' in asked) || !isUsable(one, known)) continue
    usableAt.set(asked.adapter.id, [...(usableAt.get(asked.adapter.id) ?? []), one])
  }
  const [best] = [...usableAt.values()]
    .filter((found) => [...worked].every((domain) => found.some(({ fact }) => fact.domain === domain) || !compared.some(({ fact }) => fact.domain === domain)))
    .map((found) => found.filter(({ fact }) => stuck.some((one) => one.fact.domain === fact.domain)))
    .sort((a, b) => b.length - a.length)
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
  const remedies = usable.length > 0 ? remedyBy(one, usable, compared, worked, known) : []
  if (verdict === 'failed') return byServers(one, others, usable, remedies, findings, known)
  if (usable.length === 0) return deniedCauses(one, others, findings, known)
  return [proven('dns-split-horizon', { domains: [domain], by: [one, ...usable], remedies, text: `The DNS servers that the transport asks say something else of ${domain} than others do, and mail cannot be sent by it.` })]
}

function remedyBy(one: Compared, usable: Compared[], compared: Compared[], worked: Set<string>, known: Circumstances): Remedy[] {
  const { asked, side } = one.fact
  const best = bestAdapter(compared.filter(({ fact }) => fact.side === side), worked, [one], known)
  const isList = known.lookups[side].source.kind === 'servers'
  if ('chosen' in asked && !isList && best?.by.length) return [useAdapter(best.adapter, hasNamesake(best.adapter, compared), side, known)]
  const source = usable.find(({ fact }) => [...worked].every((domain) => compared.some((other) => other.fact.domain === domain && other.fact.verdict === 'usable' && same(other, fact.servers)))) 
  return source ? [useServers(source.fact.servers, side, known)] : []
}

const same = ({ fact }: Compared, servers: string[]) => fact.servers.join() === servers.join()

const nameOf = { fails: 'dns-server-failing', refuses: 'dns-server-refusing', 'not-recursive': 'dns-server-not-recursive', silent: 'dns-server-silent', closed: 'dns-server-silent', unreachable: 'dns-server-silent', garbage: 'dns-server-failing', truncated: 'dns-server-failing' } as const

const words: Record<(typeof nameOf)[keyof typeof nameOf], string> = {
  'dns-server-failing': 'fail', 'dns-server-refusing': 'refuse to answer', 'dns-server-not-recursive': 'do not look names up for others (no recursion)', 'dns-server-silent': 'do not answer',
}

function byServers(one: Compared, others: Compared[], usable: Compared[], remedies: Remedy[], findings: readonly Finding[], known: Circumstances): Cause[] {
  const { domain, servers, lacksIpv6Only } = one.fact
  const health = factsOf(findings, 'server').filter(({ fact }) => servers.includes(fact.health.server))
  const by = [one, ...health, ...usable]
  if (lacksIpv6Only) return [proven('dns-server-ignores-aaaa', { domains: [domain], by, remedies, text: `The DNS servers that the transport asks ignore questions for IPv6 addresses (AAAA), and ${domain} has no others: its mail hosts are not found.` })]
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
  return [isSure ? proven(name, { domains: [domain], by, remedies, text }) : likely(name, 'What each of the servers answers.', { domains: [domain], by, remedies, text })]
}
