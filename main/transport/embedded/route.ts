// The next hop of a domain, as the relay finds it: hosts file first, then the chosen DNS servers.
import { isIP } from 'node:net'
import type { DnsLookups, DnsServerAddress, InEffect, LookupSide, Resolution } from '../../../preload/contract/dns.ts'
import { recordText } from '../../dns/ask.ts'
import { resolve, type Resolved } from '../../dns/resolve.ts'
import { serversOf } from '../../dns/source.ts'
import { addressesIn, readHosts } from '../../hosts/lines.ts'
import type { World } from '../../world/world.ts'
import { parseNextHop, type Settings } from './settings.ts'

/** A host to deliver to; `via` is where its address and port really lead in this world. */
export interface Target {
  host: string
  address: string
  port: number
  via: DnsServerAddress
}

export type Route =
  | { kind: 'targets'; targets: Target[] }
  | { kind: 'deferred'; stage: 'dns' | 'other'; error: string }
  | { kind: 'returned'; stage: 'dns' | 'other'; error: string }

const smtpPort = 25
/** What one message may cost: a zone is written by a stranger. */
const mostMailHosts = 10
const mostTargets = 20
/** At the same time, over all messages: each holds a socket. */
const mostQuestions = 64
/** Milliseconds for one DNS server to answer one question; the next one is asked then. */
const dnsTimeout = 3_000

export class Router {
  private readonly world: World
  private readonly settings: Settings
  private readonly listen: DnsServerAddress
  private readonly questions = new Limit(mostQuestions)
  private adaptersRead: { at: number; adapters: ReturnType<World['adapters']> } | null = null

  /** `listen` is where this relay itself takes mail. */
  constructor(world: World, settings: Settings, listen: DnsServerAddress) {
    this.world = world
    this.listen = listen
    this.settings = settings
  }

  /** What each side asks at this moment. */
  async inEffect(): Promise<Record<LookupSide, InEffect>> {
    const [internal, external] = await Promise.all([this.side('internal'), this.side('external')])
    return { internal, external }
  }

  async route(domain: string): Promise<Route> {
    const literal = /^\[(?:IPv6:)?(.+)\]$/i.exec(domain)?.[1]
    if (literal !== undefined) return this.literal(literal)

    const accepted = this.settings.acceptedDomains.find((one) => one.domain.toLowerCase() === domain.toLowerCase())
    if (accepted) {
      const { host, port } = parseNextHop(accepted.nextHop)
      return this.toHost(host, port, 'internal')
    }

    const side = this.sideForInternet
    const listed = await this.fromHosts(domain)
    if (listed.length > 0) return this.targets(listed.map((address) => ({ host: domain, address, port: smtpPort })))

    const found = await this.ask(domain, 'MX', side)
    if (found.kind === 'failed') return deferred(found.text)
    if (found.kind === 'no-domain') return deferred(nonExistent(domain, found.server))
    // RFC 5321 §5.1: without an MX the domain's own address is its mail host.
    if (found.kind === 'no-data') return this.toHost(domain, smtpPort, side)

    const exchanges = found.records.flatMap((record) => (record.type === 'MX' ? [record.data] : []))
    // RFC 7505: the only MX is "." where a domain takes no mail.
    if (exchanges.length === 1 && exchanges[0] && ['', '.'].includes(exchanges[0].exchange))
      return { kind: 'returned', stage: 'dns', error: `556 5.1.10 ${domain} takes no mail (null MX)` }
    const ordered = shuffled(exchanges).sort((a, b) => (a.preference ?? 0) - (b.preference ?? 0))
    const routes = await Promise.all(ordered.slice(0, mostMailHosts).map((mx) => this.toHost(mx.exchange.replace(/\.$/, ''), smtpPort, side)))
    // RFC 5321 §5.1: ourselves, and all hosts after us in preference, would send it in a circle.
    const loop = routes.findIndex((route) => route.kind === 'deferred' && route.error === loopText)
    const before = loop === -1 ? routes : routes.slice(0, loop)
    const targets = before.flatMap((route) => (route.kind === 'targets' ? route.targets : []))
    if (targets.length > 0) return { kind: 'targets', targets: targets.slice(0, mostTargets) }
    return routes[loop] ?? routes.find((route) => route.kind === 'deferred') ?? deferred(`${domain} has no mail host`)
  }

  /** As mail for the Internet is looked up. */
  async resolve(name: string, type: 'MX' | 'A' | 'AAAA' | 'NS', signal?: AbortSignal): Promise<Resolution> {
    const found = await this.ask(name, type, this.sideForInternet, signal)
    if (found.kind === 'failed') return { kind: 'failed', values: [], text: found.text }
    const who = found.server ?? 'nobody was asked: '
    if (found.kind !== 'records') return { kind: found.kind, values: [], text: `${who} says that ${name} has no ${type}` }
    const values = found.records.map(recordText)
    return { kind: 'records', values, text: `${who} answers ${values.join(', ')}` }
  }

  private get sideForInternet(): LookupSide {
    return this.settings.lookups.useExternalForInternet ? 'external' : 'internal'
  }

