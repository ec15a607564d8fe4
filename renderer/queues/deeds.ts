// What an action is called before, while and after it is done; always with its count.
import { count, number } from '../parts/format.ts'
import type { Acting } from './acting.ts'

export interface DeedNames {
  title: string
  verb: string
  question: string
  /** What comes of it. */
  hints: string[]
  underWay: string
  ended: string
  noun: string
}

const verbs = { retry: 'Retry', suspend: 'Suspend', resume: 'Resume', export: 'Export', remove: 'Remove', 'put-back': 'Put back' }
const going = { retry: 'Retrying', suspend: 'Suspending', resume: 'Resuming', export: 'Exporting', remove: 'Removing', 'put-back': 'Putting back' }
const done = { retry: 'sent', suspend: 'suspended', resume: 'resumed', export: 'exported', remove: 'removed', 'put-back': 'put back' } as const

const outcomeOf = { retry: 'sent', suspend: 'suspended', resume: 'resumed', export: 'exported', remove: 'removed', 'put-back': 'put-back' } as const

export function deedNames({ deed, messages, queues, total, counts }: Acting): DeedNames {
  const { kind } = deed
  // Whole queues are suspended and resumed: it holds for mail that comes later, too.
  const isWhole = queues > 0 && (kind === 'suspend' || kind === 'resume')
  const noun = isWhole ? 'queue' : 'message'
  const meant = isWhole ? count(queues, 'queue') : count(messages, 'message')
  const inQueues = queues > 0 ? (isWhole ? ` with ${count(messages, 'message')}` : ` in ${count(queues, 'queue')}`) : ''
  const ndr = kind === 'remove' ? ` ${deed.ndr ? 'with' : 'without'} NDR` : ''
  return {
    title: `${verbs[kind]}${ndr}`,
    verb: kind === 'remove' ? `Remove ${meant}` : verbs[kind],
    question: `${verbs[kind]} ${meant}${inQueues}${ndr}?`,
    hints: hintsOf(deed, isWhole),
    underWay: `${going[kind]} ${meant} …`,
    ended: `${number(counts[outcomeOf[kind]] ?? 0)} of ${count(Math.max(total, isWhole ? queues : messages), noun)} ${done[kind]}.`,
    noun,
  }
}

function hintsOf(deed: Acting['deed'], isWhole: boolean): string[] {
  switch (deed.kind) {
    case 'retry':
      return ['Each is tried at once; what does not get through waits again.']
    case 'suspend':
      return [isWhole ? 'Nothing of these queues is sent until they are resumed, mail that comes later included.' : 'They are not sent until they are resumed.']
    case 'resume':
      return ['They are tried again at once.']
    case 'export':
      return ['One .eml file for each message; nothing leaves the queue.']
    case 'remove':
      return [deed.ndr ? 'Each sender is told that the message was not delivered.' : 'No sender is told.', 'They are exported first, and can be put back for a day.']
    case 'put-back':
      return []
  }
}
