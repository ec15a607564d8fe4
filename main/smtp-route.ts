// Who takes mail for a domain: as the transport service finds it, and beside it as this machine's programs do.
import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Resolution } from '../preload/contract/dns.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Found, SmtpRoute } from '../preload/contract/smtp-test.ts'
import { recordText } from './dns/ask.ts'
import { resolve } from './dns/resolve.ts'
import { serversOf } from './dns/source.ts'
import { addressesIn, readHosts, type Hosts } from './hosts/lines.ts'
import { parseNextHop } from './transport/embedded/settings.ts'
import type { Transport } from './transport/transport.ts'
import type { World } from './world/world.ts'

/** The edge server that is asked about, in its world. */
export interface Stand {
  world: World
  transport: Transport
}

type Host = Found['hosts'][number]

interface Side {
  mx(domain: string): Promise<Resolution>
  /** Of one host; the text says why where there are none. */
  addresses(host: string): Promise<{ addresses: string[]; text: string }>
}

/** A zone is written by a stranger. */
const mostHosts = 20
const mostAddresses = 20
/** Milliseconds for one DNS server, and for the system with all of its ways to look a name up. */
const dnsTimeout = 3_000
const systemTimeout = 10_000

/** Both sides at once; they reject only where it is cancelled. */
export function sidesOf(stand: Stand, domain: string, signal: AbortSignal): { transport: Promise<Found>; system: Promise<Found>; route: Promise<SmtpRoute> } {
  const sides = [byTransport(stand, domain, signal), bySystem(stand, domain, signal)] as const
  const route = Promise.all(sides).then(([transport, system]) => ({ domain, transport, system, differences: differences(transport, system) }))
  return { transport: sides[0], system: sides[1], route }
}

function byTransport({ world, transport }: Stand, domain: string, signal: AbortSignal): Promise<Found> {
  return found(signal, async () => {
    const literal = literalOf(domain)
    if (literal) return literal
    const hosts = await readHosts(world.hostsFile)
    const side: Side = { mx: (name) => transport.resolve(name, 'MX', signal), addresses: (host) => addressesOf(host, hosts, (name, type) => transport.resolve(name, type, signal)) }
    const { acceptedDomains } = await transport.properties()
    const own = acceptedDomains.find((one) => one.domain.toLowerCase() === domain.toLowerCase())
    if (own) {
      const { host, port } = parseNextHop(own.nextHop)
      const { addresses, text } = await side.addresses(host)
      return settled([{ host, preference: null, addresses, port: port === 25 ? null : port }], `${domain} is a domain of this edge server, whose next hop is ${own.nextHop}; ${text}`)
    }
    // As the transport does: an entry for the domain itself comes before its MX.
    const listed = addressesIn(hosts, domain)
    if (listed.length > 0) return settled([{ host: domain, preference: null, addresses: listed, port: null }], `The hosts file has ${domain} at ${listed.join(', ')}.`)
    return byMx(domain, side)
  })
}

function bySystem({ world }: Pick<Stand, 'world'>, domain: string, signal: AbortSignal): Promise<Found> {
  return found(signal, async () => literalOf(domain) ?? byMx(domain, await systemSide(world, signal)))
}

/** At its own address, or where the transport, else the system, finds it. */
export async function oneHost(stand: Stand, host: string, signal: AbortSignal): Promise<Host> {
  const bare = host.replace(/^\[(?:IPv6:)?(.+)\]$/i, '$1')
  if (isIP(bare)) return { host: bare, preference: null, addresses: [bare], port: null }
  const hosts = await readHosts(stand.world.hostsFile)
  const tries = [
    () => addressesOf(host, hosts, (name, type) => stand.transport.resolve(name, type, signal)),
    async () => (await systemSide(stand.world, signal)).addresses(host),
  ]
  const said: string[] = []
  for (const attempt of tries) {
    const { addresses, text } = await unlessCancelled(attempt(), signal).catch((error: unknown) => ({ addresses: [], text: reason(error) }))
    signal.throwIfAborted()
    if (addresses.length > 0) return { host, preference: null, addresses, port: null }
    said.push(text)
  }
  throw new Failure('failed', `${host} has no address: ${[...new Set(said)].join('; ')}.`, 'Check the name, or give an IP address.')
}

