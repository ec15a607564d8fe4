// A queue's value for a filter: the same in every transport.
import type { Field } from '../../preload/contract/filter.ts'
import type { Queue } from '../../preload/contract/queues.ts'
import type { FieldValue } from './filter.ts'

export function queueField(queue: Queue, field: Field): FieldValue {
  switch (field) {
    case 'nextHop':
    case 'deliveryType':
    case 'status':
    case 'messages':
    case 'inbound':
    case 'lastError':
      return queue[field]
    case 'reason':
      return queue.reasons.map(({ reason }) => reason)
    case 'nextRetry':
    case 'lastRetry': {
      const at = queue[field]
      return at === null ? null : Date.parse(at)
    }
    default:
      return null
  }
}
