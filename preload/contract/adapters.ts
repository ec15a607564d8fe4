// Network adapters with their addresses and their own DNS servers.
import { z } from 'zod'
import { call, event, stream } from './call.ts'
import { dnsServer, mostDnsServers } from './dns.ts'
import { healthOutcome, serverHealthSchema } from './health.ts'
import { serverId } from './server-id.ts'

export const adapterKinds = ['ethernet', 'wifi', 'loopback', 'tunnel', 'bridge', 'virtual', 'other'] as const
export const adapterStates = ['up', 'down', 'disconnected'] as const

export const adapterSchema = z.object({
  /** Stays the same when the adapter is renamed: the GUID on Windows, the permanent MAC or else the name on Linux. */
  id: z.string().min(1),
  name: z.string().min(1),
  description: z.string(),
  mac: z.string().nullable(),
  kind: z.enum(adapterKinds),
  /** `down` is switched off by the administrator; `disconnected` is switched on without a carrier. */
  state: z.enum(adapterStates),
  /** In CIDR form: `10.0.0.12/24`. */
  addresses: z.array(z.string()),
  /** In the order in which they are asked. */
  dnsServers: z.array(dnsServer),
  /**
   * Where the DNS servers were read: `systemd-resolved`, `NetworkManager`, `DHCP lease`, `ifupdown`, `resolv.conf`;
   * `DHCP`, `static`, `automatic` on Windows; `world file`, `none`.
   */
  dnsSource: z.string(),
  /** What follows is absent where the system does not tell. The number that the system knows the adapter by now. */
  index: z.number().int().optional(),
  /** Where its default routes lead. */
  gateways: z.array(z.string()).optional(),
  dnsSuffix: z.string().optional(),
  /** Whether its IPv4 address is from a DHCP server. */
  dhcp: z.boolean().optional(),
  /** The system sends through the adapter with the lowest. */
  metric: z.number().optional(),
})
export type Adapter = z.infer<typeof adapterSchema>

/**
 * What the administrator should know about an adapter before choosing it. `not-usable`: why it cannot be chosen now;
 * `no-dns-servers`: chosen, it would leave the transport without any; `public-dns`: an internal adapter asks servers
 * of the Internet, which know no internal names; `ipv6-first`: a change to the IPv4 servers alone changes nothing.
 */
export const adviceKinds = ['not-usable', 'no-dns-servers', 'public-dns', 'ipv6-first'] as const
export const adviceSchema = z.object({ kind: z.enum(adviceKinds), level: z.enum(['info', 'warning']), text: z.string() })
export type Advice = z.infer<typeof adviceSchema>

export const listedAdapterSchema = adapterSchema.extend({ advice: z.array(adviceSchema).default([]) })
export type ListedAdapter = z.infer<typeof listedAdapterSchema>

export const adapterDetailSchema = z.object({
  make: z.string().nullable(),
  /** Megabits a second. */
  speed: z.number().nullable(),
  virtual: z.boolean().nullable(),
})
export type AdapterDetail = z.infer<typeof adapterDetailSchema>

export const adapters = {
  list: call(z.object({ server: serverId }), z.object({ adapters: z.array(listedAdapterSchema) })),
  /** Make and speed, for the one adapter that is looked at: they take long to find out. */
  detail: call(z.object({ server: serverId, id: z.string() }), adapterDetailSchema),
  /**
   * Asks the DNS servers of the adapters with these ids (of all that are up without ids), and those listed, all at
   * once. Tells each server's health as soon as it is known; only the outcome compares them with each other.
   */
  health: stream(
    z.object({
      server: serverId,
      ids: z.array(z.string()).max(10_000).optional(),
      servers: z.array(dnsServer).max(mostDnsServers).default([]),
    }),
    serverHealthSchema,
    healthOutcome,
  ),
  /** An adapter was plugged or pulled, or its state, addresses or DNS servers changed: list them again. */
  changed: event(z.object({ server: serverId, revision: z.number().int() })),
}
