// Adapters: listed with what to know of each, and the health of their DNS servers.
import type { ListedAdapter } from '../../preload/contract/adapters.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { openAdaptersOnly } from '../adapters-only.ts'
import type { Verb } from './perform.ts'
import { plain, table } from './output.ts'

export interface AdaptersWanted {
  health?: true
  adapter?: string
}

export function adapters({ health: wantsHealth, adapter: wanted }: AdaptersWanted): Verb {
  const verb: Verb = async (core) => {
    const listed = await core.ask('adapters', 'list', { server: 'local' })
    const shown = wanted === undefined ? listed.adapters : listed.adapters.filter(({ id, name }) => id === wanted || name === wanted)
    if (wanted !== undefined && shown.length === 0) throw new Failure('not-found', `There is no adapter “${wanted}”.`, `There are ${listed.adapters.map(({ name }) => `“${plain(name)}”`).join(', ')}.`)
    // Columns for hundreds of adapters are set only where somebody reads them.
    const text = core.json ? '' : listText(shown)
    if (!wantsHealth) return { json: { adapters: shown }, text }

    const ids = wanted === undefined ? {} : { ids: shown.map(({ id }) => id) }
    const { health } = await core.ask('adapters', 'health', { server: 'local', ...ids }, (one) => core.tell({ health: one }, `${one.server} ${one.text}`))
    const names = new Map(shown.map(({ id, name }) => [id, name]))
    return {
      json: { adapters: shown, health },
      text: core.json ? '' : `\n${text}\n\n${health.length === 0 ? 'No adapter that is up has DNS servers.' : table(['DNS server', 'Adapter', 'Health', 'UDP', 'TCP', 'Besides'], health.map((one) => row(one, names)))}`,
      // As with every check: a fault was found.
      exitCode: health.every(({ state, notes }) => state === 'answers' && notes.length === 0) ? 0 : 1,
    }
  }
  // Which names the DNS servers are asked for, the transport tells.
  if (!wantsHealth) verb.open = openAdaptersOnly
  return verb
}

function listText(adapters: ListedAdapter[]): string {
  const rows = adapters.map(({ name, state, addresses, dnsServers, dnsSource }) => [name, state, addresses.join(', ') || '–', dnsServers.join(', ') || '–', dnsSource])
  const list = rows.length === 0 ? 'This machine has no network adapters.' : table(['Adapter', 'State', 'Addresses', 'DNS servers', 'Read from'], rows)
  const warnings = adapters.flatMap(({ advice }) => advice.filter(({ level }) => level === 'warning').map(({ text }) => plain(text)))
  return [list, ...(warnings.length === 0 ? [] : ['', ...warnings])].join('\n')
}

function row({ server, adapters, text, udp, tcp, notes }: ServerHealth, names: Map<string, string>): string[] {
  const besides = notes.map((note) => note.text).filter((note) => note !== text)
  return [server, adapters.map((id) => names.get(id) ?? id).join(', ') || '–', text, udp, tcp, besides.join('; ') || '–']
}
