// The bytes of rtnetlink(7): what the kernel is asked, and what its links, addresses and default routes say.
// Layouts: linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h. In the order of this machine's bytes.
import { endianness } from 'node:os'
import { ipv4Text, ipv6Text, macText } from './address-bytes.ts'
import type { Told } from './linux-links.ts'

const little = endianness() === 'LE'
const [low, high] = little ? [0, 1] : [1, 0]
/** Byte by byte: Buffer’s own functions take three times as long until they are compiled, and a list needs 30 000 numbers. */
const u16 = (bytes: Buffer, at: number) => (bytes[at + low] ?? 0) | ((bytes[at + high] ?? 0) << 8)
const u32 = (bytes: Buffer, at: number) => ((u16(bytes, at + low * 2) | (u16(bytes, at + high * 2) << 16)) >>> 0)
const put16 = (bytes: Buffer, at: number, value: number) => void (little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at))
const put32 = (bytes: Buffer, at: number, value: number) => void (little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at))

/** Types of messages; those that tell of something new are one less than those that tell of its end. */
export const message = { error: 2, done: 3, newLink: 16, delLink: 17, getLink: 18, newAddress: 20, getAddress: 22, newRoute: 24, delRoute: 25, getRoute: 26 } as const
const request = 0x001
const dump = 0x300
/** Something changed while the kernel told it. */
const interrupted = 0x10
const mainTable = 254

export interface Message {
  type: number
  sequence: number
  isInterrupted: boolean
  /** The datagram, and where in it what follows the message's head begins and ends. */
  bytes: Buffer
  from: number
  to: number
}

function asked(type: number, sequence: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(16 + body.length)
  put32(bytes, 0, bytes.length)
  put16(bytes, 4, type)
  put16(bytes, 6, request | dump)
  put32(bytes, 8, sequence)
  body.copy(bytes, 16)
  return bytes
}

function attribute(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  put16(bytes, 0, 8)
  put16(bytes, 2, type)
  put32(bytes, 4, value)
  return bytes
}

/** Without their counters (RTEXT_FILTER_SKIP_STATS), which are the larger part. */
export const askAllLinks = (sequence: number) => asked(message.getLink, sequence, Buffer.concat([Buffer.alloc(16), attribute(29, 8)]))
export const askAllAddresses = (sequence: number) => asked(message.getAddress, sequence, Buffer.alloc(8))
/** `family` is 2 for IPv4, 10 for IPv6. Kernels from 4.20 leave out the other tables where they are told to be strict. */
export function askMainRoutes(sequence: number, family: number): Buffer {
  const body = Buffer.alloc(12)
  body[0] = family
  body[4] = mainTable
  return asked(message.getRoute, sequence, Buffer.concat([body, attribute(15, mainTable)]))
}

/** The messages of one datagram; what is cut off at its end is left out. */
export function messagesIn(bytes: Buffer): Message[] {
  const messages: Message[] = []
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = u32(bytes, at)
    if (length < 16 || at + length > bytes.length) break
    messages.push({ type: u16(bytes, at + 4), isInterrupted: (u16(bytes, at + 6) & interrupted) !== 0, sequence: u32(bytes, at + 8), bytes, from: at + 16, to: at + length })
    at += (length + 3) & ~3
  }
  return messages
}

/** Bytes within a datagram: a Buffer for each of some fifty attributes of a link would take longer than all the rest. */
interface Part {
  bytes: Buffer
  from: number
  to: number
}
const lengthOf = ({ from, to }: Part) => to - from

/** The attribute of this type among those that begin so many bytes into the part. */
function attributeOf({ bytes, from, to }: Part, skip: number, type: number): Part | undefined {
  for (let at = from + skip; at + 4 <= to; ) {
    const length = u16(bytes, at)
    if (length < 4 || at + length > to) return undefined
    // The two highest bits say that it is nested or in network order.
    if ((u16(bytes, at + 2) & 0x3fff) === type) return { bytes, from: at + 4, to: at + length }
    at += (length + 3) & ~3
  }
  return undefined
}

/**
 * A link has some fifty attributes, of which seven are wanted: passed over once, not once for each, and without a call
 * for each number, since a command's first list is made before any of this is compiled.
 */
function attributesOf({ bytes, from, to }: Part, skip: number, types: readonly number[]): (Part | undefined)[] {
  const found: (Part | undefined)[] = types.map(() => undefined)
  for (let at = from + skip; at + 4 <= to; ) {
    const length = bytes[at + low]! | (bytes[at + high]! << 8)
    if (length < 4 || at + length > to) break
    const type = (bytes[at + 2 + low]! | (bytes[at + 2 + high]! << 8)) & 0x3fff
    if (types.includes(type)) found[types.indexOf(type)] = { bytes, from: at + 4, to: at + length }
    at += (length + 3) & ~3
  }
  return found
}

/** A text ends with a zero. */
function endOf({ bytes, from, to }: Part): number {
  const end = bytes.indexOf(0, from)
  return end < 0 || end > to ? to : end
}
const text = (part: Part | undefined) => part && part.bytes.toString('utf8', part.from, endOf(part))
const number = (part: Part | undefined) => (part && lengthOf(part) >= 4 ? u32(part.bytes, part.from) : undefined)
const byte = (part: Part | undefined) => (part && lengthOf(part) >= 1 ? part.bytes[part.from] : undefined)

