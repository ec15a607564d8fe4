// What is suspended, queues and messages, on disk before it is told: it stays so over a restart and a crash.
import { readFile } from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { Failure } from '../../../preload/contract/failure.ts'
import { fromJson } from '../../json.ts'
import { reason } from '../reason.ts'

const fileSchema = z.object({ queues: z.array(z.string()), messages: z.array(z.string()) })

/** Milliseconds after which the names of messages that left are taken out of the file. */
const tidyAfter = 10_000

export class Suspensions {
  private readonly file: string
  private readonly queues: Set<string>
  private readonly messages: Set<string>
  private tidying: NodeJS.Timeout | undefined
  private writing: Promise<void> = Promise.resolve()

  private constructor(file: string, queues: string[], messages: string[]) {
    this.file = file
    this.queues = new Set(queues)
    this.messages = new Set(messages)
  }

  /** A file that cannot be understood stops the start: mail that was to wait would go. */
  static async open(file: string): Promise<Suspensions> {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Suspensions(file, [], [])
      throw new Failure('failed', `What is suspended cannot be read from ${file}: ${reason(error)}.`)
    }
    const parsed = fileSchema.safeParse(fromJson(text))
    if (!parsed.success) throw new Failure('failed', `What is suspended cannot be read from ${file}: it is damaged.`, 'Mend it, or move it away: then nothing is suspended any more.')
    return new Suspensions(file, parsed.data.queues, parsed.data.messages)
  }

  get queueNames(): string[] {
    return [...this.queues]
  }

  hasQueue(nextHop: string): boolean {
    return this.queues.has(nextHop)
  }

  hasMessage(id: string): boolean {
    return this.messages.has(id)
  }

  /** On disk when it resolves; where it cannot be written, nothing is different. */
  async set(what: { queues?: string[]; messages?: string[] }, isSuspended: boolean): Promise<void> {
    const changed: [Set<string>, string][] = []
    for (const kind of ['queues', 'messages'] as const)
      for (const name of what[kind] ?? []) if (this[kind].has(name) !== isSuspended) changed.push([this[kind], name])
    const apply = (to: boolean) => changed.forEach(([set, name]) => (to ? set.add(name) : set.delete(name)))
    if (changed.length === 0) return
    apply(isSuspended)
    try {
      await this.write()
    } catch (error) {
      apply(!isSuspended)
      throw new Failure('failed', `What is suspended cannot be written to ${this.file}: ${reason(error)}.`, 'Nothing was changed.')
    }
  }

  /** Of a message that left the queue: its name in the file does no harm for a while. */
  forget(id: string): void {
    if (!this.messages.delete(id)) return
    this.tidying ??= setTimeout(() => {
      this.tidying = undefined
      void this.write().catch((error: unknown) => process.stderr.write(`${this.file}: ${String(error)}\n`))
    }, tidyAfter).unref()
  }

  private write(): Promise<void> {
    const text = () => JSON.stringify({ queues: [...this.queues], messages: [...this.messages] })
    const now = this.writing.catch(() => {}).then(() => writeFileAtomic(this.file, text(), { mode: 0o600 }))
    this.writing = now
    return now
  }
}
