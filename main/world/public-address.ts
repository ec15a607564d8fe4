// Whether an address belongs to the public Internet: the special-purpose registries of RFC 6890, as they stand today.
import { BlockList, isIP } from 'node:net'

/** Not globally reachable, RFC 6890 table "False" in *Global*, and multicast, which no mail server has. */
const specialIpv4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4',
]
/** Besides those of RFC 6890: 64:ff9b:1::/48 RFC 8215, 5f00::/16 RFC 9602, fec0::/10 RFC 3879. */
const specialIpv6 = ['::/127', '64:ff9b:1::/48', '100::/64', '2001::/23', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8']
/** Addresses in manuals: RFC 5737, RFC 3849, RFC 9637. */
const documentation = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20']
/** Within the ranges above and globally reachable all the same: PCP and TURN anycast, AMT, AS112, ORCHIDv2, drone IDs. */
const exceptions = [
  '192.0.0.9/32', '192.0.0.10/32', '2001:1::1/128', '2001:1::2/128', '2001:1::3/128', '2001:3::/32', '2001:4:112::/48',
  '2001:20::/28', '2001:30::/28',
]

function rangesOf(ranges: string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', length] = range.split('/')
    list.addSubnet(address, Number(length), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

const special = rangesOf([...specialIpv4, ...specialIpv6])
const manuals = rangesOf(documentation)
const reachable = rangesOf(exceptions)

/** The 16-bit groups of an IPv6 address, an IPv4 tail included. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = hex.split('::')
  const parsed = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = parsed(head)
  const right = tail === undefined ? [] : parsed(tail)
  return [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => 0), ...right]
}

/** The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056). */
function ipv4Within(address: string): string | null {
  const [a, b, c, d, e, f, g = 0, h = 0] = groupsOf(address)
  const zero = (...groups: (number | undefined)[]) => groups.every((group) => group === 0)
  const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.')
  if (zero(a, b, c, d, e) && f === 0xffff) return dotted(g, h)
  if (a === 0x64 && b === 0xff9b && zero(c, d, e, f)) return dotted(g, h)
  if (a === 0x2002) return dotted(b ?? 0, c ?? 0)
  return null
}

/**
 * True where the whole Internet could reach the address; false for private, local, reserved and multicast ones, and
 * for what is no address. Addresses for documentation count as public only where the caller's world plays with them.
 */
export function isPublicAddress(address: string, documentationToo = false): boolean {
  const bare = address.replace(/%.*$/, '')
  const family = isIP(bare)
  if (family === 0) return false
  if (family === 6) {
    const within = ipv4Within(bare)
    if (within !== null) return isPublicAddress(within, documentationToo)
  }
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (manuals.check(bare, type)) return documentationToo
  return reachable.check(bare, type) || !special.check(bare, type)
}
