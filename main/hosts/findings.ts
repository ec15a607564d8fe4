// What is amiss in the hosts file by itself, without asking any DNS server.
import { BlockList, isIP } from 'node:net'
import type { HostsFinding } from '../../preload/contract/hosts.ts'
import { addressKey, plainName, type Hosts, type HostsEntry } from './lines.ts'

/** Windows reads so many names of a line. */
const windowsNames = 9

/**
 * In the order of the lines. Only entries have findings: comments and disabled ones never count. Lists switch 200,000
 * names off by an address of nobody, in which all else would drown: that is told of the first such line alone, and
 * `findingsAt` tells it of any.
 */
export function findingsOf({ lines }: Hosts, system: 'windows' | 'other'): HostsFinding[] {
  const findings: HostsFinding[] = []
  const first = new Map<string, HostsEntry>()
  let nobodys: HostsFinding | null = null
  let more = 0
  for (const { entry } of lines) {
    if (!entry) continue
    const isNobodys = isOfNobody(entry.address)
    if (isNobodys && nobodys) more += 1
    else if (isNobodys) findings.push((nobodys = nobodysFinding(entry)))
    const impossible = isNobodys ? null : impossibleText(entry)
    if (impossible) findings.push({ kind: 'impossible-address', line: entry.line, ...impossible })
    if (system === 'windows' && entry.names.length > windowsNames) findings.push(tooMany(entry))
    const family = isIP(entry.address)
    for (const name of entry.names) {
      const why = unusualText(name)
      if (why !== null) findings.push({ kind: 'unusual-name', line: entry.line, level: 'warning', text: `“${name}” ${why}` })
      // A name has an address of each family: they do not stand in each other's way.
      const key = `${family} ${plainName(name)}`
      const other = first.get(key)
      if (other) findings.push(repeated(entry, name, other))
      else first.set(key, entry)
    }
  }
  if (nobodys && more > 0) nobodys.text += ` ${more.toLocaleString('en')} more ${more === 1 ? 'line has' : 'lines have'} such an address.`
  return findings
}

/** Of one entry, from all that were found. */
export function findingsAt(entry: Pick<HostsEntry, 'line' | 'address'>, found: HostsFinding[]): HostsFinding[] {
  return isOfNobody(entry.address) && !found.some(({ kind }) => kind === 'impossible-address') ? [nobodysFinding(entry), ...found] : found
}

const isOfNobody = (address: string): boolean => address === '0.0.0.0' || (/^[0:]+$/.test(address) && addressKey(address) === '::')

const nobodysFinding = ({ line, address }: Pick<HostsEntry, 'line' | 'address'>): HostsFinding => ({
  kind: 'impossible-address',
  line,
  level: 'info',
  text: `${address} is no host’s address: lists use it so that a name is not found, and mail for it goes nowhere.`,
})

function repeated({ line, address }: HostsEntry, name: string, first: HostsEntry): HostsFinding {
  if (addressKey(address) === addressKey(first.address))
    return { kind: 'duplicate', line, level: 'info', text: line === first.line ? `“${name}” stands on this line twice.` : `Line ${first.line} says already that ${name} is at ${address}.` }
  return { kind: 'shadowed', line, level: 'warning', text: `${name} is at ${first.address} by line ${first.line}, which comes first and wins; ${address} of this line is not used.` }
}

function tooMany({ line, names }: HostsEntry): HostsFinding {
  const beyond = names.slice(windowsNames)
  return { kind: 'too-many-names', line, level: 'warning', text: `Windows reads the first nine names of a line, so it does not find ${beyond.slice(0, 5).join(', ')}${beyond.length > 5 ? ` and ${beyond.length - 5} more` : ''}. Put them on a line of their own.` }
}

const reserved = new BlockList()
for (const [range, length] of [['0.0.0.0', 8], ['240.0.0.0', 4]] as const) reserved.addSubnet(range, length, 'ipv4')
const multicast = new BlockList()
multicast.addSubnet('224.0.0.0', 4, 'ipv4')
multicast.addSubnet('ff00::', 8, 'ipv6')

/** Names that systems themselves come with, for addresses that no single host has. */
const ofTheSystem = /^(broadcasthost|ip6-(localnet|mcastprefix|allnodes|allrouters|allhosts))$/

function impossibleText({ address, names }: HostsEntry): Pick<HostsFinding, 'level' | 'text'> | null {
  const plain = address.replace(/%.*$/, '')
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6'
  if (family === 'ipv4' ? !/^(0|22[4-9]|2[345]\d)/.test(plain) : !/^(ff|:|0)/i.test(plain)) return null
  if (names.every((name) => ofTheSystem.test(plainName(name)))) return null
  if (multicast.check(plain, family)) return { level: 'warning', text: `${address} is a multicast address, which no single host can have.` }
  return reserved.check(plain, family) ? { level: 'warning', text: `${address} is a reserved address, which no host can have.` } : null
}

/** Nearly all names are like this, which is told much sooner than what is amiss with another. */
const usual = /^(?!.{254})[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?(?:\.[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?)*\.?$/i

/** Null for a name that every resolver takes; names of services have underscores, and are taken too. */
function unusualText(name: string): string | null {
  if (usual.test(name) && !/\d\.?$/.test(name)) return null
  if (/[^\x21-\x7e]/.test(name)) return 'has letters beyond ASCII, which not all programs look up: write it in its “xn--” form.'
  if (isIP(name) !== 0) return 'is an address where a host name should be.'
  const plain = name.replace(/\.$/, '')
  if (plain.length > 253) return 'is longer than the 253 letters of a host name.'
  const strange = /[^a-z0-9._-]/i.exec(plain)?.[0]
  if (strange !== undefined) return `has a “${strange}”, which is not a letter of host names.`
  const labels = plain.split('.')
  if (labels.includes('')) return 'has two dots beside each other, or one at its beginning.'
  if (labels.some((label) => label.length > 63)) return 'has a part that is longer than 63 letters.'
  return labels.some((label) => label.startsWith('-') || label.endsWith('-')) ? 'has a hyphen where a part of it begins or ends.' : null
}
