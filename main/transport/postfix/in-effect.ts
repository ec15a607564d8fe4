// What a running Postfix really asks: the resolv.conf that its own processes see, whatever was saved since.
import { readFile, readlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { InEffect } from '../../../preload/contract/dns.ts'
import type { Instance } from './instance.ts'
import { lookupsIn, parseResolvConf } from './resolv-conf.ts'

export const ownFile = 'edgewise-resolv.conf'
export const systemsFile = '/etc/resolv.conf'

export interface Seen {
  /** Null where only an administrator may know. */
  text: string | null
  /** Where it lies, as its processes see it. */
  path: string
}

/** The file that the running delivery processes read. */
export async function resolvConfOf({ queueDir, configDir }: Instance, pid: number, isChrooted: boolean): Promise<Seen> {
  if (isChrooted) {
    const path = join(queueDir, systemsFile)
    return { path, text: await within(`/proc/${pid}/root`, path).catch(async (error: unknown) => (isForbidden(error) ? readFile(path, 'utf8').catch(orMissing) : orMissing(error))) }
  }
  return { path: systemsFile, text: await within(`/proc/${pid}/root`, systemsFile).catch((error: unknown) => (isForbidden(error) ? fromMounts(pid, configDir) : orMissing(error))) }
}

/** Where there is no such file, the resolver goes by its defaults. */
function orMissing(error: unknown): string | null {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR') ? '' : null
}

const isForbidden = (error: unknown) => error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')

const longestChain = 8

/** Links are followed as the process would: an absolute one begins at its own root. */
async function within(root: string, path: string): Promise<string> {
  let at = path
  for (let links = 0; links < longestChain; links++) {
    const next = await readlink(`${root}${at}`).catch((error: unknown) => (error instanceof Error && 'code' in error && error.code === 'EINVAL' ? null : Promise.reject(error)))
    if (next === null) break
    at = resolve(dirname(at), next)
  }
  return readFile(`${root}${at}`, 'utf8')
}

/** Its mounts may be seen by everybody: is anything laid over the system's file there, and is it what was saved? */
async function fromMounts(pid: number, configDir: string): Promise<string | null> {
  const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => null)
  if (mounts === null) return null
  const over = await laidOver(mounts)
  if (over === null) return readFile(systemsFile, 'utf8').catch(orMissing)
  // Replaced since: what was there then, only the process itself still has.
  return over.endsWith(`/${ownFile}`) ? readFile(join(configDir, ownFile), 'utf8').catch(() => null) : null
}

/** The file that is mounted where the system's resolv.conf is; null where none is. */
async function laidOver(mounts: string): Promise<string | null> {
  const target = await readlink(systemsFile).then((to) => resolve(dirname(systemsFile), to), () => systemsFile)
  const found = mounts.split('\n').map((line) => line.split(' ')).findLast(([, , , , place]) => place === target || place === systemsFile)
  return found?.[3] ?? null
}

export function inEffectOf({ text, path }: Seen): InEffect {
  if (text === null) return { lookups: lookupsIn(''), servers: [], problem: `What is in effect can be read by an administrator only (${path}).` }
  return { lookups: lookupsIn(text), servers: parseResolvConf(text).servers, problem: null }
}
