// What systemd-resolved and NetworkManager say over D-Bus of the DNS servers of each link: both with one question for
// all links.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ipv4Text, ipv6Text } from './address-bytes.ts'
import type { Answer } from './dbus.ts'
import type { Call, Value } from './dbus-message.ts'

/** `not-running`: the bus says so. `unknown`: the bus or the program cannot be asked, or does not answer in time. */
export type FromBus<K> = Map<K, string[]> | 'not-running' | 'unknown'

export interface OnBus {
  /** By the link's number. */
  resolved: FromBus<number>
  /** By the link's name. */
  networkManager: FromBus<string>
}

/** Milliseconds. They answer within a few; a bus that hangs must not hold a list of adapters. */
const limit = 500
/** Milliseconds for which a program that hung is not asked again: lists come in bursts, and each would wait for it. */
const rest = 10_000
/** Until when, in this process' milliseconds, by bus and program. */
const resting = new Map<string, number>()

/** Where neither program has ever run, the bus is not asked. Never throws. */
export async function onBus(root: string, signal?: AbortSignal): Promise<OnBus> {
  const socket = join(root, 'run/dbus/system_bus_socket')
  const isThere = existsSync(socket) && ['run/systemd/resolve', 'run/NetworkManager'].some((folder) => existsSync(join(root, folder)))
  if (!isThere) return { resolved: 'unknown', networkManager: 'unknown' }
  const { property } = await import('./dbus.ts')
  const resolve1 = (name: string) => property('org.freedesktop.resolve1', '/org/freedesktop/resolve1', 'org.freedesktop.resolve1.Manager', name)
  const [withPorts = null, without = null, configuration = null] = await asked(
    socket,
    [
      // With ports since systemd 246, without them before.
      resolve1('DNSEx'),
      resolve1('DNS'),
      property('org.freedesktop.NetworkManager', '/org/freedesktop/NetworkManager/DnsManager', 'org.freedesktop.NetworkManager.DnsManager', 'Configuration'),
    ],
    signal,
  )
  const servers = told(withPorts, resolvedServers)
  return { resolved: servers instanceof Map ? servers : told(without, resolvedServers), networkManager: told(configuration, configuredServers) }
}

async function asked(socket: string, calls: Call[], signal?: AbortSignal): Promise<Answer[]> {
  const { askBus } = await import('./dbus.ts')
  const key = ({ destination }: Call) => `${socket} ${destination}`
  const awake = calls.filter((call) => (resting.get(key(call)) ?? 0) <= performance.now())
  if (awake.length === 0) return []
  const answers = await askBus(socket, awake, limit, signal)
  for (const [at, call] of awake.entries()) if (answers[at] === 'late') resting.set(key(call), performance.now() + rest)
  return calls.map((call) => answers[awake.indexOf(call)] ?? null)
}

/** A property's answer is one variant, which holds a list. */
function told<K>(answer: Answer, read: (list: Value[]) => Map<K, string[]>): FromBus<K> {
  if (answer === null || answer === 'late') return 'unknown'
  if ('error' in answer) return /\.(ServiceUnknown|NameHasNoOwner)$/.test(answer.error) ? 'not-running' : 'unknown'
  const [list] = answer.values
  return Array.isArray(list) ? read(list) : 'unknown'
}

const inet = 2
const inet6 = 10

/** `a(iiay)`, or `a(iiayqs)` with port and name: link, address family, address. The servers of link 0 are of no link. */
function resolvedServers(list: Value[]): Map<number, string[]> {
  const servers = new Map<number, string[]>()
  for (const one of list) {
    if (!Array.isArray(one)) continue
    const [link, family, address, port] = one
    if (typeof link !== 'number' || link < 1 || !Array.isArray(address)) continue
    const bytes = Uint8Array.from(address, Number)
    const text = family === inet && bytes.length === 4 ? ipv4Text(bytes) : family === inet6 && bytes.length === 16 ? ipv6Text(bytes) : null
    if (text === null) continue
    // 0 is the usual one.
    const withPort = typeof port === 'number' && port !== 0 ? (family === inet6 ? `[${text}]:${port}` : `${text}:${port}`) : text
    servers.set(link, [...(servers.get(link) ?? []), withPort])
  }
  return servers
}

/** `aa{sv}`: a dictionary for each link that has any, with `interface` and `nameservers`; for VPNs there may be more. */
function configuredServers(list: Value[]): Map<string, string[]> {
  const servers = new Map<string, string[]>()
  for (const one of list) {
    const entries = new Map((Array.isArray(one) ? one : []).map((entry): [Value, Value] => (Array.isArray(entry) ? [entry[0] ?? '', entry[1] ?? ''] : ['', ''])))
    const [link, given] = [entries.get('interface'), entries.get('nameservers')]
    if (typeof link !== 'string' || !Array.isArray(given)) continue
    servers.set(link, [...(servers.get(link) ?? []), ...given.map((server) => bare(String(server)))])
  }
  return servers
}

/** `1.1.1.1#dns.example`, and since 1.52 `dns+tls://[fd00::1]:853#dns.example`: scheme and name are not asked for here. */
const bare = (server: string) => server.replace(/^dns\+\w+:\/\//, '').replace(/#.*$/, '')
