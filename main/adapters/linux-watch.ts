// Linux: the kernel's own messages on links, addresses and routes, and the files in which programs keep DNS servers.
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { hearNetlink } from './netlink.ts'
import { settled, watchPlace, watchText, type Stop } from './watch.ts'

/** systemd-resolved and NetworkManager write theirs with each change, one that was made over D-Bus included. */
const places = [
  'etc/resolv.conf', 'etc/dhcp/dhclient.conf', 'etc/dhclient.conf', 'etc/network/interfaces', 'etc/network/interfaces.d/', 'run/systemd/resolve/', 'run/systemd/resolve/netif/', 'run/systemd/netif/links/',
  'run/systemd/netif/leases/', 'run/NetworkManager/', 'run/resolvconf/interface/', 'run/resolvconf/interfaces/', 'run/resolvconf/keys/', 'run/dhcpcd/hook-state/resolv.conf/',
  'var/lib/dhcp/', 'var/lib/dhclient/', 'var/lib/dhcpcd/', 'var/lib/NetworkManager/',
]

export async function watchLinux(listener: () => void, root = '/'): Promise<Stop> {
  const { call, stop } = settled(listener)
  const kernel = (await hearNetlink(call)) ?? watchText(() => JSON.stringify(networkInterfaces()), call)
  const stops = [kernel, ...places.map((place) => watchPlace(join(root, place), call)), stop]
  return () => stops.forEach((end) => end())
}