async function found(signal: AbortSignal, look: () => Promise<Found>): Promise<Found> {
  try {
    return await unlessCancelled(look(), signal)
  } catch (error) {
    signal.throwIfAborted()
    return { hosts: [], text: reason(error), problem: reason(error) }
  }
}

/** Who is asked may not know of cancelling. */
function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((done, failed) => {
    const cancelled = () => failed(signal.reason instanceof Error ? signal.reason : new Failure('cancelled', 'Cancelled.'))
    if (signal.aborted) cancelled()
    signal.addEventListener('abort', cancelled, { once: true })
    work.then(done, failed).finally(() => signal.removeEventListener('abort', cancelled))
  })
}

function literalOf(domain: string): Found | null {
  const address = /^\[(?:IPv6:)?(.+)\]$/i.exec(domain)?.[1]
  if (address === undefined) return null
  if (!isIP(address)) return { hosts: [], text: `${domain} is no address.`, problem: `${domain} is no address.` }
  return settled([{ host: address, preference: null, addresses: [address], port: null }], `The recipient names the address ${address} itself.`)
}

/** RFC 5321 §5.1; a null MX is RFC 7505. */
async function byMx(domain: string, side: Side): Promise<Found> {
  const mx = await side.mx(domain)
  const nobody = (why: string): Found => ({ hosts: [], text: why, problem: why })
  if (mx.kind === 'failed') return nobody(`The MX of ${domain} cannot be found: ${mx.text}.`)
  if (mx.kind === 'no-domain') return nobody(`There is no domain ${domain}: ${mx.text}.`)
  const records = mx.values.flatMap((value) => {
    const [, preference, host = ''] = /^(\d+) (\S*?)\.?$/.exec(value) ?? []
    return preference === undefined ? [] : [{ preference: Number(preference), host }]
  })
  if (mx.kind === 'records' && records.every(({ host }) => host === '')) return nobody(`${domain} takes no mail (null MX): ${mx.text}.`)
  const named = records.filter(({ host }) => host !== '').sort((a, b) => a.preference - b.preference)
  const wanted: { host: string; preference: number | null }[] = mx.kind === 'records' ? named.slice(0, mostHosts) : [{ host: domain, preference: null }]
  const hosts = await Promise.all(wanted.map(async (one) => ({ ...one, port: null, ...(await side.addresses(one.host)) })))
  const left = named.length > mostHosts ? ` Only the first ${mostHosts} of ${named.length} are looked at.` : ''
  return settled(hosts, `${mx.text}; ${hosts.map(({ text }) => text).join('; ')}.${left}`)
}

function settled(hosts: Host[], text: string): Found {
  const listed = hosts.map(({ host, preference, addresses, port }) => ({ host, preference, addresses: [...new Set(addresses)].slice(0, mostAddresses), port }))
  return { hosts: listed, text, problem: listed.some(({ addresses }) => addresses.length > 0) ? null : `No mail host has an address: ${text}` }
}

/** The hosts file first; else both families at once. */
async function addressesOf(host: string, hosts: Hosts, ask: (name: string, type: 'A' | 'AAAA') => Promise<Resolution>): Promise<{ addresses: string[]; text: string }> {
  if (isIP(host)) return { addresses: [host], text: `it is the address ${host}` }
  const listed = addressesIn(hosts, host)
  if (listed.length > 0) return { addresses: listed, text: `the hosts file has ${host} at ${listed.join(', ')}` }
  const answers = await Promise.all([ask(host, 'A'), ask(host, 'AAAA')])
  const addresses = answers.flatMap(({ kind, values }) => (kind === 'records' ? values : []))
  if (addresses.length > 0) return { addresses, text: `${host} is at ${addresses.join(', ')}` }
  const failed = answers.find(({ kind }) => kind === 'failed')
  return { addresses: [], text: failed ? `${host}: ${failed.text}` : `${host} has no address` }
}

