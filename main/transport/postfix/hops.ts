// Next hops: which queue a recipient's mail waits in. An accepted domain is its own, whatever host stands behind it.
import { deliveryType } from '../delivery-type.ts'
import { keysFor, nextHopOf } from './domains.ts'
import type { Instance } from './instance.ts'
import { valuesIn } from './tables.ts'

export interface Hop {
  /** Lower case: the recipient's domain, or what a relayhost or a transport map names instead. */
  readonly name: string
  /** For one of the accepted domains. */
  readonly isInbound: boolean
  readonly deliveryType: string
}

/** Domains that are remembered; a queue has a few thousand at most. */
const mostDomains = 100_000

export class Hops {
  private readonly accepted: ReadonlySet<string>
  /** What all other mail goes to; empty where its own domain says. */
  private readonly relay: string
  private readonly hasMaps: boolean
  private readonly instance: Instance
  private readonly byDomain = new Map<string, Hop>()
  private readonly byName = new Map<string, Hop>()
  /** Recipients' domains that were not looked up in the transport maps yet. */
  private unlooked = new Set<string>()

  /** `accepted` are the domains that this edge takes mail for. */
  constructor(instance: Instance, accepted: readonly string[]) {
    this.instance = instance
    this.accepted = new Set(accepted.map((domain) => domain.toLowerCase()))
    const value = (name: string) => instance.values.get(name)?.trim() ?? ''
    this.relay = nextHopOf([value('default_transport')], value('relayhost')).toLowerCase()
    this.hasMaps = value('transport_maps') !== ''
  }

  of(address: string): Hop {
    const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
    const known = this.byDomain.get(domain)
    if (known) return known
    const isInbound = this.accepted.has(domain)
    if (this.byDomain.size >= mostDomains) this.byDomain.clear()
    const hop = this.hop(isInbound || this.relay === '' ? domain : this.relay, isInbound, isInbound || this.relay !== '')
    this.byDomain.set(domain, hop)
    if (this.hasMaps && !isInbound) this.unlooked.add(domain)
    return hop
  }

  /** Looks new domains up in the transport maps; whether any of them leads elsewhere. A map that cannot be read changes nothing. */
  async learn(signal: AbortSignal): Promise<boolean> {
    const domains = [...this.unlooked]
    this.unlooked = new Set()
    if (domains.length === 0) return false
    const found = await valuesIn(this.instance, this.instance.values.get('transport_maps'), [...new Set(domains.flatMap(keysFor))], signal).catch(() => new Map<string, string>())
    let differs = false
    for (const domain of domains) {
      const way = keysFor(domain).map((key) => found.get(key)).find((value) => value !== undefined)
      // A way that is no network (error:, discard:, a pipe) is no next hop to be looked at.
      const name = way !== undefined && /^((smtp|relay|lmtp)[^:]*)?:/.test(way) ? nextHopOf([way], '').toLowerCase() : ''
      if (name === '' || name === this.byDomain.get(domain)?.name) continue
      this.byDomain.set(domain, this.hop(name, false, true))
      differs = true
    }
    return differs
  }

  private hop(name: string, isInbound: boolean, toSmartHost: boolean): Hop {
    const known = this.byName.get(name)
    if (known) return known
    const hop = { name, isInbound, deliveryType: deliveryType(toSmartHost) }
    this.byName.set(name, hop)
    return hop
  }
}
