// Writes an instance's settings: only over what they were planned from, one administrator at a time, and never half.
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import writeFileAtomic from 'write-file-atomic'
import { Failure } from '../../../preload/contract/failure.ts'
import { releaseLock, takeLock } from '../../world/lock.ts'
import type { Settings } from '../transport.ts'
import { editsBetween } from './compose.ts'
import { postconfLimit } from './instance.ts'
import { programFailure, run } from './programs.ts'
import type { Adapter } from '../../../preload/contract/adapters.ts'
import { ownFile } from './in-effect.ts'
import { asAdaptersAre, namesServers } from './resolv-conf.ts'
import { fileFailure, type Files, mainCfOf, parseFiles, type Place, printFiles, readFiles, writeResolvConf } from './settings.ts'

/** Milliseconds for another administrator's write. */
const lockLimit = 5_000
const limit = 60_000

const parts = ['mainCf', 'resolvConf', 'dropIn'] as const

/** When main.cf was written last, by what it held: one that is put back has been there since then. */
const written = new Map<string, Date>()

/**
 * The files as they are. What a write that died left half is put back first, which takes the rights to write.
 * Throws a Failure where it cannot be.
 */
export async function wholeFiles(place: Place): Promise<Files> {
  if ((await readTorn(place)) === null) return readFiles(place)
  return locked(place, async () => {
    await mend(place)
    return readFiles(place)
  })
}

/** `over` undefined: over whatever stands there. Throws a Failure where anything else stands there, and writes nothing then. */
export async function writeFiles(place: Place, settings: Settings, over: Settings | undefined): Promise<void> {
  const wanted = parseFiles(settings)
  if (wanted.configDir !== place.configDir) throw new Failure('failed', `These settings are those of ${wanted.configDir}, not of ${place.configDir}. Nothing was written.`)
  if (wanted.resolvConf !== null && !namesServers(wanted.resolvConf)) throw new Failure('bad-input', 'With these DNS lookups there is nobody to ask, so they were not written.', 'Choose an adapter that has DNS servers, or list them.')
  await locked(place, async () => {
    await mend(place)
    const before = await readFiles(place)
    if (printFiles(before) === settings) return
    if (over !== undefined && printFiles(before) !== over) throw new Failure('changed-meanwhile', `${mainCfOf(place.configDir)} or what belongs to it was changed by somebody else since the change was planned. Nothing was written.`, 'Look at what it is now, and plan the change again.')
    const different = parts.filter((part) => before[part] !== wanted[part])
    // A single file is replaced whole; of several a kill could leave some.
    if (different.length > 1) await writeFileAtomic(tornOf(place), printFiles(before), { mode: 0o600 })
    await writeParts(place, before, wanted, over !== undefined)
    await rm(tornOf(place), { force: true })
  })
}

/** The choice is what was saved; the servers that it comes to are those that the adapters have when the service starts. */
export async function writeAsAdaptersAre(place: Pick<Place, 'configDir'>, adapters: () => Promise<Adapter[]>): Promise<void> {
  const own = () => readFile(join(place.configDir, ownFile), 'utf8').catch(() => null)
  const standing = await own()
  if (standing === null || asAdaptersAre(standing, await adapters()).text === standing) return
  await locked(place, async () => {
    const text = await own()
    if (text !== null) await writeResolvConf(place, asAdaptersAre(text, await adapters()).text)
  })
}

async function writeParts(place: Place, before: Files, wanted: Files, isForward: boolean): Promise<void> {
  if (before.resolvConf !== wanted.resolvConf) await writeResolvConf(place, wanted.resolvConf)
  if (before.dropIn !== wanted.dropIn && place.unit !== null) await place.systemd.writeDropIn(place.unit, wanted.dropIn, AbortSignal.timeout(limit))
  if (before.mainCf !== wanted.mainCf) await writeMainCf(place, before.mainCf, wanted.mainCf, isForward)
}

/** New values by Postfix's own edit, which minds others that edit as it does; what was there before, byte for byte. */
async function writeMainCf({ configDir }: Place, before: string, wanted: string, isForward: boolean): Promise<void> {
  const path = mainCfOf(configDir)
  const signal = AbortSignal.timeout(limit)
  written.set(before, (await stat(path)).mtime)
  const edits = isForward ? await editsBetween(before, wanted, signal) : null
  if (edits === null) {
    await writeFileAtomic(path, wanted, 'latin1')
    const since = written.get(wanted)
    // What runs with it since then needs no restart.
    if (since) await utimes(path, since, since)
    return
  }
  const ran = await run('postconf', ['-e', ...edits], { configDir, signal, limit: postconfLimit })
  if (ran.code !== 0) throw programFailure('postconf', ran)
  await synced(path)
  if ((await readFile(path, 'latin1')) !== wanted) throw new Failure('changed-meanwhile', `${path} was changed by somebody else at the same moment.`, 'Look at what it is now, and plan the change again.')
}

async function synced(path: string): Promise<void> {
  const file = await open(path)
  await file.sync().finally(() => file.close())
}

/** While several files are written, those before lie here. */
const tornOf = ({ configDir }: Place) => join(configDir, '.edgewise-before.json')

/** What stood there before a write that has not ended; null where none is under way or was left. */
async function readTorn(place: Place): Promise<Settings | null> {
  return readFile(tornOf(place), 'utf8').catch((error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : Promise.reject(fileFailure(error, 'read'))))
}

async function mend(place: Place): Promise<void> {
  const torn = await readTorn(place)
  if (torn === null) return
  await writeParts(place, await readFiles(place), parseFiles(torn), false)
  await rm(tornOf(place), { force: true })
}

async function locked<T>({ configDir }: Pick<Place, 'configDir'>, work: () => Promise<T>): Promise<T> {
  const lock = join(configDir, '.edgewise.lock')
  try {
    for (const end = performance.now() + lockLimit; ; await sleep(20)) {
      const holder = await takeLock(lock)
      if (holder === null) break
      if (performance.now() > end) throw new Failure('changed-meanwhile', `Another administrator is writing Postfix’s settings just now (process ${holder}). Nothing was written.`, 'Try again when that has ended.')
    }
    try {
      return await work()
    } finally {
      await releaseLock(lock)
    }
  } catch (error) {
    throw fileFailure(error, 'written')
  }
}
