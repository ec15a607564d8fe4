// The Windows PowerShell that runs bridge.ps1: of this program's own bitness, without anybody's profile, on the script as this
// program has it.
import { mkdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { Failure } from '../../../preload/contract/failure.ts'
import bridge from './bridge.ps1?raw'
import type { ShellProgram } from './shell.ts'

/** `home`: a folder of ours. Throws a Failure where there can be no Exchange. */
export async function exchangeShell(home: string): Promise<ShellProgram> {
  const windows = process.env.SystemRoot
  if (sep !== '\\' || !windows) throw new Failure('transport-unreachable', 'There is no Exchange on this machine: it runs on Windows alone.', 'Run Edgewise on the edge server itself.')
  await mkdir(home, { recursive: true, mode: 0o700 })
  const script = join(home, 'bridge.ps1')
  await writeFileAtomic(script, bridge, { mode: 0o600 })
  // By its whole path: a powershell.exe of that name may lie anywhere on the search path.
  return { program: join(windows, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe'), args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', script] }
}