  private async side(side: LookupSide): Promise<InEffect> {
    const lookups: DnsLookups[LookupSide] = this.settings.lookups[side]
    if (lookups.source.kind === 'servers') return { lookups, ...serversOf(lookups, []) }
    try {
      return { lookups, ...serversOf(lookups, await this.adapters()) }
    } catch (error) {
      // Mail waits and the state can be asked all the same.
      this.adaptersRead = null
      return { lookups, servers: [], problem: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Read once for what is asked within the same two seconds: a burst of mail must not start a process a message. */
  private adapters(): ReturnType<World['adapters']> {
    const now = Date.now()
    if (!this.adaptersRead || now - this.adaptersRead.at > 2_000)
      this.adaptersRead = { at: now, adapters: this.world.adapters() }
    return this.adaptersRead.adapters
  }

  private async fromHosts(name: string): Promise<string[]> {
    return addressesIn(await readHosts(this.world.hostsFile), name)
  }

  private async ask(name: string, type: 'MX' | 'A' | 'AAAA' | 'NS', side: LookupSide, signal?: AbortSignal): Promise<Resolved> {
    const { lookups, servers, problem } = await this.side(side)
    if (servers.length === 0) return { kind: 'failed', tries: [], text: problem ?? 'there is no DNS server to ask' }
    const reach = (address: string, port: number) => this.world.reach(address, port)
    return this.questions.run(() => resolve(servers, { name, type }, { protocol: lookups.protocol, timeout: dnsTimeout, reach, signal }))
  }

  private literal(address: string): Route {
    if (!isIP(address)) return { kind: 'returned', stage: 'other', error: `550 5.1.2 [${address}] is no address literal` }
    return this.targets([{ host: address, address, port: smtpPort }])
  }

  private async toHost(name: string, port: number, side: LookupSide): Promise<Route> {
    if (isIP(name)) return this.targets([{ host: name, address: name, port }])
    const listed = await this.fromHosts(name)
    if (listed.length > 0) return this.targets(listed.map((address) => ({ host: name, address, port })))

    const [a, aaaa] = await Promise.all([this.ask(name, 'A', side), this.ask(name, 'AAAA', side)])
    const addresses = [a, aaaa].flatMap((found) =>
      found.kind === 'records'
        ? found.records.flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? [record.data] : []))
        : [],
    )
    if (addresses.length > 0) return this.targets(addresses.map((address) => ({ host: name, address, port })))
    if (a.kind === 'failed') return deferred(a.text)
    if (aaaa.kind === 'failed') return deferred(aaaa.text)
    return deferred(a.kind === 'no-domain' ? nonExistent(name, a.server) : `${name} has no address`)
  }

  private targets(found: Omit<Target, 'via'>[]): Route {
    const usable = found.filter(({ address }) => canBeHost(address))
    if (usable.length === 0) return deferred(`${found[0]?.host} is said to be at ${found.map(({ address }) => address).join(', ')}, where no host can be`)
    const targets = usable.map((one) => ({ ...one, via: this.world.reach(one.address, one.port) })).filter(({ via }) => via.port !== this.listen.port || !isLoopback(via.address))
    return targets.length > 0 ? { kind: 'targets', targets } : { kind: 'deferred', stage: 'other', error: loopText }
  }
}

const loopText = '451 4.4.6 Mail for this domain is led back to this server (mail loop)'

/** RFC 1122 §3.2.1.3, RFC 4291 §2.7: this network, broadcast, multicast and the unspecified address are no host. */
function canBeHost(address: string): boolean {
  const first = Number(address.split('.')[0])
  if (isIP(address) === 4) return first > 0 && first < 224
  return !/^(::|ff..:.*)$/i.test(address)
}

export const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/i.test(address)

/** Lets so many run at once; the others wait their turn. */
class Limit {
  private free: number
  private readonly waiting: (() => void)[] = []

  constructor(most: number) {
    this.free = most
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--
    else await new Promise<void>((turn) => this.waiting.push(turn))
    try {
      return await work()
    } finally {
      const next = this.waiting.shift()
      if (next) next()
      else this.free++
    }
  }
}

/** Exchange's words (Queue Viewer's last error), which administrators search for. */
function deferred(why: string): Route {
  return { kind: 'deferred', stage: 'dns', error: `451 4.4.0 DNS query failed. The error was: ${why}` }
}

/**
 * A domain that is said not to exist waits all the same, until it expires: the DNS server of a wrong adapter says
 * so of every outside name, and mail that was returned to its sender cannot be fetched back.
 */
function nonExistent(name: string, server: string | null): string {
  if (server === null) return `“${name}” cannot be the name of a domain`
  return `SMTPSEND.DNS.NonExistentDomain; nonexistent domain (${server} says that ${name} does not exist)`
}

/** RFC 5321 §5.1: hosts of the same preference are tried in random order. */
function shuffled<T>(list: readonly T[]): T[] {
  return list.map((value) => ({ value, order: Math.random() })).sort((a, b) => a.order - b.order).map(({ value }) => value)
}
