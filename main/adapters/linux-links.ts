// Network links in the words of `ip -j -d addr`: their ids, kinds, states and addresses. The kernel itself (netlink.ts)
// and the program (linux-ip.ts) both tell them so.
import type { Adapter } from '../../preload/contract/adapters.ts'

/** An adapter before its DNS servers are known. */
export interface Link extends Omit<Adapter, 'dnsServers' | 'dnsSource'> {
  /** What the kernel and systemd number it by; another one after each plugging in. */
  index: number
  /** Whether it may be a wireless adapter: `ip` does not tell. */
  hardware: boolean
}

/** Of a link, in the words of `ip`. */
export interface Told {
  ifindex: number
  ifname: string
  flags: string[]
  operstate: string
  link_type: string
  address?: string | undefined
  permaddr?: string | undefined
  ifalias?: string | undefined
  linkinfo: { info_kind?: string | undefined; info_data?: { type?: string | undefined } | undefined }
  /** The link of which this one is a part, by name or number. */
  master?: string | number | undefined
  addr_info: ToldAddress[]
  gateways?: string[]
  metric?: number
}

export interface ToldAddress {
  local: string
  prefixlen: number
  dadfailed?: boolean | undefined
  /** It has an end, as one from DHCP. */
  dynamic?: boolean | undefined
}

export function linksFrom(entries: Told[]): Link[] {
  const macs = entries.map(permanentMac)
  const wholes = new Map<string | null, number>()
  const all = new Map<string | null, number>()
  for (const [at, mac] of macs.entries()) {
    all.set(mac, (all.get(mac) ?? 0) + 1)
    if (entries[at]?.master === undefined) wholes.set(mac, (wholes.get(mac) ?? 0) + 1)
  }
  // A cloud's fast path comes and goes as a part of the adapter whose MAC it has: that one’s id must stay.
  const isOnly = ({ master }: Told, mac: string) => all.get(mac) === 1 || (master === undefined && wholes.get(mac) === 1)
  return entries.map((entry, at) => {
    const mac = macs[at] ?? null
    return { ...linkOf(entry), id: mac !== null && isOnly(entry, mac) ? mac : entry.ifname }
  })
}

function linkOf(entry: Told): Omit<Link, 'id'> {
  const addresses = entry.addr_info
  const ipv4 = addresses.filter(({ local }) => !local.includes(':'))
  return {
    index: entry.ifindex,
    hardware: isHardware(entry),
    name: entry.ifname,
    description: entry.ifalias ?? entry.linkinfo.info_kind ?? '',
    mac: entry.link_type === 'loopback' ? null : macOf(entry.address),
    kind: kindOf(entry),
    state: stateOf(entry),
    addresses: addresses.filter(({ dadfailed }) => !dadfailed).map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    ...(entry.gateways ? { gateways: entry.gateways } : {}),
    ...(entry.metric === undefined ? {} : { metric: entry.metric }),
    // A lease's address ends; one that was configured does not.
    ...(entry.link_type !== 'loopback' && ipv4.length > 0 ? { dhcp: ipv4.some(({ dynamic }) => dynamic) } : {}),
  }
}

const isHardware = (entry: Told) => entry.linkinfo.info_kind === undefined && ['ether', 'ieee802.11', 'infiniband'].includes(entry.link_type)

/** Tunnels have an IP address in its place, and some links none. */
const macOf = (text: string | undefined) => (text !== undefined && /^(?!(00:)+00$)([\da-f]{2}:){5,}[\da-f]{2}$/i.test(text) ? text : null)

/** `permaddr` is told only where the address in use is another. What software makes up gets a new MAC each time. */
const permanentMac = (entry: Told) => (isHardware(entry) ? macOf(entry.permaddr ?? entry.address) : null)

const tunnels = ['ipip', 'ip6tnl', 'sit', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'erspan', 'ip6erspan', 'vti', 'vti6', 'xfrm', 'wireguard', 'vxlan', 'geneve', 'ppp', 'gtp', 'ovpn', 'ovpn-dco']

function kindOf({ link_type: type, linkinfo }: Told): Adapter['kind'] {
  const software = linkinfo.info_kind
  if (type === 'loopback') return 'loopback'
  if (software === 'bridge') return 'bridge'
  if (software === 'tun') return linkinfo.info_data?.type === 'tap' ? 'virtual' : 'tunnel'
  if (software !== undefined) return tunnels.includes(software) ? 'tunnel' : 'virtual'
  if (type === 'ieee802.11') return 'wifi'
  if (type === 'ether') return 'ethernet'
  return ['none', 'ppp', 'ipip', 'sit', 'gre', 'gre6', 'tunnel6', 'rawip'].includes(type) ? 'tunnel' : 'other'
}

/** RFC 2863 states as Linux tells them (Documentation/networking/operstates.rst); a driver that tells none is taken to be up. */
function stateOf({ flags, operstate }: Told): Adapter['state'] {
  if (!flags.includes('UP')) return 'down'
  const off = flags.includes('NO-CARRIER') || ['DOWN', 'LOWERLAYERDOWN', 'DORMANT', 'NOTPRESENT'].includes(operstate)
  return off ? 'disconnected' : 'up'
}
