// What a listing does not tell of a message: its subject and where it came from, read by postcat for those that are shown.
import { Failure } from '../../../preload/contract/failure.ts'
import { encodedWords } from '../../smtp/text.ts'
import type { Entry } from './entry.ts'
import type { Instance } from './instance.ts'
import { run } from './programs.ts'

export interface Details {
  subject: string
  source: string | null
}

/** Of the envelope, as postcat prints it. */
export interface Envelope extends Details {
  from: string
  /** Milliseconds since 1970. */
  arrived: number | null
  /** Recipients that are waited for. */
  recipients: string[]
}

/** Files that one postcat is given. */
const atOnce = 100
const postcatLimit = 30_000
const mostRemembered = 20_000
const nothing: Details = { subject: '', source: null }

export class DetailsReader {
  private readonly known = new Map<string, Details>()
  /** Why they cannot be read: queue files are the administrator's. */
  problem: Failure | null = null

  find(entry: Entry): Details | undefined {
    return this.known.get(keyOf(entry))
  }

  hasAll(entries: readonly Entry[]): boolean {
    return this.problem !== null || entries.every((entry) => this.known.has(keyOf(entry)))
  }

  /** Those of them that are not known yet. One that left meanwhile, or cannot be read, has none. */
  async read(entries: readonly Entry[], instance: Instance, signal: AbortSignal): Promise<void> {
    const unknown = entries.filter((entry) => !this.known.has(keyOf(entry)))
    for (let at = 0; at < unknown.length && this.problem === null; at += atOnce) {
      const some = unknown.slice(at, at + atOnce)
      const found = await this.envelopes(some, instance, signal)
      for (const entry of some) this.remember(keyOf(entry), found.get(entry.id) ?? nothing)
    }
  }

  private async envelopes(entries: readonly Entry[], instance: Instance, signal: AbortSignal): Promise<Map<string, Envelope>> {
    const found = new Map<string, Envelope>()
    // It ends at the first file that is not there any more.
    for (let rest = entries.map(({ id }) => id); rest.length > 0; ) {
      const ran = await run('postcat', ['-qeh', ...rest], { configDir: instance.configDir, signal, limit: postcatLimit })
      const first = found.size
      for (const [id, envelope] of envelopesIn(ran.output)) found.set(id, envelope)
      if (ran.code === 0) break
      if (/permission denied|superuser/i.test(ran.errors)) {
        this.problem = new Failure('needs-administrator', 'The subjects and sources of messages lie in Postfix’s queue files, which only an administrator may read.', 'Run Edgewise as an administrator.')
        break
      }
      const read = found.size - first
      rest = rest.slice(read + 1)
    }
    return found
  }

  private remember(key: string, details: Details): void {
    this.known.set(key, { subject: details.subject, source: details.source })
    const [oldest] = this.known.keys()
    if (this.known.size > mostRemembered && oldest !== undefined) this.known.delete(oldest)
  }
}

const keyOf = ({ id, arrived }: Entry): string => `${id} ${arrived}`

/** One message's, from its file; null where it cannot be read. */
export async function envelopeOf(id: string, { configDir }: Pick<Instance, 'configDir'>, signal: AbortSignal): Promise<Envelope | null> {
  const ran = await run('postcat', ['-qeh', id], { configDir, signal, limit: postcatLimit })
  return envelopesIn(ran.output).get(id) ?? null
}

/** A mark of postcat's: no header looks like it, since a header's name has no spaces. */
const begins = /^\*\*\* ENVELOPE RECORDS (?:.*\/)?([0-9A-Za-z]+) \*\*\*$/

/** By id, of what `postcat -qeh` prints. */
export function envelopesIn(output: string): Map<string, Envelope> {
  const found = new Map<string, Envelope>()
  let current: Envelope | null = null
  let headers: string[] | null = null
  for (const line of output.split('\n')) {
    const id = begins.exec(line)?.[1]
    if (id !== undefined) {
      found.set(id, (current = { subject: '', source: null, from: '', arrived: null, recipients: [] }))
      headers = null
    } else if (line.startsWith('*** ')) {
      if (current && headers) current.subject = subjectIn(headers.join('\n'))
      headers = line.startsWith('*** MESSAGE CONTENTS ') ? [] : null
    } else if (headers) headers.push(line)
    else if (current) {
      const [, name, value = ''] = /^(sender|recipient|message_arrival_time|named_attribute): (.*)$/s.exec(line) ?? []
      if (name === 'sender') current.from = value
      if (name === 'recipient') current.recipients.push(value)
      if (name === 'message_arrival_time') current.arrived = Date.parse(value)
      if (name === 'named_attribute' && value.startsWith('client_address=')) current.source = value.slice('client_address='.length)
    }
  }
  return found
}

/** As a person reads it. */
export const subjectIn = (headers: string): string => encodedWords((/^subject:[ \t]*(.*(?:\n[ \t].*)*)/im.exec(headers)?.[1] ?? '').replace(/\n[ \t]+/g, ' ')).trim()
