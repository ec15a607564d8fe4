// Puts this process's main thread, and with it every program it starts, into a network namespace of its own: then the
// code under test asks the kernel about links that a test made.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import koffi from 'koffi'

const newNetwork = 0x40000000

export interface Namespace {
  /** Runs `ip` with these words. */
  ip(words: string): string
  /** Many lines for `ip` at once. */
  batch(lines: string[]): void
  leave(): void
}

/** Null where this process may not (it needs root). */
export function ownNamespace(): Namespace | null {
  if (process.platform !== 'linux') return null
  const libc = koffi.load(null)
  const unshare = libc.func('int unshare(int flags)')
  const setns = libc.func('int setns(int fd, int flags)')
  const before = openSync('/proc/thread-self/ns/net', 'r')
  if (unshare(newNetwork) !== 0) {
    closeSync(before)
    return null
  }
  return {
    ip: (words) => execFileSync('ip', words.split(' ')).toString(),
    batch: (lines) => void execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') }),
    leave: () => {
      setns(before, newNetwork)
      closeSync(before)
    },
  }
}
