// What the transport makes of an entry of the hosts file, said beside it.
import type { HostsRow } from '../../preload/contract/hosts.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { plainName, type HostsEntry } from '../hosts/lines.ts'

/** `winners`: of each name the entries that give it its addresses; asked for only where another line stands in the way. */
export function useOf({ kind, line, names, findings }: Omit<HostsRow, 'use'>, winners: () => Map<string, HostsEntry[]>, hosts: Properties['hosts']): HostsRow['use'] {
  if (kind !== 'entry') return null
  if (!hosts.reads) return { used: false, text: 'Not used: the transport does not look into the hosts file.' }
  const isAlone = !findings.some((finding) => finding.kind === 'shadowed' || finding.kind === 'duplicate')
  const beaten = (isAlone ? [] : names).flatMap((name) => {
    const won = winners().get(plainName(name)) ?? []
    return won.some((entry) => entry.line === line) ? [] : [{ name, by: won[0]?.line }]
  })
  const [first] = beaten
  if (first && beaten.length === names.length) return { used: false, text: `Not used: line ${first.by} comes first.` }
  if (findings.some((finding) => finding.kind === 'impossible-address')) return { used: false, text: 'Not used: no host has this address. Mail for these names waits.' }
  const rest = names.filter((name) => !beaten.some((one) => one.name === name))
  if (first) return { used: true, text: `Used for ${rest.join(', ')}; for ${beaten.map(({ name, by }) => `${name} line ${by}`).join(', for ')} comes first.` }
  return { used: true, text: 'Used: the transport asks no DNS server for these names.' }
}
