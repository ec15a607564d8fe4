// DNS servers and DNS lookups: where the transport asks, in the words of the Properties dialog.
import { z } from 'zod'

/** More than this is a slip, not a list: the transport asks them one after the other. */
export const mostDnsServers = 32

const ipv4 = z.ipv4()
const ipv6 = z.ipv6()
const isIpv4 = (text: string) => ipv4.safeParse(text).success
/** A link-local server keeps its zone: `fe80::1%eth0`; the name of an adapter may have any letters in it. */
const isIpv6 = (text: string) => ipv6.safeParse(text.replace(/%[^\s%/\]]+$/, '')).success

export interface DnsServerAddress {
  address: string
  port: number
}

/** `10.0.0.10`, `10.0.0.10:5353`, `fd00::10`, `[fd00::10]:5353` → address and port; a sentence where it is none of these. */
export function parseDnsServer(text: string): DnsServerAddress | { problem: string } {
  const given = text.trim()
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(given)
  const withPort = bracketed ?? /^([^:]*):(\d+)$/.exec(given)
  const address = withPort?.[1] ?? given
  const port = withPort?.[2] === undefined ? 53 : Number(withPort[2])
  const problem = addressProblem(address)
  if (problem) return { problem }
  if (port < 1 || port > 65535) return { problem: `“${given}”: a port is a number from 1 to 65535.` }
  return { address, port }
}

function addressProblem(address: string): string | null {
  if (address === '') return 'Type the IP address of a DNS server, such as 10.0.0.10.'
  if (isIpv4(address)) {
    const first = Number(address.split('.')[0])
    if (first === 0 || first >= 224) return `“${address}” is no address that a server can have.`
    return null
  }
  if (isIpv6(address)) {
    if (address === '::' || /^ff/i.test(address)) return `“${address}” is no address that a server can have.`
    return null
  }
  if (/^[\d.]+$/.test(address))
    return `“${address}” is not an IP address: an IPv4 address is four numbers from 0 to 255, such as 10.0.0.10.`
  if (address.includes(':'))
    return `“${address}” is not an IP address: an IPv6 address has only hexadecimal digits and colons, such as fd00::10.`
  return `“${address}” is not an IP address: a DNS server is named by its address, since a name would need a DNS server first.`
}

/** The shortest text that names the server: the port only where it is not 53. */
export function printDnsServer({ address, port }: DnsServerAddress): string {
  if (port === 53) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

export const dnsServer = z.string().max(100).transform((text, context) => {
  const parsed = parseDnsServer(text)
  if ('problem' in parsed) {
    context.addIssue({ code: 'custom', message: parsed.problem })
    return z.NEVER
  }
  return printDnsServer(parsed)
})

/** Why a list of DNS servers cannot be used, as a sentence; null where it can. */
export function dnsServersProblem(servers: readonly string[]): string | null {
  if (servers.length === 0) return 'Add at least one DNS server, or use the network card DNS settings.'
  if (servers.length > mostDnsServers)
    return `${servers.length} DNS servers are too many: they are asked one after the other, so list at most ${mostDnsServers}.`
  const twice = servers.find((server, at) => servers.indexOf(server) !== at)
  return twice ? `${twice} is listed twice.` : null
}

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
