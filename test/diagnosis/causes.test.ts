// Which findings prove a cause, which rule it out, and which name nothing.
import { describe, expect, it } from 'vitest'
import { causesOf } from '../../main/diagnosis/causes.ts'
import type { Circumstances, Finding, ServersCompared, Spoke } from '../../main/diagnosis/finding.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import { compared, finding, known, said, spoke } from './facts.ts'

const failed = { verdict: 'failed', hosts: [] } as const
const denied = (denial: ServersCompared['denial']) => ({ verdict: 'denied', denial, hosts: [] }) as const
const dmz = (domain: string, change = {}, adapter: { id: string; name: string } | null = { id: 'dmz', name: 'DMZ' }) => compared({ chosen: 'internal', adapter }, domain, { servers: ['203.0.113.53'], ...change })
const other = (id: string, domain: string, change = {}, name = id) => compared({ adapter: { id, name } }, domain, { servers: [`${id}.53`], ...change })
const named = (findings: Finding[], change: Partial<Circumstances> = {}) => causesOf(findings, { ...known, ...change }).filter(({ proof }) => proof === 'proven').map(({ name, remedies }) => [name, remedies[0]?.name.replace(/^(wait|tell-destination):.*/, '$1') ?? null])
const proofOf = (name: string, findings: Finding[], change: Partial<Circumstances> = {}) => causesOf(findings, { ...known, ...change }).find((cause) => cause.name === name)?.proof

const health = (verdict: 'fails' | 'refuses' | 'silent' | 'not-recursive', domain = 'a.test', root: 'records' | 'silent' = 'silent'): Finding => {
  const answer = { name: domain, purpose: 'waiting' as const, type: 'MX' as const, over: 'udp' as const, verdict, ms: 1, values: [], text: verdict }
  const server: ServerHealth = { server: '203.0.113.53', adapters: ['dmz'], family: 4, state: verdict, ms: null, recursion: null, udp: verdict, tcp: verdict, answers: [answer, { ...answer, name: '.', type: 'NS', purpose: 'root', verdict: root }], notes: [], text: verdict }
  return finding({ kind: 'server', health: server, inEffect: ['internal'] })
}

describe('the wrong adapter', () => {
  it('is cured by the adapter that helps most', () => {
    const findings = [dmz('a', failed), dmz('b', denied('no-domain')), other('lan', 'a'), other('wan', 'a'), other('wan', 'b')]
    const [cause, ...more] = causesOf(findings, known).filter(({ proof }) => proof === 'proven')
    expect(cause).toMatchObject({ name: 'dns-wrong-adapter', domains: ['a', 'b'], for: [findings[0], findings[1], findings[3], findings[4]].map((one) => one?.id) })
    expect(cause?.remedies).toMatchObject([{ name: 'use-adapter:wan', who: 'this edge', wanted: { lookups: { internal: { source: { kind: 'adapter', id: 'wan', name: 'wan' }, protocol: 'any' } } } }])
    expect(more).toEqual([])
  })
  it('is not cured by what would lose a domain that works', () => {
    expect(named([dmz('a', failed), dmz('b'), other('lan', 'a'), other('lan', 'b', failed)])).toEqual([])
  })
  it('is not named where the others only fail too, or help with nothing', () => {
    expect(named([dmz('a', failed), other('lan', 'a', failed), other('wan', 'a', denied('no-mail-host'))])).toEqual([])
    expect(named([dmz('a', failed), dmz('b'), other('lan', 'a', failed), other('lan', 'b')])).toEqual([])
  })
  it('names an adapter by its id where two have its name', () => {
    expect(named([dmz('a', failed, { id: 'x', name: 'Ethernet' }), other('y', 'a', {}, 'Ethernet')])).toEqual([['dns-wrong-adapter', 'use-adapter:y']])
  })
  it('is not proven by what is not known', () => {
    expect(named([dmz('a', failed), { ...finding({ kind: 'service', state: 'running' }), fact: null, verdict: 'not-known' }])).toEqual([])
  })
  it('is the one whose servers lead to a host that is none, where others lead to one that takes mail', () => {
    const lie = { hosts: [{ name: 'mail.a', addresses: ['203.0.113.99'], cname: null }] }
    expect(named([dmz('a', lie), other('lan', 'a'), spoke('a', { address: '203.0.113.99', reached: 'nothing', ending: 'refused' }), spoke('a', { by: 'others' })])).toEqual([['dns-wrong-adapter', 'use-adapter:lan']])
  })
  it('is ruled out where the transport’s own servers find the way', () => {
    expect(proofOf('dns-wrong-adapter', [dmz('a'), other('lan', 'a')])).toBe('ruled out')
  })
})

