// The door to this machine's network adapters, whatever the system.
import type { Adapter } from '../../preload/contract/adapters.ts'

export { adapterDetail } from './adapter-detail.ts'

/**
 * All adapters with addresses and DNS servers, those that are down included. Throws a Failure where the system cannot
 * be asked. `root` is the folder below which the system's files are read.
 */
export async function listAdapters(root = '/', signal?: AbortSignal): Promise<Adapter[]> {
  if (process.platform === 'linux') return (await import('./linux.ts')).linuxAdapters({ root, signal })
  return (await import('./elsewhere.ts')).knownToNode()
}
