// dhcpcd keeps a lease as the DHCP server's own packet (RFC 2131); its file has the name of the adapter.
import { join } from 'node:path'
import { ipv4Text } from './address-bytes.ts'
import { readFolder } from './bounded-file.ts'

/** Where options begin: after the fixed fields and the magic cookie (RFC 2131 §3). */
const optionsAt = 240
const cookie = 0x63825363

/** Option 6 (RFC 2132 §3.8) of a packet that is whole: one that is cut has no end option. */
export function serversInPacket(bytes: Buffer): string[] {
  if (bytes.length < optionsAt || bytes.readUInt32BE(optionsAt - 4) !== cookie) return []
  const servers: string[] = []
  for (let at = optionsAt; at < bytes.length; ) {
    const option = bytes[at] ?? 255
    if (option === 255) return servers
    if (option === 0) {
      at += 1
      continue
    }
    const value = bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0))
    if (option === 6) for (let from = 0; from + 4 <= value.length; from += 4) servers.push(ipv4Text(value.subarray(from)))
    at += 2 + (bytes[at + 1] ?? 0)
  }
  return []
}

/** By the adapter's name. `eth0-Network.lease` is the lease in a wireless network of that name. */
export async function dhcpcdServers(root: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  const folders = await Promise.all(['var/lib/dhcpcd', 'var/db/dhcpcd'].map((folder) => readFolder(join(root, folder), /\.lease$/)))
  for (const { name, bytes } of folders.flat().sort((a, b) => a.changed - b.changed)) {
    const servers = serversInPacket(bytes)
    const adapter = name.replace(/\.lease$/, '')
    if (servers.length > 0) for (const one of [adapter, adapter.replace(/-.*$/, '')]) found.set(one, servers)
  }
  return found
}
