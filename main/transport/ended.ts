// Messages that left the queue lately, for those who saw them wait.
import type { Message } from '../../preload/contract/queues.ts'

/** Milliseconds. */
const remembered = 600_000
const mostRemembered = 10_000

export class Ended {
  private readonly messages = new Map<string, Message>()

  remember(message: Message): void {
    // Anew at its end: the oldest are in front.
    this.messages.delete(message.id)
    this.messages.set(message.id, message)
    const old = new Date(Date.now() - remembered).toISOString()
    for (const [id, { end }] of this.messages) {
      if (this.messages.size <= mostRemembered && (end?.at ?? '') > old) break
      this.messages.delete(id)
    }
  }

  find(id: string): Message | undefined {
    return this.messages.get(id)
  }
}
