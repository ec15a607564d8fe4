// The DNS questions of one diagnosis: nothing is asked twice, and all servers of a list are asked at once.
import { setMaxListeners } from 'node:events'
import type { Lookups } from '../../preload/contract/dns.ts'
import { parseDnsServer, printDnsServer } from '../../preload/contract/dns.ts'
import { ask, recordText, type Answer, type DnsRecord, type Question } from '../dns/ask.ts'
import { resolve, type Resolved } from '../dns/resolve.ts'
import type { World } from '../world/world.ts'

/** Milliseconds for one server to answer one question: enough for a resolver that has to ask the world itself. */
export const patience = 2_500

/** What several servers together say: records where any of them has some, a denial where all that answer deny. */
export type Agreed = { kind: 'records'; records: DnsRecord[]; text: string; raw: string } | { kind: 'denied'; text: string; raw: string } | { kind: 'unknown'; text: string; raw: string }

export class Questions {
  private readonly asked = new Map<string, Promise<Answer>>()
  private readonly reach: World['reach']
  private readonly signal: AbortSignal

  constructor(reach: World['reach'], signal: AbortSignal) {
    this.reach = reach
    this.signal = AbortSignal.any([signal])
    // Every question listens to it.
    setMaxListeners(0, this.signal)
  }

  /** As `ask`, whose limit and cancelling are those of the diagnosis. */
  readonly one: typeof ask = (server, question, { protocol }) => {
    const key = `${printDnsServer(server)} ${protocol} ${question.type} ${question.name.toLowerCase()}`
    const known = this.asked.get(key)
    if (known) return known
    const answer = ask(server, question, { protocol, timeout: patience, signal: this.signal, reach: this.reach })
    this.asked.set(key, answer)
    return answer
  }

  /** As a transport does, except that no server waits for the one before it. */
  resolve(servers: string[], question: Question, protocol: Lookups['protocol']): Promise<Resolved> {
    this.begin(servers, question, protocol)
    return resolve(servers, question, { protocol, timeout: patience, signal: this.signal, reach: this.reach }, this.one)
  }

  /** Asks what will be asked for later. */
  begin(servers: string[], question: Question, protocol: Lookups['protocol']): void {
    for (const server of servers) {
      const address = parseDnsServer(server)
      // Whoever asks for the answer is told of the fault.
      if (!('problem' in address)) this.one(address, question, { protocol, timeout: patience, reach: this.reach }).catch(() => {})
    }
  }

  /** The answer of a server that was asked before, as it came. */
  async answerOf(server: string, question: Question, protocol: Lookups['protocol']): Promise<Answer | null> {
    const address = parseDnsServer(server)
    return 'problem' in address ? null : this.one(address, question, { protocol, timeout: patience, reach: this.reach })
  }

  /** What the world says: the first records that any of these servers has; that there are none, only once all have spoken. */
  async agreed(servers: string[], question: Question): Promise<Agreed> {
    const asked = servers.map(async (server) => ({ server, answer: await this.resolve([server], question, 'any') }))
    const about = `${question.name} ${question.type}`
    const rawOf = async (server: string) => rawAnswer(server, question, await this.answerOf(server, question, 'any'))
    const first = await Promise.any(asked.map(async (one) => {
      const { server, answer } = await one
      if (answer.kind !== 'records') throw new Error('no records')
      return { server, records: answer.records }
    })).catch(() => null)
    if (first) return { kind: 'records', records: first.records, text: `${first.server} answers ${about}: ${first.records.map(recordText).join(', ').slice(0, 600)}`, raw: await rawOf(first.server) }
    const answers = await Promise.all(asked)
    const raw = (await Promise.all(servers.map(rawOf))).join('\n\n')
    const denied = answers.find(({ answer }) => answer.kind === 'no-data' || answer.kind === 'no-domain')
    if (denied) return { kind: 'denied', text: `${denied.server} says that there is no ${about}`, raw }
    const failed = answers.map(({ answer }) => (answer.kind === 'failed' ? answer.text : '')).filter(Boolean)
    return { kind: 'unknown', text: failed.join(', ') || 'there is no DNS server to ask', raw }
  }
}

/** In the form of dig’s output. */
export function rawAnswer(server: string, { name, type }: Question, answer: Answer | null): string {
  const head = `; ${server}: ${name} ${type}`
  if (answer === null) return `${head}\n; not asked`
  if (answer.kind === 'none') return `${head}\n; ${server} ${answer.text}, after ${Math.round(answer.ms)} ms`
  const flags = [answer.authoritative && 'aa', answer.truncated && 'tc', answer.recursionAvailable && 'ra'].filter(Boolean).join(' ')
  const line = (record: DnsRecord) => `${record.name} ${record.type} ${recordText(record)}`
  return [`${head}`, `; status: ${answer.rcode}, flags: ${flags || 'none'}, over ${answer.over.toUpperCase()}, ${Math.round(answer.ms)} ms`, ...answer.answers.map(line), ...answer.authorities.map((record) => `; authority: ${line(record)}`)].join('\n').slice(0, 20_000)
}
