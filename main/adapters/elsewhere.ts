// The adapters as node knows them, for systems that have no file of their own here yet.
import { getServers } from 'node:dns'
import { networkInterfaces } from 'node:os'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { knownDnsServers } from './server-list.ts'

/**
 * Adapters that are down or have no address are unknown to node, and so are the DNS servers of each adapter: all that
 * are up get those the system as a whole asks, and `dnsSource` says so.
 */
export function knownToNode(): Adapter[] {
  const servers = knownDnsServers(getServers())
  return Object.entries(networkInterfaces()).map(([name, given = []]) => {
    const internal = given.some((address) => address.internal)
    const mac = given.find((address) => !/^[0:]*$/.test(address.mac))?.mac ?? null
    return {
      id: name,
      name,
      description: '',
      mac,
      kind: internal ? 'loopback' : 'other',
      state: 'up',
      addresses: given.flatMap(({ cidr }) => cidr ?? []),
      dnsServers: internal ? [] : servers,
      dnsSource: internal || servers.length === 0 ? 'none' : 'system (not per adapter)',
    }
  })
}
