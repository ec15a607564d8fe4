// What a change does, in words and as a diff, with what speaks against it; nothing is written here.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { Described, Plan, Wanted } from '../../preload/contract/changes.ts'
import { lookupSides, parseDnsServer, type Lookups, type LookupSide } from '../../preload/contract/dns.ts'
import { parameterTabs, parameterText, type ParameterValue } from '../../preload/contract/parameters.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { serversOf } from '../dns/source.ts'
import { applied } from '../transport/wanted.ts'

const sideNames: Record<LookupSide, string> = { internal: 'Internal DNS lookups', external: 'External DNS lookups' }
export function describe(before: Pick<Properties, 'lookups' | 'limits' | 'log' | 'parameters' | 'savedServers'>, wanted: Wanted, adapters: Adapter[], flags: string): Described {
  const after = applied(before, wanted)
  const { lookups } = after
  const diff: Plan['diff'] = []
  const words: string[] = []
  const warnings: string[] = []
  const command: string[] = []
  const note = (what: string, from: string, to: string, sentence: string) => {
    if (from === to) return false
    diff.push({ what, before: from, after: to })
    words.push(sentence)
    return true
  }
  for (const side of lookupSides) {
    const name = sideNames[side]
    const [from, to] = [before.lookups[side], lookups[side]]
    const changed = [
      note(`${name}, source`, sourceInFull(from, adapters, wanted.lookups?.[side] && side === 'internal' ? before.savedServers : undefined), sourceInFull(to, adapters), `${name} ask ${sourceInFull(to, adapters)}.`),
      note(`${name}, protocol`, from.protocol, to.protocol, `${name} ask over ${to.protocol === 'any' ? 'UDP, and TCP where an answer is cut' : `${to.protocol.toUpperCase()} only`}.`),
    ]
    if (changed.includes(true)) {
      warnings.push(...warningsOf(name, to, adapters))
      command.push(`edgewise lookups set ${side} ${sourceFlag(to)} --protocol ${to.protocol}`)
    }
  }
  const internet = (external: boolean) => (external ? 'external' : 'internal')
  if (
    note(
      'Internet mail asks',
      internet(before.lookups.useExternalForInternet),
      internet(lookups.useExternalForInternet),
      `Mail for the Internet asks the ${internet(lookups.useExternalForInternet)} DNS lookups.`,
    )
  )
    command.push(`edgewise lookups set external --use-for-internet ${lookups.useExternalForInternet ? 'yes' : 'no'}`)
  const parameters = parameterTabs.map((tab) =>
    before.parameters
      .filter((one) => one.tab === tab)
      .flatMap(({ name, label, takes }) => {
        const what = takes.kind === 'seconds' ? `${label} (seconds)` : label
        const [from, to] = [parameterText(before[tab][name]), parameterText(after[tab][name])]
        return note(what, from, to, `${what}: ${to || 'empty'}.`) ? [`--${flagOf(name)} ${quoted(to)}`] : []
      }),
  )
  const set = parameters.flat()
  if (set.length > 0) command.push(`edgewise limits set ${set.join(' ')}`)
  const { delayNotificationTimeout, messageExpirationTimeout } = after.limits
  if (isAtLeast(delayNotificationTimeout, messageExpirationTimeout) && parameters[0]?.length)
    warnings.push('Senders are never told of a delay: the notification comes after the message has expired.')
  return { words, diff, warnings, command: { edgewise: command.map((one) => withFlags(one, flags)).join(' && '), powershell: null } }
}

/** `saved` where it was other servers that it came to when it was saved. */
function sourceInFull(lookups: Lookups, adapters: Adapter[], saved?: string[]): string {
  const { source } = lookups
  if (source.kind === 'servers') return source.servers.join(', ')
  const { servers, problem } = saved ? { servers: saved, problem: null } : serversOf(lookups, adapters)
  const whose = source.kind === 'all-adapters' ? 'all available adapters' : `adapter “${adapters.find(({ id }) => id === source.id)?.name ?? source.name}”`
  return `${whose} (${servers.length > 0 ? servers.join(', ') : (problem ?? 'no DNS servers').replace(/\.$/, '')})`
}

function warningsOf(name: string, lookups: Lookups, adapters: Adapter[]): string[] {
  const { servers, problem } = serversOf(lookups, adapters)
  if (problem) return [`${name}: ${problem} Mail will wait until that is mended.`]
  const families = servers.map((server) => {
    const parsed = parseDnsServer(server)
    return 'address' in parsed && parsed.address.includes(':') ? 6 : 4
  })
  const firstV4 = families.indexOf(4)
  if (lookups.source.kind !== 'servers' && families[0] === 6 && firstV4 > 0)
    return [`${name}: the IPv6 servers of this adapter outrank its IPv4 servers: ${servers.slice(0, firstV4).join(', ')} will be asked first.`]
  return []
}

function sourceFlag({ source }: Lookups): string {
  if (source.kind === 'all-adapters') return '--all-adapters'
  return source.kind === 'adapter' ? `--adapter ${quoted(source.id)}` : `--servers ${source.servers.join(',')}`
}

/** A command, with what tells it which edge server is meant. */
export const withFlags = (command: string, flags: string) => (command === '' || flags === '' ? command : `${command} ${flags}`)

/** For a POSIX shell; nothing in single quotes means anything to it. */
export const quoted = (text: string) => (/^[\w.:@%+/-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`)

/** `maximal_queue_lifetime` and `messageExpirationTimeout` as flags of the command line. */
const flagOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')

const isAtLeast = (a: ParameterValue | undefined, b: ParameterValue | undefined) => typeof a === 'number' && typeof b === 'number' && a >= b
