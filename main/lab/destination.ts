// A destination of the lab: a mail server on loopback that keeps what it was given, or fails as the scenario has it.
import { createServer, type Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { expiredCertificate, makeCertificate } from './certificate.ts'
import { listen } from './dns.ts'
import { MailSession, type MailServer } from './mail-session.ts'
import { destination, type Destination } from './scenario-destination.ts'
import { openSilence } from './silence.ts'

export interface Delivered {
  from: string
  recipients: string[]
  subject: string
  /** In lower case, the first of each name. */
  headers: Map<string, string>
}

export interface LabDestination {
  /** Of loopback; null where nothing listens. */
  readonly port: number
  readonly delivered: readonly Delivered[]
  stop(): Promise<void>
}

export type Manner = Omit<Destination, 'address' | 'port' | 'connection'> & { connection: Exclude<Destination['connection'], 'refused' | 'unreachable'> }

const usual = destination.omit({ address: true, port: true, connection: true })

/** What is not given is as in a scenario that says nothing of it. */
export async function openDestination(given: Partial<Manner>): Promise<LabDestination> {
  const { connection = 'answers', ...rest } = given
  const delivered: Delivered[] = []
  if (connection === 'silent') return { ...(await openSilence()), delivered }
  const manner = usual.parse(rest)
  const mailServer: MailServer = { manner, secure: secureContext(manner), ...memoryOf(manner), took: (message) => delivered.push(message) }
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    if (connection === 'no-banner') socket.on('error', () => socket.destroy()).resume()
    else if (connection === 'reset-after-banner') {
      // At the first word: a reset that comes with the greeting may overtake it.
      socket.on('error', () => {}).once('data', () => socket.resetAndDestroy())
      socket.write(`220 ${manner.banner} ESMTP\r\n`)
    }
    else new MailSession(socket, mailServer, manner.connections !== undefined && open.size > manner.connections)
  })
  const port = await listen(server)
  return {
    port,
    delivered,
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

function secureContext({ tls, banner }: MailServer['manner']): SecureContext | null {
  if (tls === 'good') return createSecureContext(makeCertificate(banner))
  if (tls === 'wrong-name') return createSecureContext(makeCertificate('another.example.test'))
  if (tls === 'expired') return createSecureContext(expiredCertificate(banner))
  return null
}

/** Whom it has seen before, and how many messages came lately. */
function memoryOf({ greylist, rateLimit }: MailServer['manner']): Pick<MailServer, 'greylisted' | 'takePlace'> {
  const firstSeen = new Map<string, number>()
  let places: number[] = []
  return {
    greylisted(client, from, to) {
      const pair = `${client} ${from} ${to}`.toLowerCase()
      const first = firstSeen.get(pair) ?? Date.now()
      firstSeen.set(pair, first)
      return Date.now() - first < (greylist?.seconds ?? 0) * 1000
    },
    takePlace() {
      if (!rateLimit) return () => {}
      const now = Date.now()
      places = places.filter((at) => now - at < rateLimit.seconds * 1000)
      if (places.length >= rateLimit.after) return null
      places.push(now)
      return () => {
        const at = places.indexOf(now)
        if (at !== -1) places.splice(at, 1)
      }
    },
  }
}
