// The domains that an instance takes mail for, each with where it goes from there: transport(5) as trivial-rewrite(8) goes by it.
import type { Properties } from '../../../preload/contract/servers.ts'
import type { Instance } from './instance.ts'
import { domainsIn, valuesIn } from './tables.ts'

type Accepted = Properties['acceptedDomains']

/** In the order in which Postfix looks: a domain belongs to the first that has it. `ways` names the parameter with the way on. */
const classes = [
  { domains: 'mydestination', way: 'local_transport', isRelayed: false },
  { domains: 'virtual_alias_domains', way: null, isRelayed: false },
  { domains: 'virtual_mailbox_domains', way: 'virtual_transport', isRelayed: false },
  { domains: 'relay_domains', way: 'relay_transport', isRelayed: true },
] as const

/** The domains alone: most lists name them in main.cf itself, so that nothing has to be asked. */
export async function acceptedNames(instance: Instance, signal: AbortSignal): Promise<string[]> {
  return (await Promise.all(classes.map(({ domains }) => domainsIn(instance, instance.values.get(domains), signal)))).flat()
}

/**
 * A next hop is a host, with a port where it is not 25; where mail goes no further, the transport with a colon behind
 * it (`local:`). What may not be read is left out.
 */
export async function acceptedDomains(instance: Instance, signal: AbortSignal): Promise<Accepted> {
  const lists = await Promise.all(classes.map(({ domains }) => domainsIn(instance, instance.values.get(domains), signal)))
  const all = lists.flatMap((list, at) => list.map((domain) => ({ domain, way: classes[at]?.way ?? null, isRelayed: classes[at]?.isRelayed ?? false })))
  const known = new Map(all.toReversed().map((one) => [one.domain.toLowerCase(), one]))
  const found = [...known.values()].toReversed()
  const keys = [...new Set(found.flatMap(({ domain }) => keysFor(domain)))]
  const mapped = await valuesIn(instance, instance.values.get('transport_maps'), keys, signal)
  return found.map(({ domain, way, isRelayed }) => {
    if (way === null) return { domain, nextHop: 'virtual_alias_maps:' }
    const rest = isRelayed ? instance.values.get('relayhost') || domain : domain
    const said = keysFor(domain).map((key) => mapped.get(key)).find((value) => value !== undefined)
    return { domain, nextHop: nextHopOf([said ?? '', instance.values.get(way) ?? ''], rest) }
  })
}

/** As transport(5) is asked: the domain, then each that it lies in, then anything. */
export function keysFor(domain: string): string[] {
  const labels = domain.toLowerCase().split('.')
  return [labels.join('.'), ...labels.slice(1).map((_, at) => `.${labels.slice(at + 1).join('.')}`), '*']
}

/** `ways` are `transport:nexthop`, the first that says something decides; each half alone may be missing. */
export function nextHopOf(ways: readonly string[], rest: string): string {
  const halves = ways.map((way) => /^([^:]*)(?::(.*))?$/s.exec(way)?.slice(1) ?? [])
  const transport = halves.map(([name]) => name).find(Boolean) ?? ''
  const hop = halves[0]?.[1] || (halves[0]?.[0] ? '' : halves[1]?.[1]) || ''
  if (!/^(smtp|relay|lmtp)/.test(transport) || hop.startsWith('unix:')) return hop === '' ? `${transport}:` : `${transport}:${hop}`
  // “[host]” is that host itself, without asking for its mail hosts; the brackets of an IPv6 address stay.
  const [, host, port] = /^(?:inet:)?\[([^\]]+)\](?::(.+))?$/.exec(hop || rest) ?? []
  if (host === undefined) return (hop || rest).replace(/^inet:/, '')
  return port === undefined || port === '25' || port === 'smtp' ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
