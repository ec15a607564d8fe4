// What Exchange itself would find: the DNS servers in effect asked in their order, and the hosts file for addresses.
import { isIP } from 'node:net'
import type { InEffect, Resolution } from '../../../preload/contract/dns.ts'
import { recordText } from '../../dns/ask.ts'
import { resolve } from '../../dns/resolve.ts'
import { addressesIn, readHosts } from '../../hosts/lines.ts'
import type { World } from '../../world/world.ts'
import type { ResolveType } from '../transport.ts'

/** Milliseconds for one DNS server to answer; the next one is asked then. */
const dnsTimeout = 3_000

export const hostsText = 'Exchange asks Windows for the address of a mail host, and Windows looks into the hosts file first. Which hosts take a domain’s mail (MX) it always asks DNS.'

export async function find(name: string, type: ResolveType, { lookups, servers, problem }: InEffect, world: World, signal: AbortSignal | undefined): Promise<Resolution> {
  if (type === 'A' || type === 'AAAA') {
    const values = addressesIn(await readHosts(world.hostsFile), name).filter((address) => isIP(address) === (type === 'A' ? 4 : 6))
    if (values.length > 0) return { kind: 'records', values, text: `${world.hostsFile} says ${values.join(', ')}` }
  }
  if (servers.length === 0) return { kind: 'failed', values: [], text: problem ?? 'there is no DNS server to ask' }
  const reach = (address: string, port: number) => world.reach(address, port)
  const found = await resolve(servers, { name, type }, { protocol: lookups.protocol, timeout: dnsTimeout, reach, signal })
  if (found.kind === 'failed') return { kind: 'failed', values: [], text: found.text }
  const who = found.server ?? 'nobody was asked: '
  if (found.kind !== 'records') return { kind: found.kind, values: [], text: `${who} says that ${name} has no ${type}` }
  const values = found.records.map(recordText)
  return { kind: 'records', values, text: `${who} answers ${values.join(', ')}` }
}
