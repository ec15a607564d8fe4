// Finds out what the DNS servers that the transport asks say of a domain, and what those of everybody else here say.
import { getServers } from 'node:dns'
import { isIP } from 'node:net'
import type { Adapter } from '../../../preload/contract/adapters.ts'
import type { InEffect, LookupSide, Lookups } from '../../../preload/contract/dns.ts'
import type { Resolved } from '../../dns/resolve.ts'
import { serversOf } from '../../dns/source.ts'
import { plainName, type HostsEntry } from '../../hosts/lines.ts'
import type { World } from '../../world/world.ts'
import type { Asked, ServersCompared } from '../finding.ts'
import { rawRead, type Check, type Comparing } from '../looking.ts'
import { rawAnswer, type Questions } from '../questions.ts'
import type { DomainLooked, Subject } from '../subject.ts'
import { hostOf } from '../../transport/mail-hosts.ts'

/** Of a domain's mail hosts, as many are looked up; one that is found is enough. */
export const mostHosts = 5

export interface Source {
  asked: Asked
  servers: string[]
  problem: string | null
  protocol: Lookups['protocol']
}

/** The transport’s own DNS servers first, then those of each other adapter that is up. */
export function sourcesOf({ side, inEffect, adapters }: { side: LookupSide; inEffect: InEffect; adapters: Adapter[] }): Source[] {
  const { source, protocol } = inEffect.lookups
  const adapter = source.kind === 'adapter' ? { id: source.id, name: adapters.find(({ id }) => id === source.id)?.name ?? source.name } : null
  const chosen: Source = { asked: { chosen: side, adapter }, servers: inEffect.servers, problem: inEffect.problem, protocol }
  const others = adapters
    .filter(({ id, state }) => state === 'up' && id !== adapter?.id)
    .map(({ id, name }): Source => {
      const own = serversOf({ source: { kind: 'adapter', id, name }, protocol }, adapters)
      return { asked: { adapter: { id, name } }, ...own, protocol }
    })
    .filter(({ servers }) => servers.length > 0)
  return [chosen, ...others]
}

/** Besides: the list of the transport’s other side, and this system’s servers where nobody else has them. */
export function allSources({ properties, adapters, inEffect }: Subject, side: LookupSide, world: Pick<World, 'file'>): Source[] {
  const sources = sourcesOf({ side, inEffect: inEffect[side], adapters })
  const [{ protocol } = { protocol: 'any' as const }] = sources
  const other = side === 'internal' ? 'external' : 'internal'
  const { source } = properties.lookups[other]
  if (source.kind === 'servers') sources.push({ asked: { listed: other }, servers: source.servers, problem: null, protocol })
  const known = new Set(sources.flatMap(({ servers }) => servers))
  const system = world.file === null ? getServers().filter((server) => !known.has(server)) : []
  if (system.length > 0) sources.push({ asked: { system: true }, servers: system, problem: null, protocol })
  return sources
}

export function title(asked: Asked): string {
  if ('system' in asked) return 'The DNS servers of this system'
  if ('listed' in asked) return `The DNS servers listed for ${asked.listed} lookups`
  if (!('chosen' in asked)) return `Adapter “${asked.adapter.name}”`
  return asked.adapter ? `Adapter “${asked.adapter.name}”, which the transport asks` : 'The DNS servers that the transport asks'
}

export const adaptersCompared: Check = {
  name: 'dns-compared',
  title: 'DNS servers of the transport, of every adapter and of the system, compared',
  limit: 15_000,
  async run({ subject, compared }, tell) {
    await Promise.all(
      subject.domains.flatMap((looked) =>
        compared(looked).map(async (one) => {
          const { fact, text, raw } = await one
          const isBad = fact.verdict !== 'usable' || (fact.isPrivate && looked.nextHop === null)
          tell({ target: looked.domain, verdict: !isBad ? 'good' : 'chosen' in fact.asked ? 'bad' : 'odd', text, raw, fact })
        }),
      ),
    )
  },
}

export interface Comparison {
  looked: DomainLooked
  sources: Source[]
  questions: Questions
  winners: Map<string, HostsEntry[]>
  isPublic: World['isPublic']
}

