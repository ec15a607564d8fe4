// What waits, by destination and reason or by reason alone. Pure.
import type { Reason } from '../../preload/contract/queues.ts'

/** `nextHop` is null where the destinations are one with another. */
export interface Group extends Omit<Reason, 'nextHop'> {
  nextHop: string | null
  destinations: number
}

export const groupKey = ({ nextHop, reason }: Group) => `${nextHop ?? ''} ${reason}`

export function groupsOf(reasons: readonly Reason[], by: 'destination' | 'reason'): Group[] {
  if (by === 'destination') return reasons.map((one) => ({ ...one, destinations: 1 }))
  const groups = new Map<string, Group>()
  for (const one of reasons) {
    const group = groups.get(one.reason)
    if (!group) groups.set(one.reason, { ...one, nextHop: null, destinations: 1 })
    else groups.set(one.reason, { ...group, messages: group.messages + one.messages, destinations: group.destinations + 1 })
  }
  return [...groups.values()]
}
