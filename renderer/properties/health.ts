// The health of the DNS servers that the dialog shows: what is known so far, and the mark and words it comes to. Pure.
import type { ListedAdapter } from '../../preload/contract/adapters.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import type { Result } from '../../preload/contract/call.ts'
import { count } from '../parts/format.ts'

export interface Health {
  /** By the DNS server's text. What was known before stays until it is known anew. */
  known: ReadonlyMap<string, ServerHealth>
  isAsking: boolean
  /** What the last round came to, as a sentence; empty before the first has ended. */
  outcome: string
  failure: FailureValue | null
}

export const nothingKnown: Health = { known: new Map(), isAsking: false, outcome: '', failure: null }

export const begun = (health: Health): Health => ({ ...health, isAsking: true, failure: null })

export const told = (health: Health, one: ServerHealth): Health => ({ ...health, known: new Map(health.known).set(one.server, one) })

/** Only the end compares the servers with each other, and nothing is kept of those that were not asked. */
export function ended(result: Result<{ health: ServerHealth[] }>): Health {
  if (!result.ok) return { ...nothingKnown, failure: result.error }
  const { health } = result.value
  return { known: new Map(health.map((one) => [one.server, one])), isAsking: false, outcome: outcomeOf(health), failure: null }
}

export type Mark = 'well' | 'faulty' | 'useless' | 'asking' | 'unknown'

export const markOf = ({ state, notes }: ServerHealth): Mark =>
  state === 'cancelled' ? 'unknown' : state === 'answers' && notes.length === 0 ? 'well' : state === 'answers' || state === 'partly' ? 'faulty' : 'useless'

function outcomeOf(health: readonly ServerHealth[]): string {
  const marks = health.map(markOf)
  const parts = ([['well', 'in order'], ['faulty', 'with faults'], ['useless', 'unusable']] as const).flatMap(([mark, words]) => {
    const many = marks.filter((one) => one === mark).length
    return many === 0 ? [] : [`${many} ${words}`]
  })
  return parts.length === 0 ? 'There are no DNS servers to ask.' : `${count(health.length, 'DNS server')} asked: ${parts.join(', ')}.`
}

export interface ShownHealth {
  mark: Mark
  text: string
  /** What is wrong besides, each to be read after the server's address. */
  notes: readonly string[]
}

export function shownHealth({ known, isAsking }: Health, server: string): ShownHealth {
  const one = known.get(server)
  if (!one) return isAsking ? { mark: 'asking', text: 'asking…', notes: [] } : { mark: 'unknown', text: 'not asked', notes: [] }
  // Where a fault is all that is to be said, main says it as the text and as the note.
  return { mark: markOf(one), text: one.text, notes: one.notes.map(({ text }) => text).filter((text) => text !== one.text) }
}

/**
 * Tells one round of questions from another: the same servers in another order need no new one, an adapter that got
 * another address or another way out does.
 */
export function roundOf(adapters: readonly ListedAdapter[], servers: readonly string[]): string {
  const up = adapters.filter(({ state }) => state === 'up').map(({ id, addresses, dnsServers, gateways }) => [id, addresses, dnsServers, gateways])
  return JSON.stringify([up, [...servers].sort()])
}
