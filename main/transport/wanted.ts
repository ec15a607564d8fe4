// What is wanted, laid over what is: only the parts that were named change.
import type { Wanted } from '../../preload/contract/changes.ts'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import type { Limits } from '../../preload/contract/limits.ts'

export interface Standing {
  lookups: DnsLookups
  limits: Limits
}

export function applied({ lookups, limits }: Standing, wanted: Wanted): Standing {
  return { lookups: over(lookups, wanted.lookups), limits: over(limits, wanted.limits) }
}

function over<T extends object>(standing: T, wanted: { [K in keyof T]?: T[K] | undefined } = {}): T {
  const named = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  return { ...standing, ...named }
}
