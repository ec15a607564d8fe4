// The three lists of the Queue Viewer, and which of them is shown.
import { create } from 'zustand'
import type { Filter } from '../../preload/contract/filter.ts'
import { messageSorts, type MessageRow, type MessageSort, type QueueRow } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled, valueOf } from '../api.ts'
import { makeList, type Read } from './list.ts'
import { groupsOf, groupKey, type Group } from './groups.ts'
import { orderOf } from './order.ts'

export type Tab = 'queues' | 'messages' | 'reasons'

export const useTab = create<{ tab: Tab; by: 'destination' | 'reason' }>(() => ({ tab: 'queues', by: 'destination' }))

const everything: Filter = { all: [] }

export const queueList = makeList<QueueRow>({
  view: { filter: everything, sort: { by: 'nextHop', descending: false } },
  idOf: ({ nextHop }) => nextHop,
  begin: (server, { filter, sort }) => whole(async () => valueOf(await settled(edgewise.queues.list({ server, filter }))).queues.sort(orderOf(sort))),
})

export const messageList = makeList<MessageRow>({
  view: { filter: everything, sort: { by: 'received', descending: false } },
  idOf: ({ id }) => id,
  begin: (server, { filter, sort }) => async (offset, limit) => {
    const { messages, total } = valueOf(await settled(edgewise.queues.messages({ server, filter, sort: messageSort(sort), soon: true, page: { offset, limit } })))
    return { rows: messages, total }
  },
})

/** By destination and reason, or by reason alone. */
export const groupList = makeList<Group>({
  view: { filter: everything, sort: { by: 'messages', descending: true } },
  idOf: groupKey,
  begin: (server: ServerId, { sort }) => whole(async () => groupsOf(valueOf(await settled(edgewise.queues.reasons({ server }))).reasons, useTab.getState().by).sort(orderOf(sort))),
})

export const listOf = { queues: queueList, messages: messageList, reasons: groupList }

/** All of them come in one answer: there are as many as there are destinations, not as there are messages. */
function whole<R>(ask: () => Promise<R[]>): Read<R> {
  let asked: Promise<R[]> | null = null
  return async (offset, limit) => {
    asked ??= ask()
    const rows = await asked
    return { rows: rows.slice(offset, offset + limit), total: rows.length }
  }
}

function messageSort({ by, descending }: { by: string; descending: boolean }): MessageSort | undefined {
  const known = messageSorts.find((one) => one === by)
  return known && { by: known, descending }
}
