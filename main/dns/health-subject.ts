// Which DNS servers are asked about their health, and for which names: those that matter to this edge server's mail.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { AskedServer, HealthName } from './health.ts'

/** What is used of a transport. */
interface Knows {
  properties(): Promise<{ acceptedDomains: { domain: string; nextHop: string }[]; service: { state: string } }>
  queues(): Promise<{ nextHop: string; lastError: string | null }[]>
}

/** Milliseconds: DNS servers can be asked without the transport, which may be what is down. */
const patience = 1000
/** Of each kind. */
const most = 2

/** A server that several adapters have is asked once. */
export function serversToAsk(adapters: Adapter[], ids: string[] | undefined, listed: string[]): AskedServer[] {
  const chosen = adapters.filter(({ id, state }) => (ids ? ids.includes(id) : state === 'up'))
  const asked = new Map<string, AskedServer>()
  for (const server of [...chosen.flatMap(({ dnsServers }) => dnsServers), ...listed]) asked.set(server, { server, adapters: [] })
  for (const { id, dnsServers } of chosen) for (const server of new Set(dnsServers)) asked.get(server)?.adapters.push(id)
  return [...asked.values()]
}

/** Never throws: where the transport cannot be asked, the root must do. */
export async function namesToKnow(transport: Knows, signal: AbortSignal): Promise<HealthName[]> {
  const soon = async <T>(asked: Promise<T[]>): Promise<T[]> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<T[]>((resolve) => {
      timer = setTimeout(() => resolve([]), patience)
      signal.addEventListener('abort', () => resolve([]), { once: true })
    })
    return Promise.race([asked.catch(() => []), late]).finally(() => clearTimeout(timer))
  }
  const [properties] = await soon(transport.properties().then((known) => [known]))
  const accepted = properties?.acceptedDomains ?? []
  // Asking for queues would start a service that does not run, which nobody wished who asks about DNS servers.
  const queues = properties?.service.state === 'running' ? await soon(transport.queues()) : []
  const own = new Set(accepted.map(({ domain }) => domain.toLowerCase()))
  const waiting = queues
    .filter(({ nextHop }) => /[a-z]/i.test(nextHop) && !/[:[\s]/.test(nextHop) && !own.has(nextHop.toLowerCase()))
    .sort((a, b) => Number(b.lastError !== null) - Number(a.lastError !== null))
    .map(({ nextHop }) => nextHop)
  const named = (names: string[], purpose: HealthName['purpose']) => [...new Set(names)].slice(0, most).map((name) => ({ name, purpose }))
  return [...named([...own], 'accepted'), ...named(waiting, 'waiting')]
}
