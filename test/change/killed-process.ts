// The command line as a process that can be killed at a step.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Change } from '../../preload/contract/changes.ts'

const cli = join(import.meta.dirname, '../../out/main/cli.js')

export interface Killed {
  killed: boolean
  stdout: string
  stderr: string
}

/** `flags` say which edge server it is about; `EDGEWISE_TEST_KILL_AT` names the step, see kill.mjs. */
export function edgewise(flags: string[], words: string[], env: Record<string, string> = {}): Promise<Killed> {
  const args = ['--import', join(import.meta.dirname, 'kill.mjs'), cli, ...words, ...flags, '--json']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, ...env }, timeout: 60_000 }, (error, stdout, stderr) => resolve({ killed: error?.signal === 'SIGKILL', stdout, stderr }))
  })
}

/** What the last line says of the journal. */
export const changesIn = ({ stdout }: Killed): Change[] => (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { changes: Change[] }).changes
