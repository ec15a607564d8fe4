// The names that a queue's mail is delivered by, as the transport itself finds them.
import type { Properties } from '../../preload/contract/servers.ts'
import { plainName } from '../hosts/lines.ts'
import type { Transport } from './transport.ts'

const smtpPort = 25

export interface OnTheWay {
  /** Whose address decides where the mail goes, without case; for an address literal there is none. */
  names: string[]
  port: number
  /** Why there may be more of them: what was answered for the MX, where that was no answer. */
  problem: string | null
}

/** Asks the running service. Never throws. */
export async function namesOnTheWay(transport: Pick<Transport, 'resolve'>, acceptedDomains: Properties['acceptedDomains'], queue: string): Promise<OnTheWay> {
  if (queue.startsWith('[')) return { names: [], port: smtpPort, problem: null }
  const accepted = acceptedDomains.find(({ domain }) => domain.toLowerCase() === queue.toLowerCase())
  if (accepted) return { names: [plainName(hostOf(accepted.nextHop))].filter((name) => name !== ''), port: Number(/:(\d+)$/.exec(accepted.nextHop)?.[1] ?? smtpPort), problem: null }
  try {
    const { kind, values, text } = await transport.resolve(queue, 'MX')
    // RFC 7505: “.” takes no mail.
    const hosts = values.map((value) => plainName(value.replace(/^\d+\s+/, ''))).filter((name) => name !== '')
    return { names: [...new Set([...hosts, plainName(queue)])], port: smtpPort, problem: kind === 'records' || kind === 'no-data' ? null : text }
  } catch (error) {
    return { names: [plainName(queue)], port: smtpPort, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The name in a next hop such as `mailbox.example.test:2525`; empty where it is an address. */
export function hostOf(nextHop: string): string {
  const host = nextHop.replace(/:\d+$/, '')
  return /[a-z]/i.test(host) && !host.includes(':') && !host.startsWith('[') ? host : ''
}
