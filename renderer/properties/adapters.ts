// What the dropdown of adapters offers, and which DNS servers and which advice a choice brings. Pure.
import type { Advice, ListedAdapter } from '../../preload/contract/adapters.ts'
import type { LookupSide } from '../../preload/contract/dns.ts'
import type { ChosenAdapter } from './draft.ts'

export interface AdapterOption {
  key: string
  name: string
  /** Its first address, or why it cannot be chosen. */
  note: string
  isDisabled: boolean
  /** Those that would be asked: none of an adapter that is not up. */
  servers: readonly string[]
  /** What its warnings come to, in a word or two. */
  warnings: readonly string[]
}

const allKey = 'all'
const keyOf = (id: string) => `adapter ${id}`
const whyNot = { down: 'switched off', disconnected: 'not connected' } as const
const inShort: Partial<Record<Advice['kind'], string>> = { 'no-dns-servers': 'no DNS servers', 'public-dns': 'DNS servers of the Internet' }

export const keyOfChoice = (chosen: ChosenAdapter) => (chosen ? keyOf(chosen.id) : allKey)

export function choiceOfKey(key: string, adapters: readonly ListedAdapter[]): ChosenAdapter {
  const adapter = adapters.find(({ id }) => keyOf(id) === key)
  return adapter ? { id: adapter.id, name: adapter.name } : null
}

/** The loopback interface is no network card, unless it has DNS servers of its own or was chosen. */
const isCard = (adapter: ListedAdapter, chosen: ChosenAdapter) =>
  adapter.kind !== 'loopback' || adapter.dnsServers.length > 0 || adapter.id === chosen?.id

/** Adapters are null until they are known: nothing is called missing before. */
export function adapterOptions(adapters: readonly ListedAdapter[] | null, chosen: ChosenAdapter, side: LookupSide): AdapterOption[] {
  const bare = { note: '', isDisabled: false, servers: [], warnings: [] }
  const options: AdapterOption[] = [{ ...bare, key: allKey, name: 'All available' }]
  for (const adapter of (adapters ?? []).filter((one) => isCard(one, chosen))) {
    const isUp = adapter.state === 'up'
    const address = adapter.addresses[0]?.replace(/\/\d+$/, '') ?? 'no address'
    options.push({
      key: keyOf(adapter.id),
      name: adapter.name,
      note: adapter.state === 'up' ? address : whyNot[adapter.state],
      isDisabled: !isUp,
      servers: isUp ? adapter.dnsServers : [],
      warnings: weighed(adapter, side).flatMap(({ kind, level }) => (level === 'warning' ? (inShort[kind] ?? []) : [])),
    })
  }
  if (chosen && !adapters?.some(({ id }) => id === chosen.id))
    options.push({ ...bare, key: keyOf(chosen.id), ...(adapters ? { name: `${chosen.name} (missing adapter)`, note: 'not in this machine now' } : { name: chosen.name }), isDisabled: true })
  return options
}

export interface ShownServer {
  server: string
  from: string
}

/** The DNS servers that the choice brings, each with where it was read. */
export function serversOf(adapters: readonly ListedAdapter[], chosen: ChosenAdapter): ShownServer[] {
  const asked = chosen ? adapters.filter(({ id }) => id === chosen.id) : adapters.filter(({ state }) => state === 'up')
  const shown: ShownServer[] = []
  for (const { name, dnsServers, dnsSource } of asked)
    for (const server of dnsServers)
      if (!shown.some((one) => one.server === server)) shown.push({ server, from: chosen ? dnsSource : `${name}, ${dnsSource}` })
  return shown
}

/** External lookups are for names of the Internet, which its DNS servers know: there it is worth a word, no warning. */
const weighed = ({ advice }: ListedAdapter, side: LookupSide): Advice[] =>
  advice.map((one) => (one.kind === 'public-dns' && side === 'external' ? { ...one, level: 'info' } : one))

/** What is to be known of the choice before it is saved; the one that makes it useless is a warning, whatever its level. */
export function adviceOf(adapters: readonly ListedAdapter[] | null, chosen: ChosenAdapter, side: LookupSide): Advice[] {
  if (!adapters) return []
  if (!chosen) {
    // All together, one adapter that has none or is not up leaves the others.
    const up = adapters.filter(({ state }) => state === 'up')
    if (!up.some(({ dnsServers }) => dnsServers.length > 0))
      return [{ kind: 'no-dns-servers', level: 'warning', text: 'No adapter that is up has DNS servers: the transport is left without any.' }]
    return up.flatMap((adapter) => weighed(adapter, side)).filter(({ kind }) => kind === 'public-dns')
  }
  const adapter = adapters.find(({ id }) => id === chosen.id)
  if (!adapter) return [{ kind: 'not-usable', level: 'warning', text: `“${chosen.name}” is not in this machine now. The choice stays until you change it.` }]
  return weighed(adapter, side).map((one) => (one.kind === 'not-usable' ? { ...one, level: 'warning' } : one))
}
