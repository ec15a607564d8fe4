// TLS over a connection that is there: what was agreed on, and whether the certificate can be trusted. It is judged, never enforced.
import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import type { Tls } from '../../preload/contract/smtp-test.ts'
import type { Deadline } from './deadline.ts'

export interface Securing {
  /** The name that the certificate should have, or an address. */
  host: string
  /** Milliseconds. */
  limit: number
  deadline: Deadline
  /** Tells why the connection closed; whoever aborts closes it. */
  signal: AbortSignal
}

export type Secured = { socket: TLSSocket; tls: Tls } | { socket: null; reason: 'failed' | 'cancelled'; text: string }

/** Nobody's chain is longer; one that leads to itself would be without end. */
const longestChain = 10
const day = 24 * 60 * 60 * 1000

export async function secure(plain: Socket, { host, limit, deadline, signal }: Securing): Promise<Secured> {
  if (signal.aborted) return { socket: null, reason: 'cancelled', text: 'Cancelled.' }
  const named = host.replace(/\.$/, '')
  const socket = connect({
    socket: plain,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(isIP(named) ? {} : { servername: named }),
  })
  const outcome = await new Promise<'secure' | 'late' | 'closed' | NodeJS.ErrnoException>((done) => {
    deadline.set(limit, () => done('late'))
    // Later errors are told by whoever reads then.
    socket.on('error', done).once('secureConnect', () => done('secure')).once('close', () => done('closed'))
  })
  deadline.met()
  if (outcome === 'secure') return { socket, tls: agreed(socket, named) }
  socket.destroy()
  plain.destroy()
  if (signal.aborted) return { socket: null, reason: 'cancelled', text: 'Cancelled.' }
  if (outcome === 'late') return { socket: null, reason: 'failed', text: `The TLS handshake was not done within ${limit / 1000} s.` }
  return { socket: null, reason: 'failed', text: outcome === 'closed' ? 'The host closed the connection in the TLS handshake.' : whyNot(outcome) }
}

function whyNot({ code = '', message }: NodeJS.ErrnoException): string {
  const said: Record<string, string> = {
    ERR_SSL_WRONG_VERSION_NUMBER: 'The host answered the TLS handshake in something that is not TLS.',
    ERR_SSL_PACKET_LENGTH_TOO_LONG: 'The host answered the TLS handshake in something that is not TLS.',
    ERR_SSL_UNSUPPORTED_PROTOCOL: 'The host speaks no version of TLS from 1.2 on: its TLS is out of date.',
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'The host speaks no version of TLS that we do.',
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'The host found no cipher or certificate that both sides can use.',
    ERR_SSL_DH_KEY_TOO_SMALL: 'The host offers keys that are too small to be safe.',
    ECONNRESET: 'The host closed the connection in the TLS handshake.',
  }
  return said[code] ?? `The TLS handshake failed: ${code || message.replace(/\s+/g, ' ')}.`
}

function agreed(socket: TLSSocket, host: string): Tls {
  const certificate = socket.getPeerCertificate(true)
  const chain = chainOf(certificate)
  const nameProblem = chain.length === 0 ? null : checkServerIdentity(host, certificate)
  const [own] = chain
  const expiresInDays = own === undefined ? null : Math.floor((Date.parse(own.validTo) - Date.now()) / day)
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    chain,
    nameMatches: own !== undefined && nameProblem === undefined,
    expiresInDays,
    problem: problemOf(socket, own, { host, nameMatches: nameProblem === undefined, names: namesIn(certificate) }),
  }
}

type Link = Tls['chain'][number]

function chainOf(certificate: DetailedPeerCertificate): Link[] {
  const chain: Link[] = []
  const seen = new Set<string>()
  for (let one: DetailedPeerCertificate | undefined = certificate; one?.fingerprint256 && !seen.has(one.fingerprint256) && chain.length < longestChain; one = one.issuerCertificate) {
    seen.add(one.fingerprint256)
    chain.push({ subject: nameOf(one.subject), issuer: nameOf(one.issuer), validFrom: new Date(one.valid_from).toISOString(), validTo: new Date(one.valid_to).toISOString() })
  }
  return chain
}

/** Everything that is amiss, in one sentence after the other; the system's word for it stands behind. */
function problemOf(socket: TLSSocket, own: Link | undefined, { host, nameMatches, names }: { host: string; nameMatches: boolean; names: string }): string | null {
  if (own === undefined) return 'The host showed no certificate.'
  const now = Date.now()
  const dates = Date.parse(own.validTo) < now ? `The certificate expired on ${own.validTo.slice(0, 10)}.` : Date.parse(own.validFrom) > now ? `The certificate is valid from ${own.validFrom.slice(0, 10)} only.` : null
  const error = socket.authorizationError as Error | string | undefined
  const code = typeof error === 'string' ? error : error?.message
  const trust = socket.authorized || code === undefined || (dates !== null && /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) ? null : (untrusted[code] ?? `The certificate cannot be trusted (${code}).`)
  const problems = [trust, dates, nameMatches ? null : `The certificate is for ${names}, not for ${host}.`].filter((one) => one !== null)
  return problems.length === 0 ? null : problems.join(' ')
}

const untrusted: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The host signed its certificate itself, so nobody else vouches for it.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate was issued by an authority that is not among the known ones.',
  UNABLE_TO_GET_ISSUER_CERT: 'The certificate of the issuer is not known.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate was issued by an authority that is not among the known ones.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The host shows its certificate without that of its issuer, so the chain cannot be followed.',
  CERT_HAS_EXPIRED: 'A certificate in the chain has expired.',
  CERT_REVOKED: 'The certificate was revoked.',
}

const nameOf = (name: DetailedPeerCertificate['subject'] | undefined) => text(name?.CN) || text(name?.O) || text(name?.OU) || '–'
/** A name may have a part twice; node gives a list then, whatever its types say. */
const text = (part: string | string[] | undefined) => [part ?? ''].flat().join(', ').replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd')

/** The names that it is for, cut where they are many. */
function namesIn({ subjectaltname, subject }: DetailedPeerCertificate): string {
  const names = (subjectaltname ?? '').split(', ').flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? [])
  const shown = names.length > 0 ? names : [nameOf(subject)]
  return text(shown.slice(0, 5).join(', ') + (shown.length > 5 ? ' and others' : ''))
}
