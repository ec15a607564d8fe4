// What is kept of a message that is removed from Postfix's queue: its queue file, its text, and what was known of it.
import { chmod, chown, copyFile, link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { attemptSchema } from '../../../preload/contract/queues.ts'
import { fromJson } from '../../json.ts'
import { emlOf, syncFile, syncFolder } from '../removals.ts'
import type { Instance } from './instance.ts'
import { isLongId, queueFile } from './paths.ts'
import { bytes } from './programs.ts'

/** Milliseconds without a byte. */
const postcatLimit = 30_000

const leftSchema = z.object({ from: z.string(), received: z.string(), suspended: z.boolean(), attempts: z.array(attemptSchema), more: z.record(z.string(), z.string()) })
export type Left = z.infer<typeof leftSchema>

const leftFile = (id: string): string => `${id}.attempts.json`
const whileInQueue = (id: string): string => `${id}.tmp`

/** Exactly the message's bytes, as Postfix keeps them. */
export async function writeMessage(id: string, to: string, { configDir }: Pick<Instance, 'configDir'>): Promise<void> {
  await pipeline(bytes('postcat', ['-qbh', id], { configDir, signal: new AbortController().signal, limit: postcatLimit }), createWriteStream(to, { mode: 0o600 }))
}

/** Its queue file by a name that says that it is still in the queue. */
export async function keepCopy(folder: string, id: string, left: Left, instance: Instance): Promise<void> {
  await writeMessage(id, join(folder, emlOf(id)), instance)
  await writeFile(join(folder, leftFile(id)), JSON.stringify(left), { mode: 0o600 })
  await copyFile(queueFile(instance, 'hold', id), join(folder, whileInQueue(id)))
}

/** After many were written: the first waits for the disk, the others find it done. */
export async function syncCopies(folder: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) for (const name of [emlOf(id), leftFile(id), whileInQueue(id)]) await syncFile(join(folder, name))
  await syncFolder(folder)
}

export async function leftBehind(folder: string, id: string): Promise<Left | null> {
  const parsed = leftSchema.safeParse(fromJson(await readFile(join(folder, leftFile(id)), 'utf8').catch(() => '')))
  return parsed.success ? parsed.data : null
}

export async function clearCopies(folder: string, id: string): Promise<void> {
  for (const name of [emlOf(id), leftFile(id), whileInQueue(id), id]) await rm(join(folder, name), { force: true })
}

/** It is in the queue no more: from here on it can be put back. */
export const tookOut = (folder: string, id: string): Promise<void> => rename(join(folder, whileInQueue(id)), join(folder, id))

/** After a removal was killed: what is still in the queue was not removed. */
export async function mendRemoval(folder: string, isQueued: (id: string, left: Left) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const id = /^([0-9A-Za-z]+)\.tmp$/.exec(name)?.[1]
    if (id === undefined) continue
    const left = await leftBehind(folder, id)
    if (left === null || isQueued(id, left)) await clearCopies(folder, id)
    else await tookOut(folder, id)
  }
}

/**
 * Puts the file on hold in the queue, as after restoring a backup (postsuper(1), -s): a short id ends with the file's own
 * number on the disk, so it is another now. Answers with it.
 */
export async function restore(folder: string, id: string, instance: Instance): Promise<string> {
  const hold = join(instance.queueDir, 'hold')
  // No queue id, and not marked as whole: Postfix passes it by.
  const beside = join(hold, `.${id}.edgewise`)
  try {
    await copyFile(join(folder, id), beside)
    const owner = (await stat(hold)).uid
    await chown(beside, owner, (await stat(hold)).gid)
    await chmod(beside, 0o700)
    await syncFile(beside)
    const restored = isLongId(id) ? id : `${id.slice(0, 5)}${(await stat(beside)).ino.toString(16).toUpperCase()}`
    await link(beside, queueFile(instance, 'hold', restored))
    await syncFolder(hold)
    return restored
  } finally {
    await rm(beside, { force: true })
  }
}
