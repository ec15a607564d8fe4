// All that lies outside the core. The machine is one world, the lab another.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { DnsServerAddress } from '../../preload/contract/dns.ts'

export interface World {
  adapters(): Promise<Adapter[]>
  /** Calls the listener soon after the adapters or their DNS servers may have changed, until the returned function is called. */
  watchAdapters(listener: () => void): () => void
  hostsFile: string
  /** Calls the listener soon after the hosts file was written, replaced or removed, until the returned function is called. */
  watchHosts(listener: () => void): () => void
  /** Whose rules the hosts file is read by. */
  system: 'windows' | 'other'
  /** The address that destinations see mail come from; null where it is not known. */
  egressAddress: string | null
  /** DNS zones of blocklists to ask. */
  blocklists: string[]
  /** Seconds after which a mail host that says nothing is given up; null where everybody waits as on the Internet. */
  patience: number | null
  /** Bytes that the disk with the queue is said to have free; null where the disk itself is asked. */
  freeSpace: number | null
  /** Which address of this machine stands for one that connections leave from. The identity on the machine. */
  source(address: string): string
  isPublic(address: string): boolean
  /** Every socket of ours goes through here: where an address and port really lead. The identity on the machine. */
  reach(address: string, port: number): DnsServerAddress
  /** The world file this world was read from, to be handed to the relay's process; null for the machine's own world. */
  file: string | null
}