/** One for each source. What any of them says of the mail hosts is asked of the others at once, not when they get there. */
export function compare(comparison: Comparison): Promise<Comparing>[] {
  const { sources, questions } = comparison
  const begun = new Set<string>()
  const heard = (hosts: string[]) => {
    for (const host of hosts.slice(0, mostHosts)) {
      if (begun.has(host)) continue
      begun.add(host)
      for (const { servers, protocol } of sources) for (const type of ['A', 'AAAA'] as const) questions.begin(servers, { name: host, type }, protocol)
    }
  }
  return sources.map((source) => ask(source, comparison, heard))
}

type Seen = Pick<ServersCompared, 'verdict' | 'denial' | 'hosts' | 'lacksIpv6Only' | 'implicit'> & { said: string; raw: string[]; deciding: string | null }

const nothing = { denial: null, hosts: [], lacksIpv6Only: false, implicit: false, raw: [], deciding: null }

async function ask(source: Source, comparison: Comparison, heard: (hosts: string[]) => void): Promise<Comparing> {
  const { asked, servers, problem } = source
  const { looked: { domain, side, nextHop }, isPublic } = comparison
  const seen: Seen =
    servers.length === 0 ? { ...nothing, verdict: 'failed', said: problem ?? 'There is no DNS server to ask.' }
    : nextHop === null ? await mailHosts(domain, source, comparison, heard)
    : await mailboxServer(nextHop, source, comparison)
  const { verdict, denial, hosts, lacksIpv6Only, implicit, said, raw, deciding } = seen
  const addresses = hosts.flatMap((host) => host.addresses)
  const isPrivate = addresses.length > 0 && !addresses.some((address) => isPublic(address))
  const authoritative = deciding !== null && (await comparison.questions.answerOf(deciding, { name: domain, type: 'MX' }, source.protocol).then((answer) => answer?.kind === 'answer' && answer.authoritative))
  return { fact: { kind: 'compared', domain, side, asked, servers, verdict, denial, authoritative, implicit, hosts, isPrivate, lacksIpv6Only }, text: `${title(asked)}: ${said}`, raw: raw.length > 0 ? raw.join('\n\n') : rawRead({ asked, servers, problem, nextHop }) }
}

/** As a mail server goes about it: MX, then the addresses of the hosts; without an MX the domain itself (RFC 5321 §5.1). */
async function mailHosts(domain: string, { servers, protocol }: Source, comparison: Comparison, heard: (hosts: string[]) => void): Promise<Seen> {
  const { questions, winners } = comparison
  const question = { name: domain, type: 'MX' } as const
  const mx = await questions.resolve(servers, question, protocol)
  const raw = await Promise.all((mx.kind === 'failed' ? servers : servers.slice(0, Math.max(0, servers.indexOf(mx.server ?? '')) + 1)).map(async (server) => rawAnswer(server, question, await questions.answerOf(server, question, protocol))))
  const base = { ...nothing, raw, deciding: mx.kind === 'failed' ? null : mx.server }
  const listed = winners.get(plainName(domain))
  if (listed && mx.kind !== 'records') return { ...base, verdict: 'usable', hosts: [{ name: domain, addresses: listed.map(({ address }) => address), cname: null }], said: `${domain} is in the hosts file` }
  if (mx.kind === 'failed') return { ...base, verdict: 'failed', said: `${domain} MX: ${mx.text}` }
  if (mx.kind === 'no-domain') return { ...base, verdict: 'denied', denial: 'no-domain', said: `${mx.server ?? 'the name itself'} says that ${domain} does not exist` }
  const hosts = mx.kind === 'records' ? hostsOf(mx) : [domain]
  if (hosts.length === 0) return { ...base, verdict: 'denied', denial: 'null-mx', said: `${domain} takes no mail (null MX)` }
  heard(hosts)
  const found = await Promise.all(hosts.slice(0, mostHosts).map((host) => addressesOf(host, { servers, protocol }, comparison)))
  const best = found.find(({ verdict }) => verdict === 'usable') ?? found.find(({ verdict }) => verdict === 'failed') ?? found[0]
  const server = `${mx.server} answers in ${Math.round(mx.ms)} ms: `
  const route = mx.kind === 'records' ? `${domain} MX ${hosts.join(', ')}` : `${domain} has no MX`
  const verdict = best?.verdict ?? 'denied'
  return {
    ...base, verdict, implicit: mx.kind !== 'records', denial: verdict !== 'denied' ? null : mx.kind === 'records' ? 'mx-target-missing' : 'no-mail-host', hosts: found.flatMap((one) => one.hosts),
    lacksIpv6Only: verdict === 'failed' && found.every((one) => one.lacksIpv6Only), said: `${server}${route}; ${best?.said ?? 'no host'}`, raw: [...raw, ...found.flatMap((one) => one.raw)],
  }
}

