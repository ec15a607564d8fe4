// One DNS server as text, read and printed; without zod, which takes longer to load than a short command for its work.

/** More than this is a slip, not a list: the transport asks them one after the other. */
export const mostDnsServers = 32

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`)
const isIpv4 = (text: string) => ipv4.test(text)

/**
 * RFC 4291 §2.2: eight groups, of which `::` stands for one or more, the last two also in the form of an IPv4 address.
 * A link-local server keeps its zone: `fe80::1%eth0`; the name of an adapter may have any letters in it.
 */
function isIpv6(text: string): boolean {
  const bare = text.replace(/%[^\s%/\]]+$/, '')
  const mixed = /^(.*:)([\d.]+\.[\d.]+)$/.exec(bare)
  if (mixed && !isIpv4(mixed[2] ?? '')) return false
  const [before = '', after, ...more] = (mixed ? `${mixed[1]}0:0` : bare).split('::')
  const groups = [before, after ?? ''].flatMap((part) => (part === '' ? [] : part.split(':')))
  return more.length === 0 && groups.every((group) => /^[\da-f]{1,4}$/i.test(group)) && (after === undefined ? groups.length === 8 : groups.length < 8)
}

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

/** Why a list of DNS servers cannot be used, as a sentence; null where it can. */
export function dnsServersProblem(servers: readonly string[]): string | null {
  if (servers.length === 0) return 'Add at least one DNS server, or use the network card DNS settings.'
  if (servers.length > mostDnsServers)
    return `${servers.length} DNS servers are too many: they are asked one after the other, so list at most ${mostDnsServers}.`
  const twice = servers.find((server, at) => servers.indexOf(server) !== at)
  return twice ? `${twice} is listed twice.` : null
}
