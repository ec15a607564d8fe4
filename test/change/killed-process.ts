// The command line as a process that can be killed at a step, on a stage's home folder and world.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Change } from '../../preload/contract/changes.ts'
import type { Stage } from '../transport/stage.ts'

const cli = join(import.meta.dirname, '../../out/main/cli.js')

export interface Killed {
  killed: boolean
  stdout: string
  stderr: string
}

/** `EDGEWISE_TEST_KILL_AT` names the step; see kill.mjs. */
export function edgewise(stage: Stage, words: string[], env: Record<string, string> = {}): Promise<Killed> {
  const args = ['--import', join(import.meta.dirname, 'kill.mjs'), cli, ...words, '--home', stage.home.folder, '--world', stage.worldFile, '--json']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, ...env }, timeout: 60_000 }, (error, stdout, stderr) => resolve({ killed: error?.signal === 'SIGKILL', stdout, stderr }))
  })
}

/** What the last line says of the journal. */
export const changesIn = ({ stdout }: Killed): Change[] => (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { changes: Change[] }).changes
