// What a change does, in words and as a diff, with what speaks against it; nothing is written here.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { Described, Plan, Wanted } from '../../preload/contract/changes.ts'
import { lookupSides, parseDnsServer, type Lookups, type LookupSide } from '../../preload/contract/dns.ts'
import type { LimitName } from '../../preload/contract/limits.ts'
import { serversOf } from '../dns/source.ts'
import { applied, type Standing } from '../transport/wanted.ts'

const sideNames: Record<LookupSide, string> = { internal: 'Internal DNS lookups', external: 'External DNS lookups' }
const limitNames: Record<LimitName, string> = {
  transientFailureRetryInterval: 'Transient failure retry interval (seconds)',
  messageExpirationTimeout: 'Message expiration (seconds)',
  delayNotificationTimeout: 'Delay notification (seconds)',
}

export function describe(before: Standing, wanted: Wanted, adapters: Adapter[]): Described {
  const { lookups, limits } = applied(before, wanted)
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
      note(`${name}, source`, sourceInFull(from, adapters), sourceInFull(to, adapters), `${name} ask ${sourceInFull(to, adapters)}.`),
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
  const limitFlags = Object.entries(limitNames).flatMap(([key, name]) => {
    const limit = key as LimitName
    const changed = note(name, String(before.limits[limit]), String(limits[limit]), `${name}: ${limits[limit]}.`)
    return changed ? [`--${limit.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${limits[limit]}`] : []
  })
  if (limitFlags.length > 0) command.push(`edgewise limits set ${limitFlags.join(' ')}`)
  if (limits.delayNotificationTimeout >= limits.messageExpirationTimeout && limitFlags.length > 0)
    warnings.push('Senders are never told of a delay: the notification comes after the message has expired.')
  return { words, diff, warnings, command: { edgewise: command.join(' && '), powershell: null } }
}

function sourceInFull(lookups: Lookups, adapters: Adapter[]): string {
  const { source } = lookups
  if (source.kind === 'servers') return source.servers.join(', ')
  const { servers, problem } = serversOf(lookups, adapters)
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

/** For a POSIX shell; nothing in single quotes means anything to it. */
export const quoted = (text: string) => (/^[\w.:@%+-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`)
