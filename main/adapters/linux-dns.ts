// Which DNS servers Linux knows for each link, and which program says so. The first that has any for a link wins,
// unless resolv.conf shows that none of them is in effect.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded, readFolder } from './bounded-file.ts'
import { dhcpcdServers } from './dhcpcd-lease.ts'
import { configuredInterfaces } from './ifupdown.ts'
import { leasedServers, leasesIn } from './leases.ts'
import type { Link } from './linux-links.ts'

export interface DnsSource {
  name: string
  /** As the program writes them, in order. */
  serversOf(link: Link): string[]
}

/** Milliseconds. */
const nmcliLimit = 2000

/** In the order in which they count. Never throws: a source that cannot be read has no servers. */
export async function dnsSources(root: string, signal?: AbortSignal): Promise<DnsSource[]> {
  const sources = await Promise.all([
    resolved(root),
    networkManager(root, signal),
    resolvconf(root),
    ifupdownAndLeases(root),
    resolvConf(root),
  ])
  return sources.flat()
}

/**
 * Of a machine's only link: what resolv.conf has, where nobody who speaks of that link told it any of this. Then an
 * administrator wrote it, or a hook of the DHCP client, and it is what programs ask. With more links resolv.conf
 * cannot hold the servers of each, and a local forwarder (127.0.0.1) in it hides whom it asks.
 */
export function overruled(told: string[], inResolvConf: string[]): boolean {
  const outward = inResolvConf.filter((server) => !/^(127\.|::1$)/.test(server))
  return told.length > 0 && outward.length > 0 && outward.length === inResolvConf.length && !outward.some((server) => told.includes(server))
}

export const resolvConfName = 'resolv.conf'

/**
 * systemd-resolved keeps what it was told for a link in netif/, and takes the rest from networkd's links/ and leases/;
 * where resolved does not run, networkd alone knows them.
 */
async function resolved(root: string): Promise<DnsSource[]> {
  const run = join(root, 'run/systemd')
  const runs = existsSync(join(run, 'resolve'))
  const [told, links, leased] = await Promise.all([
    byIndex(join(run, 'resolve/netif'), 'SERVERS'),
    byIndex(join(run, 'netif/links'), 'DNS'),
    byIndex(join(run, 'netif/leases'), 'DNS'),
  ])
  // A program that has nothing is not asked about each of hundreds of links.
  const source = (name: string, servers: Map<string, string[]>): DnsSource[] =>
    servers.size === 0 ? [] : [{ name, serversOf: (link) => servers.get(String(link.index)) ?? [] }]
  const networkd = runs ? 'systemd-resolved' : 'systemd-networkd'
  return [...source('systemd-resolved', told), ...source(networkd, links), ...source(networkd, leased)]
}

async function byIndex(folder: string, key: string): Promise<Map<string, string[]>> {
  const files = await readFolder(folder, /^\d+$/)
  return new Map(files.map(({ name, text }) => [name, systemdServers(text, key)]))
}

