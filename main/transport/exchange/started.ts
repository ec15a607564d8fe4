// What the running service was started with. Exchange does not tell it, so it is kept here: seen while nothing was changed
// since the service's start, it holds until the next one.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { fromJson } from '../../json.ts'
import { type ExchangeSettings, settingsSchema } from './settings.ts'

const seenSchema = z.strictObject({ since: z.string(), settings: settingsSchema })

export interface Now {
  /** When the service was started, ISO 8601. */
  since: string
  /** When the settings were changed last; null where Exchange does not say. */
  changed: string | null
  settings: ExchangeSettings
}

/** Null where they were changed after the start, and nobody had looked before. `home`: a folder of ours. */
export async function startedWith(home: string, { since, changed, settings }: Now): Promise<ExchangeSettings | null> {
  const file = join(home, 'started.json')
  const seen = seenSchema.safeParse(fromJson(await readFile(file, 'utf8').catch(() => '')))
  if (seen.success && seen.data.since === since) return seen.data.settings
  if (changed !== null && Date.parse(changed) > Date.parse(since)) return null
  await mkdir(home, { recursive: true, mode: 0o700 })
  await writeFileAtomic(file, JSON.stringify({ since, settings }), { mode: 0o600 })
  return settings
}
