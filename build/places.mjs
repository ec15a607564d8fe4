// Where things of this checkout and of this user lie.
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileFault } from './fault.mjs'

export const checkout = dirname(dirname(fileURLToPath(import.meta.url)))

/** What setup remembers about this checkout; outside node_modules, because npm empties that folder. */
export function setupFolder(root = checkout) {
  const folder = join(root, '.setup')
  try {
    if (mkdirSync(folder, { recursive: true })) writeFileSync(join(folder, '.gitignore'), '*\n')
  } catch (error) {
    throw fileFault(error, root)
  }
  return folder
}

/** The user's cache folder for Edgewise: what is large and can be made again. */
export function cacheFolder(env = process.env, platform = process.platform) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'edgewise')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'edgewise')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'edgewise')
  return join(homedir(), '.cache', 'edgewise')
}
