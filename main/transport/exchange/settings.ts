// What a change of an Exchange's settings is on disk: the parameters that it names, before and after, as the cmdlet takes them.
import { z } from 'zod'
import type { Wanted } from '../../../preload/contract/changes.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import { lookupSides } from '../../../preload/contract/dns.ts'
import { parameterTabs } from '../../../preload/contract/parameters.ts'
import { fromJson } from '../../json.ts'
import type { Settings } from '../transport.ts'
import { setLookups } from './lookups.ts'
import { printParameter } from './parameters.ts'
import { setValues, type TransportValues } from './protocol.ts'

export const settingsSchema = z.strictObject({
  /** Parameters of Set-TransportService, all that a change can touch, so that before and after are whole. */
  values: setValues,
  /** Whether the send connectors to the Internet use the external DNS lookups. */
  useExternalForInternet: z.boolean(),
})
export type ExchangeSettings = z.infer<typeof settingsSchema>

/** Not what a change can touch. */
const apart = new Set(['Name', 'ReplayDirectoryPath', 'WhenChanged'])

export function settingsOf(values: TransportValues, useExternalForInternet: boolean): ExchangeSettings {
  const named = Object.entries(values).filter(([name, value]) => !apart.has(name) && value !== null && value !== undefined)
  return settingsSchema.parse({ values: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))), useExternalForInternet })
}

export function withWanted(settings: ExchangeSettings, wanted: Wanted): ExchangeSettings {
  const values = { ...settings.values }
  for (const side of lookupSides) {
    const lookups = wanted.lookups?.[side]
    if (lookups) Object.assign(values, setLookups(side, lookups))
  }
  for (const tab of parameterTabs) for (const [name, value] of Object.entries(wanted[tab] ?? {})) values[name] = printParameter(name, value)
  return { values, useExternalForInternet: wanted.lookups?.useExternalForInternet ?? settings.useExternalForInternet }
}

/** What is different of them: set in one call. */
export function differences(now: ExchangeSettings, then: ExchangeSettings): ExchangeSettings['values'] {
  const changed = Object.entries(then.values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now.values[name]))
  const values = Object.fromEntries(changed)
  // The servers and whether they are used go together.
  for (const side of ['Internal', 'External']) {
    const [enabled, servers, guid] = [`${side}DNSAdapterEnabled`, `${side}DNSServers`, `${side}DNSAdapterGuid`]
    if (!changed.some(([name]) => [enabled, servers, guid].includes(name))) continue
    for (const name of then.values[enabled] === false ? [enabled, servers] : [enabled, guid]) if (then.values[name] !== undefined) values[name] = then.values[name]
  }
  return values
}

export const printSettings = (settings: ExchangeSettings): Settings => JSON.stringify(settings)

export function parseSettings(text: Settings): ExchangeSettings {
  const parsed = settingsSchema.safeParse(fromJson(text))
  if (parsed.success) return parsed.data
  throw new Failure('failed', 'The journal’s settings are none of Exchange’s.')
}

/** Names of what is otherwise than it was wanted. */
export function unlike(now: ExchangeSettings, wanted: ExchangeSettings): string[] {
  const plain = (value: unknown) => JSON.stringify(value)?.toLowerCase()
  const wrong = Object.keys(wanted.values).filter((name) => plain(now.values[name]) !== plain(wanted.values[name]))
  return now.useExternalForInternet === wanted.useExternalForInternet ? wrong : [...wrong, 'UseExternalDNSServersEnabled']
}

export interface Difference {
  before: ExchangeSettings
  after: ExchangeSettings
  /** Identities of the send connectors to the Internet. */
  connectors: readonly string[]
}

/** For a person to paste: quotes are doubled, nothing is expanded. Empty where nothing is different. */
export function powershellOf({ before, after, connectors }: Difference, isModern: boolean): string {
  const text = (value: string) => `'${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`
  const flags = Object.entries(differences(before, after)).map(([name, value]) => {
    if (typeof value === 'boolean') return `-${name} $${value}`
    if (typeof value === 'number') return `-${name} ${value}`
    return `-${name} ${Array.isArray(value) ? value.map(text).join(',') || '$null' : text(value)}`
  })
  const noun = isModern ? 'TransportService' : 'TransportServer'
  const sets = before.useExternalForInternet === after.useExternalForInternet ? [] : connectors.map((identity) => `Set-SendConnector ${text(identity)} -UseExternalDNSServersEnabled $${after.useExternalForInternet}`)
  return [...sets, ...(flags.length > 0 ? [`Get-${noun} | Set-${noun} ${flags.join(' ')}`] : [])].join('; ')
}
