// DNS servers and DNS lookups: where the transport asks, in the words of the Properties dialog.
import { z } from 'zod'
import { dnsServersProblem, mostDnsServers, parseDnsServer, printDnsServer } from './dns-server.ts'

export { dnsServersProblem, mostDnsServers, parseDnsServer, printDnsServer, type DnsServerAddress } from './dns-server.ts'

export const dnsServer = z.string().max(100).transform((text, context) => {
  const parsed = parseDnsServer(text)
  if ('problem' in parsed) {
    context.addIssue({ code: 'custom', message: parsed.problem })
    return z.NEVER
  }
  return printDnsServer(parsed)
})

/** The length is judged first, so that a list of thousands gets one sentence, not thousands. */
export const dnsServers = z
  .custom<string[]>(Array.isArray, 'DNS servers are given as a list.')
  .superRefine((servers, context) => {
    if (servers.length > mostDnsServers) context.addIssue({ code: 'custom', message: dnsServersProblem(servers.map(String)) ?? '' })
  })
  .pipe(z.array(dnsServer))
  .superRefine((servers, context) => {
    const problem = dnsServersProblem(servers)
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })

export const protocols = ['any', 'tcp', 'udp'] as const

export const lookupSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all-adapters') }),
  /** The id decides; the name is kept to be shown should the adapter go missing. */
  z.object({ kind: z.literal('adapter'), id: z.string().min(1), name: z.string() }),
  z.object({ kind: z.literal('servers'), servers: dnsServers }),
])
export type LookupSource = z.infer<typeof lookupSource>

/** Any: UDP, and TCP where the answer was truncated. Exchange's *DNSProtocolOption (Any, UseTcpOnly, UseUdpOnly). */
export const lookupsSchema = z.object({ source: lookupSource, protocol: z.enum(protocols) })
export type Lookups = z.infer<typeof lookupsSchema>

export const lookupSides = ['internal', 'external'] as const
export type LookupSide = (typeof lookupSides)[number]

/**
 * What the administrator chose. As in Exchange, Internet mail asks the internal side too, unless the
 * send connector is told to use the external DNS lookups (UseExternalDNSServersEnabled, default false).
 */
export const dnsLookupsSchema = z.object({
  internal: lookupsSchema,
  external: lookupsSchema,
  useExternalForInternet: z.boolean(),
})
export type DnsLookups = z.infer<typeof dnsLookupsSchema>

/** What a name's lookup came to. */
export const resolutionSchema = z.object({
  kind: z.enum(['records', 'no-data', 'no-domain', 'failed']),
  /** The records' data in the order of the answer: `10 mail.example.test`. */
  values: z.array(z.string()),
  /** Who was asked and what was answered, in words. */
  text: z.string(),
})
export type Resolution = z.infer<typeof resolutionSchema>

/** What one side of the running transport really asks. */
export const inEffectSchema = z.object({
  lookups: lookupsSchema,
  servers: z.array(z.string()),
  /** Why there are no servers, where there are none: `The adapter “DMZ” is missing.` */
  problem: z.string().nullable(),
})
export type InEffect = z.infer<typeof inEffectSchema>
