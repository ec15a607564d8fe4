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

/** A zone that is not known is taken for a list of addresses, as RFC 5782 §2 describes one. */
export function listOf(zone: string): List {
  const name = zone.toLowerCase().replace(/\.$/, '')
  return { zone: name, ...(known[name] ?? { lists: 'addresses', weight: 'high', tests: addressTests, codes: null }) }
}

export function isListing({ codes }: List, code: string): boolean {
  if (!/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(code) || code.startsWith('127.255.255.') || code === '127.0.0.1') return false
  return codes === null || codes.test(code)
}
