// Mail hosts of every kind on loopback, and the DNS server that names them: what the SMTP test of a window talks to.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { openDnsServer } from '../../main/lab/dns.ts'
import { readRecord } from '../../main/lab/zone.ts'
import { checkout, lan, test as base } from './window.ts'

/** Quick and polite with STARTTLS and AUTH at both families; one that never says a word; one that refuses. */
const zone = [
  '. NS a.root.test',
  'many.test MX 10 mail.example.test',
  'many.test MX 20 silent.many.test',
  'many.test MX 30 strict.many.test',
  'one.test MX 10 mail.example.test',
  'loud.test MX 10 loud.many.test',
  'mail.example.test A 198.51.100.25',
  'mail.example.test AAAA 2001:db8::25',
  'silent.many.test A 198.51.100.26',
  'strict.many.test A 198.51.100.27',
  'loud.many.test A 198.51.100.28',
]

const file = (name: string) => readFileSync(join(checkout, 'test/smtp/certificates', name))
const certificate = { key: file('good.key'), cert: Buffer.concat([file('good.pem'), file('authority.pem')]) }

export interface MailHosts {
  /** Recipients whose message arrived. */
  arrived: string[]
  /** Those to the silent host. */
  silent: Set<Socket>
  /** Connections to the polite host that are open. */
  connected(): number
  /** Whom the polite host was asked for, one by one. */
  recipients: string[]
}

export const test = base.extend<{ mailHosts: MailHosts }>({
  mailHosts: async ({ bench }, use) => {
    const ends: (() => Promise<unknown>)[] = []
    const silent = new Set<Socket>()
    const arrived: string[] = []
    const recipients: string[] = []
    const listen = async (server: Server): Promise<string> => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return `127.0.0.1:${(server.address() as AddressInfo).port}`
    }
    const servers: SMTPServer[] = []
    const smtp = async (options: SMTPServerOptions): Promise<string> => {
      const server = new SMTPServer({ disableReverseLookup: true, logger: false, closeTimeout: 1, authOptional: true, ...options })
      servers.push(server)
      // A client that breaks off is no concern of a test's.
      server.on('error', () => {})
      ends.push(() => new Promise<void>((done) => server.close(done)))
      return listen(server.server)
    }
    const raw = async (greet: (socket: Socket) => void, sockets = new Set<Socket>()): Promise<string> => {
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => {}).on('close', () => sockets.delete(socket))
        greet(socket)
      })
      ends.push(() => {
        for (const socket of sockets) socket.destroy()
        return new Promise((done) => server.close(done))
      })
      return listen(server)
    }
    const polite: SMTPServerOptions = {
      ...certificate,
      onAuth: ({ username, password }, _, done) => (username === 'ana' && password === 'open sesame' ? done(null, { user: 'ana' }) : done(new Error('Wrong password'))),
      onRcptTo: ({ address }, _, done) => {
        recipients.push(address)
        done(address.startsWith('nobody') ? Object.assign(new Error('4.2.0 Greylisted, try again later'), { responseCode: 450 }) : null)
      },
      onData: (stream, { envelope }, done) => {
        stream.on('end', () => {
          arrived.push(...envelope.rcptTo.map(({ address }) => address))
          done()
        })
        stream.resume()
      },
    }
    try {
      const dns = await openDnsServer('answer', zone.map(record))
      ends.push(dns.stop)
      const mail = await smtp(polite)
      const world = {
        adapters: [{ ...lan, dnsServers: ['10.0.0.10'] }],
        reach: {
          '127.0.0.1:2525': `127.0.0.1:${bench.port}`,
          '10.0.0.10:53': `127.0.0.1:${dns.port}`,
          '198.51.100.25:25': mail,
          '[2001:db8::25]:25': mail,
          '198.51.100.25:465': await smtp({ ...polite, secure: true }),
          '198.51.100.26:25': await raw(() => {}, silent),
          '198.51.100.27:25': await smtp({ disabledCommands: ['AUTH', 'STARTTLS'], onRcptTo: (_, __, done) => done(Object.assign(new Error('5.1.1 User unknown'), { responseCode: 550 })) }),
          // Long, with letters that are not ASCII, one of which would steer a terminal; then a megabyte without an end.
          '198.51.100.28:25': await raw((socket) => {
            socket.write(`220-\x1b[31mgr\xfc\xdfe\r\n220-${'x'.repeat(7_000)}\r\n220 loud\r\n`, 'latin1')
            socket.once('data', () => socket.write(Buffer.alloc(1_000_000, 'y')))
          }),
        },
      }
      bench.setWorld(world)
      await use({ arrived, silent, recipients, connected: () => servers.reduce((sum, { connections }) => sum + connections.size, 0) })
    } finally {
      await Promise.all(ends.map((end) => end()))
    }
  },
})

function record(line: string) {
  const read = readRecord(line)
  if ('problem' in read) throw new Error(read.problem)
  return read
}
