// A Postfix whose main.cf cannot be read: what is known of it all the same, so that it is seen with its fault.
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { EdgeServer, ServiceState } from '../../../preload/contract/servers.ts'
import { findMaster } from './master.ts'
import { printed } from './parameters.ts'
import { mainCfOf } from './settings.ts'

/** The service runs on, or does not, whatever its main.cf says by now: its lock tells. Postfix's own words are the note. */
export async function unreadableState(configDir: string, failure: Failure, signal: AbortSignal): Promise<ServiceState> {
  const master = await findMaster({ queueDir: await queueDirOf(configDir, signal) })
  return {
    state: master ? 'running' : 'stopped',
    pid: master?.pid ?? null,
    listening: null,
    since: master?.since.toISOString() ?? null,
    note: [failure.message, failure.remedy].filter(Boolean).join(' '),
  }
}

export async function unreadableServer(configDir: string, failure: Failure, signal: AbortSignal): Promise<Omit<EdgeServer, 'id'>> {
  const [service, defaults] = await Promise.all([unreadableState(configDir, failure, signal), printed(configDir, '-d', signal, ['mail_version'])])
  return { name: (await setIn(configDir, 'myhostname')) ?? hostname(), transport: 'postfix', version: defaults.get('mail_version') ?? '', service, waiting: null }
}

async function queueDirOf(configDir: string, signal: AbortSignal): Promise<string> {
  return (await setIn(configDir, 'queue_directory')) ?? (await printed(configDir, '-d', signal, ['queue_directory'])).get('queue_directory') ?? ''
}

/** As the file says it last and plainly; null where it does not, or by way of other parameters. */
async function setIn(configDir: string, name: string): Promise<string | null> {
  const text = await readFile(mainCfOf(configDir), 'latin1').catch(() => '')
  const value = [...text.matchAll(/^([a-z_]+)[ \t]*=[ \t]*(.*?)[ \t]*$/gm)].findLast(([, key]) => key === name)?.[2]
  return !value || value.includes('$') ? null : value
}