describe('DNS servers', () => {
  it.each([
    ['dns-server-failing', 'fails'],
    ['dns-server-refusing', 'refuses'],
    ['dns-server-silent', 'silent'],
    ['dns-server-not-recursive', 'not-recursive'],
  ] as const)('%s is proven where no adapter answers right', (name, verdict) => {
    expect(named([dmz('a.test', failed), other('lan', 'a.test', failed), health(verdict)])).toEqual([[name, 'wait']])
  })
  it('that nobody can be asked instead of are for whoever keeps them to mend', () => {
    const [cause] = causesOf([dmz('a.test', failed), other('lan', 'a.test', failed), health('silent')], known)
    expect(cause?.remedies).toMatchObject([{ name: 'wait:unknown', who: 'your network', title: 'Have 203.0.113.53 mended, and wait until then', wanted: null, deed: null }])
    expect(cause?.remedies[0]?.text).toMatch(/^To whoever keeps 203\.0\.113\.53: mail for a\.test waits.* port 53 there pass\./)
  })
  it('that are listed give way to those that answer right', () => {
    const lookups = { ...known.lookups, internal: { source: { kind: 'servers' as const, servers: ['203.0.113.53'] }, protocol: 'any' as const } }
    expect(named([dmz('a.test', failed, null), other('lan', 'a.test', { servers: ['10.0.0.10', '10.0.0.11'] }), health('fails')], { lookups })).toEqual([['dns-server-failing', 'use-servers:10.0.0.10,10.0.0.11']])
  })
  it('all fail for a domain whose own servers fail', () => {
    expect(named([dmz('a.test', failed), other('lan', 'a.test', failed), health('fails', 'a.test', 'records')])).toEqual([['dns-server-failing', 'tell-destination']])
  })
  it('dns-server-ignores-aaaa is proven only where mail waits for it', () => {
    expect(named([dmz('a.test', { ...failed, lacksIpv6Only: true }), health('silent')])).toEqual([['dns-server-ignores-aaaa', 'wait']])
    expect(named([dmz('a.test'), health('silent')])).toEqual([])
  })
})

describe('the domain', () => {
  it.each([
    ['domain-not-found', 'no-domain', 'tell-sender'],
    ['domain-null-mx', 'null-mx', 'tell-sender'],
    ['domain-no-mail-host', 'no-mail-host', 'tell-sender'],
    ['mx-target-missing', 'mx-target-missing', 'tell-destination'],
  ] as const)('%s is proven by servers that agree', (name, denial, remedy) => {
    expect(named([dmz('a', denied(denial)), other('lan', 'a', denied(denial))])).toEqual([[name, remedy]])
  })
  it('is only likely not to exist where one server says so', () => {
    expect(proofOf('domain-not-found', [dmz('a', denied('no-domain'))])).toBe('likely')
    expect(proofOf('domain-not-found', [dmz('a', { ...denied('no-domain'), authoritative: true })])).toBe('proven')
  })
  it('has another zone inside: dns-split-horizon', () => {
    expect(named([dmz('a', { ...denied('no-domain'), authoritative: true }), other('lan', 'a')])).toEqual([['dns-split-horizon', 'use-adapter:lan']])
    const inside = { isPrivate: true, authoritative: true, hosts: [{ name: 'mail.a', addresses: ['10.1.1.1'], cname: null }] }
    expect(named([dmz('a', { ...inside, authoritative: false }), other('lan', 'a'), spoke('a', { address: '10.1.1.1', reached: 'nothing', ending: 'timeout' })])).toEqual([['dns-wrong-adapter', 'use-adapter:lan']])
    expect(named([dmz('a', inside), other('lan', 'a'), spoke('a', { address: '10.1.1.1', reached: 'nothing', ending: 'timeout' })])).toEqual([['dns-split-horizon', 'use-adapter:lan']])
  })
  it('has private addresses for all: mx-private-address, unless mail gets through or it is our own', () => {
    const inside = { isPrivate: true, hosts: [{ name: 'mail.a', addresses: ['10.1.1.1'], cname: null }] }
    const way = (domain: string, change = {}) => [dmz(domain, inside), other('lan', domain, inside), spoke(domain, { address: '10.1.1.1', ...change })]
    expect(named(way('a', { reached: 'nothing', ending: 'refused' }))).toEqual([['mx-private-address', 'tell-destination']])
    expect(named(way('a'))).toEqual([])
    expect(named(way('own.test'))).toEqual([])
  })
})

