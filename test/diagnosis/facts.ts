// Findings as the checks would give them, to be put together into cases.
import type { Circumstances, Fact, Finding, Said, ServersCompared, Spoke } from '../../main/diagnosis/finding.ts'
import { explain } from '../../main/smtp/reply.ts'

let count = 0
export const finding = (fact: Fact, text = fact.kind): Finding => ({ id: `f${++count}`, check: 'waiting', target: '*', verdict: 'bad', text, at: '', raw: null, fact })

export const compared = (asked: ServersCompared['asked'], domain: string, change: Partial<ServersCompared> = {}): Finding =>
  finding({ kind: 'compared', domain, side: 'internal', asked, servers: ['10.0.0.10'], verdict: 'usable', denial: null, authoritative: false, implicit: false, hosts: [{ name: `mail.${domain}`, addresses: ['198.51.100.25'], cname: null }], isPrivate: false, lacksIpv6Only: false, ...change })

export const spoke = (domain: string, change: Partial<Spoke> = {}): Finding =>
  finding({ kind: 'spoke', domain, isControl: false, host: `mail.${domain}`, address: '198.51.100.25', family: 4, by: 'transport', reached: 'rcpt', ending: 'accepted', banner: `220 mail.${domain} ESMTP`, offers: ['STARTTLS'], size: null, ms: 5, ...change })

export const said = (domain: string, reply: string, change: Partial<Said> = {}): Finding =>
  finding({ kind: 'said', domain, isFresh: false, isMadeUp: false, stage: null, address: null, explained: explain(reply), recipient: `alice@${domain}`, since: null, attempts: 1, nextRetry: '2026-03-01T10:10:00.000Z', ...change })

export const known: Circumstances = {
  name: 'edge.sender.test',
  lookups: { internal: { source: { kind: 'adapter', id: 'dmz', name: 'DMZ' }, protocol: 'any' }, external: { source: { kind: 'all-adapters' }, protocol: 'any' }, useExternalForInternet: false },
  acceptedDomains: [{ domain: 'own.test', nextHop: 'mailbox.own.test:2525' }],
  egress: '203.0.113.10', concurrency: { parameter: 'maxPerDomainOutboundConnections', value: 20 }, hasIpv6: true, hostsHash: 'a'.repeat(64), now: '2026-03-01T10:00:00.000Z',
}
