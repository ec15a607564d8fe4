// What the dropdown of adapters offers, and which DNS servers a choice brings. Pure.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { ChosenAdapter } from './draft.ts'

export interface AdapterOption {
  key: string
  name: string
  /** Its first address, or why it cannot be chosen. */
  note: string
  isDisabled: boolean
}

const allKey = 'all'
const keyOf = (id: string) => `adapter ${id}`
const whyNot = { down: 'switched off', disconnected: 'not connected' } as const

export const keyOfChoice = (chosen: ChosenAdapter) => (chosen ? keyOf(chosen.id) : allKey)

export function choiceOfKey(key: string, adapters: readonly Adapter[]): ChosenAdapter {
  const adapter = adapters.find(({ id }) => keyOf(id) === key)
  return adapter ? { id: adapter.id, name: adapter.name } : null
}

/** The loopback interface is no network card, unless it has DNS servers of its own or was chosen. */
const isCard = (adapter: Adapter, chosen: ChosenAdapter) =>
  adapter.kind !== 'loopback' || adapter.dnsServers.length > 0 || adapter.id === chosen?.id

/** Adapters are null until they are known: nothing is called missing before. */
export function adapterOptions(adapters: readonly Adapter[] | null, chosen: ChosenAdapter): AdapterOption[] {
  const options: AdapterOption[] = [{ key: allKey, name: 'All available', note: '', isDisabled: false }]
  for (const adapter of (adapters ?? []).filter((one) => isCard(one, chosen))) {
    const address = adapter.addresses[0]?.replace(/\/\d+$/, '') ?? 'no address'
    const note = adapter.state === 'up' ? address : whyNot[adapter.state]
    options.push({ key: keyOf(adapter.id), name: adapter.name, note, isDisabled: adapter.state !== 'up' })
  }
  if (chosen && !adapters?.some(({ id }) => id === chosen.id))
    options.push({ key: keyOf(chosen.id), name: adapters ? `${chosen.name} (missing adapter)` : chosen.name, note: '', isDisabled: true })
  return options
}

export interface ShownServer {
  server: string
  from: string
}

/** The DNS servers that the choice brings, each with where it was read. */
export function serversOf(adapters: readonly Adapter[], chosen: ChosenAdapter): ShownServer[] {
  const asked = chosen ? adapters.filter(({ id }) => id === chosen.id) : adapters.filter(({ state }) => state === 'up')
  const shown: ShownServer[] = []
  for (const { name, dnsServers, dnsSource } of asked)
    for (const server of dnsServers)
      if (!shown.some((one) => one.server === server)) shown.push({ server, from: chosen ? dnsSource : `${name}, ${dnsSource}` })
  return shown
}
