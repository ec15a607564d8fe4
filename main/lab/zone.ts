// The records of a scenario's zone, and what a resolver that knows them says to a question.
import { isIPv4, isIPv6 } from 'node:net'
import type { Answer, RecordType } from 'dns-packet'

export const recordTypes = ['A', 'AAAA', 'MX', 'CNAME', 'NS', 'PTR', 'TXT', 'SOA', 'SRV', 'CAA', 'TLSA', 'DS', 'DNAME'] as const

export interface ZoneRecord {
  /** In small letters, without the last dot. */
  name: string
  /** One of `recordTypes`, or as dns-packet calls a type that it does not know: `UNKNOWN_65`. */
  type: string
  answer: Answer
}

const seconds = 300
const bare = (name: string) => name.toLowerCase().replace(/\.$/, '')
const isName = (name: string) => name === '.' || (name.length <= 254 && /^([^\s.]{1,63}\.)*[^\s.]{1,63}\.?$/.test(name))

/** One line of a zone: `NAME TYPE DATA`. A type without a name of its own reads as in RFC 3597: `a.test TYPE65 \# 2 abcd`. */
export function readRecord(line: string): ZoneRecord | { problem: string } {
  const words = /^\s*(\S+)\s+(\S+)\s+(.*\S)\s*$/s.exec(line)
  const [, owner, kind, data] = words ?? []
  if (owner === undefined || kind === undefined || data === undefined)
    return { problem: `“${line}” is no record; one reads: example.test MX 10 mail.example.test` }
  if (!isName(owner)) return { problem: `“${owner}” is not a domain name` }
  const type = kind.toUpperCase()
  if (!recordTypes.some((known) => known === type) && !/^TYPE\d{1,5}$/.test(type))
    return { problem: `“${line}”: the type ${kind} is not known; known are ${recordTypes.join(', ')}, and all others as TYPE and number` }
  const answer = answerOf({ name: bare(owner), ttl: seconds }, type, data)
  return typeof answer === 'string' ? { problem: `“${line}”: ${answer} is wanted at the end` } : { name: bare(owner), type: answer.type, answer }
}

/** The answer, or what would be wanted in place of the data. */
function answerOf(head: { name: string; ttl: number }, type: string, data: string): Answer | string {
  const words = data.split(/\s+/)
  const word = (at: number) => words[at] ?? ''
  const numbers = (from: number, to: number) => words.slice(from, to).map(Number)
  const whole = (count: number, from: number, to: number, most = 65_535) => words.length === count && numbers(from, to).every((value) => Number.isInteger(value) && value >= 0 && value <= most)
  const hex = (text: string) => (/^([\da-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex') : null)
  switch (type) {
    case 'A':
      return isIPv4(data) ? { ...head, type, data } : 'an IPv4 address'
    case 'AAAA':
      return isIPv6(data) ? { ...head, type, data } : 'an IPv6 address'
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return isName(data) ? { ...head, type, data: bare(data) } : 'a domain name'
    case 'MX': {
      const [preference = 0] = numbers(0, 1)
      // The null MX of RFC 7505 is a lone dot, which dns-packet writes for an empty name only.
      return whole(2, 0, 1) && isName(word(1)) ? { ...head, type, data: { preference, exchange: bare(word(1)) } } : 'a preference and a host name'
    }
    case 'TXT': {
      const quoted = data.match(/"[^"]*"/g)
      return { ...head, type, data: quoted && quoted.join(' ') === words.join(' ') ? quoted.flatMap((text) => inStrings(text.slice(1, -1))) : inStrings(data.replace(/^"(.*)"$/s, '$1')) }
    }
    case 'SOA': {
      const [serial, refresh, retry, expire, minimum] = numbers(2, 7)
      if (!whole(7, 2, 7, 2 ** 32 - 1) || !isName(word(0)) || !isName(word(1))) return 'a host name, a mailbox, serial, refresh, retry, expire and minimum'
      return { ...head, type, data: { mname: bare(word(0)), rname: bare(word(1)), serial, refresh, retry, expire, minimum } }
    }
    case 'SRV': {
      const [priority = 0, weight = 0, port = 0] = numbers(0, 3)
      return whole(4, 0, 3) && isName(word(3)) ? { ...head, type, data: { priority, weight, port, target: bare(word(3)) } } : 'priority, weight, port and a host name'
    }
    case 'CAA': {
      const [, flags, tag, value] = /^(\d{1,3}) (issue|issuewild|iodef) "([^"]*)"$/.exec(words.join(' ')) ?? []
      return tag === 'issue' || tag === 'issuewild' || tag === 'iodef' ? { ...head, type, data: { flags: Number(flags), tag, value: value ?? '' } } : '0 issue "ca.example.test"'
    }
    case 'TLSA': {
      const [usage = 0, selector = 0, matchingType = 0] = numbers(0, 3)
      const certificate = hex(word(3))
      return whole(4, 0, 3, 255) && certificate ? { ...head, type, data: { usage, selector, matchingType, certificate } } : 'usage, selector, matching type and hexadecimal digits'
    }
    case 'DS': {
      const [keyTag = 0, algorithm = 0, digestType = 0] = numbers(0, 3)
      const digest = hex(word(3))
      return whole(4, 0, 3) && digest ? { ...head, type, data: { keyTag, algorithm, digestType, digest } } : 'key tag, algorithm, digest type and hexadecimal digits'
    }
    default: {
      const bytes = hex(words.slice(2).join(''))
      if (word(0) !== '\\#' || !bytes || bytes.length !== Number(word(1))) return '\\#, the number of bytes and their hexadecimal digits'
      // Types that dns-packet does not know are missing in its own type, and carried by it all the same.
      return { ...head, type: `UNKNOWN_${type.slice(4)}` as 'NULL', data: bytes }
    }
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
    const here = recordsAt(zone, name)
    const right = here.filter((record) => record.type === question.type)
    answers.push(...right.map((record) => ({ ...record.answer, name })))
    const alias = here.find((record) => record.type === 'CNAME')
    if (right.length > 0 || !alias || alias.answer.type !== 'CNAME') return { exists: here.length > 0 || hasNamesBelow(zone, name), answers }
    answers.push({ ...alias.answer, name })
    name = bare(alias.answer.data)
    if (seen.has(name)) return { exists: true, answers }
  }
}

/** Those of the name, else of the nearest `*` above it (RFC 4592) where nothing that is there stands between. */
function recordsAt(zone: readonly ZoneRecord[], name: string): ZoneRecord[] {
  const own = zone.filter((record) => record.name === name)
  if (own.length > 0 || hasNamesBelow(zone, name)) return own
  for (let above = parentOf(name); above !== null; above = parentOf(above)) {
    const wild = zone.filter((record) => record.name === `*.${above}`)
    if (wild.length > 0 || zone.some((record) => record.name === above) || hasNamesBelow(zone, above)) return wild
  }
  return []
}

/** A name above one that has records exists too, without any of its own (RFC 8020). */
const hasNamesBelow = (zone: readonly ZoneRecord[], name: string) => zone.some((record) => record.name.endsWith(`.${name}`))

function parentOf(name: string): string | null {
  const dot = name.indexOf('.')
  return dot === -1 ? null : name.slice(dot + 1)
}
