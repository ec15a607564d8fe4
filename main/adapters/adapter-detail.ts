// Make, speed and whether it is virtual, for the one adapter that is looked at, from a process of its own.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { adapterDetailSchema, type AdapterDetail } from '../../preload/contract/adapters.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { run } from './child.ts'

/** Milliseconds: on Windows several PowerShells are started. */
const limit = 15_000

/** Beside this code in out/, or where it is built to when this code runs from its sources. */
const places = ['./adapter-detail.js', '../adapter-detail.js', '../../out/main/adapter-detail.js']

/** What cannot be found out in time is null. Throws a Failure only when cancelled. `speed` in megabits a second. */
export async function adapterDetail(name: string, signal?: AbortSignal): Promise<AdapterDetail> {
  const unknown: AdapterDetail = { make: null, speed: null, virtual: null }
  const program = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))
  if (program === undefined) return unknown
  // In the app this is Electron, which runs as node when it is told so.
  const ran = await run(process.execPath, [program, name], { limit, signal, env: { ELECTRON_RUN_AS_NODE: '1' } })
  if (ran.kind === 'cancelled') throw new Failure('cancelled', `Looking at the adapter “${name}” was cancelled.`)
  if (ran.kind !== 'done' || ran.code !== 0) return unknown
  try {
    return adapterDetailSchema.parse(JSON.parse(ran.stdout))
  } catch {
    return unknown
  }
}
