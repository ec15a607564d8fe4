// The guided test: who takes mail for the recipient, and how far each of their dialogues has come.
import { create } from 'zustand'
import type { Client, Result, Running } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import type { SmtpDialogue, SmtpRoute, SmtpStep, smtpTest, SmtpTarget, Verdict } from '../../preload/contract/smtp-test.ts'
import { edgewise, settled } from '../api.ts'
import { number } from '../parts/format.ts'
import { optionsOf, problemsOf, useForm, type Draft } from './form.ts'
import { verdictOrder } from './names.ts'

/** One mail host at one address. */
export interface Row extends SmtpTarget {
  source: string | null
  steps: readonly SmtpStep[]
  /** Null until its dialogue has ended. */
  outcome: Verdict | null
  text: string
  /** Milliseconds. */
  ms: number | null
}

type Run = Client<typeof smtpTest.run>
type Told = Parameters<Parameters<Run>[1]>[0]
type End = ReturnType<Run> extends Running<infer T> ? T : never
/** A look-up, or a test. */
type Work = ReturnType<typeof edgewise.smtpTest.route> | ReturnType<Run>

export interface Testing {
  server: ServerId
  phase: 'nothing' | 'looking' | 'testing' | 'cancelling'
  /** Whether the rows are those of a test; else they are known from looking up alone. */
  isTested: boolean
  /** What the rows are about: the recipient as it was typed then. */
  recipient: string
  route: SmtpRoute | null
  isRouteOpen: boolean
  rows: readonly Row[]
  selected: string | null
  /** What the test came to, in a sentence. */
  text: string | null
  failure: FailureValue | null
}

const nothing = (server: ServerId): Testing => ({ server, phase: 'nothing', isTested: false, recipient: '', route: null, isRouteOpen: false, rows: [], selected: null, text: null, failure: null })

export const useTesting = create<Testing>(() => nothing('local'))
const { getState: get, setState: set } = useTesting
let running: Work | null = null
/** What comes late is of an earlier round, and is dropped. */
let round = 0

/** Another edge server has other lookups: what was found for the one before goes. */
export function setServer(server: ServerId): void {
  if (get().server === server) return
  forget()
  set(nothing(server))
}

/** Begins anew, as with another recipient. */
export function forget(): void {
  round++
  running?.cancel()
  running = null
  set(nothing(get().server))
}

/** False where the form has a problem, which is shown beneath its field. */
function begin(phase: 'looking' | 'testing'): { own: number; draft: Draft } | null {
  useForm.setState({ wasAsked: true })
  const { draft } = useForm.getState()
  const { server, phase: now, selected } = get()
  if (now !== 'nothing' || Object.keys(problemsOf(draft)).length > 0) return null
  set({ ...nothing(server), phase, recipient: draft.recipient.trim(), selected })
  return { own: ++round, draft }
}

/** Both sides, without a word to any mail host. */
export async function lookUp(): Promise<void> {
  const begun = begin('looking')
  if (!begun) return
  const { server, recipient } = get()
  const work = edgewise.smtpTest.route({ server, recipient }, () => {})
  running = work
  const result = await settled<SmtpRoute>(work.result)
  if (round !== begun.own) return
  running = null
  if (!result.ok) return set({ phase: 'nothing', failure: result.error })
  set((now) => ({ phase: 'nothing', route: result.value, isRouteOpen: true, ...chosen(now, targetsOf(result.value, begun.draft).map(fresh)) }))
}

export async function startTest(): Promise<void> {
  const begun = begin('testing')
  if (!begun) return
  const { server, recipient } = get()
  const { own, draft } = begun
  const work = edgewise.smtpTest.run({ server, recipient, host: draft.host.trim() || null, options: optionsOf(draft) }, (told) => {
    if (round === own) set((now) => withTold(now, told))
  })
  running = work
  const result = await settled<End>(work.result)
  if (round !== own) return
  running = null
  set((now) => withEnd(now, result))
}

/** Every dialogue ends where it is; a look-up is no longer waited for. */
export function cancel(): void {
  const { phase } = get()
  if (phase !== 'looking' && phase !== 'testing') return
  running?.cancel()
  if (phase === 'testing') return set({ phase: 'cancelling' })
  round++
  running = null
  set({ phase: 'nothing' })
}

