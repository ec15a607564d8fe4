// Finds out why mail waits: what is asked about, what the checks find, what they prove, and what a remedy moved.
import { create } from 'zustand'
import type { Result, Running } from '../../preload/contract/call.ts'
import { movedBetween, type CuredDiagnosis, type Diagnosis, type Remedy } from '../../preload/contract/diagnosis.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { useChange } from '../change/change.ts'
import { useWhere } from '../console/place.ts'
import { useServers } from '../console/servers.ts'
import { checksOf, mailMoved, movedText, withTold, type ShownCheck } from './told.ts'

/** After a remedy: what was done, how it ended, and what moved. */
export interface Moved {
  title: string
  text: string
  moved: readonly string[]
}

export interface Troubleshooting {
  server: ServerId
  /** As it is typed; empty stands for all that waits. */
  typed: string
  phase: 'nothing' | 'looking' | 'curing' | 'cancelling'
  /** What the rest is about. */
  target: string
  checks: readonly ShownCheck[]
  /** Null until all checks have ended. */
  diagnosis: Diagnosis | null
  /** What a remedy that is under way tells. */
  told: readonly string[]
  moved: Moved | null
  wasCancelled: boolean
  failure: FailureValue | null
}

const found = { target: '', checks: [], diagnosis: null, told: [], moved: null, wasCancelled: false, failure: null } as const

export const useTroubleshooter = create<Troubleshooting>(() => ({ server: 'local', typed: '', phase: 'nothing', ...found }))
const { getState: get, setState: set } = useTroubleshooter

let running: Running<unknown> | null = null
/** What comes late is of an earlier round, and is dropped. */
let round = 0

/** What was found for another edge server goes. */
export function setServer(server: ServerId): void {
  if (get().server !== server) forget(server)
}

export function forget(server: ServerId): void {
  round++
  running?.cancel()
  running = null
  set({ server, typed: '', phase: 'nothing', ...found })
}

export const type = (typed: string) => set({ typed })

/** From anywhere in the console: the view opens and looks at once. */
export function openTroubleshooter(server: ServerId, target: string): void {
  useWhere.getState().go('troubleshooter')
  lookInto(server, target)
}

/** The view shows the edge server that is selected, so that one is. */
export function lookInto(server: ServerId, target: string): void {
  useWhere.getState().select(server)
  forget(server)
  set({ typed: target })
  void findOut()
}

export async function findOut(): Promise<void> {
  if (get().phase !== 'nothing') return
  const target = get().typed.trim() || '*'
  set({ ...found, target, phase: 'looking' })
  await look(target, ++round)
}

/** Answers with the diagnosis that was shown, null where there came none. */
async function look(target: string, own: number): Promise<Result<Diagnosis> | null> {
  const { server } = get()
  set({ target, phase: 'looking', checks: [] })
  const work = edgewise.diagnosis.run({ server, target }, (told) => {
    if (round === own) set(({ checks }) => ({ checks: withTold(checks, told) }))
  })
  running = work
  const result = await settled(work.result)
  if (round !== own) return null
  running = null
  if (result.ok) show(result.value)
  else fail(result.error)
  return result
}

const show = (diagnosis: Diagnosis) => set({ phase: 'nothing', diagnosis, checks: checksOf(diagnosis) })

/** What was found until then stays. */
function fail(failure: FailureValue): void {
  const isCancelled = failure.code === 'cancelled'
  set({ phase: 'nothing', wasCancelled: isCancelled, failure: isCancelled ? null : failure })
}

export function cancel(): void {
  const { phase } = get()
  if (phase !== 'looking' && phase !== 'curing') return
  set({ phase: 'cancelling' })
  running?.cancel()
}

/** A guarded change in its own dialog, with its plan; anything else at once. Then it is looked at again. */
export async function cure(remedy: Remedy): Promise<void> {
  const { server, diagnosis, phase } = get()
  if (!diagnosis || phase !== 'nothing') return
  const before = { diagnosis, waited: waitingFor(server, diagnosis) }
  if (remedy.wanted === null) return carryOut(remedy, before)
  const name = useServers.getState().list?.find(({ id }) => id === server)?.name ?? ''
  const own = round
  useChange.getState().plan(remedy.wanted, {
    server,
    name,
    restart: true,
    onEnded: (kept) => {
      if (round === own && kept) return again(before, { title: remedy.title, text: 'The change is kept.' })
    },
  })
}

interface Before {
  diagnosis: Diagnosis
  /** Messages that waited for what was looked at: asked before anything is done, and answered while it is. */
  waited: Promise<number>
}

async function carryOut({ name, title }: Remedy, before: Before): Promise<void> {
  const { server, target } = get()
  const own = ++round
  set({ phase: 'curing', told: [], moved: null, failure: null, wasCancelled: false })
  const work = edgewise.diagnosis.cure({ server, target, remedy: name }, (told) => {
    if (round !== own) return
    if (told.kind === 'deed') set((now) => ({ told: [...now.told, told.text] }))
    if (told.kind === 'check began' || told.kind === 'finding' || told.kind === 'check ended') set((now) => ({ ...looksAgain(now), checks: withTold(now.diagnosis ? [] : now.checks, told) }))
  })
  running = work
  const result: Result<CuredDiagnosis> = await settled(work.result)
  if (round !== own) return
  running = null
  if (result.ok) {
    const { text, moved, after } = result.value
    show(after)
    set({ moved: { title, text, moved: moved.map(movedText) } })
    return tellMail(own, before)
  }
  if (isGone(result.error, before)) return again(before, { title, text: 'Done.' })
  fail(result.error)
}

/** With its first check: what was found before the remedy is no longer so. */
const looksAgain = ({ phase }: Troubleshooting) => ({ diagnosis: null, phase: phase === 'curing' ? 'looking' : phase }) as const

/** A message that left has no more to be looked at than its domain. */
const isGone = ({ code }: FailureValue, { diagnosis: { domains } }: Before) => code === 'not-found' && domains.length > 0

async function again(before: Before, done: Omit<Moved, 'moved'>): Promise<void> {
  const own = ++round
  const { target } = get()
  set({ diagnosis: null, moved: null, told: [], failure: null, wasCancelled: false })
  let result = await look(target, own)
  const [domain] = before.diagnosis.domains
  if (result && !result.ok && isGone(result.error, before) && domain !== undefined) {
    set({ failure: null })
    result = await look(domain, own)
  }
  if (!result?.ok) return
  set({ moved: { ...done, moved: movedBetween(before.diagnosis, result.value).map(movedText) } })
  await tellMail(own, before)
}

async function tellMail(own: number, { diagnosis, waited }: Before): Promise<void> {
  const mail = mailMoved(await waited, await waitingFor(get().server, diagnosis))
  if (mail !== null && round === own) set(({ moved }) => ({ moved: moved && { ...moved, moved: [...moved.moved, mail] } }))
}

async function waitingFor(server: ServerId, { domains }: Diagnosis): Promise<number> {
  const result = await settled(edgewise.queues.list({ server }))
  if (!result.ok) return 0
  return result.value.queues.reduce((sum, { nextHop, messages }) => (domains.includes(nextHop) ? sum + messages : sum), 0)
}
