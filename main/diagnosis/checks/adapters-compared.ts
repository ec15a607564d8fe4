// Finds out what the DNS servers that the transport asks say of a domain, and what those of every adapter say.
import type { Adapter } from '../../../preload/contract/adapters.ts'
import type { InEffect, LookupSide, Lookups } from '../../../preload/contract/dns.ts'
import type { AskOptions } from '../../dns/ask.ts'
import { resolve, type Resolved } from '../../dns/resolve.ts'
import { serversOf } from '../../dns/source.ts'
import type { World } from '../../world/world.ts'
import type { Asked, ServersCompared } from '../finding.ts'

export interface Comparison {
  domain: string
  side: LookupSide
  /** What the running transport asks; what it would ask, where it does not run. */
  inEffect: InEffect
  adapters: Adapter[]
  reach: World['reach']
  signal: AbortSignal
}

/** Milliseconds for one server to answer one question: enough for a resolver that has to ask the world itself. */
const patience = 2_500
/** Of a domain's mail hosts, as many are looked up; one that is found is enough. */
const mostHosts = 5

interface Source {
  asked: Asked
  servers: string[]
  problem: string | null
  protocol: Lookups['protocol']
}

export async function compareAdapters(comparison: Comparison): Promise<ServersCompared[]> {
  return Promise.all(sourcesOf(comparison).map((source) => askSource(source, comparison)))
}

function sourcesOf({ side, inEffect, adapters }: Comparison): Source[] {
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

async function askSource({ asked, servers, problem, protocol }: Source, comparison: Comparison): Promise<ServersCompared> {
  const { domain, reach, signal } = comparison
  const options: AskOptions = { protocol, timeout: patience, signal, reach }
  const { verdict, said } = servers.length === 0 ? { verdict: 'failed' as const, said: problem ?? 'There is no DNS server to ask.' } : await mailHosts(domain, servers, options)
  return { check: 'adapters-compared', domain, asked, servers, verdict, text: `${title(asked)}: ${said}`, at: new Date().toISOString() }
}

function title(asked: Asked): string {
  if (!('chosen' in asked)) return `Adapter “${asked.adapter.name}”`
  return asked.adapter ? `Adapter “${asked.adapter.name}”, which the transport asks` : 'The DNS servers that the transport asks'
}

type Said = Pick<ServersCompared, 'verdict'> & { said: string }

/** As a mail server goes about it: MX, then the addresses of the hosts; without an MX the domain itself (RFC 5321 §5.1). */
async function mailHosts(domain: string, servers: string[], options: AskOptions): Promise<Said> {
  const mx = await resolve(servers, { name: domain, type: 'MX' }, options)
  if (mx.kind === 'failed') return { verdict: 'failed', said: `${domain} MX: ${mx.text}` }
  if (mx.kind === 'no-domain') return { verdict: 'denied', said: `${mx.server ?? 'the name itself'} says that ${domain} does not exist` }
  const hosts = mx.kind === 'records' ? hostsOf(mx) : [domain]
  if (hosts.length === 0) return { verdict: 'denied', said: `${domain} takes no mail (null MX)` }
  const found = await Promise.all(hosts.slice(0, mostHosts).map((host) => addressesOf(host, servers, options)))
  const best = found.find(({ verdict }) => verdict === 'usable') ?? found.find(({ verdict }) => verdict === 'failed') ?? found[0]
  const server = `${mx.server} answers in ${Math.round(mx.ms)} ms: `
  const route = mx.kind === 'records' ? `${domain} MX ${hosts.join(', ')}` : `${domain} has no MX`
  return { verdict: best?.verdict ?? 'denied', said: `${server}${route}; ${best?.said ?? 'no host'}` }
}

function hostsOf(mx: Extract<Resolved, { kind: 'records' }>): string[] {
  const exchanges = mx.records.flatMap((record) => (record.type === 'MX' ? [record.data] : []))
  return exchanges
    .sort((a, b) => (a.preference ?? 0) - (b.preference ?? 0))
    .map(({ exchange }) => exchange.replace(/\.$/, ''))
    .filter((host) => host !== '')
}

async function addressesOf(host: string, servers: string[], options: AskOptions): Promise<Said> {
  const answers = await Promise.all((['A', 'AAAA'] as const).map((type) => resolve(servers, { name: host, type }, options)))
  const addresses = answers.flatMap((answer) => (answer.kind === 'records' ? answer.records : [])).flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? [record.data] : []))
  if (addresses.length > 0) return { verdict: 'usable', said: `${host} is ${addresses.join(', ')}` }
  const failed = answers.find((answer) => answer.kind === 'failed')
  if (failed) return { verdict: 'failed', said: `${host}: ${failed.text}` }
  return { verdict: 'denied', said: `${host} has no address` }
}
