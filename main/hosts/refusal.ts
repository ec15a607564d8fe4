// What the system's error means when the hosts file is saved, and what to do about it.
import { dirname } from 'node:path'
import { Failure } from '../../preload/contract/failure.ts'
import { HalfWritten } from './in-place.ts'

export function refusal(path: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof HalfWritten)
    return new Failure('failed', `The hosts file “${path}” could be written only in part, and its old content could not be put back (${error.message}).`, 'Edgewise puts it back when it is started next; check the disk before.')
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const asItWas = 'It is as it was.'
  const failed = (why: string, remedy: string) => new Failure('failed', `The hosts file “${path}” ${why} ${asItWas}`, remedy)
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(`was not written: the disk is full (${code}).`, `Free some space where “${dirname(path)}” is, and save again.`)
    case 'EROFS':
      return failed('was not written: its file system is mounted read-only (EROFS).', 'Mount it for writing (mount -o remount,rw), or change the file where it comes from.')
    case 'EBUSY':
      return failed('was not written: another program holds it (EBUSY).', 'Close the program that holds it, an editor or a virus scanner, and save again.')
    case 'EIO':
      return failed('could not be written to its disk (EIO).', 'Check the disk and the system’s log.')
    case 'ENOENT':
      return failed('was not written: its folder does not exist.', `Make the folder “${dirname(path)}”.`)
    case 'EPERM':
    case 'EACCES':
      return forbidden(path, code, asItWas)
    default:
      return failed(`was not written (${code}).`, 'Check the path of the hosts file and its disk.')
  }
}

function forbidden(path: string, code: string, asItWas: string): Failure {
  if (process.getuid?.() !== 0) return new Failure('needs-administrator', `Only an administrator may write the hosts file “${path}” (${code}). ${asItWas}`, 'Do it as an administrator.')
  if (code === 'EACCES') return new Failure('failed', `The hosts file “${path}” may not be written, even by an administrator (EACCES). ${asItWas}`, 'Look at the security module’s log, or at the server that the file comes from.')
  return new Failure('failed', `The hosts file “${path}” may not be changed by anybody: it is marked immutable (EPERM). ${asItWas}`, `“lsattr ${path}” shows the mark, and “chattr -i ${path}” takes it away.`)
}
