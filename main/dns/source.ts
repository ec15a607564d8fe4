// From the chosen DNS lookups to the DNS servers that are asked.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { Lookups } from '../../preload/contract/dns.ts'

export interface Source {
  /** In the order in which they are asked; empty where there is a problem. */
  servers: string[]
  /** Why there are none, as a sentence: `The adapter “DMZ” is missing.` */
  problem: string | null
}

export function serversOf(lookups: Lookups, adapters: Adapter[]): Source {
  const { source } = lookups
  if (source.kind === 'servers') return sourceOf(source.servers, 'No DNS server is listed.')
  if (source.kind === 'all-adapters') return sourceOf(serversOfAll(adapters), 'No adapter that is up has DNS servers.')
  const adapter = adapters.find(({ id }) => id === source.id)
  const called = `The adapter “${adapter?.name ?? (source.name || source.id)}”`
  if (!adapter) return { servers: [], problem: `${called} is missing.` }
  if (adapter.state === 'down') return { servers: [], problem: `${called} is switched off.` }
  if (adapter.state === 'disconnected') return { servers: [], problem: `${called} is not connected.` }
  return sourceOf(adapter.dnsServers, `${called} has no DNS servers.`)
}

const sourceOf = (servers: string[], problem: string): Source => ({
  servers: [...new Set(servers)],
  problem: servers.length === 0 ? problem : null,
})

function serversOfAll(adapters: Adapter[]): string[] {
  const up = adapters.filter(({ state }) => state === 'up')
  const outward = up.filter(({ kind }) => kind !== 'loopback').flatMap(({ dnsServers }) => dnsServers)
  return outward.length > 0 ? outward : up.flatMap(({ dnsServers }) => dnsServers)
}

/** Where the transport asks, in the dialog's words: `network card “DMZ”`, `all available network cards`, `10.0.0.53, 10.0.0.54`. */
export function sourceText({ source }: Lookups): string {
  if (source.kind === 'servers') return source.servers.join(', ')
  return source.kind === 'adapter' ? `network card “${source.name || source.id}”` : 'all available network cards'
}
