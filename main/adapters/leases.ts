// DNS servers in the leases that dhclient keeps (dhclient.leases(5)) and in what dhcpcd leaves in /run.

export interface Lease {
  adapter: string
  version: 4 | 6
  servers: string[]
  /** Milliseconds since 1970; infinite where the lease does not end. */
  ends: number
}

/** Strings (those that do not end too, so that the time stays linear), comments, braces, semicolons and words. */
const tokens = /"(?:[^"\\\n]|\\.)*"?|#[^\n]*|[{};]|[^\s{};"#]+/g

/**
 * The leases of a file in its order, the newest last. A lease that is not whole, since the file was cut or only its
 * end was read, is left out.
 */
export function leasesIn(text: string): Lease[] {
  const leases: Lease[] = []
  let lease: Lease | null = null
  let depth = 0
  let starts = 0
  let words: string[] = []
  for (const [token] of text.matchAll(tokens)) {
    if (token.startsWith('#')) continue
    if (token === '{') {
      const head = words.at(-1)
      // At the beginning of a lease nothing else is open, whatever was cut before it.
      if (head === 'lease' || head === 'lease6') {
        lease = { adapter: '', version: head === 'lease' ? 4 : 6, servers: [], ends: Number.POSITIVE_INFINITY }
        depth = 0
        starts = 0
      }
      depth += 1
      words = []
    } else if (token === '}') {
      depth -= 1
      if (depth === 0 && lease?.adapter) leases.push(lease)
      if (depth <= 0) lease = null
      words = []
    } else if (token === ';') {
      const [key, ...values] = words
      if (lease && key === 'interface') lease.adapter = (values[0] ?? '').replaceAll('"', '')
      else if (lease && key === 'option' && /^(domain-name-servers|dhcp6\.name-servers)$/.test(values[0] ?? ''))
        lease.servers = values.slice(1).join(',').split(',').filter((server) => server !== '')
      else if (lease && key === 'expire') lease.ends = timeOf(values)
      else if (key === 'starts') starts = Number(values[0])
      else if (lease && key === 'max-life') lease.ends = (starts + Number(values[0])) * 1000
      words = []
    } else words.push(token)
  }
  return leases
}

/** `2 2024/01/30 12:00:00` in UTC, `epoch 1706616000` or `never`. */
function timeOf([first, ...rest]: string[]): number {
  if (first === 'never') return Number.POSITIVE_INFINITY
  if (first === 'epoch') return Number(rest[0]) * 1000
  return Date.parse(`${(rest[0] ?? '').replaceAll('/', '-')}T${rest[1] ?? ''}Z`)
}

/** The servers of one adapter: those of the last IPv4 lease that has not ended, then those of the last IPv6 lease. */
export function leasedServers(leases: Lease[], adapter: string, now: number): string[] {
  const last = (version: 4 | 6) =>
    leases.findLast((lease) => lease.adapter === adapter && lease.version === version && !(lease.ends < now))?.servers ?? []
  return [...last(4), ...last(6)]
}
