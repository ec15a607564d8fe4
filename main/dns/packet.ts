// The bytes of one DNS question, and what a packet says to it.
import { randomInt } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { decode, encode, RECURSION_DESIRED, type Answer as DnsRecord, type RecordType } from 'dns-packet'

export type { Answer as DnsRecord, RecordType } from 'dns-packet'

export interface Question {
  /** A domain name in any case, with or without its last dot; non-ASCII labels are asked as A-labels (RFC 5891). */
  name: string
  type: RecordType
}

export interface Reply {
  /** `NOERROR`, `SERVFAIL`, `NXDOMAIN`, `REFUSED` … (RFC 1035 §4.1.1, RFC 6895), the part in EDNS included. */
  rcode: string
  authoritative: boolean
  recursionAvailable: boolean
  truncated: boolean
  answers: DnsRecord[]
  authorities: DnsRecord[]
  /** The server speaks EDNS(0). */
  edns: boolean
}

/** What a DNS server may send over UDP without being cut up on the way (DNS flag day 2020). */
const udpSize = 1232
const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE']

/** The name as it is asked, or why nobody can be asked about it (RFC 1035 §2.3.4: labels of 63 octets, 255 in all). */
export function asciiName(name: string): { name: string } | { problem: string } {
  const shown = name.length > 80 ? `${name.slice(0, 77)}...` : name
  const no = (why: string) => ({ problem: `“${shown}” is not a domain name: ${why}` })
  if (name === '.') return { name }
  if (/\s|\p{Cc}/u.test(name)) return no('it has a space or a control character in it.')
  const ascii = /[^\u0021-\u007e]/.test(name) ? domainToASCII(name) : name
  if (ascii === '') return no(name === '' ? 'it is empty.' : 'its letters cannot be written in the DNS.')
  const bare = ascii.replace(/\.$/, '')
  const labels = bare.split('.')
  if (labels.includes('')) return no('there is nothing between two of its dots.')
  if (labels.some((label) => label.length > 63)) return no('one of its parts is longer than 63 characters.')
  if (bare.length > 253) return no('it is longer than 253 characters.')
  return { name: bare }
}

export const sameName = (a: string, b: string): boolean =>
  a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase()

export interface Asked extends Question {
  id: number
  bytes: Buffer
}

/** The packet that asks; its id is random, so that nobody can answer who has not seen it (RFC 5452). */
export function questionPacket(question: Question, edns: boolean): Asked {
  const id = randomInt(0x10000)
  const bytes = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: question.type, name: question.name, class: 'IN' }],
    additionals: edns
      ? [{ type: 'OPT', name: '.', udpPayloadSize: udpSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }]
      : [],
  })
  return { ...question, id, bytes }
}

/** What a packet says to the question; `other` belongs to another question, `garbage` cannot be read. */
export function readReply(bytes: Buffer, asked: Asked): Reply | 'other' | 'garbage' {
  try {
    const packet = decode(bytes)
    const flags = bytes.readUInt16BE(2)
    const isResponse = (flags & 0x8000) !== 0
    if (!isResponse || packet.id !== asked.id) return 'other'
    const opt = packet.additionals?.find((record) => record.type === 'OPT')
    const code = (opt ? opt.extendedRcode << 4 : 0) | (flags & 0xf)
    const rcode = rcodes[code] ?? (code === 16 ? 'BADVERS' : `RCODE ${code}`)
    const questions = packet.questions ?? []
    // A server that could not read the question sends it back without one.
    const withoutQuestion = questions.length === 0 && rcode !== 'NOERROR' && rcode !== 'NXDOMAIN'
    const [first] = questions
    const same = first !== undefined && questions.length === 1 && first.type === asked.type && sameName(first.name, asked.name)
    if (!same && !withoutQuestion) return 'other'
    return {
      rcode,
      authoritative: (flags & 0x400) !== 0,
      truncated: (flags & 0x200) !== 0,
      recursionAvailable: (flags & 0x80) !== 0,
      answers: packet.answers ?? [],
      authorities: packet.authorities ?? [],
      edns: opt !== undefined,
    }
  } catch {
    return 'garbage'
  }
}

/** A record's data as it is read aloud: `10 mail.example.test`, `198.51.100.25`. */
export function recordText(record: DnsRecord): string {
  if (record.type === 'MX') return `${record.data.preference ?? 0} ${record.data.exchange || '.'}`
  return 'data' in record ? String(record.data) : record.type
}
