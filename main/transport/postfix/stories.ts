// What became of each message so far, as the log tells it: attempts, recipients, and how it left the queue.
import type { Attempt, End, Message } from '../../../preload/contract/queues.ts'
import { type Told, stageOf } from './log-lines.ts'

export interface Story {
  from: string | null
  size: number
  source: string | null
  /** When it was first spoken of, in milliseconds since 1970. */
  began: number
  attempts: Attempt[]
  /** Attempts that are no longer among them. */
  forgotten: number
  states: Map<string, Message['states'][number]>
  end: End | null
  /** Higher with each attempt that ended without it; who waits for one compares. */
  deferrals: number
}

/** Two days at the default interval are 288 attempts; the first and the latest tell the story. */
const mostAttempts = 100
/** Messages; the longest ago spoken of are forgotten first. */
const mostStories = 50_000
const mostRecipients = 1_000

interface Open extends Story {
  /** A recipient's delay told now belongs to the attempt that is under way, not to a new one. */
  isTrying: boolean
  returned: string | null
  sent: string | null
}

export class Stories {
  private readonly stories = new Map<string, Open>()

  find(id: string): Story | undefined {
    return this.stories.get(id)
  }

  /** Adds what a line tells; whether the message left the queue with it. */
  add(told: Told): boolean {
    const story = this.storyOf(told)
    switch (told.kind) {
      case 'taken':
        story.source = told.source
        return false
      case 'active':
        story.from = told.from
        story.size = told.size
        story.isTrying = false
        return false
      case 'tried':
        this.tried(story, told)
        return false
      case 'expired':
        story.from = told.from
        story.returned = `It expired and was returned to its sender. ${story.attempts.at(-1)?.error ?? ''}`.trim()
        return false
      case 'damaged':
        return ended(story, told, 'removed', 'Postfix found its queue file damaged, and keeps it in the folder corrupt of the queue.')
      case 'requeued':
        return ended(story, told, 'removed', 'It was put into the queue anew, with another id (postsuper -r).')
      case 'moved':
        return false
      case 'removed':
        return this.removed(story, told)
    }
  }

  private tried(story: Open, { at, to, status, text }: Extract<Told, { kind: 'tried' }>): void {
    if (story.states.size < mostRecipients || story.states.has(to)) story.states.set(to, { address: to, status: status === 'deferred' ? 'Retry' : 'Complete', lastError: status === 'sent' ? null : text })
    if (status === 'sent') story.sent = text
    if (status === 'bounced') story.returned = text
    if (status !== 'deferred') return
    if (story.isTrying) {
      story.attempts[story.attempts.length - 1] = { at: new Date(at).toISOString(), stage: stageOf(text), error: text }
      return
    }
    story.isTrying = true
    story.deferrals++
    story.attempts.push({ at: new Date(at).toISOString(), stage: stageOf(text), error: text })
    if (story.attempts.length <= mostAttempts) return
    story.attempts.splice(1, 1)
    story.forgotten++
  }

  /** By the queue manager once all is done; where the log does not say what was done, it is not known how it ended. */
  private removed(story: Open, told: Extract<Told, { kind: 'removed' }>): boolean {
    if (told.byHand) return ended(story, told, 'removed', 'It was deleted by an administrator (postsuper -d).')
    if (story.returned !== null) return ended(story, told, 'returned', story.returned)
    if (story.sent !== null) return ended(story, told, 'delivered', story.sent)
    return true
  }

  private storyOf({ id, at, kind }: Told): Open {
    const known = this.stories.get(id)
    // Ids are given away again.
    if (known && !(kind === 'taken' && (known.end !== null || known.attempts.length > 0))) return known
    const story: Open = { from: null, size: 0, source: null, began: at, attempts: [], forgotten: 0, states: new Map(), end: null, deferrals: 0, isTrying: false, returned: null, sent: null }
    this.stories.delete(id)
    this.stories.set(id, story)
    const [oldest] = this.stories.keys()
    if (this.stories.size > mostStories && oldest !== undefined) this.stories.delete(oldest)
    return story
  }
}

function ended(story: Open, { at }: Told, how: End['how'], text: string): boolean {
  story.end = { how, at: new Date(at).toISOString(), stage: how === 'removed' ? 'other' : stageOf(text) === 'other' && how === 'delivered' ? 'smtp' : stageOf(text), text }
  return true
}