describe('an entry of the hosts file', () => {
  const entry = finding({ kind: 'hosts-entry', domain: 'a', name: 'mail.a', line: 3, address: '203.0.113.99', others: ['198.51.100.25'] })
  const astray = spoke('a', { by: 'hosts', address: '203.0.113.99', reached: 'nothing', ending: 'refused' })
  it('is proven to lead astray where DNS’s address takes mail', () => {
    expect(named([dmz('a'), entry, astray, spoke('a', { by: 'others' })])).toEqual([['hosts-override', 'edit-hosts:3']])
  })
  it('is ruled out where mail is taken there', () => {
    expect(proofOf('hosts-override', [dmz('a'), entry, spoke('a', { by: 'hosts', address: '203.0.113.99' })])).toBe('ruled out')
  })
  it('is likely at most where neither answers', () => {
    expect(proofOf('hosts-override', [dmz('a'), entry, astray, spoke('a', { by: 'others', reached: 'nothing', ending: 'refused' })])).toBe('likely')
  })
})

describe('the connection', () => {
  const silent = { reached: 'nothing', ending: 'timeout' } as const
  it('times out to networks that have nothing in common: port25-filtered', () => {
    expect(named([dmz('a'), spoke('a', silent), spoke('b', { ...silent, address: '192.0.2.25', isControl: true })])).toEqual([['port25-filtered', 'open-port:25']])
  })
  it('times out to one network, or another answers: host-silent', () => {
    expect(named([dmz('a'), spoke('a', silent)])).toEqual([['host-silent', 'tell-destination']])
    expect(named([dmz('a'), spoke('a', silent), spoke('b', { ...silent, isControl: true })])).toEqual([['host-silent', 'tell-destination']])
    expect(named([dmz('a'), spoke('a', silent), spoke('b', { address: '192.0.2.25', isControl: true })])).toEqual([['host-silent', 'tell-destination']])
  })
  it('is refused: host-refusing', () => {
    expect(named([dmz('a'), spoke('a', { reached: 'nothing', ending: 'refused' })])).toEqual([['host-refusing', 'tell-destination']])
  })
  it('is taken without a word: likely until the transport waited in vain too', () => {
    const mute = spoke('a', { reached: 'connected', ending: 'silent' })
    expect(proofOf('host-silent', [dmz('a'), mute])).toBe('likely')
    expect(proofOf('host-silent', [dmz('a'), mute, said('a', '421 4.4.1 Connection timed out')])).toBe('proven')
  })
  it('has only IPv6 to go by, and no way there', () => {
    const six = spoke('a', { address: '2001:db8::25', family: 6, ...silent })
    expect(named([dmz('a'), six], { hasIpv6: false })).toEqual([['no-ipv6-route', 'fix-egress']])
    expect(named([dmz('a'), six, spoke('a')], { hasIpv6: false })).toEqual([])
    expect(named([dmz('a'), six])).toEqual([['host-silent', 'tell-destination']])
  })
  it('to the mailbox server fails: mailbox-server-down', () => {
    expect(named([dmz('own.test'), spoke('own.test', { reached: 'nothing', ending: 'refused' })])).toEqual([['mailbox-server-down', 'start-mailbox-server']])
    expect(named([dmz('own.test', denied('no-mail-host'))])).toEqual([['mailbox-server-down', 'start-mailbox-server']])
  })
  it('meets the same words everywhere: smtp-proxied, where mail fails for it', () => {
    const proxy = (domain: string, address: string, ending: 'accepted' | 'reply') => spoke(domain, { address, banner: '220 gateway ready', offers: ['PIPELINING'], ending, reached: 'mail' })
    expect(named([dmz('a'), proxy('a', '198.51.100.25', 'reply'), proxy('b', '192.0.2.25', 'reply')])).toEqual([['smtp-proxied', 'fix-egress']])
    expect(proofOf('smtp-proxied', [dmz('a'), proxy('a', '198.51.100.25', 'accepted'), proxy('b', '192.0.2.25', 'accepted')])).toBe('likely')
    expect(named([dmz('a'), spoke('a', { banner: '220 **********************', offers: [], ending: 'reply', reached: 'ehlo' })])).toEqual([['smtp-proxied', 'fix-egress']])
    expect(proofOf('smtp-proxied', [dmz('a'), spoke('a'), spoke('b', { address: '192.0.2.25' })])).toBeUndefined()
  })
})

