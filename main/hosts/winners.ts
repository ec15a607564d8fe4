// Which entry gives each name its address, as a resolver takes them.
import { isIP } from 'node:net'
import { addressKey, plainName, type Hosts, type HostsEntry } from './lines.ts'

/** `plainName` → of each family the first entry that has it, in the order of the lines. */
export function winnersOf({ lines }: Hosts): Map<string, HostsEntry[]> {
  const winners = new Map<string, HostsEntry[]>()
  for (const { entry } of lines) {
    if (!entry) continue
    const family = isIP(entry.address)
    for (const name of entry.names.map(plainName)) {
      const before = winners.get(name)
      if (!before) winners.set(name, [entry])
      else if (before.length === 1 && isIP(before[0]?.address ?? '') !== family) before.push(entry)
    }
  }
  return winners
}

/** Names whose addresses are others in one file than in the other. */
export function renamedIn(before: Hosts, after: Hosts): Set<string> {
  const [old, fresh] = [winnersOf(before), winnersOf(after)]
  const addresses = (entries: HostsEntry[] | undefined) => (entries ?? []).map(({ address }) => addressKey(address)).sort().join(' ')
  return new Set([...old.keys(), ...fresh.keys()].filter((name) => addresses(old.get(name)) !== addresses(fresh.get(name))))
}
