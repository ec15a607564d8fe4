// An action on queues or messages: counted first, asked about with the count, done with exactly those, told row by row.
import { create } from 'zustand'
import type { Result, Running } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { Action, ActEnd, Chosen, Outcome } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { exportFolder } from '../parts/saving.ts'
import { messageList } from './lists.ts'

export type Deed = Exclude<Action, { kind: 'export' }> | { kind: 'export' } | { kind: 'put-back'; removal: string }

export interface Acting {
  server: ServerId
  deed: Deed
  /** Null where a removal is put back. */
  what: Chosen | null
  /** What was chosen, in words. */
  chosen: string
  phase: 'counting' | 'asked' | 'running' | 'cancelling' | 'ended' | 'failed'
  selection: string | null
  messages: number
  queues: number
  /** Where an export goes. */
  folder: string
  /** The last ones that ended. */
  rows: readonly Outcome[]
  done: number
  total: number
  counts: ActEnd['counts']
  end: ActEnd | null
  failure: FailureValue | null
}

interface Store {
  current: Acting | null
  /** Whether the removals are shown. */
  isShowingRemovals: boolean
}

export const useActing = create<Store>(() => ({ current: null, isShowingRemovals: false }))
const { getState: get, setState: set } = useActing

/** Rows that are kept to be looked at; the counts are of all. */
export const mostKept = 10_000
let running: Running<ActEnd> | null = null
let round = 0

const update = (own: number, change: (acting: Acting) => Partial<Acting>) => {
  const { current } = get()
  if (current && own === round) set({ current: { ...current, ...change(current) } })
}

const begun = (acting: Pick<Acting, 'server' | 'deed' | 'what' | 'chosen'>): Acting => ({
  ...acting,
  phase: 'counting',
  selection: null,
  messages: 0,
  queues: 0,
  folder: '',
  rows: [],
  done: 0,
  total: 0,
  counts: {},
  end: null,
  failure: null,
})

/** Counts what is meant, and asks. */
export async function ask(server: ServerId, deed: Exclude<Deed, { kind: 'put-back' }>, what: Chosen, chosen: string): Promise<void> {
  const own = ++round
  set({ current: begun({ server, deed, what, chosen }) })
  const [result, properties] = await Promise.all([settled(edgewise.queues.select({ server, what })), deed.kind === 'export' ? settled(edgewise.servers.properties({ server })) : null])
  if (!result.ok) return update(own, () => ({ phase: 'failed', failure: result.error }))
  const folder = properties?.ok ? exportFolder(properties.value.server.home, new Date()) : ''
  update(own, () => ({ ...result.value, folder, phase: 'asked' }))
}

export const setFolder = (folder: string) => update(round, () => ({ folder }))

export function start(): void {
  const { current } = get()
  if (!current || current.phase !== 'asked' || current.selection === null || current.deed.kind === 'put-back') return
  const { server, selection, deed, folder } = current
  const action: Action = deed.kind === 'export' ? { kind: 'export', folder } : deed
  run((tell) => edgewise.queues.act({ server, selection, action }, tell))
}

/** Removed messages go back into the queue, as many as they are. */
export function putBack(server: ServerId, removal: string, messages: number): void {
  round++
  set({ current: { ...begun({ server, deed: { kind: 'put-back', removal }, what: null, chosen: '' }), messages, total: messages } })
  run((tell) => edgewise.queues.putBack({ server, removal }, tell))
}

const left: readonly Outcome['outcome'][] = ['sent', 'removed', 'gone']

type Told = { rows: Outcome[]; done: number; total: number }

function run(begin: (tell: (told: Told) => void) => Running<ActEnd>): void {
  const own = round
  update(own, () => ({ phase: 'running' }))
  running = begin(({ rows, done, total }) => {
    update(own, (acting) => ({ rows: [...acting.rows, ...rows].slice(-mostKept), done, total, counts: withRows(acting.counts, rows) }))
    messageList.forget(rows.filter(({ outcome }) => left.includes(outcome)).map(({ id }) => id))
  })
  void settled<ActEnd>(running.result).then((result: Result<ActEnd>) => {
    if (own === round) running = null
    if (result.ok) update(own, () => ({ phase: 'ended', end: result.value, counts: result.value.counts }))
    else update(own, () => ({ phase: 'failed', failure: result.error }))
  })
}

function withRows(counts: ActEnd['counts'], rows: readonly Outcome[]): ActEnd['counts'] {
  const next = { ...counts }
  for (const { outcome } of rows) next[outcome] = (next[outcome] ?? 0) + 1
  return next
}

export const isUnderWay = ({ phase }: Acting) => phase === 'running' || phase === 'cancelling'

/** Begins with no further one; what was done stays done. */
export function cancel(): void {
  if (!running) return
  update(round, () => ({ phase: 'cancelling' }))
  running.cancel()
}

/** What was chosen is counted anew: it is kept for ten minutes, and for one action. */
export function again(): void {
  const { current } = get()
  if (!current) return
  if (current.deed.kind === 'put-back') return putBack(current.server, current.deed.removal, current.messages)
  if (current.what) void ask(current.server, current.deed, current.what, current.chosen)
}

export function close(): void {
  const { current } = get()
  if (!current || isUnderWay(current)) return
  round++
  set({ current: null })
}

export const showRemovals = (isShowingRemovals: boolean) => set({ isShowingRemovals })
