// The form of a world file. Every key is optional: what it leaves out is the machine's own.
import { z } from 'zod'
import { adapterKinds, adapterStates, type Adapter } from '../../preload/contract/adapters.ts'
import { dnsServer, mostDnsServers, type DnsServerAddress } from '../../preload/contract/dns.ts'

const address = z.union([z.ipv4(), z.ipv6()], { error: (issue) => `“${String(issue.input)}” is not an IP address.` })
const withPrefix = z.union([z.cidrv4(), z.cidrv6()], {
  error: (issue) => `“${String(issue.input)}” is not an address with its prefix length, such as 10.0.0.12/24.`,
})
const zone = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,62})(\.[a-z\d_]([a-z\d_-]{0,62}))*$/i, 'a blocklist is named by its DNS zone, such as zen.spamhaus.org.')

/** As in the list of adapters, but only the name must be there. */
const worldAdapter = z
  .strictObject({
    name: z.string().min(1),
    /** The name where it is absent. */
    id: z.string().min(1).optional(),
    description: z.string().default(''),
    mac: z.string().nullable().default(null),
    kind: z.enum(adapterKinds).default('ethernet'),
    state: z.enum(adapterStates).default('up'),
    addresses: z.array(withPrefix).max(1000).default([]),
    dnsServers: z.array(dnsServer).max(mostDnsServers).default([]),
    dnsSource: z.string().default('world file'),
  })
  .transform((adapter): Adapter => ({ ...adapter, id: adapter.id ?? adapter.name }))

const worldAdapters = z
  .array(worldAdapter)
  .max(10_000)
  .superRefine((adapters, context) => {
    const seen = new Set<string>()
    for (const [at, { id }] of adapters.entries()) {
      if (seen.has(id)) context.addIssue({ code: 'custom', path: [at, 'id'], message: `two adapters have the id “${id}”.` })
      seen.add(id)
    }
  })

/** `198.51.100.25:25`, `[2001:db8::25]:25`; here the port must be there. */
export function parsePlace(text: string): DnsServerAddress | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port < 1 || port > 65535) return null
  const family = match?.[1] === undefined ? z.ipv4() : z.ipv6()
  return family.safeParse(host.replace(/%[^%]+$/, '')).success ? { address: host, port } : null
}

const place = z.string().superRefine((text, context) => {
  if (parsePlace(text) === null)
    context.addIssue({ code: 'custom', message: `“${text}” is not an address with its port, such as 198.51.100.25:25 or [2001:db8::25]:25.` })
})

export const worldFileSchema = z.strictObject({
  adapters: worldAdapters.optional(),
  /** A path, relative to the world file's folder. */
  hostsFile: z.string().min(1).optional(),
  egressAddress: address.nullable().optional(),
  blocklists: z.array(zone).max(100).optional(),
  /** Seconds after which a mail host that says nothing is given up, where nobody in this world is as slow as on the Internet. */
  patience: z.number().min(1).max(300).optional(),
  /** Bytes that the disk which holds the queue is said to have free. */
  freeSpace: z.number().int().min(0).optional(),
  /** Addresses that connections leave from, and the addresses of this machine that stand for them. */
  sources: z.record(address, address).optional(),
  /** Where an address and port really lead; what is not listed leads to itself. */
  reach: z.record(place, place).optional(),
})
export type WorldFile = z.infer<typeof worldFileSchema>
