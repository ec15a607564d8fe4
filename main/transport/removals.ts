// Removed messages: each lies as it was in the queue, beside its text as .eml, for a day, and can be put back.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { Failure } from '../../preload/contract/failure.ts'
import type { Removal } from '../../preload/contract/queues.ts'
import { fromJson } from '../json.ts'

/** Where they lie in a home folder. */
export const removedIn = (home: string): string => join(home, 'relay', 'removed')

/** Milliseconds for which a removal can be taken back. */
const keptFor = 86_400_000
/** Of the next hops, as many are named. */
const mostNamed = 10

const aboutSchema = z.object({ at: z.iso.datetime(), ndr: z.boolean(), nextHops: z.array(z.string()) })
type About = z.infer<typeof aboutSchema>

const aboutFile = 'removal.json'
/** Time and a few random digits: no part of a path. */
const removalId = /^\d{8}T\d{6}-[0-9a-f]{8}$/

export function newRemovalId(now = new Date()): string {
  return `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`
}

export function removalFolder(removed: string, id: string): string {
  if (!removalId.test(id)) throw new Failure('not-found', `There is no removal “${id}”.`, 'See edgewise queue removed.')
  return join(removed, id)
}

/** Makes the folder of a removal, or adds to what is said of it. */
export async function describeRemoval(folder: string, ndr: boolean, nextHops: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const known = await readAbout(folder)
  const about: About = { at: known?.at ?? new Date().toISOString(), ndr, nextHops: [...new Set([...(known?.nextHops ?? []), ...nextHops])].slice(0, mostNamed) }
  await writeFileAtomic(join(folder, aboutFile), JSON.stringify(about), { mode: 0o600 })
}

async function readAbout(folder: string): Promise<About | null> {
  const parsed = aboutSchema.safeParse(fromJson(await readFile(join(folder, aboutFile), 'utf8').catch(() => '')))
  return parsed.success ? parsed.data : null
}

/** The latest first. What is said of a removal may be lost; the messages in it count all the same. */
export async function listRemovals(removed: string): Promise<Removal[]> {
  const found: Removal[] = []
  for (const id of await readdir(removed).catch((): string[] => [])) {
    if (!removalId.test(id)) continue
    const folder = join(removed, id)
    const messages = (await queueFilesIn(folder)).length
    const about = (await readAbout(folder)) ?? { at: (await stat(folder)).mtime.toISOString(), ndr: false, nextHops: [] }
    if (messages > 0) found.push({ id, ...about, until: new Date(Date.parse(about.at) + keptFor).toISOString(), messages, folder })
  }
  return found.sort((a, b) => (a.at < b.at ? 1 : -1))
}

/** As they lay in the queue: all but what is kept beside them. */
export async function queueFilesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).filter((name) => !/\.(eml|json|tmp)$/.test(name))
}

/** Deletes what can no longer be put back. */
export async function pruneRemovals(removed: string): Promise<void> {
  for (const id of await readdir(removed)) {
    if (!removalId.test(id)) continue
    const folder = join(removed, id)
    const at = Date.parse((await readAbout(folder))?.at ?? (await stat(folder)).mtime.toISOString())
    if (at + keptFor < Date.now()) await rm(folder, { recursive: true, force: true })
  }
}

export const emlOf = (id: string): string => `${id}.eml`

/** After all were put back. */
export async function clearRemoval(folder: string): Promise<void> {
  if ((await queueFilesIn(folder)).length === 0) await rm(folder, { recursive: true, force: true })
}

export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  // Where folders cannot be opened (Windows), renames are written in order anyway.
  await handle?.sync().catch(() => {})
  await handle?.close()
}
