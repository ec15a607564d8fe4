// Linux: links and addresses from the kernel, DNS servers from the files of whichever program manages them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { dnsSources, overruled, resolvConfName, type DnsSource } from './linux-dns.ts'
import type { Link } from './linux-links.ts'
import { netlinkLinks } from './netlink.ts'
import { knownDnsServers } from './server-list.ts'

export interface LinuxMachine {
  /** The folder below which the system's files are read. */
  root: string
  /** The program `ip`, with what comes before its options; without it, it is asked only where the kernel cannot be. */
  ip?: readonly [string, ...string[]] | undefined
  signal?: AbortSignal | undefined
}

/** Throws a Failure where `ip` is missing, fails or hangs; what vanishes between two reads is simply absent. */
export async function linuxAdapters({ root, ip, signal }: LinuxMachine): Promise<Adapter[]> {
  const [links, sources] = await Promise.all([linksOf(ip, signal), dnsSources(root, signal)])
  const outward = links.filter(({ state, kind }) => state === 'up' && kind !== 'loopback')
  const isAlone = outward.length === 1
  const ofOthers = new Set(isAlone ? [] : outward.flatMap((link) => serversTold(link, sources)))
  return links.map((link) => adapterOf(link, sources, { root, isOnly: isAlone && link === outward[0], ofOthers }))
}

/** By whoever speaks of this link, which resolv.conf does not. */
const serversTold = (link: Link, sources: DnsSource[]): string[] =>
  sources.filter(({ name }) => name !== resolvConfName).map((source) => knownDnsServers(source.serversOf(link), link.name)).find((servers) => servers.length > 0) ?? []

interface Beside {
  root: string
  /** No other link leads outward. */
  isOnly: boolean
  /** DNS servers that were told for a link: resolv.conf has those of all links in one list. */
  ofOthers: Set<string>
}

const linksOf = async (ip: LinuxMachine['ip'], signal?: AbortSignal): Promise<Link[]> =>
  (ip ? null : await netlinkLinks()) ?? (await import('./linux-ip.ts')).askLinks(ip ?? ['ip'], signal)

function adapterOf(link: Link, sources: DnsSource[], beside: Beside): Adapter {
  const { hardware, ...told } = link
  const wireless = link.kind === 'ethernet' && hardware && existsSync(join(beside.root, 'sys/class/net', link.name, 'phy80211'))
  return { ...told, kind: wireless ? 'wifi' : link.kind, ...serversOf(link, sources, beside) }
}

function serversOf(link: Link, sources: DnsSource[], { isOnly, ofOthers }: Beside): Pick<Adapter, 'dnsServers' | 'dnsSource'> {
  const known = (source: DnsSource) => ({ dnsServers: knownDnsServers(source.serversOf(link), link.name), dnsSource: source.name })
  if (isOnly) {
    const all = sources.map(known)
    const last = all.find(({ dnsSource }) => dnsSource === resolvConfName)
    const told = all.filter((one) => one !== last).flatMap(({ dnsServers }) => dnsServers)
    if (last && overruled(told, last.dnsServers)) return last
    return all.find(({ dnsServers }) => dnsServers.length > 0) ?? { dnsServers: [], dnsSource: 'none' }
  }
  for (const source of sources) {
    const found = known(source)
    const dnsServers = source.name === resolvConfName ? found.dnsServers.filter((server) => !ofOthers.has(server)) : found.dnsServers
    if (dnsServers.length > 0) return { ...found, dnsServers }
  }
  return { dnsServers: [], dnsSource: 'none' }
}
