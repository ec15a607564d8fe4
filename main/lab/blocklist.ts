// A blocklist as the records of its zone (RFC 5782).
import { isIP } from 'node:net'
import { reversed } from '../dns/reverse.ts'
import type { Blocklist } from './scenario-dns.ts'
import type { ZoneRecord } from './zone.ts'

/** Its test points are always listed while somebody keeps the list; `127.0.0.1` and `invalid` never are. */
const testPoints = ['127.0.0.2', '::ffff:7f00:2', 'test']

export function blocklistZone({ zone, lists, code, reason, answersAll, alive }: Blocklist): ZoneRecord[] {
  if (answersAll !== undefined) return [a(`*.${zone}`, answersAll), a(zone, answersAll)]
  if (!alive) return []
  const listed = [...testPoints, ...lists].map((entry) => `${isIP(entry) === 0 ? entry : reversed(entry)}.${zone}`.toLowerCase())
  return listed.flatMap((name) => [a(name, code), ...(reason === undefined ? [] : [txt(name, reason)])])
}

function a(name: string, data: string): ZoneRecord {
  return { name, type: 'A', answer: { name, type: 'A', ttl: 300, data } }
}

function txt(name: string, data: string): ZoneRecord {
  return { name, type: 'TXT', answer: { name, type: 'TXT', ttl: 300, data } }
}