async function mailboxServer(nextHop: string, source: Source, comparison: Comparison): Promise<Seen> {
  const host = hostOf(nextHop)
  if (host === '') return { ...nothing, verdict: 'usable', hosts: [{ name: nextHop, addresses: [nextHop.replace(/^\[(.+)\].*$/, '$1').replace(/^([\d.]+):\d+$/, '$1')], cname: null }], said: `the mailbox server is named by its address ${nextHop}` }
  const found = await addressesOf(host, source, comparison)
  return { ...nothing, ...found, denial: found.verdict === 'denied' ? 'no-mail-host' : null }
}

export function hostsOf(mx: Extract<Resolved, { kind: 'records' }>): string[] {
  const exchanges = mx.records.flatMap((record) => (record.type === 'MX' ? [record.data] : []))
  return exchanges
    .sort((a, b) => (a.preference ?? 0) - (b.preference ?? 0))
    .map(({ exchange }) => exchange.replace(/\.$/, ''))
    .filter((host) => host !== '')
}

async function addressesOf(host: string, { servers, protocol }: Pick<Source, 'servers' | 'protocol'>, { questions, winners }: Comparison): Promise<Omit<Seen, 'denial' | 'deciding' | 'implicit'>> {
  if (isIP(host) !== 0) return { verdict: 'usable', said: `${host} is an address, where a name belongs (RFC 5321 §5.1)`, hosts: [{ name: host, addresses: [host], cname: null }], lacksIpv6Only: false, raw: [] }
  const types = ['A', 'AAAA'] as const
  const answers = await Promise.all(types.map((type) => questions.resolve(servers, { name: host, type }, protocol)))
  const raw = await Promise.all(types.map(async (type, at) => {
    const answer = answers[at]
    const server = (answer && 'server' in answer ? answer.server : null) ?? servers[0] ?? ''
    return rawAnswer(server, { name: host, type }, await questions.answerOf(server, { name: host, type }, protocol))
  }))
  const records = answers.flatMap((answer) => (answer.kind === 'records' ? answer.records : []))
  const listed = (winners.get(plainName(host)) ?? []).map(({ address }) => address)
  const addresses = [...listed, ...records.flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? [record.data] : []))]
  const [first] = answers
  const alias = first?.kind === 'records' && first.server !== null ? await questions.answerOf(first.server, { name: host, type: 'A' }, protocol) : null
  const cname = alias?.kind === 'answer' ? (alias.answers.flatMap((record) => (record.type === 'CNAME' ? [record.data] : []))[0] ?? null) : null
  const hosts = [{ name: host, addresses: [...new Set(addresses)], cname }]
  if (addresses.length > 0) return { verdict: 'usable', said: `${host} is ${hosts[0]?.addresses.join(', ')}${listed.length > 0 ? ', the first of which the hosts file says' : ''}`, hosts, lacksIpv6Only: false, raw }
  const failed = answers.find((answer) => answer.kind === 'failed')
  if (failed) return { verdict: 'failed', said: `${host}: ${failed.text}`, hosts, lacksIpv6Only: answers[0]?.kind === 'no-data' && answers[1]?.kind === 'failed', raw }
  return { verdict: 'denied', said: `${host} has no address`, hosts, lacksIpv6Only: false, raw }
}
