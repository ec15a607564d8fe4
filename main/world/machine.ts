// The machine's own world: its adapters, its hosts file, the real Internet.
import { join } from 'node:path'
import { listAdapters } from '../adapters/adapters.ts'
import { isPublicAddress } from './public-address.ts'
import type { World } from './world.ts'

/** Where this system keeps its hosts file. */
function hostsFile(): string {
  if (process.platform !== 'win32') return '/etc/hosts'
  return join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts')
}

export function machineWorld(): World {
  return {
    adapters: () => listAdapters(),
    hostsFile: hostsFile(),
    egressAddress: null,
    blocklists: ['zen.spamhaus.org'],
    isPublic: (address) => isPublicAddress(address),
    reach: (address, port) => ({ address, port }),
    file: null,
  }
}
