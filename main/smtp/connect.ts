// One TCP connection to a mail host, from the adapter that was chosen.
import { createConnection, isIP, type Socket } from 'node:net'
import type { SmtpFinding } from '../../preload/contract/smtp-test.ts'
import type { World } from '../world/world.ts'
import type { Deadline } from './deadline.ts'

export interface Source {
  /** The adapter's, to be shown. */
  name: string
  /** Its own addresses, without their prefix lengths. */
  addresses: string[]
}

export interface Connecting {
  address: string
  port: number
  source: Source | null
  /** Milliseconds. */
  limit: number
  deadline: Deadline
  reach: World['reach']
  signal: AbortSignal
}

export type Connected = { socket: Socket; findings: SmtpFinding[] } | { socket: null; reason: 'failed' | 'cancelled'; text: string; findings: SmtpFinding[] }

/** The connection closes when the signal is aborted, later too. */
export async function connect({ address, port, source, limit, deadline, reach, signal }: Connecting): Promise<Connected> {
  const family = isIP(bare(address))
  const own = source === null ? undefined : source.addresses.filter((one) => isIP(bare(one)) === family).sort((a, b) => Number(isLinkLocal(a)) - Number(isLinkLocal(b)))[0]
  if (source !== null && own === undefined) {
    const text = `“${source.name}” has no IPv${family} address to come from.`
    return { socket: null, reason: 'failed', text, findings: [{ kind: 'source', level: 'fault', text }] }
  }
  const at = reach(address, port)
  // Where the world leads to loopback instead, an adapter that is this world's alone cannot be come from.
  const elsewhere = own !== undefined && bare(at.address) !== bare(address) && !isLoopback(own)
  const findings: SmtpFinding[] = elsewhere ? [{ kind: 'source', level: 'info', text: `In this world ${address} is played on loopback, so the address ${own} of “${source?.name}” is not bound.` }] : []
  const failed = (text: string): Connected => ({ socket: null, reason: 'failed', text, findings })
  if (signal.aborted) return { socket: null, reason: 'cancelled', text: 'Cancelled.', findings }

  let socket: Socket
  try {
    socket = createConnection({ host: at.address, port: at.port, noDelay: true, ...(own === undefined || elsewhere ? {} : { localAddress: own }) })
  } catch (error) {
    return failed(`It cannot be connected to: ${error instanceof Error ? error.message : String(error)}.`)
  }
  // For as long as the connection lasts: whoever waits for it then hears of its end.
  const cancel = () => void socket.destroy()
  signal.addEventListener('abort', cancel)
  const outcome = await new Promise<'connected' | 'late' | 'closed' | NodeJS.ErrnoException>((done) => {
    deadline.set(limit, () => done('late'))
    // Later errors are told by whoever reads then.
    socket.on('error', done).once('connect', () => done('connected'))
    socket.once('close', () => {
      signal.removeEventListener('abort', cancel)
      done('closed')
    })
  })
  deadline.met()
  if (outcome === 'connected') return { socket, findings }
  socket.destroy()
  if (signal.aborted || outcome === 'closed') return { socket: null, reason: 'cancelled', text: 'Cancelled.', findings }
  return failed(outcome === 'late' ? `No answer from ${address} within ${limit / 1000} s: a firewall on the way, or port ${port} closed to us by the provider, swallows connections like this.` : reasonText(outcome, { address, port, own }))
}

function reasonText({ code = '', message }: NodeJS.ErrnoException, { address, port, own }: { address: string; port: number; own: string | undefined }): string {
  const said: Record<string, string> = {
    ECONNREFUSED: `${address} refuses connections to port ${port} (ECONNREFUSED): no mail server listens there, or a firewall refuses in its name.`,
    ETIMEDOUT: `No answer from ${address} (ETIMEDOUT): a firewall on the way, or the provider, swallows connections to port ${port}.`,
    ENETUNREACH: `No way leads to ${address} (ENETUNREACH): this machine has no route for IPv${isIP(bare(address))}.`,
    EHOSTUNREACH: `No way leads to ${address} (EHOSTUNREACH).`,
    ECONNRESET: `${address} broke the connection off (ECONNRESET).`,
    EADDRNOTAVAIL: own === undefined ? `No way leads to ${address} (EADDRNOTAVAIL): this machine has no address to come from.` : `The address ${own} cannot be come from (EADDRNOTAVAIL): this machine does not have it now.`,
    EINVAL: `${address} cannot be reached from ${own ?? 'here'} (EINVAL).`,
  }
  return said[code] ?? `${address} cannot be connected to: ${code || message}.`
}

const bare = (address: string) => address.replace(/%.*$/, '')
const isLinkLocal = (address: string) => /^(169\.254\.|fe[89ab])/i.test(address)
const isLoopback = (address: string) => /^(127\.|::1$)/.test(address)