describe('what the destination says', () => {
  it.each([
    ['greylisted', '451 4.7.1 Greylisted, please try again later', 'wait'],
    ['rate-limited', '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages', 'wait'],
    ['mailbox-full', '452 4.2.2 Mailbox full', 'wait'],
    ['recipient-unknown', '550 5.1.1 User unknown', 'tell-sender'],
    ['too-large', '552 5.3.4 Message size exceeds fixed limit', 'tell-sender'],
    ['destination-busy', '451 4.3.2 System not accepting network messages', 'wait'],
    ['spam-content', '550 5.7.1 Message rejected as spam', 'tell-sender'],
    ['reputation', '550 5.7.1 Poor Reputation Sender', 'fix-egress'],
    ['tls-failed', '454 4.7.0 TLS not available due to local problem', 'tls-policy:a'],
  ])('%s is proven by its words', (name, reply, remedy) => {
    expect(named([dmz('a'), spoke('a', { reached: 'mail', ending: 'reply' }), said('a', reply)])).toEqual([[name, remedy]])
  })
  it('is tried again at once where it passes now', () => {
    expect(named([dmz('a'), spoke('a'), said('a', '451 4.7.1 Greylisted, please try again later')])).toEqual([['greylisted', 'retry']])
  })
  it('is no greylisting any more after hours', () => {
    const findings = [dmz('a'), spoke('a', { reached: 'mail', ending: 'reply' }), said('a', '451 4.7.1 Greylisted, please try again later', { since: '2026-03-01T04:00:00.000Z' })]
    expect(proofOf('greylisted', findings)).toBe('ruled out')
    expect(proofOf('greylisted-source-varies', findings)).toBe('likely')
  })
  it('of a recipient that was made up is nobody’s mail', () => {
    expect(named([dmz('a'), spoke('a', { reached: 'mail', ending: 'reply' }), said('a', '550 5.1.1 User unknown', { isFresh: true, isMadeUp: true })])).toEqual([])
  })
  it('names the time to wait for', () => {
    const [cause] = causesOf([said('a', '451 4.7.1 Greylisted, try again in 300 seconds')], known)
    expect(cause?.remedies[0]).toMatchObject({ name: 'wait:2026-03-01T10:05:00.000Z', who: 'wait', deed: 'retry' })
  })
  it('in EHLO of sizes: too-large, where the message is larger', () => {
    const message = (size: number) => finding({ kind: 'message', domain: 'a', size, isExpired: false, expires: null })
    expect(named([dmz('a'), spoke('a', { size: 1000 }), message(1001)])).toEqual([['too-large', 'tell-sender']])
    expect(named([dmz('a'), spoke('a', { size: 1000 }), message(1000)])).toEqual([])
  })
  it('of a handshake that fails: tls-failed', () => {
    expect(named([dmz('a'), spoke('a', { reached: 'ehlo', ending: 'tls' })])).toEqual([['tls-failed', 'tls-policy:a']])
  })
})

