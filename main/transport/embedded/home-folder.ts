// Which folder is the home folder.
import { homedir } from 'node:os'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'

/** The user's state folder: XDG Base Directory's state home, where it is absolute, or Windows' local application data. */
export function defaultHome(): string {
  const told = sep === '\\' ? process.env.LOCALAPPDATA : process.env.XDG_STATE_HOME
  return join(told && isAbsolute(told) ? told : join(homedir(), '.local', 'state'), 'edgewise')
}

export function homeFolder(given: string | undefined): string {
  if (given === '') throw new Failure('bad-input', 'The home folder has no name.', 'Give a folder with --home, or leave it out.')
  return resolve(given ?? defaultHome())
}
