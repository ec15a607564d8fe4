// Why does mail wait? Runs every check at once and says what they prove.
import type { InEffect } from '../../preload/contract/dns.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { serversOf } from '../dns/source.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import { causesOf } from './causes.ts'
import { compareAdapters } from './checks/adapters-compared.ts'
import type { Cause, Finding } from './finding.ts'
import { internetSide } from './remedies.ts'

export interface Diagnosis {
  findings: Finding[]
  /** Proven ones only, in the order in which they bite. */
  causes: Cause[]
}

/** Milliseconds for one check, all its questions included. */
const checkLimit = 20_000
/** More domains would say the same again. */
const mostDomains = 20

export async function diagnose({ world, transport }: { world: World; transport: Transport }, { signal }: { signal: AbortSignal }): Promise<Diagnosis> {
  const [queues, properties, adapters] = await Promise.all([transport.queues(), transport.properties(), world.adapters()])
  // Those that fail first: a queue without a last error was not tried yet.
  const domains = [...queues].sort((a, b) => Number(b.lastError !== null) - Number(a.lastError !== null)).slice(0, mostDomains)
  const side = internetSide(properties.lookups)
  const inEffect = askedNow(properties, side, adapters)
  const findings = await Promise.all(
    domains.map(({ nextHop: domain }) =>
      check('adapters-compared', signal, (limited) =>
        compareAdapters({ domain, side, inEffect, adapters, reach: (address, port) => world.reach(address, port), signal: limited }),
      ),
    ),
  )
  signal.throwIfAborted()
  const all = findings.flat()
  return { findings: all, causes: causesOf(all) }
}

function askedNow({ lookups, inEffect }: Properties, side: 'internal' | 'external', adapters: Parameters<typeof serversOf>[1]): InEffect {
  return inEffect?.[side] ?? { lookups: lookups[side], ...serversOf(lookups[side], adapters) }
}

/** A check never throws: what keeps it from finding out is a finding too. */
async function check(name: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run(AbortSignal.any([signal, AbortSignal.timeout(checkLimit)]))
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    return [{ check: name, verdict: 'not-known', text: `Not known, because: ${because}`, at: new Date().toISOString() }]
  }
}