const linkTypes: Record<number, string> = {
  1: 'ether', 32: 'infiniband', 280: 'can', 512: 'ppp', 519: 'rawip', 768: 'ipip', 769: 'tunnel6', 772: 'loopback', 776: 'sit', 778: 'gre', 801: 'ieee802.11', 823: 'gre6', 65534: 'none',
}
const operStates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP']
/** Of all others the address is an IP address or nothing. */
const withMac = ['ether', 'infiniband', 'ieee802.11']

interface Parts {
  links: Message[]
  addresses: Message[]
  routes: Message[]
}

/** As `ip -j -d addr` would tell them. */
export function linksOf({ links, addresses, routes }: Parts): Told[] {
  const found = new Map<number, Told>()
  for (const one of links) {
    const link = one.type === message.newLink && lengthOf(one) >= 16 ? linkIn(one) : null
    if (link) found.set(link.ifindex, link)
  }
  for (const one of addresses) {
    if (one.type !== message.newAddress || lengthOf(one) < 8) continue
    const link = found.get(u32(one.bytes, one.from + 4))
    const address = link && addressIn(one)
    if (address) link.addr_info.push(address)
  }
  for (const one of routes) {
    const route = one.type === message.newRoute ? defaultRouteIn(one) : null
    const link = route && found.get(route.index)
    if (!route || !link) continue
    link.gateways = [...new Set([...(link.gateways ?? []), ...route.gateways])]
    link.metric = Math.min(link.metric ?? Number.POSITIVE_INFINITY, route.metric)
  }
  return [...found.values()]
}

/** IFLA_ADDRESS, _IFNAME, _MASTER, _OPERSTATE, _LINKINFO, _IFALIAS, _PERM_ADDRESS */
const linkAttributes = [1, 3, 10, 16, 18, 20, 54] as const

function linkIn(link: Message): Told | null {
  const [hardware, nameText, master, operState, info, alias, permanent] = attributesOf(link, 16, linkAttributes)
  const ifname = text(nameText)
  if (!ifname) return null
  const linkType = u16(link.bytes, link.from + 2)
  const type = linkTypes[linkType] ?? `[${linkType}]`
  const flags = u32(link.bytes, link.from + 8)
  const kind = info && text(attributeOf(info, 0, 1))
  const data = kind === 'tun' && info ? attributeOf(info, 0, 2) : undefined
  // IFLA_TUN_TYPE: IFF_TUN is 1, IFF_TAP is 2.
  const tun = data && byte(attributeOf(data, 0, 3))
  const mac = (part: Part | undefined) => (part && withMac.includes(type) ? macText(part.bytes.subarray(part.from, part.to)) : undefined)
  return {
    ifindex: u32(link.bytes, link.from + 4),
    ifname,
    flags: [...(flags & 1 ? ['UP'] : []), ...(flags & 1 && !(flags & 0x40) ? ['NO-CARRIER'] : [])],
    operstate: operStates[byte(operState) ?? 0] ?? 'UNKNOWN',
    link_type: type,
    address: mac(hardware),
    permaddr: mac(permanent),
    master: number(master),
    ifalias: text(alias),
    linkinfo: kind === undefined ? {} : { info_kind: kind, info_data: { type: tun === 2 ? 'tap' : tun === 1 ? 'tun' : undefined } },
    addr_info: [],
  }
}

function ipText(part: Part | undefined, skip = 0): string | null {
  const length = part ? lengthOf(part) - skip : 0
  return part && length === 4 ? ipv4Text(part.bytes, part.from + skip) : part && length === 16 ? ipv6Text(part.bytes, part.from + skip) : null
}

/** IFA_ADDRESS, _LOCAL, _FLAGS */
const addressAttributes = [1, 2, 8] as const

function addressIn(one: Message) {
  const [address, own, flagBits] = attributesOf(one, 8, addressAttributes)
  // Of a link from point to point IFA_ADDRESS is the other end's.
  const local = ipText(own ?? address)
  const flags = number(flagBits) ?? one.bytes[one.from + 2] ?? 0
  return local === null ? null : { local, prefixlen: one.bytes[one.from + 1] ?? 0, dadfailed: (flags & 0x08) !== 0, dynamic: (flags & 0x80) === 0 }
}

function defaultRouteIn(one: Message): { index: number; gateways: string[]; metric: number } | null {
  const { bytes, from } = one
  if (lengthOf(one) < 12 || bytes[from + 1] !== 0 || bytes[from + 7] !== 1) return null
  const given = (type: number) => attributeOf(one, 12, type)
  if ((number(given(15)) ?? bytes[from + 4]) !== mainTable) return null
  const index = number(given(4))
  if (index === undefined) return null
  // An IPv4 route may lead through an IPv6 neighbour: RTA_VIA has two bytes of its family first.
  const gateway = ipText(given(5)) ?? ipText(given(18), 2)
  return { index, gateways: gateway === null ? [] : [gateway], metric: number(given(6)) ?? 0 }
}

/** Whether a message that the kernel sent unasked is news: cards that look for wireless networks say so all the time. */
export function isNews(one: Message): boolean {
  const { type } = one
  if (type === message.newLink) return lengthOf(one) < 16 || attributeOf(one, 16, 11) === undefined
  if (type === message.newRoute || type === message.delRoute) return one.bytes[one.from + 1] === 0
  return type === message.delLink || type === message.newAddress || type === message.newAddress + 1
}
