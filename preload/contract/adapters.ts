// Network adapters with their addresses and their own DNS servers.
import { z } from 'zod'
import { call } from './call.ts'
import { dnsServer } from './dns.ts'
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
  /** Where the DNS servers were read: `systemd-resolved`, `NetworkManager`, `DHCP lease`, `resolv.conf`, `world file`, `none`. */
  dnsSource: z.string(),
})
export type Adapter = z.infer<typeof adapterSchema>

export const adapterDetailSchema = z.object({
  make: z.string().nullable(),
  /** Megabits a second. */
  speed: z.number().nullable(),
  virtual: z.boolean().nullable(),
})
export type AdapterDetail = z.infer<typeof adapterDetailSchema>

export const adapters = {
  list: call(z.object({ server: serverId }), z.object({ adapters: z.array(adapterSchema) })),
  /** Make and speed, for the one adapter that is looked at: they take long to find out. */
  detail: call(z.object({ server: serverId, id: z.string() }), adapterDetailSchema),
}
