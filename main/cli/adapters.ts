import type { Verb } from './perform.ts'
import { table } from './output.ts'

export const adapters: Verb = async (core) => {
  const found = await core.ask('adapters', 'list', { server: 'local' })
  const rows = found.adapters.map(({ name, state, addresses, dnsServers, dnsSource }) => [name, state, addresses.join(', ') || '–', dnsServers.join(', ') || '–', dnsSource])
  return { json: found, text: rows.length === 0 ? 'This machine has no network adapters.' : table(['Adapter', 'State', 'Addresses', 'DNS servers', 'Read from'], rows) }
}
