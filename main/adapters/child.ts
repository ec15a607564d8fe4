// Runs a program with a limit. Unlike execFile it does not wait for a grandchild that keeps the output open.
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'

export type Ran =
  | { kind: 'done'; code: number | null; stdout: string; stderr: string }
  | { kind: 'missing' }
  | { kind: 'failed'; text: string }
  | { kind: 'too-slow' }
  | { kind: 'cancelled' }

export interface Limits {
  /** Milliseconds. */
  limit: number
  signal?: AbortSignal | undefined
  env?: NodeJS.ProcessEnv | undefined
}

/** Bytes: `ip` needs about 1 KB for an adapter. */
const mostOutput = 64 * 1024 * 1024

/** Never throws; the program is killed at the limit and when cancelled. */
export function run(command: string, args: string[], { limit, signal, env }: Limits): Promise<Ran> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve({ kind: 'cancelled' })
    // Without administrator's rights the PATH often lacks the folders where network programs are.
    const path = [process.env['PATH'], '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter)
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...process.env, PATH: path, LC_ALL: 'C.UTF-8', ...env },
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let held = 0
    const end = (ran: Ran) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      if (ran.kind !== 'done') {
        child.kill('SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
        child.unref()
      }
      resolve(ran)
    }
    const cancel = () => end({ kind: 'cancelled' })
    const timer = setTimeout(() => end({ kind: 'too-slow' }), limit)
    signal?.addEventListener('abort', cancel)
    const keep = (into: Buffer[]) => (chunk: Buffer) => {
      held += chunk.length
      if (held > mostOutput) end({ kind: 'failed', text: 'it prints without end' })
      else into.push(chunk)
    }
    child.stdout.on('data', keep(stdout))
    child.stderr.on('data', keep(stderr))
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', text: error.message }),
    )
    child.on('close', (code) =>
      end({ kind: 'done', code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
  })
}
