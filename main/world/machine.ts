// The machine's own world: its adapters, its hosts file, the real Internet.
import { join } from 'node:path'
import { listAdapters, settled, watchAdapters, watchPlace } from '../adapters/adapters.ts'
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
    watchAdapters: (listener) => watchAdapters(listener),
    hostsFile: hostsFile(),
    watchHosts: (listener) => watchFile(hostsFile(), listener),
    system: process.platform === 'win32' ? 'windows' : 'other',
    egressAddress: null,
    blocklists: ['zen.spamhaus.org'],
    patience: null,
    freeSpace: null,
    source: (address) => address,
    isPublic: (address) => isPublicAddress(address),
    reach: (address, port) => ({ address, port }),
    file: null,
  }
}

/** Calls the listener once for a burst of writing, replacing or removing a file; it is watched where the system's own are. */
export function watchFile(path: string, listener: () => void): () => void {
  const { call, stop } = settled(listener)
  const unwatch = watchPlace(path, call)
  return () => {
    unwatch()
    stop()
  }
}
