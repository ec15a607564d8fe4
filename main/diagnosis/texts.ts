// The texts of TXT records: each is a list of strings that belong together (RFC 7208 §3.3).
import type { DnsRecord } from '../dns/ask.ts'

export function textsOf(records: readonly DnsRecord[]): string[] {
  return records.flatMap((record) => (record.type === 'TXT' ? [[record.data].flat().map((part) => (typeof part === 'string' ? part : part.toString('latin1'))).join('')] : []))
}
