// A DNS server of the lab: on loopback, UDP and TCP at one port, with the behaviour that the scenario gives it.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import packet from 'dns-packet'
import type { DnsServerAddress } from '../../preload/contract/dns.ts'
import type { Behaviour, DnsServerOfLab } from './scenario-dns.ts'
import { lookUp, type ZoneRecord } from './zone.ts'

export interface LabDnsServer {
  readonly port: number
  stop(): Promise<void>
}

const loopback = '127.0.0.1'
/** A TCP client that says nothing for so long is let go. */
const idleLimit = 10_000
const codes = { servfail: 2, nxdomain: 3, refused: 5 } as const

/** What a behaviour needs beside its name. */
export interface Manner extends Partial<Pick<DnsServerOfLab, 'addresses' | 'delay' | 'tcp'>> {
  /** The zone is the server's own: it answers as an authority. */
  authoritative?: boolean
  /** Where it listens; on loopback, at a port of the system's choosing, where that is not given. */
  at?: DnsServerAddress
}

interface Asking {
  /** Bytes. */
  most: number
  overUdp: boolean
}

/** Null where this behaviour, or what was asked, gets no answer at all. */
export function reply(query: Buffer, behaviour: Behaviour, zone: readonly ZoneRecord[], { most, overUdp }: Asking, { addresses = [], authoritative = false }: Manner = {}): Buffer | null {
  if (behaviour === 'silent') return null
  let asked: packet.DecodedPacket
  try {
    asked = packet.decode(query)
  } catch {
    return null
  }
  const question = asked.questions?.[0]
  if (asked.flag_qr || !question) return null
  if (behaviour === 'ignore-aaaa' && question.type === 'AAAA') return null
  const heard = asked.flag_rd ? packet.RECURSION_DESIRED : 0
  const say = (flags: number, answers: packet.Answer[], authorities: packet.Answer[] = []) =>
    packet.encode({ type: 'response', ...(asked.id === undefined ? {} : { id: asked.id }), flags: heard | flags, questions: [question], answers, authorities })
  if (behaviour === 'not-recursive') return say(0, [], [{ name: '.', type: 'NS', ttl: 518_400, data: 'a.root.test' }])
  if (behaviour === 'truncate' && overUdp) return say(packet.RECURSION_AVAILABLE | packet.TRUNCATED_RESPONSE, [])
  if (behaviour === 'servfail' || behaviour === 'nxdomain' || behaviour === 'refused') return say(packet.RECURSION_AVAILABLE | codes[behaviour], [])
  const { exists, answers } = lookUp(zone, question)
  const flags = packet.RECURSION_AVAILABLE | (authoritative ? packet.AUTHORITATIVE_ANSWER : 0)
  const whole = say(flags | (exists ? 0 : codes.nxdomain), behaviour === 'lie' ? falsified(answers, addresses) : answers)
  if (whole.length <= Math.max(most, offeredBytes(asked, most))) return whole
  return say(flags | packet.TRUNCATED_RESPONSE, [])
}

/** The wrong addresses in place of the true ones; aliases and mail hosts stay true. */
function falsified(answers: readonly packet.Answer[], addresses: readonly string[]): packet.Answer[] {
  const host = answers.find(({ type }) => type === 'A' || type === 'AAAA')
  const others = answers.filter((answer) => answer !== host && answer.type !== host?.type)
  if (host?.type !== 'A' && host?.type !== 'AAAA') return others
  const { type, name } = host
  return [...others, ...addresses.filter((data) => (isIPv6(data) ? 'AAAA' : 'A') === type).map((data) => ({ name, type, ttl: 300, data }))]
}

/** EDNS (RFC 6891): how much the asker takes over UDP. */
function offeredBytes(asked: packet.Packet, least: number): number {
  for (const extra of asked.additionals ?? []) if (extra.type === 'OPT') return Math.max(extra.udpPayloadSize, least)
  return least
}

export async function openDnsServer(behaviour: Behaviour, zone: readonly ZoneRecord[], manner: Manner = {}): Promise<LabDnsServer> {
  const { delay = 0, tcp = true, at } = manner
  const open = new Set<Socket>()
  const later = new Set<NodeJS.Timeout>()
  const afterDelay = (answer: () => void) => {
    if (delay === 0) return answer()
    const timer = setTimeout(() => {
      later.delete(timer)
      answer()
    }, delay)
    later.add(timer)
  }
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    answerOverTcp(socket, (query, say) => {
      const answer = tcp ? reply(query, behaviour, zone, { most: 65_535, overUdp: false }, manner) : null
      if (answer) afterDelay(() => say(answer))
    })
  })
  const udp = await listenTogether(server, at)
  udp.on('error', () => {})
  udp.on('message', (query, from) => {
    const answer = reply(query, behaviour, zone, { most: 512, overUdp: true }, manner)
    if (answer) afterDelay(() => udp.send(answer, from.port, from.address, () => {}))
  })
  return {
    port: udp.address().port,
    async stop() {
      for (const timer of later) clearTimeout(timer)
      for (const socket of open) socket.destroy()
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise<void>((done) => server.close(() => done()))])
    },
  }
}

/** Each query and each answer has its length in front (RFC 1035 §4.2.2). */
function answerOverTcp(socket: Socket, heard: (query: Buffer, say: (answer: Buffer) => void) => void): void {
  let waiting = Buffer.alloc(0)
  socket.setTimeout(idleLimit, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0)
      const query = waiting.subarray(2, end)
      waiting = waiting.subarray(end)
      heard(query, (answer) => {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(answer.length)
        if (socket.writable) socket.write(Buffer.concat([length, answer]))
      })
    }
  })
}

/** The system chooses a free TCP port; that the same UDP port is taken happens, so another is tried. */
async function listenTogether(server: Server, at?: DnsServerAddress): Promise<UdpSocket> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await listen(server, at?.port, at?.address)
    const udp = createSocket('udp4')
    try {
      await new Promise<void>((done, failed) => {
        udp.once('error', failed)
        udp.bind(port, at?.address ?? loopback, () => {
          udp.off('error', failed)
          done()
        })
      })
      return udp
    } catch (error) {
      udp.close()
      await new Promise<void>((done) => server.close(() => done()))
      if (at || attempt === 20) throw error
    }
  }
}

export async function listen(server: Server, port = 0, address = loopback): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(port, address, () => {
      server.off('error', failed)
      done()
    })
  })
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('The server listens at no port.')
  return at.port
}
