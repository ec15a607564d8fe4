// Network links as `ip -j -d addr` tells them: all of them, their kinds, states and addresses, from one process.
import { z } from 'zod'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { run } from './child.ts'

/** An adapter before its DNS servers are known. */
export interface Link extends Omit<Adapter, 'dnsServers' | 'dnsSource'> {
  /** What the kernel and systemd number it by; another one after each plugging in. */
  index: number
  /** Whether it may be a wireless adapter: `ip` does not tell. */
  hardware: boolean
}

/** Milliseconds. */
const limit = 3000

const told = z.object({
  ifindex: z.number(),
  ifname: z.string().min(1),
  flags: z.array(z.string()).catch([]),
  operstate: z.string().catch('UNKNOWN'),
  link_type: z.string().catch(''),
  address: z.string().optional().catch(undefined),
  permaddr: z.string().optional().catch(undefined),
  ifalias: z.string().optional().catch(undefined),
  linkinfo: z
    .object({ info_kind: z.string().optional(), info_data: z.object({ type: z.string().optional().catch(undefined) }).optional().catch(undefined) })
    .catch({}),
  addr_info: z.array(z.unknown()).catch([]),
})
type Told = z.infer<typeof told>

const toldAddress = z.object({ local: z.string(), prefixlen: z.number(), dadfailed: z.boolean().optional() })

/** `command` is `ip` with what comes before its options, such as `-n` and the name of a network namespace. */
export async function askLinks(command: readonly [string, ...string[]], signal?: AbortSignal): Promise<Link[]> {
  const [program, ...first] = command
  const ran = await run(program, [...first, '-j', '-d', 'addr'], { limit, signal })
  const cannot = 'so the network adapters cannot be read.'
  if (ran.kind === 'cancelled') throw new Failure('cancelled', 'Reading the network adapters was cancelled.')
  if (ran.kind === 'missing')
    throw new Failure('failed', `The program “ip” is missing, ${cannot}`, 'Install it: “apt install iproute2” on Debian and Ubuntu, “dnf install iproute” on Fedora and Red Hat.')
  if (ran.kind === 'too-slow')
    throw new Failure('timed-out', `The program “ip” did not answer within ${limit / 1000} s, ${cannot}`, 'Try “ip addr” in a terminal; where that hangs too, the system is overloaded or a network driver is stuck.')
  if (ran.kind === 'failed' || ran.code !== 0) {
    const why = ran.kind === 'failed' ? ran.text : ran.stderr.trim().split('\n')[0] || `exit code ${ran.code}`
    throw new Failure('failed', `The program “ip” failed (${why}), ${cannot}`, 'Edgewise needs the “ip” of iproute2, version 4.14 or later; that of BusyBox does not do.')
  }
  return linksIn(ran.stdout)
}

/** Throws a Failure where the text is no JSON; an entry that makes no sense is left out. */
export function linksIn(text: string): Link[] {
  let given: unknown
  try {
    given = JSON.parse(text === '' ? '[]' : text)
  } catch {
    throw new Failure('failed', 'The program “ip” answered with something that is not JSON, so the network adapters cannot be read.', 'Edgewise needs the “ip” of iproute2, version 4.14 or later; that of BusyBox does not do.')
  }
  const entries = (Array.isArray(given) ? given : []).flatMap((entry) => told.safeParse(entry).data ?? [])
  const macs = entries.map(permanentMac)
  return entries.map((entry, at) => {
    const mac = macs[at] ?? null
    const shared = mac === null || macs.filter((other) => other === mac).length > 1
    return { ...linkOf(entry), id: shared ? entry.ifname : mac }
  })
}

function linkOf(entry: Told): Omit<Link, 'id'> {
  return {
    index: entry.ifindex,
    hardware: isHardware(entry),
    name: entry.ifname,
    description: entry.ifalias ?? entry.linkinfo.info_kind ?? '',
    mac: entry.link_type === 'loopback' ? null : macOf(entry.address),
    kind: kindOf(entry),
    state: stateOf(entry),
    addresses: entry.addr_info.flatMap((given) => {
      const address = toldAddress.safeParse(given).data
      return address && !address.dadfailed ? [`${address.local}/${address.prefixlen}`] : []
    }),
  }
}

const isHardware = (entry: Told) => entry.linkinfo.info_kind === undefined && ['ether', 'ieee802.11', 'infiniband'].includes(entry.link_type)

/** Tunnels have an IP address in its place, and some links none. */
const macOf = (text: string | undefined) => (text !== undefined && /^(?!(00:)+00$)([\da-f]{2}:){5,}[\da-f]{2}$/i.test(text) ? text : null)

/** `permaddr` is told only where the address in use is another. What software makes up gets a new MAC each time. */
const permanentMac = (entry: Told) => (isHardware(entry) ? macOf(entry.permaddr ?? entry.address) : null)

const tunnels = ['ipip', 'ip6tnl', 'sit', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'erspan', 'ip6erspan', 'vti', 'vti6', 'xfrm', 'wireguard', 'vxlan', 'geneve', 'ppp', 'gtp', 'ovpn', 'ovpn-dco']

function kindOf({ link_type: type, linkinfo }: Told): Adapter['kind'] {
  const software = linkinfo.info_kind
  if (type === 'loopback') return 'loopback'
  if (software === 'bridge') return 'bridge'
  if (software === 'tun') return linkinfo.info_data?.type === 'tap' ? 'virtual' : 'tunnel'
  if (software !== undefined) return tunnels.includes(software) ? 'tunnel' : 'virtual'
  if (type === 'ieee802.11') return 'wifi'
  if (type === 'ether') return 'ethernet'
  return ['none', 'ppp', 'ipip', 'sit', 'gre', 'gre6', 'tunnel6', 'rawip'].includes(type) ? 'tunnel' : 'other'
}

/** RFC 2863 states as Linux tells them (Documentation/networking/operstates.rst); a driver that tells none is taken to be up. */
function stateOf({ flags, operstate }: Told): Adapter['state'] {
  if (!flags.includes('UP')) return 'down'
  const off = flags.includes('NO-CARRIER') || ['DOWN', 'LOWERLAYERDOWN', 'DORMANT', 'NOTPRESENT'].includes(operstate)
  return off ? 'disconnected' : 'up'
}
