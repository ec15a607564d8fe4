// Dialogues by hand: one connection for each row that is talked to, its steps so far, and the line that is typed next.
import { create } from 'zustand'
import type { Client, Result, Running } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { Hand, SmtpStep, SmtpSteps, smtpTest, SmtpTarget } from '../../preload/contract/smtp-test.ts'
import { edgewise, settled } from '../api.ts'
import { optionsOf, problemsOf, useForm } from './form.ts'
import { useTesting } from './testing.ts'

export interface Talk {
  phase: 'connecting' | 'open' | 'waiting' | 'closed'
  /** Null until it is connected. */
  session: string | null
  steps: readonly SmtpStep[]
  next: SmtpSteps['next']
  /** What is typed, and not yet sent. */
  line: string
  /** What was typed last, to come back to from the history. */
  own: string
  /** Lines that were sent, the oldest first; none with a secret in it. */
  history: readonly string[]
  /** The place in the history that is looked at; its length where that is the line of one's own. */
  at: number
  failure: FailureValue | null
}

export const useHand = create<{ talks: Readonly<Record<string, Talk>> }>(() => ({ talks: {} }))
const { getState: get, setState: set } = useHand

const mostHistory = 200
type Opened = ReturnType<Client<typeof smtpTest.open>> extends Running<infer T> ? T : never
/** The connection that each row's dialogue is on, or is to be on. */
const wanted = new Map<string, Running<Opened>>()

const change = (key: string, how: (talk: Talk) => Partial<Talk>) =>
  set(({ talks }) => {
    const talk = talks[key]
    return talk ? { talks: { ...talks, [key]: { ...talk, ...how(talk) } } } : { talks }
  })

/** What a step by hand is begun with: what the guided test would say, for the administrator to edit. */
function proposed(next: SmtpSteps['next']): string {
  if (next?.kind === 'line') return next.text
  return next?.kind === 'starttls' ? 'STARTTLS' : ''
}

export async function connect({ key, host, address, port }: SmtpTarget): Promise<void> {
  useForm.setState({ wasAsked: true })
  const { draft } = useForm.getState()
  const { server } = useTesting.getState()
  const before = get().talks[key]
  if ((before && before.phase !== 'closed') || Object.keys(problemsOf(draft)).length > 0) return
  const history = before?.history ?? []
  set(({ talks }) => ({ talks: { ...talks, [key]: { phase: 'connecting', session: null, steps: [], next: null, line: '', own: '', history, at: history.length, failure: null } } }))
  const opening = edgewise.smtpTest.open({ server, recipient: draft.recipient.trim(), host, address, options: { ...optionsOf(draft), port } }, () => {})
  wanted.set(key, opening)
  const result = await settled<Opened>(opening.result)
  if (wanted.get(key) !== opening) {
    // It was there before the cancelling was heard of.
    if (result.ok) void edgewise.smtpTest.close({ session: result.value.session })
    return
  }
  if (result.ok) change(key, () => ({ session: result.value.session }))
  told(key, result)
}

/** False where it has to wait: the last step is still unanswered, or the connection is closed. */
export async function say(key: string, hand: Hand): Promise<boolean> {
  const talk = get().talks[key]
  if (!talk || talk.phase !== 'open' || talk.session === null) return false
  change(key, () => ({ phase: 'waiting', failure: null }))
  const result = await settled(edgewise.smtpTest.step({ session: talk.session, do: hand }))
  if (get().talks[key]?.session !== talk.session) return true
  told(key, result)
  if (hand.kind === 'line' && result.ok) remember(key, hand.text, result.value.steps)
  return true
}

/** A line that was shown otherwise than it was typed has a secret in it, and is not kept. */
function remember(key: string, text: string, steps: readonly SmtpStep[]): void {
  if (text === '' || !steps.some(({ sent }) => sent === text)) return
  change(key, ({ history: before }) => {
    const history = [...before.filter((line) => line !== text), text].slice(-mostHistory)
    return { history, at: history.length }
  })
}

function told(key: string, result: Result<SmtpSteps>): void {
  change(key, (talk) => {
    // What was typed stays, to be mended.
    if (!result.ok && result.error.code === 'bad-input' && talk.session !== null) return { phase: 'open', failure: result.error }
    if (!result.ok) return { phase: 'closed', session: null, failure: result.error }
    const { steps, next } = result.value
    const isOver = next === null
    return { phase: isOver ? 'closed' : 'open', ...(isOver ? { session: null } : {}), steps: [...talk.steps, ...steps], next, line: proposed(next), own: proposed(next) }
  })
}

export const type = (key: string, line: string) => change(key, ({ history }) => ({ line, own: line, at: history.length }))

/** To an older line, or a younger one; beyond the youngest stands one's own. */
export function recall(key: string, way: -1 | 1): void {
  change(key, ({ history, at, own }) => {
    const to = Math.max(0, Math.min(history.length, at + way))
    return { at: to, line: history[to] ?? own }
  })
}

/** Cuts the connection, also while a reply is waited for; what was said stays to be read. */
export function disconnect(key: string): void {
  const talk = get().talks[key]
  wanted.get(key)?.cancel()
  wanted.delete(key)
  if (talk && talk.session !== null) void edgewise.smtpTest.close({ session: talk.session })
  if (talk?.phase === 'waiting') return
  change(key, () => ({ phase: 'closed', session: null, next: null, line: '', own: '' }))
}

/** Of the rows that are no longer there; of all of them where none is. A host shall not hold a line that nobody uses. */
export function closeAllBut(keys: readonly string[]): void {
  const kept = Object.entries(get().talks).filter(([key]) => keys.includes(key))
  for (const key of Object.keys(get().talks)) if (!keys.includes(key)) disconnect(key)
  set({ talks: Object.fromEntries(kept) })
}

/** Whether the host has asked for more of AUTH: what is typed now is a secret. */
export function isSecretNext({ steps }: Talk): boolean {
  const last = steps.at(-1)
  return last?.stage === 'auth' && last.reply?.code === 334
}
