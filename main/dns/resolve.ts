// Resolves as a transport does: the DNS servers one after the other, until one of them knows.
import { parseDnsServer } from '../../preload/contract/dns.ts'
import { ask, type Answer, type Answered, type AskOptions } from './ask.ts'
import { asciiName, sameName, type DnsRecord, type Question } from './packet.ts'

/** A server and what became of asking it. */
export interface Try {
  server: string
  answer: Answer
}

export type Resolved =
  | { kind: 'records'; records: DnsRecord[]; server: string; ms: number }
  /** The name exists without records of this type. */
  | { kind: 'no-data'; server: string; ms: number }
  /** The name does not exist; `server` is null where it cannot exist, so that nobody was asked. */
  | { kind: 'no-domain'; server: string | null; ms: number }
  /** `text` is one line: `10.0.0.53 answered SERVFAIL, 10.0.0.54 did not answer within 3 s`. */
  | { kind: 'failed'; tries: Try[]; text: string }

/** What is followed from alias to alias before it is taken for a loop. */
const longestChain = 8

/**
 * The records of a name as the transport sees them. A server that is silent, refuses, fails (SERVFAIL, REFUSED and
 * all codes but NXDOMAIN), sends garbage or is lame (RFC 1912 §2.8) is passed over for the next; the first that
 * answers NOERROR or NXDOMAIN decides. `timeout` is in milliseconds and for each server; `ms` is the time the
 * deciding server took. `askOne` asks a single server. Never throws; cancelled, it is `failed` with a last try whose reason is `cancelled`.
 */
export async function resolve(servers: string[], question: Question, options: AskOptions, askOne = ask): Promise<Resolved> {
  if ('problem' in asciiName(question.name)) return { kind: 'no-domain', server: null, ms: 0 }
  const tries: Try[] = []
  for (const server of servers) {
    const address = parseDnsServer(server)
    const answer: Answer =
      'problem' in address
        ? { kind: 'none', reason: 'unreachable', text: 'is not the address of a DNS server', ms: 0 }
        : await askOne(address, question, options)
    tries.push({ server, answer })
    if (answer.kind === 'answer') {
      const end = conclusion(answer, question)
      if (typeof end !== 'string') return { ...end, server, ms: answer.ms }
    } else if (answer.reason === 'cancelled') break
  }
  return { kind: 'failed', tries, text: failureText(tries, question) }
}

type Conclusion = { kind: 'records'; records: DnsRecord[] } | { kind: 'no-data' } | { kind: 'no-domain' }

/** What an answer proves; a text where it proves nothing, so that the next server is asked. */
function conclusion(answer: Answered, question: Question): Conclusion | string {
  if (answer.rcode === 'NXDOMAIN') return { kind: 'no-domain' }
  if (answer.rcode !== 'NOERROR') return `answered ${answer.rcode}`
  const found = recordsOf(answer.answers, question)
  if (found === 'loop') return 'answered with aliases that lead nowhere'
  if (found.records.length > 0) return { kind: 'records', records: found.records }
  if (answer.truncated) return 'answered only in part over UDP'
  const referral = answer.authorities.some(({ type }) => type === 'NS') && !answer.authorities.some(({ type }) => type === 'SOA')
  // One that offers no recursion and holds no more than the alias cannot know whether its target exists.
  const knows = found.aliases === 0 ? answer.authoritative || (answer.recursionAvailable && !referral) : answer.recursionAvailable
  return knows ? { kind: 'no-data' } : 'does not know the domain and offers no recursion'
}

function recordsOf(answers: DnsRecord[], { name, type }: Question): { records: DnsRecord[]; aliases: number } | 'loop' {
  const ascii = asciiName(name)
  let owner = 'problem' in ascii ? name : ascii.name
  for (let aliases = 0; aliases <= longestChain; aliases += 1) {
    const own = answers.filter((record) => sameName(record.name, owner))
    const records = own.filter((record) => record.type === type)
    const alias = own.find((record) => record.type === 'CNAME')
    if (records.length > 0 || alias?.type !== 'CNAME') return { records, aliases }
    owner = alias.data
  }
  return 'loop'
}

function failureText(tries: Try[], question: Question): string {
  if (tries.length === 0) return 'there is no DNS server to ask'
  return tries
    .map(({ server, answer }) => {
      if (answer.kind === 'none') return `${server} ${answer.text}`
      const why = conclusion(answer, question)
      return `${server} ${typeof why === 'string' ? why : `answered ${answer.rcode}`}`
    })
    .join(', ')
}
