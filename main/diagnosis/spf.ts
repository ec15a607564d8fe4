// SPF (RFC 7208) for our address, evaluated by mailauth with our own questions: at most ten, each within its limit.
import { longestRecord, resolverOf } from './dns-for-mailauth.ts'
import type { Looking, Told } from './looking.ts'

interface Asked {
  domain: string
  address: string
  helo: string
}

type Ask = Pick<Looking, 'questions' | 'servers'>

export async function spfOf({ domain, address, helo }: Asked, looking: Ask): Promise<Told> {
  // Five megabytes of library: loaded when a sender is looked at.
  const { spf } = await import('mailauth/lib/spf/index.js')
  const raw: string[] = []
  const resolver = resolverOf(looking, raw)
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
