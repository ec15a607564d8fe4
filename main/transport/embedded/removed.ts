// What is kept of a removed message of Haraka's queue, and how it is taken out.
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { fromJson } from '../../json.ts'
import { emlOf, syncFile, syncFolder } from '../removals.ts'
import { historySchema, type History } from './histories.ts'

const leftSchema = z.object({ history: historySchema, suspended: z.boolean() })
export type LeftBehind = z.infer<typeof leftSchema>

const historyFile = (id: string): string => `${id}.attempts.json`

export interface Removing {
  id: string
  filename: string
  queueFile: string
  dataStart: number
  history: History
  suspended: boolean
}

/** Writes what is kept of a message beside its queue file; it is not taken out of the queue yet. */
export async function keepCopy(folder: string, { id, queueFile, dataStart, history, suspended }: Removing): Promise<void> {
  await writeMessage(queueFile, dataStart, join(folder, emlOf(id)))
  await writeFile(join(folder, historyFile(id)), JSON.stringify({ history, suspended }))
}

/** After many were written, all at once: what one waits for the disk to write, the others find written. */
export async function syncCopies(folder: string, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.flatMap((id) => [emlOf(id), historyFile(id)]).map((name) => syncFile(join(folder, name))))
  await syncFolder(folder)
}

/** Moved at once: at every moment it lies whole in the one folder or in the other. */
export const takeOut = (folder: string, { queueFile, filename }: Removing): Promise<void> => rename(queueFile, join(folder, filename))

export async function leftBehind(folder: string, id: string): Promise<LeftBehind | null> {
  const parsed = leftSchema.safeParse(fromJson(await readFile(join(folder, historyFile(id)), 'utf8').catch(() => '')))
  return parsed.success ? parsed.data : null
}

/** After a message was put back. */
export async function clearCopies(folder: string, id: string): Promise<void> {
  for (const name of [emlOf(id), historyFile(id)]) await rm(join(folder, name), { force: true })
}

/** A message as it was sent, synced; written beside and renamed, so that a file of that name is a whole message. */
export async function exportMessage(queueFile: string, dataStart: number, to: string): Promise<void> {
  const beside = `${to}.tmp`
  try {
    await writeMessage(queueFile, dataStart, beside)
    await syncFile(beside)
    await rename(beside, to)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
}

const writeMessage = (queueFile: string, dataStart: number, to: string): Promise<void> =>
  pipeline(createReadStream(queueFile, { start: dataStart }), new WithoutStuffing(), createWriteStream(to, { mode: 0o600 }))

/** In the queue a line that begins with a dot has two, as it is sent (RFC 5321 §4.5.2). */
class WithoutStuffing extends Transform {
  private isLineStart = true

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, data: Buffer) => void): void {
    const kept = Buffer.alloc(chunk.length)
    let length = 0
    for (const byte of chunk) {
      const stuffed = this.isLineStart && byte === 0x2e
      this.isLineStart = byte === 0x0a
      if (!stuffed) kept[length++] = byte
    }
    done(null, kept.subarray(0, length))
  }
}
