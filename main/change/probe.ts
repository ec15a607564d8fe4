// Before anything changes: does every DNS server of the new source answer, over the chosen protocol, for what waits?
import type { Probed } from '../../preload/contract/changes.ts'
import { parseDnsServer, type DnsLookups, type Lookups, type LookupSide } from '../../preload/contract/dns.ts'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { ask, recordText, type Answer } from '../dns/ask.ts'
import { serversOf } from '../dns/source.ts'
import { hostOf } from '../transport/mail-hosts.ts'
import type { World } from '../world/world.ts'

export interface Named {
  name: string
  type: 'MX' | 'A' | 'NS'
}

/** Milliseconds for one server and one question. All are asked at once. */
const timeout = 3_000
/** More names would tell the same again, at the price of a burst of questions. */
const mostNames = 10
/** Every server that resolves for the Internet can tell the root's name servers. */
const root: Named = { name: '.', type: 'NS' }

/** Domains that wait and accepted domains' next hops; a control name where there are none. */
export function namesToAsk(waiting: string[], nextHops: string[], controlName: string | null): Named[] {
  const hosts = nextHops.map(hostOf).filter((host) => host !== '')
  const names: Named[] = [
    ...waiting.filter((domain) => !domain.startsWith('[')).map((name) => ({ name, type: 'MX' as const })),
    ...hosts.map((name) => ({ name, type: 'A' as const })),
  ]
  if (names.length > 0) return names.slice(0, mostNames)
  return [controlName === null ? root : { name: controlName, type: 'A' }]
}

/** The sides whose source or protocol is different, with the servers that they would ask. */
/** `saved`: what the internal ones came to before, where that may be others than they come to now. */
export function newSources(before: DnsLookups, after: DnsLookups, adapters: Adapter[], saved?: string[]): { side: LookupSide; lookups: Lookups; servers: string[]; problem: string | null }[] {
  return (['internal', 'external'] as const)
    .filter((side) => JSON.stringify(before[side]) !== JSON.stringify(after[side]) || (side === 'external' && before.useExternalForInternet !== after.useExternalForInternet) || (side === 'internal' && saved !== undefined && saved.join() !== serversOf(after.internal, adapters).servers.join()))
    .map((side) => ({ side, lookups: after[side], ...serversOf(after[side], adapters) }))
}

export async function probe(
  sources: { lookups: Lookups; servers: string[] }[],
  names: Named[],
  { world, signal, told }: { world: World; signal: AbortSignal; told: (probed: Probed) => void },
): Promise<Probed[]> {
  const questions = new Map<string, { server: string; protocol: Lookups['protocol']; named: Named }>()
  for (const { lookups, servers } of sources)
    for (const server of servers)
      for (const named of names) questions.set(`${server} ${lookups.protocol} ${named.type} ${named.name}`, { server, protocol: lookups.protocol, named })
  return Promise.all(
    [...questions.values()].map(async ({ server, protocol, named }) => {
      const address = parseDnsServer(server)
      const answer: Answer =
        'problem' in address
          ? { kind: 'none', reason: 'unreachable', text: 'is not the address of a DNS server', ms: 0 }
          : await ask(address, named, { protocol, timeout, signal, reach: (at, port) => world.reach(at, port) })
      const probed = judged(server, named, answer)
      told(probed)
      return probed
    }),
  )
}

function judged(server: string, { name, type }: Named, answer: Answer): Probed {
  const about = `${name} ${type}`
  const base = { server, name, type, ms: answer.ms }
  if (answer.kind === 'none') return { ...base, verdict: 'silent', text: `${server} ${answer.text} (${about})` }
  const records = answer.answers.filter((record) => record.type === type)
  if (answer.rcode === 'NXDOMAIN') return { ...base, verdict: 'denies', text: `${server} says that ${name} does not exist` }
  if (answer.rcode !== 'NOERROR') return { ...base, verdict: 'fails', text: `${server} answers ${answer.rcode} for ${about}` }
  if (records.length === 0) {
    const knows = answer.authoritative || answer.recursionAvailable
    return knows
      ? { ...base, verdict: 'denies', text: `${server} says that ${name} has no ${type}` }
      : { ...base, verdict: 'fails', text: `${server} does not know ${name} and offers no recursion` }
  }
  return { ...base, verdict: 'answers', text: `${server} answers in ${Math.max(1, Math.round(answer.ms))} ms: ${about} ${records.slice(0, 4).map(recordText).join(', ')}` }
}
