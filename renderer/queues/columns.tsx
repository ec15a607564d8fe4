// The columns of queues, messages and groups, with Exchange's words.
import type { ReactNode } from 'react'
import type { MessageRow, QueueRow } from '../../preload/contract/queues.ts'
import { number, size, time } from '../parts/format.ts'
import type { Group } from './groups.ts'
import { reasonName } from './names.ts'

export interface Column<R> {
  /** What it is sorted by. */
  id: string
  name: string
  /** Pixels, until the administrator makes it another. */
  width: number
  isNumber?: boolean
  isSorted?: boolean
  cell(row: R): ReactNode
}

export const queueColumns: readonly Column<QueueRow>[] = [
  { id: 'nextHop', name: 'Next hop domain', width: 150, cell: ({ nextHop }) => nextHop },
  { id: 'deliveryType', name: 'Delivery type', width: 150, cell: ({ deliveryType }) => deliveryType },
  { id: 'status', name: 'Status', width: 80, cell: ({ status }) => status },
  { id: 'messages', name: 'Message count', width: 112, isNumber: true, cell: ({ messages }) => number(messages) },
  { id: 'nextRetry', name: 'Next retry', width: 100, cell: ({ nextRetry }) => time(nextRetry) },
  { id: 'lastError', name: 'Last error', width: 260, cell: ({ lastError }) => lastError ?? '' },
  { id: 'lastRetry', name: 'Last retry', width: 130, cell: ({ lastRetry }) => time(lastRetry) },
]

export const messageColumns: readonly Column<MessageRow>[] = [
  { id: 'id', name: 'Identity', width: 110, cell: ({ id }) => id },
  { id: 'from', name: 'From', width: 150, cell: ({ from }) => from || '<>' },
  { id: 'recipients', name: 'Recipients', width: 160, isSorted: false, cell: recipientsOf },
  { id: 'subject', name: 'Subject', width: 170, cell: ({ subject }) => subject || '(no subject)' },
  { id: 'status', name: 'Status', width: 80, cell: ({ status }) => status },
  { id: 'lastError', name: 'Last error', width: 220, cell: ({ lastError }) => lastError ?? '' },
  { id: 'received', name: 'Received', width: 110, cell: ({ received }) => time(received) },
  { id: 'expires', name: 'Expires', width: 150, cell: ({ expires }) => time(expires) },
  { id: 'size', name: 'Size', width: 80, isNumber: true, cell: ({ size: bytes }) => size(bytes) },
  { id: 'source', name: 'Source', width: 110, cell: ({ source }) => source ?? 'this edge server' },
  { id: 'queue', name: 'Queue', width: 120, cell: ({ queue }) => queue },
]

export const groupColumns: readonly Column<Group>[] = [
  { id: 'nextHop', name: 'Destination', width: 170, cell: ({ nextHop, destinations }) => nextHop ?? `${number(destinations)} ${destinations === 1 ? 'destination' : 'destinations'}` },
  { id: 'messages', name: 'Message count', width: 112, isNumber: true, cell: ({ messages }) => number(messages) },
  { id: 'reason', name: 'Reason', width: 200, cell: ({ reason }) => `${reasonName[reason]}` },
  { id: 'error', name: 'Latest error', width: 360, cell: ({ error }) => error },
]

function recipientsOf({ recipients, recipientCount }: MessageRow): string {
  const [first = ''] = recipients
  return recipientCount > 1 ? `${first} and ${number(recipientCount - 1)} more` : first
}
