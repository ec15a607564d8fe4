// dhcpcd keeps a lease as the DHCP server's own packet: of IPv4 (RFC 2131) in `ADAPTER.lease`, of IPv6 (RFC 8415) in
// `ADAPTER.lease6`.
import { join } from 'node:path'
import { ipv4Text, ipv6Text } from './address-bytes.ts'
import { readFolder } from './bounded-file.ts'

interface Option {
  code: number
  value: Buffer
}

/** What a packet leases: the DNS servers, and for how many seconds; infinite where it does not say. */
interface Leased {
  servers: string[]
  lasts: number
}

/** Where options begin: after the fixed fields and the magic cookie (RFC 2131 §3). */
const optionsAt = 240
const cookie = 0x63825363
/** 0xffffffff seconds are for ever. */
const seconds = (bytes: Buffer, at: number) => {
  const given = bytes.readUInt32BE(at)
  return given === 0xffffffff ? Number.POSITIVE_INFINITY : given
}

/** Options 6 and 51 (RFC 2132) of a packet that is whole: one that is cut has no end option. */
export function leasedInPacket(bytes: Buffer): Leased | null {
  if (bytes.length < optionsAt || bytes.readUInt32BE(optionsAt - 4) !== cookie) return null
  const leased: Leased = { servers: [], lasts: Number.POSITIVE_INFINITY }
  for (let at = optionsAt; at < bytes.length; ) {
    const option = bytes[at] ?? 255
    if (option === 255) return leased
    if (option === 0) {
      at += 1
      continue
    }
    const value = bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0))
    if (option === 6) for (let from = 0; from + 4 <= value.length; from += 4) leased.servers.push(ipv4Text(value, from))
    if (option === 51 && value.length === 4) leased.lasts = seconds(value, 0)
    at += 2 + (bytes[at + 1] ?? 0)
  }
  return null
}

/** The options 23 (RFC 3646) and 3 (RFC 8415) of a reply; null where it is cut. It holds as long as its last address. */
export function leasedInPacket6(bytes: Buffer): Leased | null {
  const options = options6(bytes.subarray(4))
  if (options === null || options.length === 0) return null
  const servers = options.filter(({ code }) => code === 23).flatMap(({ value }) => Array.from({ length: Math.floor(value.length / 16) }, (_, at) => ipv6Text(value, at * 16)))
  const addresses = options.filter(({ code }) => code === 3).flatMap(({ value }) => options6(value.subarray(12)) ?? [])
  const lasting = addresses.filter(({ code, value }) => code === 5 && value.length >= 24).map(({ value }) => seconds(value, 20))
  return { servers, lasts: lasting.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...lasting) }
}

function options6(bytes: Buffer): Option[] | null {
  const options: Option[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null
    const end = at + 4 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length) return null
    options.push({ code: bytes.readUInt16BE(at), value: bytes.subarray(at + 4, end) })
    at = end
  }
  return options
}

/**
 * By the adapter's name, those of IPv4 first. `eth0-Network.lease` is the lease in a wireless network of that name,
 * which counts where `eth0` has none of its own. A lease lasts from when its file was written, as dhcpcd counts it.
 * `now` in milliseconds since 1970. Null where there are no leases.
 */
export async function dhcpcdServers(root: string, now: number): Promise<((adapter: string) => string[]) | null> {
  const files = (await Promise.all(['var/lib/dhcpcd', 'var/db/dhcpcd'].map((folder) => readFolder(join(root, folder), /\.lease6?$/)))).flat()
  const held = files.sort((a, b) => b.changed - a.changed).flatMap(({ name, bytes, changed }) => {
    const isIpv6 = name.endsWith('6')
    const leased = isIpv6 ? leasedInPacket6(bytes) : leasedInPacket(bytes)
    return leased && leased.servers.length > 0 && changed + leased.lasts * 1000 >= now ? [{ of: name.replace(/\.lease6?$/, ''), isIpv6, servers: leased.servers }] : []
  })
  if (held.length === 0) return null
  return (adapter) =>
    [false, true].flatMap((isIpv6) => {
      const ofVersion = held.filter((one) => one.isIpv6 === isIpv6)
      return (ofVersion.find(({ of }) => of === adapter) ?? ofVersion.find(({ of }) => of.replace(/-.*$/, '') === adapter))?.servers ?? []
    })
}
