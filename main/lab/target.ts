// What a diagnosis of the lab's edge server is asked about: all that waits; else what was returned; else who has theirs.
import type { Lab } from './lab.ts'

export interface Target {
  target: string
  /** To be asked about where the edge server does not know the message any more, as after a restart. */
  recipient: string
}

/** Who was returned to its sender can be asked about by the message's id only: `ids` has those that were seen, by recipient. */
export function targetsOf({ scenario, delivered }: Pick<Lab, 'scenario' | 'delivered'>, waiting: number, ids: ReadonlyMap<string, string>): Target[] {
  if (waiting > 0) return [{ target: '*', recipient: '*' }]
  const got = new Set(delivered().flatMap(({ recipients }) => recipients))
  const all = [...new Set(scenario.messages.map(({ to }) => to))]
  const returned = all.filter((recipient) => !got.has(recipient))
  if (returned.length === 0) return all.map((recipient) => ({ target: recipient, recipient }))
  return returned.map((recipient) => ({ target: ids.get(recipient) ?? recipient, recipient }))
}