async function systemSide(world: World, signal: AbortSignal): Promise<Side> {
  if (world.file === null) return { mx: machineMx, addresses: machineAddresses }
  const [hosts, adapters] = await Promise.all([readHosts(world.hostsFile), world.adapters()])
  const { servers, problem } = serversOf({ source: { kind: 'all-adapters' }, protocol: 'any' }, adapters)
  const ask = async (name: string, type: 'MX' | 'A' | 'AAAA'): Promise<Resolution> => {
    if (problem !== null) return { kind: 'failed', values: [], text: problem.replace(/\.$/, '') }
    const answer = await resolve(servers, { name, type }, { protocol: 'any', timeout: dnsTimeout, signal, reach: (address, port) => world.reach(address, port) })
    if (answer.kind === 'failed') return { kind: 'failed', values: [], text: answer.text }
    const who = answer.server ?? 'nobody was asked, since it'
    if (answer.kind !== 'records') return { kind: answer.kind, values: [], text: `${who} says that ${name} has no ${type}` }
    const values = answer.records.map(recordText)
    return { kind: 'records', values, text: `${who} answers ${values.join(', ')}` }
  }
  return { mx: (domain) => ask(domain, 'MX'), addresses: (host) => addressesOf(host, hosts, ask) }
}

async function machineMx(domain: string): Promise<Resolution> {
  const resolver = new Resolver({ timeout: dnsTimeout, tries: 1 })
  const who = resolver.getServers().join(', ') || 'the system'
  const late = setTimeout(() => resolver.cancel(), systemTimeout)
  try {
    const values = (await resolver.resolveMx(domain)).map(({ priority, exchange }) => `${priority} ${exchange || '.'}`)
    return { kind: 'records', values, text: `${who} answers ${values.join(', ')}` }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOTFOUND') return { kind: 'no-domain', values: [], text: `${who} says that it does not exist` }
    if (code === 'ENODATA') return { kind: 'no-data', values: [], text: `${who} says that ${domain} has no MX` }
    return { kind: 'failed', values: [], text: `${who}: ${code === 'ECANCELLED' ? `no answer within ${systemTimeout / 1000} s` : code}` }
  } finally {
    clearTimeout(late)
  }
}

/** As every program of this machine does, with the hosts file and whatever else is set up (getaddrinfo). */
async function machineAddresses(host: string): Promise<{ addresses: string[]; text: string }> {
  if (isIP(host)) return { addresses: [host], text: `it is the address ${host}` }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((done) => (timer = setTimeout(done, systemTimeout, null)))
  try {
    const answer = await Promise.race([lookup(host, { all: true }), late])
    if (answer === null) return { addresses: [], text: `${host}: the system gave no answer within ${systemTimeout / 1000} s` }
    const addresses = answer.map(({ address }) => address)
    return { addresses, text: `${host} is at ${addresses.join(', ')}` }
  } catch (error) {
    return { addresses: [], text: codeOf(error) === 'ENOTFOUND' ? `${host} has no address` : `${host}: ${codeOf(error)}` }
  } finally {
    clearTimeout(timer)
  }
}

function differences(transport: Found, system: Found): string[] {
  const shown = (found: Found) => found.hosts.map(({ host }) => host).join(', ')
  if (transport.problem !== null || system.problem !== null) {
    if (transport.problem !== null && system.problem !== null) return []
    if (transport.problem !== null) return [`This machine finds ${shown(system)}, but the transport does not: ${transport.problem}`]
    return [`The transport finds ${shown(transport)}, but this machine does not: ${system.problem}`]
  }
  const key = (host: string) => host.toLowerCase()
  const only = (one: Found, other: Found) => one.hosts.filter(({ host }) => !other.hosts.some((its) => key(its.host) === key(host))).map(({ host }) => host)
  const [here, there] = [only(transport, system), only(system, transport)]
  const moved = transport.hosts.flatMap(({ host, addresses }) => {
    const its = system.hosts.find((one) => key(one.host) === key(host))
    const differ = its && [...addresses].sort().join() !== [...its.addresses].sort().join()
    return differ ? [`${host} is at ${addresses.join(', ') || 'no address'} for the transport, at ${its.addresses.join(', ') || 'no address'} for this machine.`] : []
  })
  return [...(here.length > 0 ? [`Only the transport finds ${here.join(', ')}.`] : []), ...(there.length > 0 ? [`Only this machine finds ${there.join(', ')}.`] : []), ...moved]
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error))
const reason = (error: unknown) => (error instanceof Failure ? [error.message, error.remedy].filter(Boolean).join(' ') : codeOf(error))