/** `KEY=10.0.0.10 [fd00::10]:5353 fe80::1%2#dns.example`: the part after `#` is the name in the server's certificate. */
function systemdServers(text: string, key: string): string[] {
  const line = text.split('\n').find((line) => line.startsWith(`${key}=`))
  return words(line?.slice(key.length + 1) ?? '').map((server) => server.replace(/#.*$/, '').replace(/^\[(.*)\]:(\d+)%.*$/, '[$1]:$2'))
}

async function networkManager(root: string, signal?: AbortSignal): Promise<DnsSource[]> {
  if (!existsSync(join(root, 'run/NetworkManager'))) return []
  const { run } = await import('./child.ts')
  const ran = await run('nmcli', ['-t', '-f', 'GENERAL.DEVICE,IP4.DNS,IP6.DNS', 'device', 'show'], { limit: nmcliLimit, signal })
  if (ran.kind !== 'done' || ran.code !== 0) return []
  const servers = new Map<string, string[]>()
  let device: string[] = []
  for (const line of ran.stdout.split('\n')) {
    const [, key = '', escaped = ''] = /^([^:]*):(.*)$/.exec(line) ?? []
    const value = escaped.replace(/\\(.)/g, '$1')
    if (key === 'GENERAL.DEVICE') servers.set(value, (device = []))
    else if (/^IP[46]\.DNS/.test(key) && value !== '') device.push(value)
  }
  return [{ name: 'NetworkManager', serversOf: ({ name }) => servers.get(name) ?? [] }]
}

/** resolvconf(8) and openresolv keep what each program told them of a link, under `LINK.PROGRAM`, while it holds. */
async function resolvconf(root: string): Promise<DnsSource[]> {
  const records = await foldersOf(root, ['run/resolvconf/interface', 'run/resolvconf/interfaces'], /^[^.].*$/)
  const serversOf = ({ name }: Link) => records.filter((record) => record.name === name || record.name.startsWith(`${name}.`)).flatMap(({ text }) => nameservers(text))
  return records.length === 0 ? [] : [{ name: 'resolvconf', serversOf }]
}

/** A lease of IPv4 that an adapter had before it was set to a static address counts no more. */
async function ifupdownAndLeases(root: string): Promise<DnsSource[]> {
  const [stanzas, leased] = await Promise.all([configuredInterfaces(root), leases(root)])
  if (stanzas.length === 0) return leased ? [leased] : []
  const own = (link: Link) => stanzas.filter(({ adapter }) => adapter === link.name)
  const isStatic = (link: Link) => own(link).some(({ version, method }) => version === 4 && method === 'static')
  const configured: DnsSource = { name: 'ifupdown', serversOf: (link) => own(link).flatMap(({ servers }) => servers) }
  const lease: DnsSource[] = leased ? [{ name: leased.name, serversOf: (link) => leased.serversOf(link).filter((server) => !isStatic(link) || server.includes(':')) }] : []
  // dns-nameservers beside DHCP are told to resolvconf after the lease's.
  return [{ ...configured, serversOf: (link) => (isStatic(link) ? configured.serversOf(link) : []) }, ...lease, configured]
}

async function leases(root: string): Promise<DnsSource | null> {
  const [files, states, packets] = await Promise.all([
    foldersOf(root, ['var/lib/dhcp', 'var/lib/dhclient', 'var/lib/NetworkManager'], /\.leases?$/),
    foldersOf(root, ['run/dhcpcd/hook-state/resolv.conf', 'run/dhcpcd/resolv.conf'], /\.(dhcp6?|ra)$/),
    dhcpcdServers(root),
  ])
  if (files.length + states.length + packets.size === 0) return null
  const dhclient = files.sort((a, b) => a.changed - b.changed).flatMap(({ text }) => leasesIn(text))
  const now = Date.now()
  const dhcpcd = (adapter: string) =>
    ['dhcp', 'dhcp6', 'ra'].flatMap((kind) =>
      states.filter(({ name }) => name === `${adapter}.${kind}`).flatMap(({ text }) => nameservers(text)),
    )
  return {
    name: 'DHCP lease',
    serversOf({ name }) {
      const leased = leasedServers(dhclient, name, now)
      if (leased.length > 0) return leased
      const told = dhcpcd(name)
      return told.length > 0 ? told : (packets.get(name) ?? [])
    },
  }
}

const foldersOf = async (root: string, folders: string[], names: RegExp) =>
  // The newest lease is at the end of its file.
  (await Promise.all(folders.map((folder) => readFolder(join(root, folder), names, 'end')))).flat()

/** Counts for every link that leads outward: resolv.conf(5) knows no links. */
async function resolvConf(root: string): Promise<DnsSource[]> {
  const given = nameservers((await readBounded(join(root, 'etc/resolv.conf')))?.text ?? '')
  // systemd-resolved's own listeners; whom they ask in turn stands in its other file.
  const stub = given.some((server) => server === '127.0.0.53' || server === '127.0.0.54')
  const behind = stub ? nameservers((await readBounded(join(root, 'run/systemd/resolve/resolv.conf')))?.text ?? '') : []
  const servers = behind.length > 0 ? behind : given
  return [{ name: resolvConfName, serversOf: ({ state, kind }) => (state === 'up' && kind !== 'loopback' ? servers : []) }]
}

const nameservers = (text: string): string[] =>
  text.split('\n').flatMap((line) => /^nameserver[ \t]+([^\s#;]+)/.exec(line)?.[1] ?? [])

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
