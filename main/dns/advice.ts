// What the administrator should know about an adapter before the transport asks its DNS servers.
import type { Adapter, Advice, ListedAdapter } from '../../preload/contract/adapters.ts'
import { parseDnsServer } from '../../preload/contract/dns-server.ts'
import type { World } from '../world/world.ts'

const whyNot = {
  down: 'is switched off: its DNS servers are not asked.',
  disconnected: 'is not connected: its DNS servers are not asked.',
} as const

export function withAdvice(adapters: Adapter[], world: Pick<World, 'isPublic'>): ListedAdapter[] {
  // Hundreds of adapters have the same few servers.
  const known = new Map<string, boolean>()
  const isPublic = (address: string) => {
    const judged = known.get(address) ?? world.isPublic(address)
    known.set(address, judged)
    return judged
  }
  return adapters.map((adapter) => ({ ...adapter, advice: adviceOn(adapter, { isPublic }) }))
}

export function adviceOn(adapter: Adapter, { isPublic }: Pick<World, 'isPublic'>): Advice[] {
  const { name, state, kind } = adapter
  if (state !== 'up') return [{ kind: 'not-usable', level: 'info', text: `“${name}” ${whyNot[state]}` }]
  if (kind === 'loopback') return []
  const advice: Advice[] = []
  const servers = adapter.dnsServers.map(addressOf)
  if (servers.length === 0) advice.push({ kind: 'no-dns-servers', level: 'warning', text: `“${name}” has no DNS servers: chosen alone, it leaves the transport without any.` })
  const outside = servers.filter((server) => isPublic(server))
  if (outside.length > 0 && isInternal(adapter, isPublic))
    advice.push({
      kind: 'public-dns',
      level: 'warning',
      text: `“${name}” is an internal adapter, but ${outside.length === servers.length ? 'asks' : 'also asks'} DNS servers of the Internet (${outside.join(', ')}): they do not know the internal names, such as that of the mailbox server.`,
    })
  const [first = ''] = servers
  if (first.includes(':') && servers.some((server) => !server.includes(':')))
    advice.push({ kind: 'ipv6-first', level: 'info', text: `“${name}” asks its IPv6 DNS servers first (${servers.filter((server) => server.includes(':')).join(', ')}): a change to the IPv4 servers alone changes little.` })
  return advice
}

const addressOf = (server: string): string => {
  const parsed = parseDnsServer(server)
  return 'problem' in parsed ? server : parsed.address
}

/** One with addresses, all of them private; what everyone gives himself (link-local) tells nothing. */
function isInternal({ addresses }: Adapter, isPublic: World['isPublic']): boolean {
  const own = addresses.map((address) => address.replace(/\/.*$/, '')).filter((address) => !/^(169\.254\.|fe[89ab])/i.test(address))
  return own.length > 0 && !own.some((address) => isPublic(address))
}
