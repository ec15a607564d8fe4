// One Postfix: a configuration folder, and what it says. The system may have several side by side (postmulti).
import { resolve } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import { programFailure, type Ran, run } from './programs.ts'

export interface Instance {
  /** `multi_instance_name`; `postfix` where it has none. */
  name: string
  configDir: string
  queueDir: string
  dataDir: string
  /** Of the mail system: `3.7.11`. */
  version: string
  /** Every parameter as it works: `postconf -x`. */
  values: ReadonlyMap<string, string>
}

/** Milliseconds: `postconf` needs 20 ms, 2 s for a file that was written just now, and 30 s where it looks for the machine's name at DNS servers that are silent. */
export const postconfLimit = 40_000

/** The system's where no folder is given. Throws a Failure that names file and line where its main.cf cannot be read. */
export async function openInstance(configDir: string | null, signal: AbortSignal): Promise<Instance> {
  const ran = await run('postconf', ['-x'], { configDir: configDir === null ? null : resolve(configDir), signal, limit: postconfLimit })
  if (ran.code !== 0) throw unreadable(ran)
  const values = parametersIn(ran.output)
  const value = (name: string) => values.get(name) ?? ''
  return {
    name: value('multi_instance_name') || 'postfix',
    configDir: value('config_directory'),
    queueDir: value('queue_directory'),
    dataDir: value('data_directory'),
    version: value('mail_version'),
    values,
  }
}

/** Empty where there is no Postfix, or none that is configured. */
export async function listInstances(signal: AbortSignal): Promise<{ name: string; configDir: string }[]> {
  try {
    const ran = await run('postmulti', ['-l'], { configDir: null, signal, limit: postconfLimit })
    if (ran.code !== 0) return []
    // Name, group, whether it is enabled, folder; the first instance may have no name.
    return ran.output.split('\n').flatMap((line) => {
      const [name = '', , , configDir] = line.trim().split(/\s+/)
      return configDir === undefined ? [] : [{ name: name === '-' ? 'postfix' : name, configDir }]
    })
  } catch (error) {
    if (error instanceof Failure && error.code === 'transport-unreachable') return []
    throw error
  }
}

/** Name → value of what `postconf` prints; a value that goes on in further lines keeps its line breaks. */
export function parametersIn(output: string): Map<string, string> {
  const values = new Map<string, string>()
  let last = ''
  for (const line of output.split('\n')) {
    const [, name, value] = /^([A-Za-z0-9_.-]+) =(?: (.*))?$/.exec(line) ?? []
    if (name !== undefined) values.set((last = name), value ?? '')
    else if (last !== '' && /^\s+\S/.test(line)) values.set(last, `${values.get(last)}\n${line}`)
  }
  return values
}

function unreadable(ran: Ran): Failure {
  const { code, message } = programFailure('postconf', ran)
  const [, file, line, problem] = /(\/\S+), line (\d+): (.+)/.exec(message) ?? []
  if (file !== undefined) return new Failure('failed', `Postfix’s configuration cannot be read: ${file}, line ${line}: ${problem}`, 'Mend that line, then try again. The file was left as it is.')
  const [, missing] = /open (?:file )?(\/\S+main\.cf): No such file/.exec(message) ?? []
  if (missing !== undefined) return new Failure('transport-unreachable', `Postfix is not configured here: there is no ${missing}.`, 'Configure it first, or name the configuration folder of another instance: --config-dir.')
  return new Failure(code, `Postfix’s configuration cannot be read: ${message}`)
}

/**
 * Whether the system itself names this folder: its own, or one that its main.cf lists. Postfix's programs that run with
 * more rights than their user obey no other, and neither does Edgewise where an administrator lends his.
 */
export async function isKnownToSystem(configDir: string, signal: AbortSignal): Promise<boolean> {
  const own = await openInstance(null, signal).catch((error: unknown) => (error instanceof Failure && error.code === 'transport-unreachable' ? null : Promise.reject(error)))
  if (own === null) return false
  const listed = ['multi_instance_directories', 'alternate_config_directories'].flatMap((name) => listIn(own.values.get(name)))
  return [own.configDir, ...listed].some((one) => resolve(one) === resolve(configDir))
}

/** The parts of a value that is a list. */
export const listIn = (value = ''): string[] => value.split(/[\s,]+/).filter((part) => part !== '')
