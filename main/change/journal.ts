// The journal: every change on disk, synced, before anything changes. One may be open at a time.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { changeSchema, type Change, type Step } from '../../preload/contract/changes.ts'
import { dnsLookupsSchema } from '../../preload/contract/dns.ts'
import { Failure, firstProblem } from '../../preload/contract/failure.ts'
import { parameterValues } from '../../preload/contract/parameters.ts'
import { isContentName } from './backups.ts'

/** The same in words that every transport shares. */
const standingSchema = z.object({ lookups: dnsLookupsSchema, limits: parameterValues, log: parameterValues.default({}) })

/** What is on disk of a change: what is shown of it, and what is needed to finish it or to take it back. */
export const entrySchema = changeSchema
  .extend({
    transport: z.string(),
    /**
     * The transport's whole settings before and after, as the transport itself writes them: opaque here. Of the hosts
     * file the SHA-256 of its bytes, which lie in the folder of backups.
     */
    before: z.string(),
    after: z.string(),
    /** Of settings alone. */
    standing: z.object({ before: standingSchema, after: standingSchema }).nullable().default(null),
    /** Of the hosts file alone. The path is compared with the world's own and never written to. */
    hosts: z.object({ path: z.string(), evenReadOnly: z.boolean() }).nullable().default(null),
    /** The id of the change that this one takes back. */
    undoes: z.uuid().nullable().default(null),
    /** Whether the service ran when the change began, and whether it is to be restarted. */
    wasRunning: z.boolean(),
    restart: z.boolean(),
    /** Ids of the messages that waited when it began. */
    waited: z.array(z.string()),
  })
  .refine((entry) => entry.kind === 'settings' || (entry.hosts !== null && isContentName(entry.before) && isContentName(entry.after)), 'a change of the hosts file names its contents before and after by their SHA-256')
export type Entry = z.infer<typeof entrySchema>

const openName = 'open.json'

export class Journal {
  private readonly folder: string

  constructor(home: string) {
    this.folder = join(home, 'changes')
  }

  /** Where the lock lies: whoever holds it may write. */
  get lock(): string {
    return join(this.folder, 'lock')
  }

  async prepare(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw unwritable(this.folder, error)
    }
  }

  static newId(): string {
    return randomUUID()
  }

  /** Synced when it returns: write-file-atomic syncs the file before it is renamed into place. */
  async write(entry: Entry): Promise<void> {
    try {
      await writeFileAtomic(join(this.folder, openName), `${JSON.stringify(entry, null, 1)}\n`, { mode: 0o600 })
    } catch (error) {
      // Once something is written, the one who carries it out takes it back as far as it can.
      throw unwritable(this.folder, error, entry.steps.some(({ step }) => step === 'applying'))
    }
  }

  async step(entry: Entry, step: Step): Promise<void> {
    entry.steps.push(step)
    await this.write(entry)
  }

  async close(entry: Entry, state: 'kept' | 'rolled back', reason: string): Promise<void> {
    entry.state = state
    entry.reason = reason
    entry.ended = new Date().toISOString()
    await this.write(entry)
    await this.file(entry)
  }

  /** An ended one that still lies where the open one does: the process died between the last write and this. */
  async file(entry: Entry): Promise<void> {
    await rename(join(this.folder, openName), join(this.folder, `${entry.began.replace(/[:.]/g, '-')}-${entry.id}.json`))
  }

  /** The change that is under way or was left behind; null where there is none. */
  async open(): Promise<Entry | null> {
    return this.read(openName)
  }

  /** Newest first; the open one in front. */
  async list(limit = Infinity): Promise<Change[]> {
    return (await this.entries(limit)).map((entry) => changeSchema.parse(entry))
  }

  async entries(limit = Infinity): Promise<Entry[]> {
    const names = await readdir(this.folder).catch(() => [])
    const ended = names.filter((name) => name.endsWith('.json') && name !== openName).sort().reverse()
    const entries = await Promise.all([openName, ...ended.slice(0, limit)].map((name) => this.read(name).catch(() => null)))
    return entries.filter((entry) => entry !== null).slice(0, limit)
  }

  /** By its id, or by the beginning of it where only one begins so. */
  async find(id: string): Promise<Entry> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith('.json'))
    const entries = (await Promise.all(names.map((name) => this.read(name).catch(() => null)))).filter((entry) => entry !== null)
    const [found, another] = entries.filter((entry) => entry.id.startsWith(id))
    if (id === '' || !found) throw new Failure('not-found', `There is no change “${id}”.`, 'edgewise changes list shows them all.')
    if (another) throw new Failure('bad-input', `More than one change begins with “${id}”.`, 'Give more of its id.')
    return found
  }

  private async read(name: string): Promise<Entry | null> {
    const path = join(this.folder, name)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
      throw error
    }
    const parsed = entrySchema.safeParse(json(text))
    if (parsed.success) return parsed.data
    throw new Failure('failed', `The journal ${path} cannot be read: ${firstProblem(parsed.error)}.`, 'It was left as it is. Move it away once you know that the settings are right.')
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unwritable(folder: string, error: unknown, begun = false): Failure {
  const why = error instanceof Error ? error.message : String(error)
  const so = begun ? 'The change stops here; the next start brings it to its end' : 'Nothing was changed'
  return new Failure('failed', `The journal cannot be written (${why}). ${so}.`, `Make ${folder} writable, or free space on its disk.`)
}
