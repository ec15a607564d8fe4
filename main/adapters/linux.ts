// Linux: links and addresses from `ip`, DNS servers from the files of whichever program manages them.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { dnsSources, type DnsSource } from './linux-dns.ts'
import { askLinks, type Link } from './linux-links.ts'
import { knownDnsServers } from './server-list.ts'

export interface LinuxMachine {
  /** The folder below which the system's files are read. */
  root: string
  /** The program `ip`, with what comes before its options. */
  ip?: readonly [string, ...string[]]
  signal?: AbortSignal | undefined
}

/** Throws a Failure where `ip` is missing, fails or hangs; what vanishes between two reads is simply absent. */
export async function linuxAdapters({ root, ip = ['ip'], signal }: LinuxMachine): Promise<Adapter[]> {
  const [links, sources] = await Promise.all([askLinks(ip, signal), dnsSources(root, signal)])
  return Promise.all(links.map((link) => adapterOf(link, sources, root)))
}

async function adapterOf(link: Link, sources: DnsSource[], root: string): Promise<Adapter> {
  const { id, name, description, mac, state, addresses } = link
  const wireless = link.kind === 'ethernet' && link.hardware && (await isWireless(name, root))
  return { id, name, description, mac, kind: wireless ? 'wifi' : link.kind, state, addresses, ...serversOf(link, sources) }
}

function serversOf(link: Link, sources: DnsSource[]): Pick<Adapter, 'dnsServers' | 'dnsSource'> {
  for (const source of sources) {
    const dnsServers = knownDnsServers(source.serversOf(link), link.name)
    if (dnsServers.length > 0) return { dnsServers, dnsSource: source.name }
  }
  return { dnsServers: [], dnsSource: 'none' }
}

const isWireless = (name: string, root: string): Promise<boolean> =>
  access(join(root, 'sys/class/net', name, 'phy80211')).then(
    () => true,
    () => false,
  )
