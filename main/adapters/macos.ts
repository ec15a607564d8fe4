// macOS: adapters from `networksetup`, their DNS servers from `scutil --dns`, addresses from node. Written from
// recorded outputs of these programs (test/adapters/recorded), not yet seen on a Mac.
import { networkInterfaces } from 'node:os'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { run } from './child.ts'
import { knownDnsServers } from './server-list.ts'

/** Milliseconds. */
const limit = 3000

export interface Told {
  /** `networksetup -listallhardwareports` */
  ports: string
  /** `networksetup -listnetworkserviceorder` */
  services: string
  /** `scutil --dns` */
  dns: string
  known: NodeJS.Dict<{ cidr: string | null; mac: string; internal: boolean }[]>
}

/** What one of the programs does not tell in time is left out. */
export async function macosAdapters(signal?: AbortSignal): Promise<Adapter[]> {
  const said = async (program: string, ...args: string[]) => {
    const ran = await run(program, args, { limit, signal })
    return ran.kind === 'done' && ran.code === 0 ? ran.stdout : ''
  }
  const [ports, services, dns] = await Promise.all([
    said('/usr/sbin/networksetup', '-listallhardwareports'),
    said('/usr/sbin/networksetup', '-listnetworkserviceorder'),
    said('/usr/sbin/scutil', '--dns'),
  ])
  return adaptersOf({ ports, services, dns, known: networkInterfaces() })
}

export function adaptersOf({ ports, services, dns, known }: Told): Adapter[] {
  const hardware = portsIn(ports)
  const off = servicesOff(services)
  const resolvers = resolversIn(dns)
  const names = new Set([...hardware.keys(), ...Object.keys(known)])
  return [...names].map((device): Adapter => {
    const given = known[device] ?? []
    const port = hardware.get(device)
    const kind = kindOf(device, port?.name ?? '', given.some(({ internal }) => internal))
    const addresses = given.flatMap(({ cidr }) => cidr ?? [])
    const state = off.has(device) ? 'down' : addresses.length > 0 ? 'up' : 'disconnected'
    const own = knownDnsServers(resolvers.byDevice.get(device) ?? [], device)
    // Without a resolver of its own, the adapter's lookups go to the system's first one.
    const shared = state === 'up' && kind !== 'loopback' && own.length === 0 ? knownDnsServers(resolvers.first) : []
    const mac = (port?.mac ?? given.find(({ mac }) => !/^[0:]*$/.test(mac))?.mac ?? null)?.toLowerCase() ?? null
    return {
      id: port && mac ? mac : device,
      name: port ? `${port.name} (${device})` : device,
      description: port?.name ?? '',
      mac,
      kind,
      state,
      addresses,
      dnsServers: own.length > 0 ? own : shared,
      dnsSource: own.length > 0 ? 'scutil' : shared.length > 0 ? 'system (not per adapter)' : 'none',
      ...(resolvers.indexes.has(device) ? { index: resolvers.indexes.get(device) ?? 0 } : {}),
    }
  })
}

function portsIn(text: string): Map<string, { name: string; mac: string | null }> {
  const found = new Map<string, { name: string; mac: string | null }>()
  for (const [, name = '', device = '', mac = ''] of text.matchAll(/^Hardware Port: (.*)\nDevice: (\S+)\nEthernet Address: (.*)$/gm))
    found.set(device, { name: name.trim(), mac: /^([\da-f]{2}:){5}[\da-f]{2}$/i.test(mac.trim()) ? mac.trim() : null })
  return found
}

/** `(*) Wi-Fi` in place of its number: the service is switched off. */
function servicesOff(text: string): Set<string> {
  const off = new Set<string>()
  for (const [, mark, device = ''] of text.matchAll(/^\(([\d*]+)\) .*\n\(Hardware Port: .*, Device: (\S*)\)$/gm)) if (mark === '*' && device !== '') off.add(device)
  return off
}

/** Those for scoped queries belong to one interface each; the first of the others is what lookups ask. */
function resolversIn(text: string): { first: string[]; byDevice: Map<string, string[]>; indexes: Map<string, number> } {
  const [general = '', scoped = ''] = text.split(/^DNS configuration \(for scoped queries\)$/m)
  const byDevice = new Map<string, string[]>()
  const indexes = new Map<string, number>()
  const servers = (block: string) => [...block.matchAll(/^\s*nameserver\[\d+\] : (\S+)$/gm)].map(([, server = '']) => server)
  for (const block of scoped.split(/^resolver #\d+$/m)) {
    const [, index = '', device] = /^\s*if_index : (\d+) \((\S+)\)$/m.exec(block) ?? []
    if (device === undefined) continue
    byDevice.set(device, servers(block))
    indexes.set(device, Number(index))
  }
  return { first: servers(general.split(/^resolver #\d+$/m)[1] ?? ''), byDevice, indexes }
}

function kindOf(device: string, port: string, isInternal: boolean): Adapter['kind'] {
  if (isInternal || /^lo\d/.test(device)) return 'loopback'
  if (/^(utun|ipsec|ppp|gif|stf)\d/.test(device)) return 'tunnel'
  if (/^bridge\d/.test(device)) return 'bridge'
  if (/^(Wi-Fi|AirPort)/.test(port)) return 'wifi'
  if (/^(awdl|llw|anpi|ap|vmenet|vnic|feth)\d/.test(device)) return 'virtual'
  return /^en\d/.test(device) ? 'ethernet' : 'other'
}
