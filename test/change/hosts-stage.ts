// What the tests of hosts changes share: a hosts file on a stage of its own, and the changes that are made to it.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostsEditSchema, type HostsEdit } from '../../preload/contract/hosts.ts'
import type { Change, ChangeProgress } from '../../preload/contract/changes.ts'
import { Changes, type Following, type Wish } from '../../main/change/changes.ts'
import type { Order } from '../../main/change/seal.ts'
import { readHostsFile } from '../../main/hosts/file.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { openStage, type Plan, type Stage } from '../transport/stage.ts'

export const original = '127.0.0.1 localhost\r\n# by hand\n10.0.0.1\tone.test  one # keep\n#10.0.0.2 two.test'

export let stage: Stage
export let changes: Changes

export async function open(plan: Partial<Plan> = {}): Promise<void> {
  stage = await openStage({ adapters: {}, hosts: original, ...plan })
  await reopen()
}

/** As another window or command does, with what the world says now. */
export const changesOf = async (elevate?: (order: Order) => Promise<void>): Promise<Changes> =>
  new Changes(stage.home.folder, { world: await worldOf(stage.worldFile), transport: await stage.open() }, elevate)

export async function reopen(as?: Changes): Promise<void> {
  changes = as ?? (await changesOf())
}

export const path = (): string => join(stage.folder, 'hosts')
export const content = (): Promise<string> => readFile(path(), 'latin1')
export const backups = (): Promise<string[]> => readdir(join(stage.home.folder, 'hosts')).catch(() => [])
export const following = (progress: (told: ChangeProgress) => void = () => {}): Following => ({ progress, signal: AbortSignal.timeout(30_000) })
export const add = (address: string, ...names: string[]): HostsEdit => hostsEditSchema.parse({ kind: 'add', entries: [{ address, names }] })

export async function wish(edit: HostsEdit, more: Partial<Wish> = {}): Promise<Wish> {
  const { hash } = await readHostsFile(path())
  return { wanted: { hosts: { hash, edit, evenReadOnly: false } }, restart: false, drain: false, force: false, keep: false, by: 'a test', ...more }
}

export const run = async (edit: HostsEdit, more: Partial<Wish> = {}): Promise<Change> => changes.run(await wish(edit, more), following())
/** The newest that stands, where none is named. */
export const undo = async (id?: string): Promise<Change> => changes.rollBack(id ?? (await changes.hostsHistory()).next ?? 'none', { restart: false, by: 'a test' }, following())
