// A DNS server of the lab: on loopback, UDP and TCP at one port, with the behaviour that the scenario gives it.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import packet from 'dns-packet'
import type { Behaviour } from './scenario.ts'
import { lookUp, type ZoneRecord } from './zone.ts'

export interface LabDnsServer {
  readonly port: number
  stop(): Promise<void>
}

const loopback = '127.0.0.1'
/** A TCP client that says nothing for so long is let go. */
const idleLimit = 10_000
const codes = { servfail: 2, nxdomain: 3, refused: 5 } as const

/** Null where this behaviour, or what was asked, gets no answer at all. */
export function reply(query: Buffer, behaviour: Behaviour, zone: readonly ZoneRecord[], mostBytes: number): Buffer | null {
  if (behaviour === 'silent') return null
  let asked: packet.DecodedPacket
  try {
    asked = packet.decode(query)
  } catch {
    return null
  }
  const question = asked.questions?.[0]
  if (asked.flag_qr || !question) return null
  const heard = packet.RECURSION_AVAILABLE | (asked.flag_rd ? packet.RECURSION_DESIRED : 0)
  const say = (flags: number, answers: packet.Answer[]) =>
    packet.encode({ type: 'response', ...(asked.id === undefined ? {} : { id: asked.id }), flags: heard | flags, questions: [question], answers })
  if (behaviour !== 'answer') return say(codes[behaviour], [])
  const { exists, answers } = lookUp(zone, question)
  const whole = say(exists ? 0 : codes.nxdomain, answers)
  if (whole.length <= Math.max(mostBytes, offeredBytes(asked, mostBytes))) return whole
  return say(packet.TRUNCATED_RESPONSE, [])
}

/** EDNS (RFC 6891): how much the asker takes over UDP. */
function offeredBytes(asked: packet.Packet, least: number): number {
  for (const extra of asked.additionals ?? []) if (extra.type === 'OPT') return Math.max(extra.udpPayloadSize, least)
  return least
}

export async function openDnsServer(behaviour: Behaviour, zone: readonly ZoneRecord[]): Promise<LabDnsServer> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    answerOverTcp(socket, (query) => reply(query, behaviour, zone, 65_535))
  })
  const udp = await listenTogether(server)
  udp.on('error', () => {})
  udp.on('message', (query, from) => {
    const answer = reply(query, behaviour, zone, 512)
    if (answer) udp.send(answer, from.port, from.address, () => {})
  })
  return {
    port: udp.address().port,
    async stop() {
      for (const socket of open) socket.destroy()
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise<void>((done) => server.close(() => done()))])
    },
  }
}

/** Each query and each answer has its length in front (RFC 1035 §4.2.2). */
function answerOverTcp(socket: Socket, answerTo: (query: Buffer) => Buffer | null): void {
  let waiting = Buffer.alloc(0)
  socket.setTimeout(idleLimit, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0)
      const answer = answerTo(waiting.subarray(2, end))
      waiting = waiting.subarray(end)
      if (!answer) continue
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      socket.write(Buffer.concat([length, answer]))
    }
  })
}

/** The system chooses a free TCP port; that the same UDP port is taken happens, so another is tried. */
async function listenTogether(server: Server): Promise<UdpSocket> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await listen(server)
    const udp = createSocket('udp4')
    try {
      await new Promise<void>((done, failed) => {
        udp.once('error', failed)
        udp.bind(port, loopback, () => {
          udp.off('error', failed)
          done()
        })
      })
      return udp
    } catch (error) {
      udp.close()
      await new Promise<void>((done) => server.close(() => done()))
      if (attempt === 20) throw error
    }
  }
}

export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(port, loopback, () => {
      server.off('error', failed)
      done()
    })
  })
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('The server listens at no port.')
  return at.port
}
