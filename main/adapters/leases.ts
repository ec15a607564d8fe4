// DNS servers in the leases that dhclient keeps (dhclient.leases(5)) and in what dhcpcd leaves in /run.

export interface Lease {
  adapter: string
  version: 4 | 6
  servers: string[]
  /** Milliseconds since 1970; infinite where the lease does not end. */
  ends: number
}

/** Strings (those that do not end too, so that the time stays linear), comments, braces, semicolons and words. */
export const tokens = /"(?:[^"\\\n]|\\.)*"?|#[^\n]*|[{};]|[^\s{};"#]+/g

/** The IP version of the option that names DNS servers; null where it is another option. */
export const namesServers = (option: string | undefined): 4 | 6 | null => (option === 'domain-name-servers' ? 4 : option === 'dhcp6.name-servers' ? 6 : null)

export const serversIn = (words: string[]): string[] => words.join(',').split(',').filter((server) => server !== '')

/**
 * The leases of a file in its order, the newest last. A lease that is not whole, since the file was cut or only its
 * end was read, is left out.
 */
export function leasesIn(text: string): Lease[] {
  const leases: Lease[] = []
  let lease: Lease | null = null
  let depth = 0
  let starts = 0
  let addressEnds = 0
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
        addressEnds = 0
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
      else if (lease && key === 'option' && namesServers(values[0]) !== null) lease.servers = serversIn(values.slice(1))
      else if (lease && key === 'expire') lease.ends = timeOf(values)
      else if (key === 'starts') starts = Number(values[0])
      // One of IPv6 has several addresses, an old one among them, and holds as long as the last of them.
      else if (lease && key === 'max-life') lease.ends = addressEnds = Math.max(addressEnds, (starts + Number(values[0])) * 1000)
      else if (lease && key === 'released') lease.ends = 0
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

/** The last lease of one adapter that has not ended. `now` in milliseconds since 1970. */
export const lastLease = (leases: Lease[], adapter: string, version: Lease['version'], now: number): Lease | undefined =>
  leases.findLast((lease) => lease.adapter === adapter && lease.version === version && !(lease.ends < now))
