// What is wanted, laid over what is: only the parts that were named change.
import { isDeepStrictEqual } from 'node:util'
import type { Wanted } from '../../preload/contract/changes.ts'
import { type DnsLookups, lookupSides, parseDnsServer } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { parameterProblem, parameterTabs, type ParameterValues } from '../../preload/contract/parameters.ts'
import type { Properties } from '../../preload/contract/servers.ts'

export interface Standing {
  lookups: DnsLookups
  limits: ParameterValues
  log: ParameterValues
}

export function applied({ lookups, limits, log }: Standing, wanted: Wanted): Standing {
  return { lookups: over(lookups, wanted.lookups), limits: over(limits, wanted.limits), log: over(log, wanted.log) }
}

function over<T extends object>(standing: T, wanted: { [K in keyof T]?: T[K] | undefined } = {}): T {
  const named = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  return { ...standing, ...named }
}

/** Throws a Failure where this transport has no such parameter, or it cannot have that value. What is so already is not judged. */
export function judgeParameters({ parameters, transport, ...standing }: Pick<Properties, 'parameters' | 'transport' | 'limits' | 'log'>, wanted: Wanted): void {
  for (const tab of parameterTabs) {
    const known = parameters.filter((one) => one.tab === tab)
    for (const [name, value] of Object.entries(wanted[tab] ?? {})) {
      const parameter = known.find((one) => one.name === name)
      if (parameter && standing[tab][name] === value) continue
      if (!parameter) throw new Failure('bad-input', `The ${transport} transport has no parameter “${name}” here.`, `There are: ${known.map((one) => one.name).join(', ') || 'none'}.`)
      const problem = parameter.fixed ?? parameterProblem(parameter, value)
      if (problem) throw new Failure('bad-input', `${parameter.label} (${name}): ${problem}`)
    }
  }
}

/** Throws a Failure where this transport cannot ask DNS servers as it is wanted. What is so already is not judged. */
export function judgeLookups({ capabilities: { noExternal, protocols, protocolsText, ports }, lookups: standing }: Pick<Properties, 'capabilities' | 'lookups'>, { lookups = {} }: Wanted): void {
  const different = lookupSides.filter((side) => lookups[side] !== undefined && !isDeepStrictEqual(lookups[side], standing[side]))
  if (noExternal !== null && (different.includes('external') || lookups.useExternalForInternet)) throw new Failure('bad-input', noExternal)
  for (const { protocol, source } of different.map((side) => lookups[side] ?? standing[side])) {
    if (!protocols.includes(protocol)) throw new Failure('bad-input', protocolsText ?? `The protocol “${protocol}” cannot be chosen here.`)
    const ported = source.kind === 'servers' && !ports ? source.servers.find((server) => hasPort(server)) : undefined
    if (ported) throw new Failure('bad-input', `“${ported}” cannot be asked: this transport asks DNS servers at port 53 alone.`, 'Give the address without a port.')
  }
}

function hasPort(server: string): boolean {
  const parsed = parseDnsServer(server)
  return 'port' in parsed && parsed.port !== 53
}
