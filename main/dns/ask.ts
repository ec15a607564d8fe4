// One DNS server is asked one question, once, with a deadline of its own: node's resolver hides the flags and keeps no deadline.
import type { DnsServerAddress } from '../../preload/contract/dns.ts'
import type { World } from '../world/world.ts'
import { asciiName, questionPacket, type Asked, type Question, type Reply } from './packet.ts'
import { overTcp, overUdp, type Heard, type Silence } from './wire.ts'

export { recordText } from './packet.ts'
export type { DnsRecord, Question, RecordType } from './packet.ts'

export interface AskOptions {
  /** Any: UDP, and TCP again where the answer was truncated, within the same time. */
  protocol: 'any' | 'udp' | 'tcp'
  /** Milliseconds for the whole, TCP after UDP included. */
  timeout: number
  signal?: AbortSignal | undefined
  reach: World['reach']
}

export type Over = 'udp' | 'tcp'

export interface Answered extends Omit<Reply, 'edns'> {
  kind: 'answer'
  over: Over
  /** Milliseconds from asking to the answer. */
  ms: number
}

export interface Unanswered {
  kind: 'none'
  /** `bad-name`: no server was asked, since the name cannot be a domain name. */
  reason: Silence['reason'] | 'bad-name'
  /** What the server did, to be read after its address: `did not answer within 3 s`. */
  text: string
  ms: number
}

export type Answer = Answered | Unanswered

const longest = 0x7fffffff

/**
 * Asks one server one question and never throws. Packets with another id, for another question or from another
 * address are passed over, as are those that cannot be read; where nothing else came from the server, that is told at
 * the end as `garbage`. As one datagram may be lost, it is sent a second time at half of the time. A server that does
 * not know EDNS (RFC 6891) is asked again without. `ms` is in milliseconds.
 */
export async function ask(server: DnsServerAddress, question: Question, options: AskOptions): Promise<Answer> {
  const start = performance.now()
  const took = () => Math.round((performance.now() - start) * 10) / 10
  const name = asciiName(question.name)
  if ('problem' in name) return { kind: 'none', reason: 'bad-name', text: `was not asked: ${name.problem}`, ms: 0 }
  const timeout = Math.min(Math.max(1, options.timeout || 1), longest)
  const at = options.reach(server.address, server.port)
  const left = () => Math.max(1, timeout - (performance.now() - start))
  const once = (over: Over, asked: Asked): Promise<Heard> => {
    const wait = { at, port: server.port, asked, left: left(), timeout, signal: options.signal }
    return over === 'udp' ? overUdp(wait) : overTcp(wait)
  }
  const withAndWithoutEdns = async (over: Over): Promise<Heard> => {
    const heard = await once(over, questionPacket({ ...question, ...name }, true))
    const edns = heard.kind === 'none' || heard.edns || (heard.rcode !== 'FORMERR' && heard.rcode !== 'NOTIMP')
    return edns ? heard : once(over, questionPacket({ ...question, ...name }, false))
  }
  let over: Over = options.protocol === 'tcp' ? 'tcp' : 'udp'
  let heard = await withAndWithoutEdns(over)
  if (options.protocol === 'any' && heard.kind === 'reply' && heard.truncated) {
    over = 'tcp'
    heard = await withAndWithoutEdns(over)
    if (heard.kind === 'none') return { ...heard, text: `answered only in part over UDP, and asked again over TCP it ${heard.text}`, ms: took() }
  }
  if (heard.kind === 'none') return { ...heard, ms: took() }
  const { edns: _, ...reply } = heard
  return { ...reply, kind: 'answer', over, ms: took() }
}