export const select = (selected: string) => set({ selected })
export const openRoute = (isRouteOpen: boolean) => set({ isRouteOpen })

const fresh = (target: SmtpTarget): Row => ({ ...target, source: null, steps: [], outcome: null, text: '', ms: null })

/** The rows, and among them the selected one: the one that was, else the first. */
function chosen({ selected }: Testing, rows: readonly Row[]): Pick<Testing, 'rows' | 'selected'> {
  return { rows, selected: rows.some(({ key }) => key === selected) ? selected : (rows[0]?.key ?? null) }
}

export function withTold(now: Testing, told: Told): Partial<Testing> {
  switch (told.kind) {
    case 'route':
      return { route: told.route, isRouteOpen: told.route.differences.length > 0 || told.route.transport.problem !== null }
    case 'begun':
      return { isTested: true, ...chosen(now, told.dialogues.map(fresh)) }
    case 'step':
      return { rows: changed(now.rows, told.dialogue, ({ steps }) => ({ steps: [...steps, told.step] })) }
    case 'ended':
      return { rows: changed(now.rows, told.dialogue, ({ steps }) => ({ outcome: told.outcome, text: told.text, ms: lastedOf(steps) })) }
  }
}

const changed = (rows: readonly Row[], key: string, change: (row: Row) => Partial<Row>): readonly Row[] => rows.map((row) => (row.key === key ? { ...row, ...change(row) } : row))

function lastedOf(steps: readonly SmtpStep[]): number | null {
  const [first, last] = [steps[0], steps.at(-1)]
  return first && last ? Math.round(Date.parse(last.at) + last.ms - Date.parse(first.at)) : null
}

function withEnd(now: Testing, result: Result<End>): Partial<Testing> {
  if (result.ok) {
    const { dialogues, route, text } = result.value
    return { phase: 'nothing', isTested: true, text, route: route ?? now.route, ...chosen(now, dialogues.map(rowOf)) }
  }
  // Cancelled before its hosts were known, or while the look-up was waited for: what was heard until then stays.
  const isCancelled = result.error.code === 'cancelled'
  const rows = now.rows.map((row) => (row.outcome === null ? { ...row, outcome: 'cancelled' as const, text: 'Cancelled.' } : row))
  return { phase: 'nothing', rows, text: isCancelled ? 'Cancelled.' : null, failure: isCancelled ? null : result.error }
}

const rowOf = (dialogue: SmtpDialogue): Row => dialogue

/** As the test itself has them: of the transport, or where it finds none of this machine. */
export function targetsOf({ transport, system }: SmtpRoute, { port, tls }: Pick<Draft, 'port' | 'tls'>): SmtpTarget[] {
  const { hosts } = transport.problem === null ? transport : system
  return hosts.flatMap(({ host, addresses, port: own }) =>
    addresses.map((address): SmtpTarget => ({
      key: `${host} ${address}`,
      host,
      address,
      family: address.includes(':') ? 6 : 4,
      port: port.trim() === '' ? (own ?? (tls === 'implicit' ? 465 : 25)) : Number(port),
    })),
  )
}

/** `3 dialogues: 1 accepted, 1 refused, 1 under way.` */
export function courseText({ phase, rows, text, isTested }: Pick<Testing, 'phase' | 'rows' | 'text' | 'isTested'>): string {
  if (phase === 'looking') return 'Looking up who takes the mail …'
  if (phase === 'nothing') return text ?? ''
  if (!isTested) return 'Looking up who takes the mail …'
  const parts = verdictOrder.flatMap((verdict) => {
    const many = rows.filter(({ outcome }) => outcome === verdict).length
    return many > 0 ? [`${number(many)} ${verdict}`] : []
  })
  const left = rows.filter(({ outcome }) => outcome === null).length
  const all = `${number(rows.length)} ${rows.length === 1 ? 'dialogue' : 'dialogues'}`
  return `${all}: ${[...parts, ...(left > 0 ? [`${number(left)} under way`] : [])].join(', ')}.`
}
