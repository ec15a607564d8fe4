// Why a connection to a destination failed, in words; the operating system's own word stays beside it.
const words: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to its network',
  EADDRNOTAVAIL: 'no address of this machine can reach it',
  EPIPE: 'connection closed',
}

/** Without the addresses that node and Haraka name: in a lab they are not those that the world knows. */
export function connectionText(why: string): string {
  const code = /\bE[A-Z]{4,}\b/.exec(why)?.[0]
  if (code !== undefined) return `${words[code] ?? 'connection failed'} (${code})`
  if (why.startsWith('connection timed out')) return 'connection timed out'
  return why.replace(/\boutbound::\{.*\}/, '').replace(/\s+/g, ' ').trim()
}
