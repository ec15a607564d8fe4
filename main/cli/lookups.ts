// Where the transport asks: shown, and chosen.
import type { Adapter } from '../../preload/contract/adapters.ts'
import { dnsServersProblem, lookupSides, parseDnsServer, printDnsServer, type DnsLookups, type Lookups, type LookupSide, type LookupSource } from '../../preload/contract/dns.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Core, Verb } from './perform.ts'
import { carryOut, changeText, type Guard, planText, rolledBack } from './change.ts'
import { table } from './output.ts'
import { inEffectText } from './server.ts'

export interface LookupsWanted extends Guard {
  adapter?: string
  allAdapters?: true
  servers?: string
  protocol?: Lookups['protocol']
  useForInternet?: 'yes' | 'no'
}

export const showLookups: Verb = async (core) => {
  const [{ server }, { adapters }] = await Promise.all([core.ask('servers', 'properties', { server: 'local' }), core.ask('adapters', 'list', { server: 'local' })])
  const { lookups, inEffect, restartNeeded, capabilities } = server
  const { noExternal } = capabilities
  const sides = noExternal === null ? lookupSides : (['internal'] as const)
  const rows = sides.map((side) => [side, sourceText(lookups[side].source, adapters), lookups[side].protocol, inEffectText(inEffect?.[side])])
  const text = [
    table(['Lookups', 'Source', 'Protocol', 'In effect'], rows),
    noExternal ?? `Internet mail asks the ${lookups.useExternalForInternet ? 'external' : 'internal'} lookups.`,
    ...(restartNeeded ? ['The saved lookups take effect with a restart: edgewise service restart'] : []),
  ]
  return { json: lookups, text: text.join('\n') }
}

export function setLookups(side: LookupSide, wanted: LookupsWanted): Verb {
  return async (core) => {
    const { adapter, allAdapters, servers, protocol, useForInternet } = wanted
    if (useForInternet !== undefined && side !== 'external') throw new Failure('bad-input', '--use-for-internet goes with the external lookups: edgewise lookups set external --use-for-internet yes')
    if ([adapter, allAdapters, servers, protocol, useForInternet].every((one) => one === undefined))
      throw new Failure('bad-input', 'Nothing to set: give --adapter, --all-adapters, --servers, --protocol or --use-for-internet.')
    const listed = servers === undefined ? null : readServers(servers)
    const { server } = await core.ask('servers', 'properties', { server: 'local' })
    const { noExternal } = server.capabilities
    if (side === 'external' && noExternal !== null) throw new Failure('bad-input', noExternal, 'Set the internal ones: edgewise lookups set internal')
    const old = server.lookups[side]
    const source: LookupSource =
      listed !== null ? { kind: 'servers', servers: listed } : allAdapters ? { kind: 'all-adapters' } : adapter !== undefined ? await adapterNamed(adapter, core) : old.source
    // Only what was named: another command may change the other side at the same time.
    const named: Partial<DnsLookups> = {
      ...(listed === null && !allAdapters && adapter === undefined && protocol === undefined ? {} : { [side]: { source, protocol: protocol ?? old.protocol } }),
      ...(useForInternet === undefined ? {} : { useExternalForInternet: useForInternet === 'yes' }),
    }
    const lookups: DnsLookups = { ...server.lookups, ...named }
    if (wanted.dryRun) {
      const { plan, text } = await planText(core, { lookups: named })
      return { json: { ...lookups, plan }, text, exitCode: plan.refused === null ? 0 : 1 }
    }
    const change = await carryOut(core, { lookups: named }, wanted, `edgewise lookups set ${side}`)
    const back = change.state === 'rolled back'
    return { json: { ...(back ? server.lookups : lookups), change }, text: changeText(change), exitCode: back ? rolledBack : 0 }
  }
}

function readServers(list: string): string[] {
  const texts = list.split(/[,\s]+/).filter((text) => text !== '')
  // The number is judged first, so that a list of thousands gets one sentence.
  const tooMany = dnsServersProblem(texts.map((text, at) => `${at} ${text}`))
  if (tooMany !== null) throw new Failure('bad-input', tooMany)
  const servers = texts.map((text) => {
    const parsed = parseDnsServer(text)
    if ('problem' in parsed) throw new Failure('bad-input', parsed.problem)
    return printDnsServer(parsed)
  })
  const problem = dnsServersProblem(servers)
  if (problem !== null) throw new Failure('bad-input', problem)
  return servers
}

/** By id, or by name where only one adapter has it. */
export async function adapterNamed(wanted: string, core: Core): Promise<Extract<LookupSource, { kind: 'adapter' }>> {
  const { adapters } = await core.ask('adapters', 'list', { server: 'local' })
  const choose = ({ id, name }: Adapter) => ({ kind: 'adapter' as const, id, name })
  const byId = adapters.find(({ id }) => id === wanted)
  if (byId) return choose(byId)
  const exactly = adapters.filter(({ name }) => name === wanted)
  const named = exactly.length > 0 ? exactly : adapters.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const [one] = named
  if (one && named.length === 1) return choose(one)
  if (named.length > 1) {
    const ids = named.map(({ id, addresses }) => `${id} (${addresses.join(', ') || 'no address'})`)
    throw new Failure('bad-input', `${named.length} adapters are called “${wanted}”: ${ids.join('; ')}.`, 'Give the id of the one you mean.')
  }
  const there = adapters.map(({ name }) => name).join(', ')
  throw new Failure('not-found', `There is no adapter “${wanted}”.`, there ? `There are: ${there}.` : 'This machine has no network adapters.')
}

function sourceText(source: LookupSource, adapters: Adapter[]): string {
  if (source.kind === 'all-adapters') return 'all available adapters'
  if (source.kind === 'servers') return source.servers.join(', ')
  const adapter = adapters.find(({ id }) => id === source.id)
  return adapter ? `adapter “${adapter.name}”` : `missing adapter “${source.name || source.id}”`
}
