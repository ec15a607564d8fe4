// Finds out what is known of the mail that waits: suspended, expired, how large, and what was said in the last attempt.
import { explained } from '../../transport/explained.ts'
import type { Message } from '../../../preload/contract/queues.ts'
import { rawRead, type Check, type Told } from '../looking.ts'
import type { DomainLooked, Subject } from '../subject.ts'

/** Milliseconds before a message is returned: close enough to say so. */
const nearExpiry = 3_600_000

export const waiting: Check = {
  name: 'waiting',
  title: 'The mail that waits, and its last errors',
  limit: 2_000,
  async run({ subject }, tell) {
    for (const looked of subject.domains) {
      const { queue, domain } = looked
      const isSuspended = queue?.status === 'Suspended' || (queue !== null && queue.messages > 0 && queue.suspended === queue.messages) || subject.message?.status === 'Suspended'
      if (queue) tell({ target: domain, verdict: isSuspended ? 'bad' : 'good', text: `${queue.messages} message${queue.messages === 1 ? '' : 's'} for ${domain} wait${queue.messages === 1 ? 's' : ''}${isSuspended ? ', suspended' : ''}; last attempt ${queue.lastRetry ?? 'none yet'}, next ${queue.nextRetry ?? 'none'}.`, raw: rawRead(queue), fact: { kind: 'queue', domain, isSuspended } })
      for (const told of [...errorsOf(looked, subject), ...messagesOf(looked)]) tell(told)
    }
  },
}

function errorsOf({ domain, queue, messages }: DomainLooked, { message }: Subject): Told[] {
  const ended = message?.end?.how === 'returned' ? message.end.text : null
  const errors = message ? [ended ?? message.lastError].filter((error) => error !== null) : (queue?.reasons.map(({ error }) => error) ?? [])
  return errors.flatMap((error): Told[] => {
    const said = explained(error)
    if (said === null) return []
    const ones = message ? [message] : messages.filter(({ reason }) => reason === said.category)
    const recipient = ones[0]?.recipients[0] ?? null
    const { attempts, since } = sinceOf(ones, said.category)
    return [{
      target: domain, verdict: 'bad', raw: error,
      text: `The last attempt${recipient === null ? '' : ` for ${recipient}`} ended with: ${said.inner} (${said.category})${attempts > 1 ? `, first on ${since}` : ''}`,
      fact: { kind: 'said', domain, isFresh: false, isMadeUp: false, stage: null, address: null, explained: said, recipient, since, attempts, nextRetry: message?.nextRetry ?? queue?.nextRetry ?? null },
    }]
  })
}

/** Since when every attempt of the oldest message had such an answer. */
function sinceOf(messages: Message[], category: string): { attempts: number; since: string | null } {
  const [oldest] = [...messages].sort((a, b) => a.received.localeCompare(b.received))
  const attempts = (oldest?.attempts ?? []).map(({ at, error }) => ({ at, same: explained(error)?.category === category })).sort((a, b) => a.at.localeCompare(b.at))
  const from = attempts.findLastIndex(({ same }) => !same) + 1
  return { attempts: attempts.length - from, since: attempts[from]?.at ?? null }
}

function messagesOf({ domain, messages }: DomainLooked): Told[] {
  const told: Told[] = []
  const [largest] = [...messages].sort((a, b) => b.size - a.size)
  if (largest) told.push({ target: domain, verdict: 'good', text: `The largest message for ${domain} has ${largest.size} bytes.`, raw: rawRead(largest), fact: { kind: 'message', domain, size: largest.size, isExpired: false, expires: null } })
  const expired = messages.find(({ end, expires }) => end?.how === 'returned' && end.at >= expires)
  if (expired) told.push({ target: domain, verdict: 'bad', text: `Message ${expired.id} for ${domain} was returned to its sender: it had waited until ${expired.expires}.`, raw: rawRead(expired), fact: { kind: 'message', domain, size: expired.size, isExpired: true, expires: expired.expires } })
  const near = messages.filter(({ end, expires }) => end === null && Date.parse(expires) - Date.now() < nearExpiry)
  const [first] = near
  if (first) told.push({ target: domain, verdict: 'odd', text: `${near.length} message${near.length === 1 ? '' : 's'} for ${domain} will be returned to the sender soon, the first at ${first.expires}.`, raw: rawRead(near), fact: { kind: 'message', domain, size: first.size, isExpired: false, expires: first.expires } })
  return told
}