describe('who we are', () => {
  const ptr = (state: 'good' | 'missing' | 'mismatch' | 'generic') => finding({ kind: 'ptr', address: '203.0.113.10', state, name: state === 'missing' ? null : 'edge.sender.test' })
  const refused = (reply: string) => [dmz('a'), spoke('a', { reached: 'ehlo', ending: 'reply' }), said('a', reply)]
  const noPtr = '550 5.7.25 The IP address sending this message does not have a PTR record'
  it.each(['missing', 'mismatch', 'generic'] as const)('ptr-%s is proven where the destination refuses for it', (state) => {
    expect(named([...refused(noPtr), ptr(state)])).toEqual([[`ptr-${state}`, 'set-ptr:203.0.113.10']])
    expect(proofOf(`ptr-${state}`, [dmz('a'), spoke('a'), ptr(state)])).toBeUndefined()
    expect(proofOf(`ptr-${state}`, [...refused('550 No'), ptr(state)])).toBe(state === 'generic' ? undefined : 'likely')
    expect(proofOf(`ptr-${state}`, [...refused(noPtr), ptr('good')])).toBe(state === 'missing' ? 'likely' : 'ruled out')
  })
  it('helo-bad is proven by the destination’s word and the name', () => {
    const helo = finding({ kind: 'helo', name: 'edge', state: 'bad', why: ', which is no name that the Internet knows' })
    expect(named([...refused('504 5.5.2 <edge>: Helo command rejected: need fully-qualified hostname'), helo])).toEqual([['helo-bad', 'fix-egress']])
    expect(named([dmz('a'), spoke('a'), helo])).toEqual([])
  })
  it('sender-domain-dead is proven by both', () => {
    const dead = finding({ kind: 'sender', domain: 'sender.test', isDead: true, isNullMx: false })
    expect(named([...refused('450 4.1.8 <bob@sender.test>: Sender address rejected: Domain not found'), dead])).toEqual([['sender-domain-dead', 'publish-record:sender.test MX']])
    expect(proofOf('sender-domain-dead', [...refused('550 No'), dead])).toBe('likely')
    expect(proofOf('sender-domain-dead', [dmz('a'), spoke('a'), dead])).toBeUndefined()
  })
  const spf = (result: string) => finding({ kind: 'spf', domain: 'sender.test', result, address: '203.0.113.10', record: 'v=spf1 ip4:192.0.2.1 -all' })
  const dmarc = (policy: string) => finding({ kind: 'dmarc', domain: 'sender.test', policy, record: `v=DMARC1; p=${policy}` })
  it('SPF and DMARC are told apart by what is published and what is said', () => {
    expect(named([...refused('550 5.7.23 SPF validation failed'), spf('fail'), dmarc('none')])).toEqual([['spf-fail', 'publish-record:sender.test TXT']])
    const broken = [...refused('550 5.7.23 SPF validation failed'), spf('permerror')]
    expect(named(broken)).toEqual([['spf-error', 'publish-record:sender.test TXT']])
    // The text is the record alone, to be copied as it stands.
    expect(causesOf(broken, known)[0]?.remedies[0]?.text).toMatch(/^sender\.test TXT "v=spf1 [^"]* [-~?]all"$/)
    expect(named([...refused('550 5.7.26 Unauthenticated email is not accepted due to domain\'s DMARC policy'), spf('fail'), dmarc('reject')])).toEqual([['dmarc-fail', 'publish-record:sender.test TXT']])
    expect(named([dmz('a'), spoke('a'), spf('fail')])).toEqual([])
    expect(proofOf('spf-fail', [...refused('550 No'), spf('fail')])).toBe('likely')
    expect(proofOf('spf-fail', [...refused('550 No'), spf('softfail')])).toBeUndefined()
    expect(proofOf('spf-fail', [dmz('a'), spoke('a'), spf('pass')])).toBe('ruled out')
  })
  const listing = (state: 'listed' | 'not-listed' | 'not-usable', weight: 'high' | 'low' = 'high') => finding({ kind: 'listing', zone: 'zen.spamhaus.org', what: '203.0.113.10', state, weight, reason: null })
  const blocked = '554 5.7.1 Service unavailable; Client host [203.0.113.10] blocked using zen.spamhaus.org'
  it('dnsbl-listed is proven by both; without the destination’s word it is likely, on a minor list nothing', () => {
    expect(named([...refused(blocked), listing('listed')])).toEqual([['dnsbl-listed', 'delist:zen.spamhaus.org']])
    expect(named([...refused(blocked), listing('not-usable')])).toEqual([['reputation', 'fix-egress']])
    expect(proofOf('dnsbl-listed', [dmz('a'), spoke('a'), listing('listed')])).toBe('likely')
    expect(proofOf('dnsbl-listed', [dmz('a'), spoke('a'), listing('listed', 'low')])).toBeUndefined()
    expect(proofOf('dnsbl-listed', [dmz('a'), spoke('a'), listing('not-listed')])).toBe('ruled out')
  })
})

