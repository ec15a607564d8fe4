// Which DNS servers Linux knows for each link, and which program says so. The first that has any for a link wins.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { readBounded, readFolder } from './bounded-file.ts'
import { run } from './child.ts'
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
    leases(root),
    resolvConf(root),
  ])
  return sources.flat()
}

/**
 * systemd-resolved keeps what it was told for a link in netif/, and takes the rest from networkd's links/ and leases/;
 * where resolved does not run, networkd alone knows them.
 */
async function resolved(root: string): Promise<DnsSource[]> {
  const run = join(root, 'run/systemd')
  const [told, links, leased, runs] = await Promise.all([
    byIndex(join(run, 'resolve/netif'), 'SERVERS'),
    byIndex(join(run, 'netif/links'), 'DNS'),
    byIndex(join(run, 'netif/leases'), 'DNS'),
    exists(join(run, 'resolve')),
  ])
  const source = (name: string, servers: Map<string, string[]>): DnsSource => ({
    name,
    serversOf: (link) => servers.get(String(link.index)) ?? [],
  })
  const networkd = runs ? 'systemd-resolved' : 'systemd-networkd'
  return [source('systemd-resolved', told), source(networkd, links), source(networkd, leased)]
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
  if (!(await exists(join(root, 'run/NetworkManager')))) return []
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

async function leases(root: string): Promise<DnsSource[]> {
  const [files, states] = await Promise.all([
    foldersOf(root, ['var/lib/dhcp', 'var/lib/dhclient', 'var/lib/NetworkManager'], /\.leases?$/),
    foldersOf(root, ['run/dhcpcd/hook-state/resolv.conf', 'run/dhcpcd/resolv.conf'], /\.(dhcp6?|ra)$/),
  ])
  const dhclient = files.sort((a, b) => a.changed - b.changed).flatMap(({ text }) => leasesIn(text))
  const now = Date.now()
  const dhcpcd = (adapter: string) =>
    ['dhcp', 'dhcp6', 'ra'].flatMap((kind) =>
      states.filter(({ name }) => name === `${adapter}.${kind}`).flatMap(({ text }) => nameservers(text)),
    )
  return [
    {
      name: 'DHCP lease',
      serversOf({ name }) {
        const leased = leasedServers(dhclient, name, now)
        return leased.length > 0 ? leased : dhcpcd(name)
      },
    },
  ]
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
  return [{ name: 'resolv.conf', serversOf: ({ state, kind }) => (state === 'up' && kind !== 'loopback' ? servers : []) }]
}

const nameservers = (text: string): string[] =>
  text.split('\n').flatMap((line) => /^nameserver[ \t]+([^\s#;]+)/.exec(line)?.[1] ?? [])

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

const exists = (path: string): Promise<boolean> => access(path).then(
  () => true,
  () => false,
)
