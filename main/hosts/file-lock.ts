// Keeps two saves of Edgewise apart, whichever processes they are in: the second one waits, and then finds the file
// changed. The system lets go of the lock when the file is closed or the process dies.
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../preload/contract/failure.ts'

/** LOCK_EX | LOCK_NB */
const exclusive = 2 | 4
/** Milliseconds: a save takes some ten of them. */
const limit = 5_000

let loading: Promise<(fd: number, operation: number) => number> | undefined

const load = async () => (await import('koffi')).default.load(null).func('int flock(int fd, int operation)') as (fd: number, operation: number) => number

/** Where this system has no such lock (Windows), the comparison just before the file is replaced must do. */
export async function lockFile(fd: number, path: string): Promise<void> {
  const lock = await (loading ??= load()).catch(() => null)
  if (!lock) return
  for (const begun = performance.now(); lock(fd, exclusive) !== 0; await sleep(20))
    if (performance.now() - begun > limit) throw new Failure('failed', `The hosts file “${path}” has been locked by another program for ${limit / 1000} seconds, so it was not written. It is as it was.`, 'Close the program that holds it, and save again.')
}
