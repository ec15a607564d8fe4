// The records of a scenario's zone, and what a resolver that knows them says to a question.
import { isIPv4, isIPv6 } from 'node:net'
import type { Answer, RecordType } from 'dns-packet'

export interface ZoneRecord {
  /** In small letters, without the last dot. */
  name: string
  type: 'A' | 'AAAA' | 'MX' | 'CNAME' | 'NS' | 'PTR' | 'TXT'
  answer: Answer
}

const seconds = 300
const bare = (name: string) => name.toLowerCase().replace(/\.$/, '')
const isName = (name: string) => name === '.' || (name.length <= 254 && /^([^\s.]{1,63}\.)*[^\s.]{1,63}\.?$/.test(name))

/** One line of a zone: `NAME TYPE DATA`. */
export function readRecord(line: string): ZoneRecord | { problem: string } {
  const words = /^\s*(\S+)\s+(\S+)\s+(.*\S)\s*$/s.exec(line)
  const [, owner, kind, data] = words ?? []
  if (owner === undefined || kind === undefined || data === undefined)
    return { problem: `“${line}” is no record; one reads: example.test MX 10 mail.example.test` }
  if (!isName(owner)) return { problem: `“${owner}” is not a domain name` }
  const name = bare(owner)
  const wanted = (what: string) => ({ problem: `“${line}”: ${what} is wanted at the end` })
  const type = kind.toUpperCase()
  switch (type) {
    case 'A':
      return isIPv4(data) ? { name, type, answer: { name, type, ttl: seconds, data } } : wanted('an IPv4 address')
    case 'AAAA':
      return isIPv6(data) ? { name, type, answer: { name, type, ttl: seconds, data } } : wanted('an IPv6 address')
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return isName(data) ? { name, type, answer: { name, type, ttl: seconds, data: bare(data) } } : wanted('a domain name')
    case 'MX': {
      const [, preference, exchange = ''] = /^(\d{1,5})\s+(\S+)$/.exec(data) ?? []
      if (preference === undefined || Number(preference) > 65535 || !isName(exchange)) return wanted('a preference and a host name')
      // The null MX of RFC 7505 is a lone dot, which dns-packet writes for an empty name only.
      return { name, type, answer: { name, type, ttl: seconds, data: { preference: Number(preference), exchange: bare(exchange) } } }
    }
    case 'TXT':
      return { name, type, answer: { name, type, ttl: seconds, data: inStrings(data.replace(/^"(.*)"$/s, '$1')) } }
    default:
      return { problem: `“${line}”: the type ${kind} is not known; known are A, AAAA, MX, CNAME, NS, PTR and TXT` }
  }
}

/** A TXT record is a list of strings of at most 255 bytes each. */
function inStrings(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += 255) parts.push(bytes.subarray(at, at + 255))
  return parts
}

/** What a resolver with this zone says: the records, followed along CNAMEs; whether the name exists at all. */
export function lookUp(zone: readonly ZoneRecord[], question: { name: string; type: RecordType }): { exists: boolean; answers: Answer[] } {
  const answers: Answer[] = []
  const seen = new Set<string>()
  let name = bare(question.name)
  for (;;) {
    seen.add(name)
    const here = zone.filter((record) => record.name === name)
    const right = here.filter((record) => record.type === question.type)
    answers.push(...right.map((record) => record.answer))
    const alias = here.find((record) => record.type === 'CNAME')
    if (right.length > 0 || !alias || alias.answer.type !== 'CNAME') {
      // A name above one that has records exists too, without any of its own (RFC 8020).
      const exists = here.length > 0 || zone.some((record) => record.name.endsWith(`.${name}`))
      return { exists, answers }
    }
    answers.push(alias.answer)
    name = bare(alias.answer.data)
    if (seen.has(name)) return { exists: true, answers }
  }
}
