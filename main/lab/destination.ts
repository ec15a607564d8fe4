// A destination of the lab: a mail server on loopback that keeps what it was given.
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { listen } from './dns.ts'

export interface Delivered {
  from: string
  recipients: string[]
  subject: string
  /** In lower case, the first of each name. */
  headers: Map<string, string>
}

export interface LabDestination {
  readonly port: number
  readonly delivered: readonly Delivered[]
  stop(): Promise<void>
}

const mostHeaderBytes = 64 * 1024

export async function openDestination({ banner, accepts }: { banner: string; accepts: boolean }): Promise<LabDestination> {
  const delivered: Delivered[] = []
  const server = new SMTPServer({
    name: banner,
    disabledCommands: ['AUTH', 'STARTTLS'],
    // Else it would ask the machine's own DNS for the name of 127.0.0.1.
    disableReverseLookup: true,
    logger: false,
    socketTimeout: 30_000,
    // What is still connected when the lab stops is let go at once.
    closeTimeout: 1,
    onRcptTo(_address, _session, done) {
      done(accepts ? null : Object.assign(new Error('4.3.2 System not accepting network messages'), { responseCode: 451 }))
    },
    onData(stream, session, done) {
      void readHeaders(stream).then(
        (headers) => {
          delivered.push({ ...envelope(session), subject: headers.get('subject') ?? '', headers })
          done()
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  // A client that breaks off is no concern of the lab's.
  server.on('error', () => {})
  const port = await listen(server.server)
  return { port, delivered, stop: () => new Promise((done) => server.close(() => done())) }
}

function envelope(session: SMTPServerSession): { from: string; recipients: string[] } {
  const { mailFrom, rcptTo } = session.envelope
  return { from: mailFrom ? mailFrom.address : '', recipients: rcptTo.map(({ address }) => address) }
}

/** Reads the whole message, keeps its headers. */
async function readHeaders(stream: SMTPServerDataStream): Promise<Map<string, string>> {
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size < mostHeaderBytes) kept.push(chunk)
    size += chunk.length
  }
  const [head = ''] = Buffer.concat(kept).toString('utf8').split(/\r?\n\r?\n/, 1)
  const headers = new Map<string, string>()
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined && !headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value)
  }
  return headers
}
