// An instance's settings as they lie on disk: main.cf, its own resolv.conf and systemd's drop-in, each byte for byte.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { Failure, firstProblem } from '../../../preload/contract/failure.ts'
import { fromJson } from '../../json.ts'
import type { Settings } from '../transport.ts'
import { ownFile } from './in-effect.ts'
import type { Systemd } from './systemd.ts'

/** `mainCf` is read as Latin-1, so that each character is one byte, whatever it is. */
const filesSchema = z.strictObject({
  configDir: z.string(),
  mainCf: z.string(),
  /** Null where the system's own is used. */
  resolvConf: z.string().nullable(),
  /** Null also where systemd does not start this instance. */
  dropIn: z.string().nullable(),
})
export type Files = z.infer<typeof filesSchema>

export const printFiles = ({ configDir, mainCf, resolvConf, dropIn }: Files): Settings => JSON.stringify({ configDir, mainCf, resolvConf, dropIn })

export function parseFiles(settings: Settings): Files {
  const parsed = filesSchema.safeParse(fromJson(settings))
  if (parsed.success) return parsed.data
  throw new Failure('failed', `These are no settings of Postfix: ${firstProblem(parsed.error)}.`)
}

export const mainCfOf = (configDir: string): string => join(configDir, 'main.cf')

/** Where the files lie, and who is told of them. */
export interface Place {
  configDir: string
  systemd: Systemd
  /** Null where systemd does not start it. */
  unit: string | null
}

export async function readFiles({ configDir, systemd, unit }: Place): Promise<Files> {
  try {
    const [mainCf, resolvConf, dropIn] = await Promise.all([readFile(mainCfOf(configDir), 'latin1'), textOf(join(configDir, ownFile)), unit === null ? null : systemd.readDropIn(unit)])
    return { configDir, mainCf, resolvConf, dropIn }
  } catch (error) {
    throw fileFailure(error, 'read')
  }
}

/** Null where there is none. */
const textOf = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : Promise.reject(error)))

/** Everybody may read it: the delivery processes run as a user of their own. Null takes it away. */
export async function writeResolvConf({ configDir }: Pick<Place, 'configDir'>, text: string | null): Promise<void> {
  const path = join(configDir, ownFile)
  if (text === null) await rm(path, { force: true })
  else await writeFileAtomic(path, text, { mode: 0o644 })
}

export function fileFailure(error: unknown, doing: 'read' | 'written'): Failure {
  if (error instanceof Failure) return error
  const why = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))
    return new Failure('needs-administrator', `Postfix’s settings may not be ${doing}: ${why}`, 'Run Edgewise as an administrator.')
  return new Failure('failed', `Postfix’s settings cannot be ${doing}: ${why}`)
}
