// The blocklists that are known: what each lists, which codes are a listing, and how its health is tested (RFC 5782 §5).
export interface List {
  zone: string
  lists: 'addresses' | 'domains'
  /** `low`: few receivers ask it, so a listing alone explains little. */
  weight: 'high' | 'low'
  /** What must be listed, and what must not be. */
  tests: [string, string]
  /** The last octets, or those of the third and fourth, that are a listing; null where any is but those that never are. */
  codes: RegExp | null
  /** Whether the zone has such entries at all is not known: where its test fails, it has none. */
  isGuess?: true
}

const addressTests: [string, string] = ['2.0.0.127', '1.0.0.127']

const addresses = (codes: RegExp, weight: List['weight'] = 'high') => ({ lists: 'addresses', weight, tests: addressTests, codes }) as const
const domains = (codes: RegExp, test: string) => ({ lists: 'domains', weight: 'high', tests: [test, 'invalid'] as [string, string], codes }) as const

/** From each list’s own manual; 127.255.255.0/24 is never a listing. */
const known: Record<string, Omit<List, 'zone'>> = {
  'zen.spamhaus.org': addresses(/^127\.0\.0\.(2|3|4|5|6|7|9|10|11|30)$/),
  'sbl.spamhaus.org': addresses(/^127\.0\.0\.(2|3|9)$/),
  'xbl.spamhaus.org': addresses(/^127\.0\.0\.[4-7]$/),
  'pbl.spamhaus.org': addresses(/^127\.0\.0\.1[01]$/),
  'b.barracudacentral.org': addresses(/^127\.0\.0\.2$/),
  'bl.spamcop.net': addresses(/^127\.0\.0\.2$/),
  'psbl.surriel.com': addresses(/^127\.0\.0\.2$/, 'low'),
  'bl.mailspike.net': addresses(/^127\.0\.0\.(2|10|11|12)$/, 'low'),
  'dnsbl-1.uceprotect.net': addresses(/^127\.0\.0\.2$/, 'low'),
  'dnsbl-2.uceprotect.net': addresses(/^$/, 'low'),
  'dnsbl-3.uceprotect.net': addresses(/^$/, 'low'),
  'dnsbl.dronebl.org': addresses(/^127\.0\.0\.([2-9]|1\d)$/, 'low'),
  'all.s5h.net': addresses(/^127\.0\.0\.2$/, 'low'),
  'combined.mail.abusix.zone': addresses(/^127\.0\.0\.([2-9]|1[0-2])$/),
  'dbl.spamhaus.org': domains(/^127\.0\.1\.([2-6]|10[2-6])$/, 'dbltest.com'),
  'multi.uribl.com': domains(/^127\.0\.0\.(2|4|8|6|10|12|14)$/, 'test.uribl.com'),
  'multi.surbl.org': domains(/^127\.0\.0\.(?!1$)\d+$/, 'test.surbl.org'),
}

/** A zone that is not known may list addresses (RFC 5782 §2.1), domains (§2.2), or both. */
export function listsOf(zone: string): List[] {
  const name = zone.toLowerCase().replace(/\.$/, '')
  if (known[name]) return [{ zone: name, ...known[name] }]
  return [{ zone: name, lists: 'addresses', weight: 'high', tests: addressTests, codes: null }, { zone: name, lists: 'domains', weight: 'high', tests: ['test', 'invalid'], codes: null, isGuess: true }]
}

const organisation = (zone: string) => zone.split('.').slice(-2).join('.')

/** Of the zones, those that a refusal is about: the ones that it names; none, where it names another list; else all. */
export function zonesMeant(zones: readonly string[], refusal: string): string[] {
  const words = refusal.toLowerCase()
  const exact = zones.filter((zone) => words.includes(zone))
  if (exact.length > 0) return exact
  const near = zones.filter((zone) => words.includes(organisation(zone)))
  const namesAnother = /\b(?:using|listed (?:at|by|in|on)) (?:[a-z\d-]+\.)+[a-z]{2,}/.test(words) || Object.keys(known).some((zone) => words.includes(organisation(zone)))
  return near.length > 0 ? near : namesAnother ? [] : [...zones]
}

export function isListing({ codes }: List, code: string): boolean {
  if (!/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(code) || code.startsWith('127.255.255.') || code === '127.0.0.1') return false
  return codes === null || codes.test(code)
}
