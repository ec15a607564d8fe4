// The hosts file's contents before and after each save, one file for each content, named by its SHA-256.
import { constants } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { Failure } from '../../preload/contract/failure.ts'
import { hashOf } from '../hosts/file.ts'
import { syncFolder } from '../hosts/temporary.ts'

/** Bytes: no larger hosts file is read either. */
const largest = 64 * 1024 * 1024
/** The first content that was ever kept, beside the others and under a name that people find. */
const originalName = 'original'

export const isContentName = (name: string): boolean => /^[\da-f]{64}$/.test(name)

export class Backups {
  readonly folder: string

  constructor(home: string) {
    this.folder = join(home, 'hosts')
  }

  /** On disk and synced when it returns, its name in the folder too. Throws a Failure: then nothing may be changed. */
  async keep(...contents: Buffer[]): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      for (const bytes of contents) if (!(await this.has(bytes))) await writeFileAtomic(this.path(hashOf(bytes)), bytes, { mode: 0o600 })
      const [first] = contents
      if (first) await this.keepOriginal(first)
      await syncFolder(this.path(originalName))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Failure('failed', `The hosts file as it is cannot be kept (${why}). Nothing was changed.`, `Make ${this.folder} writable, or free space on its disk.`)
    }
  }

  /** Throws a Failure where it is gone or is not what its name says. */
  async read(name: string): Promise<Buffer> {
    const bytes = await this.find(name)
    if (bytes) return bytes
    throw new Failure('failed', `The backup ${this.path(name)} is gone or damaged.`, 'The hosts file was left as it is.')
  }

  /** Null where there is none of this name whose bytes bear it out. */
  async find(name: string): Promise<Buffer | null> {
    if (!isContentName(name)) return null
    try {
      // Whoever reads it may have an administrator's rights: no link is followed, and no pipe waited for.
      const handle = await open(this.path(name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
      try {
        const about = await handle.stat()
        if (!about.isFile() || about.size > largest) return null
        const bytes = await handle.readFile()
        return hashOf(bytes) === name ? bytes : null
      } finally {
        await handle.close()
      }
    } catch {
      return null
    }
  }

  /** Lets go of all but these, and of the original never. What cannot be removed is left for the next time. */
  async keepOnly(names: Set<string>): Promise<void> {
    const there = await readdir(this.folder).catch(() => [])
    for (const name of there) if (isContentName(name) && !names.has(name)) await rm(this.path(name), { force: true }).catch(() => undefined)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  private async has(bytes: Buffer): Promise<boolean> {
    return (await this.find(hashOf(bytes))) !== null
  }

  private async keepOriginal(bytes: Buffer): Promise<void> {
    if (!(await readdir(this.folder)).includes(originalName)) await writeFileAtomic(this.path(originalName), bytes, { mode: 0o400 })
  }
}
