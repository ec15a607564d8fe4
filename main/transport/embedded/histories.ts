// The folder of attempts: what became of each message so far, one file for each, which Haraka itself does not keep.
import { readFileSync } from 'node:fs'
import { readdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { attemptSchema, recipientSchema } from '../../../preload/contract/queues.ts'
import { fromJson } from '../../json.ts'

export const historySchema = z.object({
  // Earlier versions kept no stage.
  attempts: z.array(attemptSchema.extend({ stage: attemptSchema.shape.stage.default('other') })),
  /** Attempts that are no longer among them. */
  forgotten: z.number().int().default(0),
  /** Where recipients differ: what became of each. */
  states: z.array(recipientSchema).default([]),
  delayNotice: z.string().nullable(),
})
export type History = z.infer<typeof historySchema>

/** Two days at the default interval are 288 attempts; the first and the latest tell the story. */
const mostAttempts = 100

const mostTexts = 10_000

export const noHistory = (): History => ({ attempts: [], forgotten: 0, states: [], delayNotice: null })

export function withAttempt(history: History, attempt: History['attempts'][number], states: History['states']): History {
  const attempts = [...history.attempts, attempt]
  const forgotten = history.forgotten + Math.max(0, attempts.length - mostAttempts)
  if (attempts.length > mostAttempts) attempts.splice(1, attempts.length - mostAttempts)
  return { ...history, attempts, forgotten, states }
}

export class Histories {
  private readonly folder: string
  private readonly keeping = new Map<string, Promise<void>>()
  private readonly dropped = new Set<string>()
  private readonly texts = new Map<string, string>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** What an earlier run of the relay kept; a file that cannot be read costs its history only. */
  read(id: string): History | null {
    try {
      const parsed = historySchema.safeParse(fromJson(readFileSync(this.file(id), 'utf8')))
      if (!parsed.success) return null
      for (const attempt of parsed.data.attempts) attempt.error = this.once(attempt.error)
      return parsed.data
    } catch {
      return null
    }
  }

  /**
   * Beside and renamed, so that a crash leaves the old history or the new one; one at a time for a message. That it
   * cannot be written costs the history, not the mail.
   */
  keep(id: string, history: History): Promise<void> {
    this.dropped.delete(id)
    return this.inTurn(id, async () => {
      const beside = `${this.file(id)}.tmp`
      await writeFile(beside, JSON.stringify(history))
      await rename(beside, this.file(id))
    })
  }

  forget(id: string): Promise<void> {
    this.dropped.add(id)
    return this.inTurn(id, async () => {
      if (this.dropped.delete(id)) await unlink(this.file(id)).catch(() => {})
    })
  }

  /** Takes away those of messages that are not in the queue. */
  async forgetAllBut(isThere: (id: string) => boolean): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const id = /^(.*)\.json(\.tmp)?$/.exec(name)?.[1]
      if (id !== undefined && !isThere(id)) await unlink(join(this.folder, name)).catch(() => {})
    }
  }

  /** Thousands of messages share a few errors: each text is in memory once. */
  private once(text: string): string {
    const known = this.texts.get(text)
    if (known !== undefined) return known
    if (this.texts.size >= mostTexts) this.texts.clear()
    this.texts.set(text, text)
    return text
  }

  private inTurn(id: string, work: () => Promise<void>): Promise<void> {
    const now = (this.keeping.get(id) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      process.stderr.write(`The attempts of ${id} could not be kept: ${String(error)}\n`)
    })
    this.keeping.set(id, now)
    void now.then(() => {
      if (this.keeping.get(id) === now) this.keeping.delete(id)
    })
    return now
  }

  private file(id: string): string {
    return join(this.folder, `${id}.json`)
  }
}
