// The DNS lookups of Exchange's parameters and back (Set-TransportService, “InternalDNS*” and “ExternalDNS*”).
import type { DnsLookups, Lookups, LookupSide, LookupSource } from '../../../preload/contract/dns.ts'
import type { TransportValues } from './protocol.ts'

/** A GUID of zeros: the DNS servers of any adapter. */
const anyAdapter = '00000000-0000-0000-0000-000000000000'

const protocols = { any: 'Any', tcp: 'UseTcpOnly', udp: 'UseUdpOnly' } as const
const prefixes = { internal: 'InternalDNS', external: 'ExternalDNS' } as const satisfies Record<LookupSide, string>

type FindAdapter = (id: string) => { id: string; name: string } | null

/** As an adapter's id is written on this side: `{6F0C…}`. */
export const idOfGuid = (guid: string) => `{${guid.replace(/[{}]/g, '').toUpperCase()}}`
/** Of these, the one with this id, however it is written. */
export const sameAdapter = <A extends { id: string; name: string }>(id: string, adapters: readonly A[]): { id: string; name: string } | null => {
  const found = adapters.find((one) => guidOfId(one.id) === guidOfId(id))
  return found ? { id: found.id, name: found.name } : null
}
const guidOfId = (id: string) => id.replace(/[{}]/g, '').toLowerCase()

/** `find` an adapter by its id: null where no adapter has it. */
export function lookupsOf(values: TransportValues, useExternalForInternet: boolean, find: FindAdapter): DnsLookups {
  const side = (which: LookupSide): Lookups => {
    const prefix = prefixes[which]
    const said = values[`${prefix}ProtocolOption`].toLowerCase()
    const protocol = said === 'usetcponly' ? 'tcp' : said === 'useudponly' ? 'udp' : 'any'
    return { source: sourceOf(values[`${prefix}AdapterEnabled`], values[`${prefix}AdapterGuid`], values[`${prefix}Servers`], find), protocol }
  }
  return { internal: side('internal'), external: side('external'), useExternalForInternet }
}

/** With the adapter switched off and no servers listed, Exchange falls back to the adapter. */
function sourceOf(usesAdapter: boolean, guid: string, servers: string[], find: FindAdapter): LookupSource {
  if (!usesAdapter && servers.length > 0) return { kind: 'servers', servers }
  if (guidOfId(guid) === anyAdapter) return { kind: 'all-adapters' }
  const id = idOfGuid(guid)
  return { kind: 'adapter', ...(find(id) ?? { id, name: '' }) }
}

/** Both parameters of a choice in one call: setting the servers alone does nothing while the adapter is enabled. The list that is not used stays. */
export function setLookups(which: LookupSide, { source, protocol }: Lookups): Record<string, string | boolean | string[]> {
  const prefix = prefixes[which]
  const chosen =
    source.kind === 'servers'
      ? { [`${prefix}AdapterEnabled`]: false, [`${prefix}Servers`]: source.servers }
      : { [`${prefix}AdapterEnabled`]: true, [`${prefix}AdapterGuid`]: source.kind === 'adapter' ? guidOfId(source.id) : anyAdapter }
  return { ...chosen, [`${prefix}ProtocolOption`]: protocols[protocol] }
}
