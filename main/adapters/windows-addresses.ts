// The answer of GetAdaptersAddresses on 64-bit Windows, from bytes to adapters. Layout: IP_ADAPTER_ADDRESSES_LH and
// its lists in iptypes.h, https://learn.microsoft.com/windows/win32/api/iptypes/ns-iptypes-ip_adapter_addresses_lh.
import type { Adapter } from '../../preload/contract/adapters.ts'
import { ipv4Text, ipv6Text, macText } from './address-bytes.ts'
import { knownDnsServers } from './server-list.ts'

export interface WindowsAdapter extends Omit<Adapter, 'dnsSource'> {
  /** Windows' own name of it, under which the registry knows it. */
  guid: string
}

/** Where each field is, in bytes; pointers have 8. */
const at = {
  index: 4, next: 8, name: 16, unicast: 24, dnsServers: 48, dnsSuffix: 56, description: 64, friendlyName: 72, mac: 80, macLength: 88, flags: 92,
  type: 100, state: 104, gateways: 208, ipv4Metric: 216, ipv6Metric: 220,
} as const
const wholeLength = 224
/** The same in IP_ADAPTER_UNICAST_ADDRESS_LH, IP_ADAPTER_DNS_SERVER_ADDRESS_XP and IP_ADAPTER_GATEWAY_ADDRESS_LH. */
const inList = { next: 8, address: 16, addressLength: 24, dadState: 40, prefix: 56 } as const

const flag = { dhcp: 0x4, ipv4: 0x80, ipv6: 0x100 } as const
const afInet = 2
const afInet6 = 23
/** IpDadStateDuplicate: another machine has it. */
const duplicate = 2
/** More entries than any list has: a list that leads back into itself ends too. */
const mostEntries = 10_000
const mostCharacters = 1024

/** `base` is the address at which the buffer lies, since the pointers in it are addresses. Whatever leads out of it is nothing. */
export function adaptersIn(buffer: Buffer, base: bigint): WindowsAdapter[] {
  const memory = new Memory(buffer, base)
  const adapters: WindowsAdapter[] = []
  for (const offset of memory.list(0, at.next, wholeLength)) {
    const guid = memory.ascii(offset + at.name)
    if (guid !== '') adapters.push(adapterAt(memory, offset, guid))
  }
  return adapters
}

function adapterAt(memory: Memory, offset: number, guid: string): WindowsAdapter {
  const flags = memory.u32(offset + at.flags)
  const kind = kindOf(memory.u32(offset + at.type))
  const name = memory.wide(offset + at.friendlyName) || guid
  const macLength = Math.min(8, memory.u32(offset + at.macLength))
  const mac = memory.bytes(offset + at.mac, macLength)
  const dnsSuffix = memory.wide(offset + at.dnsSuffix)
  const state = stateOf(memory.u32(offset + at.state))
  const addresses = memory.pointed(offset + at.unicast, inList.next, 64).flatMap((one) => {
    const address = memory.u32(one + inList.dadState) === duplicate ? null : memory.address(one + inList.address)
    return address === null ? [] : [`${address.replace(/%.*$/, '')}/${memory.bytes(one + inList.prefix, 1)[0] ?? 0}`]
  })
  const listed = (from: number) => memory.pointed(offset + from, inList.next, 32).flatMap((one) => memory.address(one + inList.address) ?? [])
  const metrics = [flags & flag.ipv4 ? memory.u32(offset + at.ipv4Metric) : 0, flags & flag.ipv6 ? memory.u32(offset + at.ipv6Metric) : 0].filter((metric) => metric > 0)
  return {
    guid,
    id: guid,
    name,
    description: memory.wide(offset + at.description),
    mac: macLength >= 6 && mac.some((byte) => byte !== 0) ? macText(mac) : null,
    kind,
    state,
    addresses,
    // Windows makes up these three where an adapter has no IPv6 DNS servers; nothing answers there (RFC 3879).
    dnsServers: knownDnsServers(listed(at.dnsServers).filter((server) => !/^fec0:0:0:ffff::[123](%|$)/.test(server))),
    index: memory.u32(offset + at.index),
    gateways: [...new Set(listed(at.gateways))],
    ...(dnsSuffix === '' ? {} : { dnsSuffix }),
    ...(kind === 'loopback' ? {} : { dhcp: (flags & flag.dhcp) !== 0 }),
    ...(metrics.length === 0 ? {} : { metric: Math.min(...metrics) }),
  }
}

