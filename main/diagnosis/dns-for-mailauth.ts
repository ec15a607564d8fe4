// Our own questions in the form in which mailauth asks them, with what was answered kept as evidence.
import type { DnsRecord, RecordType } from '../dns/ask.ts'
import type { Looking } from './looking.ts'
import { textsOf } from './texts.ts'

/** What an evaluation asks for; anything else has no place in it. */
const types: readonly string[] = ['TXT', 'MX', 'A', 'AAAA', 'PTR']
/** Characters of a record that are judged: published ones have a few hundred. */
export const longestRecord = 4_096

export function resolverOf({ questions, servers }: Pick<Looking, 'questions' | 'servers'>, raw: string[]): (name: string, type: string) => Promise<unknown[]> {
  return async (name, type) => {
    if (!types.includes(type)) throw coded('ENODATA')
    const found = await questions.agreed(servers, { name, type: type as RecordType })
    raw.push(found.raw)
    if (found.kind === 'unknown') throw coded('ETIMEOUT')
    if (found.kind === 'denied') throw coded('ENODATA')
    return found.records.flatMap((record) => nodeForm(record, type))
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
