// Before a restart: what is being delivered is let be delivered. Postfix has no switch that stops it from taking mail
// without changing its configuration, so it goes on to; what it takes lies safely in its queue.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Instance } from './instance.ts'
import { run } from './programs.ts'

/** Milliseconds. */
const limit = 30_000
const askAgain = 100
const postcatLimit = 5_000
/** More are counted, not named. */
const mostNamed = 3

/** Ends when nothing is being delivered any more, or after 30 s. */
export async function drained(instance: Instance, waitsFor: (what: string) => void, signal: AbortSignal): Promise<void> {
  let told = ''
  for (const end = performance.now() + limit; performance.now() < end; await sleep(askAgain, undefined, { signal })) {
    const ids = (await Promise.all(['incoming', 'active'].map((queue) => idsIn(join(instance.queueDir, queue))))).flat()
    if (ids.length === 0) return
    const what = ids.length > mostNamed ? `${ids.length} messages` : (await Promise.all(ids.map((id) => recipientsOf(instance, id, signal)))).filter((one) => one !== '').join('; ')
    if (what !== '' && what !== told) waitsFor(what)
    told = what
  }
}

/** Queue files lie in the folder itself, or in folders below it that are called by the first letters of their ids. */
async function idsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => idsIn(join(folder, entry.name))))
  return [...entries.filter((entry) => entry.isFile()).map(({ name }) => name), ...below.flat()]
}

/** Empty where it is gone by now. */
async function recipientsOf({ configDir }: Instance, id: string, signal: AbortSignal): Promise<string> {
  if (!/^[A-Za-z0-9]+$/.test(id)) return ''
  const ran = await run('postcat', ['-e', '-q', id], { configDir, signal, limit: postcatLimit })
  return ran.output.split('\n').flatMap((line) => /^recipient: (.+)/.exec(line)?.[1] ?? []).join(', ')
}
