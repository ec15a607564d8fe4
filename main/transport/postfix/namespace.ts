// A mount namespace for one start of Postfix, in which a file of ours lies over the system's resolv.conf.
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { open, readlink } from 'node:fs/promises'
import { Failure } from '../../../preload/contract/failure.ts'
import { systemsFile } from './in-effect.ts'
import { programFailure, type Ran, runSystem } from './programs.ts'

interface How {
  signal: AbortSignal
  /** Milliseconds. */
  limit: number
}

/** Runs the program with `file` in the place of the system's resolv.conf; what it leaves running goes on to see it so. */
export async function runOver(file: string, command: readonly string[], how: How): Promise<Ran> {
  const holder = await openNamespace(how)
  try {
    const enter = (args: readonly string[]) => runSystem('nsenter', ['--target', String(holder.pid), '--mount', ...args], how)
    // Once more, at the last moment: laid over in the machine's own namespace, it would be laid over for everybody.
    if ((await namespaceOf(holder.pid)) === (await namespaceOf('self'))) throw new Failure('failed', 'No mount namespace of its own could be made for Postfix.')
    if (!(await isLaidOverLink(file, holder.pid, enter))) {
      const laid = await enter(['mount', '--bind', file, systemsFile])
      if (laid.code !== 0) throw new Failure('failed', `${file} cannot be laid over ${systemsFile}: ${programFailure('mount', laid).message}`)
    }
    const kept = await enter(['mount', '--options', 'remount,bind,ro', systemsFile])
    if (kept.code !== 0) throw new Failure('failed', `${file} cannot be kept from being written to: ${programFailure('mount', kept).message}`)
    return await enter(command)
  } finally {
    holder.close()
  }
}

/** Linux's own flag, of which Node knows nothing: the name itself is opened, not what it leads to. */
const pathAlone = 0o10000000

/**
 * Where the system's file is a link (systemd-resolved, NetworkManager), ours is laid over the link itself: what it leads
 * to is replaced whenever a network changes, and a mount on that would go with it. False where there is no link, or where
 * the kernel does not lay anything over one (before Linux 5.12 or so).
 */
async function isLaidOverLink(file: string, pid: number, enter: (args: readonly string[]) => Promise<Ran>): Promise<boolean> {
  const path = `/proc/${pid}/root${systemsFile}`
  const isLink = await readlink(path).then(() => true, () => false)
  if (!isLink) return false
  const link = await open(path, pathAlone | constants.O_NOFOLLOW)
  try {
    return (await enter(['mount', '--no-canonicalize', '--bind', file, `/proc/${process.pid}/fd/${link.fd}`])).code === 0
  } finally {
    await link.close()
  }
}

const namespaceOf = (pid: number | 'self') => readlink(`/proc/${pid}/ns/mnt`)

/**
 * A process that does nothing but hold the namespace until something else lives in it. It echoes a word once it is all
 * there: before that it is still in the machine's own namespace. It ends with this process.
 */
function openNamespace({ signal, limit }: How): Promise<{ pid: number; close(): void }> {
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', ['--mount', '--propagation', 'private', 'cat'], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
    let errors = ''
    const close = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      child.kill('SIGKILL')
    }
    const fail = (failure: Failure) => {
      close()
      reject(failure)
    }
    const cancel = () => fail(new Failure('cancelled', 'The start of Postfix was cancelled.'))
    const timer = setTimeout(() => fail(new Failure('timed-out', `No mount namespace could be made within ${limit / 1000} s.`)), limit)
    signal.addEventListener('abort', cancel)
    if (signal.aborted) return cancel()
    child.on('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ENOENT' ? new Failure('failed', 'The program unshare is not on this machine.', 'Install util-linux.') : new Failure('failed', `unshare cannot be started: ${error.message}`)))
    child.on('exit', (code) => fail(programFailure('unshare', { code, errors })))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.stdin.on('error', () => {})
    child.stdin.write('here\n')
    child.stdout.once('data', () => {
      clearTimeout(timer)
      resolve({ pid: child.pid ?? 0, close })
    })
  })
}
