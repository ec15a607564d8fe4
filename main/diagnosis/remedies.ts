// What a remedy's name stands for, and how this edge carries it out: without the restart, which is a step of its own.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { Wanted } from '../../preload/contract/changes.ts'
import type { DnsLookups, LookupSide } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import type { ServersCompared } from './finding.ts'

const prefix = 'use-adapter:'

/** By its name, as the administrator knows it; by its id where another adapter has the same name. */
export function useAdapter(adapter: { id: string; name: string }, compared: readonly ServersCompared[]): string {
  const namesake = compared.some(({ asked }) => asked.adapter?.name === adapter.name && asked.adapter.id !== adapter.id)
  return `${prefix}${namesake ? adapter.id : adapter.name}`
}

/** The side that Internet mail asks: as in Exchange the internal one, unless the send connector says otherwise. */
export function internetSide({ useExternalForInternet }: DnsLookups): LookupSide {
  return useExternalForInternet ? 'external' : 'internal'
}

export function lookupsWith(remedy: string, lookups: DnsLookups, adapters: readonly Adapter[]): DnsLookups {
  const wanted = remedy.startsWith(prefix) ? remedy.slice(prefix.length) : null
  const adapter = adapters.find(({ id }) => id === wanted) ?? adapters.find(({ name }) => name === wanted)
  if (!adapter) throw new Failure('failed', `The remedy “${remedy}” cannot be carried out here.`)
  const side = internetSide(lookups)
  return { ...lookups, [side]: { ...lookups[side], source: { kind: 'adapter', id: adapter.id, name: adapter.name } } }
}

/** What a guarded change has to be told to carry the remedy out. */
export async function wantedBy(remedy: string, { world, transport }: { world: World; transport: Transport }): Promise<Wanted> {
  const [{ lookups }, adapters] = await Promise.all([transport.properties(), world.adapters()])
  return { lookups: lookupsWith(remedy, lookups, adapters) }
}