/** IF_TYPE of ipifcons.h. */
function kindOf(type: number): Adapter['kind'] {
  const kinds: Record<number, Adapter['kind']> = { 6: 'ethernet', 23: 'tunnel', 24: 'loopback', 53: 'virtual', 71: 'wifi', 131: 'tunnel', 209: 'bridge' }
  return kinds[type] ?? 'other'
}

/** IF_OPER_STATUS: those that are switched off are mostly not told at all; what a driver does not know is taken to be up. */
function stateOf(status: number): Adapter['state'] {
  if (status === 6) return 'down'
  return status === 1 || status === 4 ? 'up' : 'disconnected'
}

class Memory {
  readonly #buffer: Buffer
  readonly #base: bigint

  constructor(buffer: Buffer, base: bigint) {
    this.#buffer = buffer
    this.#base = base
  }

  u32(offset: number): number {
    return this.#has(offset, 4) ? this.#buffer.readUInt32LE(offset) : 0
  }

  bytes(offset: number, length: number): Buffer {
    return this.#has(offset, length) ? this.#buffer.subarray(offset, offset + length) : Buffer.alloc(0)
  }

  /** The offset that a pointer leads to, if at least so many bytes are there. */
  pointer(offset: number, length: number): number | null {
    if (!this.#has(offset, 8)) return null
    const to = this.#buffer.readBigUInt64LE(offset) - this.#base
    return to >= 0n && to < BigInt(this.#buffer.length) && this.#has(Number(to), length) ? Number(to) : null
  }

  /** The offsets of a list's entries, the first of which is at this offset. */
  list(first: number, next: number, length: number): number[] {
    const found = new Set<number>()
    for (let one: number | null = this.#has(first, length) ? first : null; one !== null && !found.has(one) && found.size < mostEntries; one = this.pointer(one + next, length)) found.add(one)
    return [...found]
  }

  pointed(offset: number, next: number, length: number): number[] {
    const first = this.pointer(offset, length)
    return first === null ? [] : this.list(first, next, length)
  }

  /** What a SOCKET_ADDRESS leads to: sockaddr_in or sockaddr_in6. */
  address(offset: number): string | null {
    const length = this.u32(offset + 8)
    const to = this.pointer(offset, Math.max(2, Math.min(length, 128)))
    if (to === null) return null
    const family = this.#buffer.readUInt16LE(to)
    if (family === afInet && length >= 8) return ipv4Text(this.bytes(to + 4, 4))
    if (family !== afInet6 || length < 24) return null
    const zone = length >= 28 ? this.u32(to + 24) : 0
    const text = ipv6Text(this.bytes(to + 8, 16))
    return zone !== 0 && /^fe[89ab]/.test(text) ? `${text}%${zone}` : text
  }

  ascii(offset: number): string {
    const from = this.pointer(offset, 1)
    if (from === null) return ''
    const end = this.#buffer.indexOf(0, from)
    return end < 0 || end - from > mostCharacters ? '' : this.#buffer.toString('latin1', from, end)
  }

  wide(offset: number): string {
    const from = this.pointer(offset, 2)
    if (from === null) return ''
    for (let end = from; end + 2 <= this.#buffer.length && end - from <= mostCharacters * 2; end += 2)
      if (this.#buffer.readUInt16LE(end) === 0) return this.#buffer.toString('utf16le', from, end)
    return ''
  }

  #has(offset: number, length: number): boolean {
    return offset >= 0 && offset + length <= this.#buffer.length
  }
}
