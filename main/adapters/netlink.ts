// The kernel's own word on links, addresses and default routes: asked in this process, through koffi, without waiting.
import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'
import type { Link } from './linux-links.ts'
import { linksFrom } from './linux-links.ts'
import { askAllAddresses, askAllLinks, askMainRoutes, isNews, linksOf, message, messagesIn, type Message } from './netlink-messages.ts'

const family = { netlink: 16, ipv4: 2, ipv6: 10 }
/** SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK */
const socketType = 3 | 0o2000000 | 0o4000
/** RTMGRP_LINK, addresses and routes of IPv4 and IPv6. */
const groups = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
const bufferSize = 64 * 1024
/** A list that changes while it is told is asked for again; links that flap all the time are told as they come. */
const mostTries = 3
/** Bytes of one dump: some 30 000 links. */
const mostBytes = 64 * 1024 * 1024

type System = Awaited<ReturnType<typeof load>>
let loading: Promise<System> | undefined

async function load() {
  // Required, not imported: that takes half as long again, much of the time of a command that only lists adapters.
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const libc = koffi.load(null)
  return {
    koffi,
    socket: libc.func('int socket(int family, int type, int protocol)') as (family: number, type: number, protocol: number) => number,
    bind: libc.func('int bind(int fd, void *address, uint32_t length)') as (fd: number, address: Buffer, length: number) => number,
    setOption: libc.func('int setsockopt(int fd, int level, int name, void *value, uint32_t length)') as (fd: number, level: number, name: number, value: Buffer, length: number) => number,
    send: libc.func('long send(int fd, void *bytes, size_t length, int flags)') as (fd: number, bytes: Buffer, length: number, flags: number) => number,
    receive: libc.func('long recv(int fd, void *bytes, size_t length, int flags)') as (fd: number, bytes: Buffer, length: number, flags: number) => number,
    close: libc.func('int close(int fd)') as (fd: number) => number,
  }
}

/** Null where koffi has nothing for this machine or the kernel does not answer: then `ip` must be asked. */
export async function netlinkLinks(): Promise<Link[] | null> {
  const system = await (loading ??= load()).catch(() => null)
  if (!system) return null
  const fd = system.socket(family.netlink, socketType, 0)
  if (fd < 0) return null
  try {
    const links = askedFor(system, fd, askAllLinks)
    const addresses = askedFor(system, fd, askAllAddresses)
    if (!links || !addresses) return null
    // SOL_NETLINK, NETLINK_GET_STRICT_CHK: where it is not known, more routes are told than were asked for.
    system.setOption(fd, 270, 12, Buffer.from([1, 1, 1, 1]), 4)
    const routes = [family.ipv4, family.ipv6].flatMap((one) => askedFor(system, fd, (sequence) => askMainRoutes(sequence, one)) ?? [])
    return linksFrom(linksOf({ links, addresses, routes }))
  } finally {
    system.close(fd)
  }
}

let sequence = 0
const received = Buffer.alloc(bufferSize)

/** The kernel writes each part of its answer when the one before is fetched, so nothing here ever waits. */
function askedFor(system: System, fd: number, question: (sequence: number) => Buffer): Message[] | null {
  for (let tries = 1; ; tries += 1) {
    const mine = (sequence = (sequence + 1) & 0x7fffffff)
    const bytes = question(mine)
    if (system.send(fd, bytes, bytes.length, 0) !== bytes.length) return null
    const found: Message[] = []
    let isWhole = true
    for (let held = 0, ended = false; !ended; ) {
      const length = system.receive(fd, received, bufferSize, 0)
      if (length <= 0 || (held += length) > mostBytes) return null
      for (const one of messagesIn(Buffer.from(received.subarray(0, length)))) {
        if (one.sequence !== mine) continue
        if (one.isInterrupted) isWhole = false
        if (one.type === message.error) return null
        if (one.type === message.done) ended = true
        else found.push(one)
      }
    }
    if (isWhole || tries === mostTries) return found
  }
}

/** Calls the listener when links, addresses or default routes changed. Null where that cannot be heard. */
export async function hearNetlink(listener: () => void): Promise<(() => void) | null> {
  const system = await (loading ??= load()).catch(() => null)
  if (!system) return null
  const fd = system.socket(family.netlink, socketType, 0)
  if (fd < 0) return null
  // struct sockaddr_nl: family, two bytes of padding, port id, groups; in this machine's order.
  const address = Buffer.from(new Uint32Array([0, 0, groups]).buffer)
  Buffer.from(new Uint16Array([family.netlink]).buffer).copy(address)
  if (system.bind(fd, address, address.length) !== 0) {
    system.close(fd)
    return null
  }
  const buffer = Buffer.alloc(bufferSize)
  const poll = system.koffi.node.poll(fd, { readable: true }, () => {
    let news = false
    // Bounded: a storm of messages must not hold this thread. A full queue (ENOBUFS, -1) is news too.
    for (let reads = 0; reads < 64; reads += 1) {
      const length = system.receive(fd, buffer, bufferSize, 0)
      if (length > 0) news ||= messagesIn(buffer.subarray(0, length)).some(isNews)
      else {
        news ||= system.koffi.errno() === system.koffi.os.errno['ENOBUFS']
        break
      }
    }
    if (news) listener()
  })
  poll.unref()
  return () => {
    poll.close()
    system.close(fd)
  }
}
