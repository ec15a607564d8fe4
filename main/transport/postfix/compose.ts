// The settings as they would be: what is wanted, laid over the files as they are. Nothing of the system is written.
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Wanted } from '../../../preload/contract/changes.ts'
import type { Lookups } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import { parameterTabs } from '../../../preload/contract/parameters.ts'
import { serversOf } from '../../dns/source.ts'
import type { World } from '../../world/world.ts'
import { systemsFile } from './in-effect.ts'
import { type Instance, postconfLimit } from './instance.ts'
import { printed, valuesOf, written } from './parameters.ts'
import { programFailure, run } from './programs.ts'
import { lookupsIn, mostServers, namesServers, printResolvConf } from './resolv-conf.ts'
import { type Files, mainCfOf } from './settings.ts'

/** Milliseconds. */
const settled = 10_000

export async function filesWanted(instance: Instance, before: Files, wanted: Wanted, { world, dropIn, signal }: { world: World; dropIn: string | null; signal: AbortSignal }): Promise<Files> {
  const edits = editsOf(instance, wanted)
  const mainCf = edits.length > 0 ? await edited(before.mainCf, edits, signal) : before.mainCf
  const internal = wanted.lookups?.internal
  if (!internal) return { ...before, mainCf }
  const resolvConf = await resolvConfFor(internal, world)
  // Chosen already, of an adapter that has gone since: what is asked is better than nobody.
  if (resolvConf !== null && !namesServers(resolvConf) && isSame(internal, lookupsIn(before.resolvConf ?? ''))) return { ...before, mainCf }
  return { ...before, mainCf, resolvConf, dropIn: resolvConf === null ? null : dropIn }
}

const isSame = (a: Lookups, b: Lookups) => JSON.stringify([a.protocol, sourceKey(a)]) === JSON.stringify([b.protocol, sourceKey(b)])
const sourceKey = ({ source }: Lookups) => (source.kind === 'servers' ? source.servers : source.kind === 'adapter' ? source.id : null)

/** Null where the system's own file says it already. */
async function resolvConfFor(lookups: Lookups, world: World): Promise<string | null> {
  if (lookups.source.kind === 'all-adapters' && lookups.protocol !== 'tcp') return null
  const found = serversOf(lookups, lookups.source.kind === 'servers' ? [] : await world.adapters())
  if (found.servers.length > mostServers)
    throw new Failure('bad-input', `These are ${found.servers.length} DNS servers, and the system’s resolver, which Postfix uses, asks no more than ${mostServers}: ${found.servers.join(', ')}.`, `List the ${mostServers} that it is to ask, as “these DNS servers”.`)
  return printResolvConf(lookups, found, await readFile(systemsFile, 'utf8').catch(() => ''))
}

/** `name=value`, as “postconf -e” takes it: the name is one of ours, so none begins with “-”. */
function editsOf(instance: Instance, wanted: Wanted): string[] {
  return parameterTabs.flatMap((tab) => {
    const standing = valuesOf(instance, tab)
    return Object.entries(wanted[tab] ?? {}).flatMap(([name, value]) => {
      const [before, text] = [standing[name], written(value)]
      if (before === undefined || /[\0\r\n]/.test(text)) throw new Failure('bad-input', `The parameter “${name}” cannot be set here.`)
      return written(before) === text ? [] : [`${name}=${text}`]
    })
  })
}

/** Postfix's own edit, of a copy. */
async function edited(mainCf: string, edits: string[], signal: AbortSignal): Promise<string> {
  return inCopy(mainCf, async (configDir) => {
    const ran = await run('postconf', ['-e', ...edits], { configDir, signal, limit: postconfLimit })
    if (ran.code !== 0) throw programFailure('postconf', ran)
    return readFile(mainCfOf(configDir), 'latin1')
  })
}

async function inCopy<T>(mainCf: string, use: (configDir: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewise-postfix-'))
  try {
    await writeFile(mainCfOf(folder), mainCf, 'latin1')
    // Postfix's programs wait two seconds for a file to be left alone that was written just now.
    const earlier = new Date(Date.now() - settled)
    await utimes(mainCfOf(folder), earlier, earlier)
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What “postconf -e” has to be told so that one main.cf becomes the other; null where it cannot make it that. */
export async function editsBetween(from: string, to: string, signal: AbortSignal): Promise<string[] | null> {
  const [old = new Map(), wanted = new Map()] = await Promise.all([from, to].map((text) => inCopy(text, (folder) => printed(folder, '-n', signal))))
  const edits = [...wanted].filter(([name, value]) => name !== 'config_directory' && old.get(name) !== value).map(([name, value]) => `${name}=${value}`)
  return edits.length > 0 && (await edited(from, edits, signal)) === to ? edits : null
}
