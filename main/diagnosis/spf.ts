// SPF (RFC 7208) for our address, evaluated by mailauth with our own questions: at most ten, each within its limit.
import type { DnsRecord, RecordType } from '../dns/ask.ts'
import type { Looking, Told } from './looking.ts'
import { textsOf } from './texts.ts'

/** What the evaluation asks for; anything else has no place in it. */
const types: readonly string[] = ['TXT', 'MX', 'A', 'AAAA', 'PTR']
/** Characters of a record that are shown and judged: published ones have a few hundred. */
const longestRecord = 4_096

interface Asked {
  domain: string
  address: string
  helo: string
}

type Ask = Pick<Looking, 'questions' | 'servers'>

export async function spfOf({ domain, address, helo }: Asked, { questions, servers }: Ask): Promise<Told> {
  // Five megabytes of library: loaded when a sender is looked at.
  const { spf } = await import('mailauth/lib/spf/index.js')
  const raw: string[] = []
  const resolver = async (name: string, type: string): Promise<unknown[]> => {
    if (!types.includes(type)) throw coded('ENODATA')
    const found = await questions.agreed(servers, { name, type: type as RecordType })
    raw.push(found.raw)
    if (found.kind === 'unknown') throw coded('ETIMEOUT')
    if (found.kind === 'denied') throw coded('ENODATA')
    return found.records.flatMap((record) => nodeForm(record, type))
  }
  const { status, rr } = await spf({ sender: `postmaster@${domain}`, ip: address, helo, mta: helo, resolver: resolver as never })
  const result = status.result
  const comment = (status.comment || '').replace(/^[^:]*:\s*/, '')
  const record = rr === undefined ? null : rr.slice(0, longestRecord)
  const verdict = result === 'pass' || result === 'none' || result === 'neutral' ? 'good' : result === 'temperror' ? 'not-known' : result === 'softfail' ? 'odd' : 'bad'
  return {
    target: domain, verdict, raw: raw.join('\n\n').slice(0, 100_000),
    text: `SPF of ${domain} for ${address}: ${result}${comment === '' ? '' : ` (${comment})`}${record === null ? '' : `; the record is “${record.slice(0, 300)}”`}.`,
    fact: { kind: 'spf', domain, result, address, record },
  }
}

const coded = (code: string) => Object.assign(new Error(code), { code })

/** As node’s own resolver gives them. */
function nodeForm(record: DnsRecord, type: string): unknown[] {
  if (record.type !== type) return []
  if (record.type === 'TXT') return textsOf([record]).map((text) => [text.length > longestRecord ? `${text.slice(0, longestRecord)} too-long` : text])
  if (record.type === 'MX') return [{ priority: record.data.preference ?? 0, exchange: record.data.exchange }]
  return 'data' in record ? [record.data] : []
}
