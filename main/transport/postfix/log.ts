// Follows Postfix's log from where it was: only its end at first, across rotation, and never more than a few megabytes.
import { type FileHandle, open, stat } from 'node:fs/promises'
import { reason } from '../reason.ts'
import type { Instance } from './instance.ts'
import { readLogLine, type Told } from './log-lines.ts'

/** Where it is written when Postfix itself does not write it (Debian, Red Hat). */
const usual = ['/var/log/mail.log', '/var/log/maillog']
/** Bytes of the end that are read at first: some 30,000 lines. */
const readAtFirst = 8 * 1024 * 1024
const chunkLength = 256 * 1024
/** No line of Postfix's is longer; what is, is cut. */
const longestLine = 64 * 1024

export class MailLog {
  private readonly path: string | null
  private readonly name: string
  private handle: FileHandle | null = null
  private inode = -1
  private offset = 0
  private rest = ''
  private reading: Promise<Told[]> | null = null
  /** Why nothing is known from it; null while it is read. */
  problem: string | null = null
  private readonly candidates: string[]

  constructor({ values }: Pick<Instance, 'values'>) {
    const own = values.get('maillog_file')?.trim() ?? ''
    this.path = own === '' || own === '/dev/stdout' ? null : own
    this.candidates = this.path === null ? usual : [this.path]
    this.name = values.get('syslog_name') ?? 'postfix'
  }

  /** What was written since it was last asked. */
  catchUp(): Promise<Told[]> {
    return (this.reading ??= this.read().finally(() => (this.reading = null)))
  }

  async close(): Promise<void> {
    await this.reading?.catch(() => {})
    await this.handle?.close()
    this.handle = null
  }

  private async read(): Promise<Told[]> {
    const told: Told[] = []
    try {
      // What was written before it was rotated lies behind the handle that is still open.
      if (this.handle) await this.readOn(this.handle, told)
      const found = await this.find()
      if (found && (found.ino !== this.inode || found.size < this.offset)) {
        await this.turnTo(found)
        if (this.handle) await this.readOn(this.handle, told)
      }
    } catch (error) {
      this.problem = `The mail log ${this.candidates.join(', ')} cannot be read: ${reason(error)}.`
    }
    return told
  }

  private async find(): Promise<{ path: string; ino: number; size: number } | null> {
    let problem: unknown = null
    for (const path of this.candidates) {
      try {
        const { ino, size } = await stat(path)
        return { path, ino, size }
      } catch (error) {
        problem ??= error
      }
    }
    // Just rotated and not begun anew: what is open is still the log.
    if (this.handle) return null
    throw problem
  }

  private async turnTo({ path, ino, size }: { path: string; ino: number; size: number }): Promise<void> {
    const isFirst = this.inode === -1
    const handle = await open(path, 'r')
    await this.handle?.close()
    this.handle = handle
    this.inode = ino
    this.rest = ''
    this.offset = isFirst ? Math.max(0, size - readAtFirst) : 0
    this.problem = null
  }

  private async readOn(handle: FileHandle, told: Told[]): Promise<void> {
    const { size } = await handle.stat()
    // Emptied in place.
    if (size < this.offset) {
      this.offset = 0
      this.rest = ''
    }
    // After a long time unread, its end alone.
    if (size - this.offset > readAtFirst) {
      this.offset = size - readAtFirst
      this.rest = ''
    }
    const chunk = Buffer.alloc(Math.min(chunkLength, size - this.offset))
    while (this.offset < size) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - this.offset), this.offset)
      if (bytesRead === 0) break
      this.offset += bytesRead
      // Byte by byte a character: a chunk may end within one, and decoding the line mends it.
      const lines = (this.rest + chunk.toString('latin1', 0, bytesRead)).split('\n')
      this.rest = (lines.pop() ?? '').slice(0, longestLine)
      for (const line of lines) {
        const one = readLogLine(decoded(line), this.name)
        if (one) told.push(one)
      }
    }
  }
}

const decoded = (line: string): string => (/[\x80-\xff]/.test(line) ? Buffer.from(line, 'latin1').toString('utf8') : line)