describe('this edge server itself', () => {
  it.each([
    ['service-stopped', 'start-service', { kind: 'service', state: 'stopped' }],
    ['queue-suspended', 'resume', { kind: 'queue', domain: 'a', isSuspended: true }],
    ['expired', 'tell-sender', { kind: 'message', domain: 'a', size: 1, isExpired: true, expires: null }],
    ['edge-busy', 'free-space', { kind: 'own-smtp', problem: 'busy' }],
    ['own-certificate', 'renew-certificate', { kind: 'own-smtp', problem: 'tls' }],
  ] as const)('%s is proven', (name, remedy, fact) => {
    expect(named([finding(fact)])).toEqual([[name, remedy]])
  })
  it('is in order', () => {
    expect(named([finding({ kind: 'service', state: 'running' }), finding({ kind: 'queue', domain: 'a', isSuspended: false }), finding({ kind: 'own-smtp', problem: null })])).toEqual([])
  })
})

it('two faults are both named, the one that bites first in front', () => {
  expect(named([dmz('a', failed), other('lan', 'a'), spoke('a', { by: 'others', reached: 'mail', ending: 'reply' }), said('a', '451 4.7.1 Greylisted, please try again later', { isFresh: true }), finding({ kind: 'queue', domain: 'a', isSuspended: true })])).toEqual([
    ['queue-suspended', 'resume'], ['dns-wrong-adapter', 'use-adapter:lan'], ['greylisted', 'wait'],
  ])
})

describe('mail that is led to a host of somebody else', () => {
  const lie = { hosts: [{ name: 'mail.a', addresses: ['203.0.113.99'], cname: null }] }
  const there = { address: '203.0.113.99', reached: 'mail', ending: 'reply' } as const
  const foreign = said('a', '450 4.1.1 Recipient address rejected: unknown user')
  const fresh = said('a', '450 4.1.1 Recipient address rejected: unknown user', { isFresh: true, stage: 'rcpt', address: '203.0.113.99' })

  it('is told that the DNS lies, and nothing that the wrong host says', () => {
    expect(named([dmz('a', lie), other('lan', 'a'), foreign, fresh, spoke('a', there), spoke('a', { by: 'others' })])).toEqual([['dns-wrong-adapter', 'use-adapter:lan']])
  })
  it('is told what the right host says as well', () => {
    const greylisted = said('a', '451 4.7.1 Greylisting in action', { isFresh: true, stage: 'rcpt', address: '198.51.100.25' })
    const findings = [dmz('a', lie), other('lan', 'a'), greylisted, finding({ kind: 'queue', domain: 'a', isSuspended: false }), spoke('a', { ...there, reached: 'nothing', ending: 'refused' }), spoke('a', { by: 'others', reached: 'mail', ending: 'reply' })]
    expect(named(findings).map(([name]) => name)).toEqual(['dns-wrong-adapter', 'greylisted'])
  })
  it('is led back by the adapter whose servers lead to where mail is taken', () => {
    expect(named([dmz('a', failed), other('wifi', 'a', lie), other('lan', 'a'), spoke('a', { ...there, by: 'others', reached: 'nothing', ending: 'refused' }), spoke('a', { by: 'others' })])).toEqual([['dns-wrong-adapter', 'use-adapter:lan']])
  })
  it('by the hosts file: hosts-override alone, also where the entry is the domain’s own', () => {
    const entry = (name: string, others: string[]) => finding({ kind: 'hosts-entry', domain: 'a', name, line: 2, address: '203.0.113.99', others })
    const ways = [spoke('a', { ...there, by: 'hosts' }), spoke('a', { by: 'others' })]
    expect(named([dmz('a', lie), entry('mail.a', ['198.51.100.25']), foreign, fresh, ...ways])).toEqual([['hosts-override', 'edit-hosts:2']])
    expect(named([dmz('a', lie), entry('a', []), foreign, fresh, ...ways])).toEqual([['hosts-override', 'edit-hosts:2']])
  })
})

