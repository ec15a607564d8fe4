// A real DNS server on loopback, UDP and TCP on one port, that behaves as badly as a test wants.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { decode, encode, type Answer, type DecodedPacket, type Question } from 'dns-packet'

export const AA = 0x400
export const TC = 0x200
export const RA = 0x80
export const rcode = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 }

export interface Query {
  over: 'udp' | 'tcp'
  packet: DecodedPacket
  question: Question
  edns: boolean
  /** From where it came, for a behaviour that answers from elsewhere. */
  from: { address: string; port: number }
}

/** The packets that are sent back, one after the other; over TCP each gets its length. */
export type Behaviour = (query: Query) => Buffer[] | Promise<Buffer[]>

export interface Given {
  flags?: number
  answers?: Answer[]
  authorities?: Answer[]
  id?: number
  question?: Question | null
}

export const reply = ({ packet, question }: Query, given: Given = {}): Buffer =>
  encode({
    type: 'response',
    id: given.id ?? packet.id ?? 0,
    flags: given.flags ?? RA,
    questions: given.question === null ? [] : [given.question ?? question],
    answers: given.answers ?? [],
    authorities: given.authorities ?? [],
  })

export const a = (name: string, data: string): Answer => ({ type: 'A', name, ttl: 60, class: 'IN', data })
export const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, ttl: 60, class: 'IN', data })
export const mx = (name: string, exchange: string): Answer => ({ type: 'MX', name, ttl: 60, class: 'IN', data: { preference: 10, exchange } })

export const silent: Behaviour = () => []
export const fails = (code: number): Behaviour => (query) => [reply(query, { flags: RA | code })]
export const answers = (...records: Answer[]): Behaviour => (query) => [reply(query, { answers: records })]
export const garbage: Behaviour = () => [Buffer.from('no packet at all')]
export const otherId: Behaviour = (query) => [reply(query, { id: ((query.packet.id ?? 0) + 1) & 0xffff })]
export const otherQuestion: Behaviour = (query) => [reply(query, { question: { ...query.question, name: 'other.test' } })]
export const lame: Behaviour = (query) => [reply(query, { flags: 0, authorities: [{ type: 'NS', name: 'test', ttl: 60, data: 'ns.test' }] })]
export const truncates = (records: Answer[]): Behaviour => (query) =>
  query.over === 'udp' ? [reply(query, { flags: RA | TC })] : [reply(query, { answers: records })]
export const inOrder = (...behaviours: Behaviour[]): Behaviour => async (query) =>
  (await Promise.all(behaviours.map((behave) => behave(query)))).flat()

export interface TestServer {
  address: string
  port: number
  /** What was asked so far. */
  asked: Query[]
  /** `127.0.0.1:5353`, as a list of DNS servers has it. */
  text: string
  close(): Promise<void>
}

export interface Serving {
  address?: string
  tcp?: (socket: Socket) => void
  /** Without TCP nothing listens there. */
  withTcp?: boolean
}

export async function serve(behave: Behaviour, { address = '127.0.0.1', tcp, withTcp = true }: Serving = {}): Promise<TestServer> {
  const asked: Query[] = []
  const sockets = new Set<Socket>()
  const hear = async (over: Query['over'], bytes: Buffer, from: Query['from'], send: (packet: Buffer) => void) => {
    const packet = decode(bytes)
    const [question] = packet.questions ?? []
    if (question === undefined) return
    const query: Query = { over, packet, question, from, edns: packet.additionals?.some(({ type }) => type === 'OPT') ?? false }
    asked.push(query)
    for (const answer of await behave(query)) send(answer)
  }
  const onConnection = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (tcp) return tcp(socket)
    let held = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return
      const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
      void hear('tcp', held.subarray(2), from, (packet) => socket.write(framed(packet)))
    })
  }
  const { udp, server, port } = await bind(address, withTcp ? onConnection : null)
  udp.on('message', (bytes: Buffer, from: RemoteInfo) => void hear('udp', bytes, from, (packet) => udp.send(packet, from.port, from.address, () => {})))
  let closed = false
  return {
    address,
    port,
    asked,
    text: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    close: async () => {
      if (closed) return
      closed = true
      for (const socket of sockets) socket.destroy()
      await Promise.all([new Promise<void>((done) => udp.close(done)), server && new Promise((done) => server.close(done))])
    },
  }
}

export function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(packet.length)
  return Buffer.concat([length, packet])
}

/** The system gives UDP a free port; that it is free for TCP too is likely, not certain. */
async function bind(address: string, onConnection: ((socket: Socket) => void) | null): Promise<{ udp: UdpSocket; server: Server | null; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(0, address, resolve))
    const { port } = udp.address()
    if (onConnection === null) return { udp, server: null, port }
    const server = createServer(onConnection)
    try {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve))
      return { udp, server, port }
    } catch (error) {
      udp.close()
      if (attempt === 20) throw error
    }
  }
}
