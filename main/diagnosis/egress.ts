// The address that destinations see mail come from: given once where a router translates addresses, else this machine's own.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { Egress } from '../../preload/contract/diagnosis.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { fromJson } from '../json.ts'
import type { World } from '../world/world.ts'

const kept = z.object({ address: z.union([z.ipv4(), z.ipv6()]) })

const place = (home: string) => join(home, 'egress.json')

export async function egressOf(home: string, world: Pick<World, 'egressAddress' | 'isPublic'>, adapters: readonly Adapter[]): Promise<Egress> {
  const given = await readGiven(home)
  if (given !== null) return { address: given, source: 'given', text: `Destinations see ${given}, as it was given.` }
  if (world.egressAddress !== null) return { address: world.egressAddress, source: 'world', text: `Destinations see ${world.egressAddress}.` }
  const own = adapters.filter(({ state }) => state === 'up').flatMap(({ addresses }) => addresses.map((address) => address.replace(/\/.*$/, ''))).filter((address) => world.isPublic(address))
  const [address] = [...own].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  if (address === undefined) return { address: null, source: 'unknown', text: 'No adapter has an address of the Internet, so destinations see another one, which is not known: give it, and what hangs on it is looked at too.' }
  return { address, source: 'local', text: `Destinations see ${address}, an address of this machine, unless a router translates it.` }
}

/** Null forgets it. Throws a Failure where the home folder cannot be written. */
export async function giveEgress(home: string, address: string | null): Promise<void> {
  try {
    if (address === null) await rm(place(home), { force: true })
    else await writeFileAtomic(place(home), `${JSON.stringify({ address })}\n`, { mode: 0o600 })
  } catch (error) {
    throw new Failure('failed', `The address cannot be kept in ${home}: ${error instanceof Error ? error.message : String(error)}.`, 'Make that folder writable, or free space on its disk.')
  }
}

/** One that cannot be read was not given. */
async function readGiven(home: string): Promise<string | null> {
  const text = await readFile(place(home), 'utf8').catch(() => '')
  return kept.safeParse(fromJson(text)).data?.address ?? null
}
