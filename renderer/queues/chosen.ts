// What is selected in the list that is shown, in the form and in the words in which it is acted on.
import { useShallow } from 'zustand/react/shallow'
import type { Filter } from '../../preload/contract/filter.ts'
import { printFilter } from '../../preload/contract/filter-text.ts'
import type { Chosen, QueueRow } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { count, number } from '../parts/format.ts'
import { rowAt } from '../parts/pages.ts'
import { useFilters } from './filters.ts'
import type { Group } from './groups.ts'
import type { List, ListOf } from './list.ts'
import { groupList, listOf, messageList, queueList, useTab, type Tab } from './lists.ts'
import { reasonName } from './names.ts'

type Status = QueueRow['status']

/** All that decides what can be done. */
export interface Context {
  tab: Tab
  server: ServerId
  /** Rows of the list. */
  total: number
  /** Null where nothing is selected, or where the filter cannot be read: then nothing can be meant. */
  chosen: Chosen | null
  /** What was chosen, in words. */
  words: string
  /** Of the rows that are selected; null where not all of them are at hand. */
  statuses: ReadonlySet<Status> | null
  /** Of the row that the keyboard is on, what “Why?” looks at: a queue, a message, or `*` where it is mail of several destinations. */
  asked: string | null
  /** Of that row: a recipient of the message, or the domain; null where there is no one of it. */
  recipient: string | null
  /** What its messages have in common, or the queue of a message. */
  belonging: Filter | null
}

const nothing = { chosen: null, words: '' }

export function contextNow(): Context {
  const { tab } = useTab.getState()
  const { server, total } = listOf[tab].use.getState()
  return { tab, server, total, ...ofTab[tab]() }
}

/** Draws again whenever the context is another. */
export function useActionContext(): Context {
  useTab()
  useFilters()
  queueList.use(useShallow(decisive(queueList)))
  messageList.use(useShallow(decisive(messageList)))
  groupList.use(useShallow(decisive(groupList)))
  return contextNow()
}

/** What a context is made of: not the pages that come while the list is scrolled. */
const decisive = <R>(list: ListOf<R>) => ({ server, total, selected, view, pages, at }: List<R>) => [server, total, selected, view, rowAt(pages, at), ...(selected === 'all' ? [] : rowsSelected(list).slice(0, mostLookedAt))]

const ofTab: Record<Tab, () => Omit<Context, 'tab' | 'server' | 'total'>> = {
  queues: () => {
    const queue = here(queueList)
    return {
      ...chosenBy(queueList, useFilters.getState().queues.problem, (filter) => ({ queues: { filter } }), (nextHops) => ({ queues: { nextHops } }), 'queue'),
      statuses: statusesIn(queueList),
      asked: queue?.nextHop ?? null,
      recipient: queue?.nextHop ?? null,
      belonging: queue ? ofQueue(queue.nextHop) : null,
    }
  },
  messages: () => {
    const message = here(messageList)
    return {
      ...chosenBy(messageList, useFilters.getState().messages.problem, (filter) => ({ messages: { filter } }), (ids) => ({ messages: { ids } }), 'message'),
      statuses: statusesIn(messageList),
      asked: message?.id ?? null,
      recipient: message?.recipients[0] ?? null,
      belonging: message ? ofQueue(message.queue) : null,
    }
  },
  reasons: () => {
    const group = here(groupList)
    const selected = rowsSelected(groupList)
    const filter = selected[0] && selected.length === 1 ? ofGroup(selected[0]) : null
    return {
      ...(filter ? { chosen: { messages: { filter } }, words: meant('messages', filter) } : nothing),
      statuses: null,
      asked: group ? (group.nextHop ?? '*') : null,
      recipient: group?.nextHop ?? null,
      belonging: group ? ofGroup(group) : null,
    }
  },
}

/** “example.test: 20 × connection failed”. */
export const said = ({ nextHop, messages, destinations, reason }: Group) => `${nextHop ?? count(destinations, 'destination')}: ${number(messages)} × ${reasonName[reason]}`

const ofQueue = (nextHop: string): Filter => ({ all: [{ field: 'nextHop', is: 'equals', value: nextHop }] })
const ofGroup = ({ nextHop, reason }: Group): Filter => ({ all: [...(nextHop === null ? [] : ofQueue(nextHop).all), { field: 'reason', is: 'equals', value: reason }] })
const meant = (what: string, filter: Filter) => (filter.all.length === 0 ? `All ${what} of this edge server.` : `All ${what} that the filter “${printFilter(filter)}” means.`)

function chosenBy<R>(list: ListOf<R>, problem: string | null, byFilter: (filter: Filter) => Chosen, byNames: (names: string[]) => Chosen, noun: string): Pick<Context, 'chosen' | 'words'> {
  const { selected, total, view } = list.use.getState()
  if (problem !== null || total === 0 || (selected !== 'all' && selected.size === 0)) return nothing
  if (selected === 'all') return { chosen: byFilter(view.filter), words: meant(`${noun}s`, view.filter) }
  const names = [...selected]
  return { chosen: byNames(names), words: noun === 'queue' && names.length <= 3 ? `Of ${names.join(', ')}.` : names.length === 1 ? `The ${noun} that is selected.` : `Of the ${count(names.length, noun)} that are selected.` }
}

function here<R>(list: ListOf<R>): R | undefined {
  const { pages, at }: List<R> = list.use.getState()
  return rowAt(pages, at)
}

/** Those that are at hand. */
function rowsSelected<R>(list: ListOf<R>): R[] {
  const { pages, selected } = list.use.getState()
  // One may be shown twice for a moment: where it stood, and where it stands now.
  const byId = new Map([...pages.values()].flat().map((row) => [list.idOf(row), row]))
  return selected === 'all' ? [...byId.values()] : [...selected].flatMap((id) => byId.get(id) ?? [])
}

/** More than these are not looked at one by one. */
const mostLookedAt = 1_000

function statusesIn<R extends { status: Status }>(list: ListOf<R>): ReadonlySet<Status> | null {
  const { selected } = list.use.getState()
  if (selected === 'all' || selected.size > mostLookedAt) return null
  const rows = rowsSelected(list)
  return rows.length < selected.size ? null : new Set(rows.map(({ status }) => status))
}
