// Which DNS servers Linux knows for each link, and which program says so. The first that has any for a link wins,
// unless resolv.conf shows that none of them is in effect.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded, readFolder } from './bounded-file.ts'
import { dhclientRules, ruled } from './dhclient-conf.ts'
import { dhcpcdServers } from './dhcpcd-lease.ts'
import { configuredInterfaces } from './ifupdown.ts'
import { lastLease, leasesIn } from './leases.ts'
import { onBus, type FromBus } from './linux-bus.ts'
import type { Link } from './linux-links.ts'

export interface DnsSource {
  name: string
  /** As the program writes them, in order. */
  serversOf(link: Link): string[]
}

/** In the order in which they count. Never throws: a source that cannot be read has no servers. */
export async function dnsSources(root: string, signal?: AbortSignal): Promise<DnsSource[]> {
  const asked = onBus(root, signal)
  const sources = await Promise.all([
    asked.then((bus) => resolved(root, bus.resolved)),
    asked.then((bus) => networkManager(bus.networkManager)),
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
 * What systemd-resolved says is in effect. Where it cannot be asked: its files in netif/ with what it was told for a
 * link, and networkd's links/ and leases/, from which it takes the rest; where it does not run, networkd alone knows.
 */
async function resolved(root: string, told: FromBus<number>): Promise<DnsSource[]> {
  // A program that has nothing is not asked about each of hundreds of links.
  const source = (name: string, servers: Map<number, string[]>): DnsSource[] =>
    servers.size === 0 ? [] : [{ name, serversOf: (link) => servers.get(link.index) ?? [] }]
  if (told instanceof Map) return source('systemd-resolved', told)
  const run = join(root, 'run/systemd')
  const mayRun = told === 'unknown' && existsSync(join(run, 'resolve'))
  const [given, links, leased] = await Promise.all([
    mayRun ? byIndex(join(run, 'resolve/netif'), 'SERVERS') : new Map<number, string[]>(),
    byIndex(join(run, 'netif/links'), 'DNS'),
    byIndex(join(run, 'netif/leases'), 'DNS'),
  ])
  const networkd = mayRun ? 'systemd-resolved' : 'systemd-networkd'
  return [...source('systemd-resolved', given), ...source(networkd, links), ...source(networkd, leased)]
}

async function byIndex(folder: string, key: string): Promise<Map<number, string[]>> {
  const files = await readFolder(folder, /^\d+$/)
  return new Map(files.map(({ name, text }) => [Number(name), systemdServers(text, key)]))
}

/** `KEY=10.0.0.10 [fd00::10]:5353 fe80::1%2#dns.example`: the part after `#` is the name in the server's certificate. */
function systemdServers(text: string, key: string): string[] {
  const line = text.split('\n').find((line) => line.startsWith(`${key}=`))
  return words(line?.slice(key.length + 1) ?? '').map((server) => server.replace(/#.*$/, '').replace(/^\[(.*)\]:(\d+)%.*$/, '[$1]:$2'))
}

const networkManager = (told: FromBus<string>): DnsSource[] =>
  told instanceof Map && told.size > 0 ? [{ name: 'NetworkManager', serversOf: ({ name }) => told.get(name) ?? [] }] : []

/**
 * resolvconf(8) and openresolv (in `keys` since 3.13) keep what each program told them of a link, under `LINK.PROGRAM`,
 * while it holds. `eth0.100.inet` is about the VLAN 100 on eth0, not about eth0.
 */
async function resolvconf(root: string): Promise<DnsSource[]> {
  const records = await foldersOf(root, ['interface', 'interfaces', 'keys'].map((folder) => `run/resolvconf/${folder}`), /^[^.].*$/)
  const isOf = (record: string, link: string) => record === link || (record.startsWith(`${link}.`) && !/^\d+(\.|$)/.test(record.slice(link.length + 1)))
  const serversOf = ({ name }: Link) => records.filter((record) => isOf(record.name, name)).flatMap(({ text }) => nameservers(text))
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
  const now = Date.now()
  const [files, states, packets, rules] = await Promise.all([
    foldersOf(root, ['var/lib/dhcp', 'var/lib/dhclient', 'var/lib/NetworkManager'], /\.leases?$/),
    foldersOf(root, ['run/dhcpcd/hook-state/resolv.conf', 'run/dhcpcd/resolv.conf'], /\.(dhcp6?|ra)$/),
    dhcpcdServers(root, now),
    dhclientRules(root),
  ])
  if (files.length + states.length === 0 && packets === null) return null
  const dhclient = files.sort((a, b) => a.changed - b.changed).flatMap(({ text }) => leasesIn(text))
  const dhcpcd = (adapter: string) =>
    ['dhcp', 'dhcp6', 'ra'].flatMap((kind) =>
      states.filter(({ name }) => name === `${adapter}.${kind}`).flatMap(({ text }) => nameservers(text)),
    )
  return {
    name: 'DHCP lease',
    serversOf({ name }) {
      const leased = ([4, 6] as const).flatMap((version) => {
        const lease = lastLease(dhclient, name, version, now)
        return lease ? ruled(lease.servers, rules, name, version) : []
      })
      if (leased.length > 0) return leased
      const told = dhcpcd(name)
      return told.length > 0 ? told : (packets?.(name) ?? [])
    },
  }
}

const foldersOf = async (root: string, folders: string[], names: RegExp) =>
  // The newest lease is at the end of its file.
  (await Promise.all(folders.map((folder) => readFolder(join(root, folder), names, 'end')))).flat()

/** Counts for every link that leads outward: resolv.conf(5) knows no links, save in the zone of a link-local address. */
async function resolvConf(root: string): Promise<DnsSource[]> {
  const given = nameservers((await readBounded(join(root, 'etc/resolv.conf')))?.text ?? '')
  // systemd-resolved's own listeners; whom they ask in turn stands in its other file.
  const stub = given.some((server) => server === '127.0.0.53' || server === '127.0.0.54')
  const behind = stub ? nameservers((await readBounded(join(root, 'run/systemd/resolve/resolv.conf')))?.text ?? '') : []
  const servers = behind.length > 0 ? behind : given
  return [{ name: resolvConfName, serversOf: (link) => (link.state === 'up' && link.kind !== 'loopback' ? servers.filter((server) => isZoneOf(server, link)) : []) }]
}

function isZoneOf(server: string, { name, index }: Link): boolean {
  const [, zone] = server.split('%')
  return zone === undefined || zone === name || zone === String(index)
}

const nameservers = (text: string): string[] =>
  text.split('\n').flatMap((line) => /^nameserver[ \t]+([^\s#;]+)/.exec(line)?.[1] ?? [])

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