describe('a mail host', () => {
  const reset = { reached: 'banner', ending: 'reset', offers: null } as const
  it('that greets and breaks off refuses; a mailbox server that does is down', () => {
    expect(named([spoke('a', reset)])).toEqual([['host-refusing', 'tell-destination']])
    expect(named([spoke('own.test', reset)])).toEqual([['mailbox-server-down', 'start-mailbox-server']])
    expect(proofOf('host-refusing', [spoke('a', reset), spoke('a', { address: '198.51.100.26' })])).toBe('ruled out')
  })
  it('that no way leads to does not hide a port that is filtered', () => {
    const silent = { reached: 'nothing', ending: 'timeout', banner: null, offers: null } as const
    const noRoute = { ...silent, ending: 'no-route', family: 6, address: '2001:db8::25' } as const
    expect(named([spoke('a', silent), spoke('a', noRoute), spoke('b', { ...silent, address: '192.0.2.25' }), spoke('b', noRoute)])).toEqual([['port25-filtered', 'open-port:25']])
  })
  it('that greets with stars is no proxy’s where it refuses for something else', () => {
    const masked: Partial<Spoke> = { banner: '220 ***********', offers: [], reached: 'mail', ending: 'reply' }
    expect(proofOf('smtp-proxied', [spoke('a', masked), said('a', '451 4.7.1 Greylisting in action')])).toBe('likely')
    expect(proofOf('smtp-proxied', [spoke('a', masked), said('a', '451 4.7.0 Must issue a STARTTLS command first')])).toBe('proven')
  })
  it('that defers a probe alone has deferred nobody’s mail', () => {
    for (const [name, reply] of [['greylisted', '451 4.7.1 Greylisting in action'], ['rate-limited', '450 4.7.1 Error: too many messages, slow down']] as const) {
      const findings = [spoke('a', { reached: 'mail', ending: 'reply' }), said('a', reply, { isFresh: true, stage: 'rcpt', address: '198.51.100.25' })]
      expect(proofOf(name, findings)).toBe('likely')
      expect(proofOf(name, [...findings, finding({ kind: 'queue', domain: 'a', isSuspended: false })])).toBe('proven')
    }
  })
  it('that refuses at EHLO for the PTR does not mean the name', () => {
    const reply = said('a', '450 4.7.25 Client host rejected: cannot find your reverse hostname', { isFresh: true, stage: 'ehlo', address: '198.51.100.25' })
    expect(named([reply, finding({ kind: 'ptr', address: '203.0.113.10', state: 'missing', name: null }), finding({ kind: 'helo', name: 'x', state: 'bad', why: '' })])).toEqual([['ptr-missing', 'set-ptr:203.0.113.10']])
  })
})

describe('what one DNS server says alone', () => {
  it('of a domain that does not exist is proven once it has shown that it looks names of the Internet up', () => {
    expect(proofOf('domain-not-found', [dmz('a', denied('no-domain'))])).toBe('likely')
    expect(proofOf('domain-not-found', [dmz('a', denied('no-domain')), dmz('b')])).toBe('proven')
    expect(proofOf('domain-not-found', [dmz('a', denied('no-domain')), finding({ kind: 'ptr', address: '203.0.113.10', state: 'good', name: 'mail.edge.test' })])).toBe('proven')
  })
  it('first among those of all adapters is the wrong adapter’s', () => {
    expect(named([dmz('a', denied('no-domain'), null), other('lan', 'a')], { lookups: { ...known.lookups, internal: { source: { kind: 'all-adapters' }, protocol: 'any' } } })).toEqual([['dns-wrong-adapter', 'use-adapter:lan']])
  })
})

it('a listing counts only on the list that the destination names', () => {
  const listing = (zone: string) => finding({ kind: 'listing', zone, what: '203.0.113.10', state: 'listed', weight: 'high', reason: null })
  const refusal = said('a', '550 5.7.1 Client host [203.0.113.10] blocked using zen.spamhaus.org')
  expect(named([refusal, listing('dnsbl.example.org')])).toEqual([['reputation', 'fix-egress']])
  expect(named([refusal, listing('dnsbl.example.org'), listing('zen.spamhaus.org')])).toEqual([['dnsbl-listed', 'delist:zen.spamhaus.org']])
})
