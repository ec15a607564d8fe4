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
  const [only, ...more] = links.filter(({ state, kind }) => state === 'up' && kind !== 'loopback')
  return links.map((link) => adapterOf(link, sources, { root, isOnly: link === only && more.length === 0 }))
}

const linksOf = async (ip: LinuxMachine['ip'], signal?: AbortSignal): Promise<Link[]> =>
  (ip ? null : await netlinkLinks()) ?? (await import('./linux-ip.ts')).askLinks(ip ?? ['ip'], signal)

function adapterOf(link: Link, sources: DnsSource[], { root, isOnly }: { root: string; isOnly: boolean }): Adapter {
  const { hardware, ...told } = link
  const wireless = link.kind === 'ethernet' && hardware && existsSync(join(root, 'sys/class/net', link.name, 'phy80211'))
  return { ...told, kind: wireless ? 'wifi' : link.kind, ...serversOf(link, sources, isOnly) }
}

function serversOf(link: Link, sources: DnsSource[], isOnly: boolean): Pick<Adapter, 'dnsServers' | 'dnsSource'> {
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
    if (found.dnsServers.length > 0) return found
  }
  return { dnsServers: [], dnsSource: 'none' }
}
