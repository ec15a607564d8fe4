// Which Electron runtime the window runs on: the one chosen before, electron's own download, or the fallback.
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './child.mjs'
import { Fault, say } from './fault.mjs'
import { cacheFolder, checkout, setupFolder } from './places.mjs'

/** Without a first or a further byte for so long, the download counts as out of reach. */
const downloadSilence = 10_000

const missing = () => new Fault('The Electron runtime is missing or damaged. Run `npm start` again: it fetches what is missing.')

/** @param {string} folder */
function executableIn(folder) {
  if (process.platform === 'win32') return join(folder, 'electron.exe')
  if (process.platform === 'darwin') return join(folder, 'Electron.app', 'Contents', 'MacOS', 'Electron')
  return join(folder, 'electron')
}

/**
 * The manifest of a runtime names the size of each file: a damaged one is told without reading 262 MB.
 * @param {string} folder
 */
export function matchesManifest(folder) {
  try {
    const sizes = Object.entries(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))
    return sizes.length > 0 && sizes.every(([name, size]) => statSync(join(folder, name)).size === size)
  } catch {
    return false
  }
}

const choicePath = () => join(checkout, '.setup', 'runtime.json')
const declared = () => JSON.parse(readFileSync(join(checkout, 'node_modules', 'electron', 'package.json'), 'utf8')).version

/** @param {{electron: string, folder: string, kind: 'own' | 'fallback', size: number}} choice */
function isValid(choice) {
  const executable = executableIn(choice.folder)
  if (choice.electron !== declared() || statSync(executable, { throwIfNoEntry: false })?.size !== choice.size) return false
  return choice.kind === 'own' || matchesManifest(choice.folder)
}

/** The folder of the runtime in use, or undefined where none is ready. @returns {string | undefined} */
function runtimeFolder() {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (given) return existsSync(executableIn(given)) ? given : undefined
  try {
    const choice = JSON.parse(readFileSync(choicePath(), 'utf8'))
    return isValid(choice) ? choice.folder : undefined
  } catch {
    return undefined
  }
}

export const runtimeReady = () => runtimeFolder() !== undefined

/** The absolute path of the executable that opens the window. */
export function electronPath() {
  const folder = runtimeFolder()
  if (folder === undefined) throw missing()
  return executableIn(folder)
}

/** @param {'own' | 'fallback'} kind @param {string} folder */
function choose(kind, folder) {
  const executable = executableIn(folder)
  const choice = { kind, folder, electron: declared(), size: statSync(executable).size }
  const written = join(setupFolder(), `runtime-${process.pid}.json`)
  writeFileSync(written, JSON.stringify(choice))
  renameSync(written, choicePath())
  return executable
}

/**
 * electron's own download, in a process of its own: it answers at once where it is out of reach, and one that hangs
 * is ended.
 * @param {import('./lock.mjs').Lock} lock
 * @returns {Promise<string | undefined>} the folder
 */
async function download(lock) {
  const package_ = join(checkout, 'node_modules', 'electron')
  say(`Fetching Electron ${declared()} …`)
  const script = fileURLToPath(new URL('electron-download.mjs', import.meta.url))
  const { code } = await run(process.execPath, [script, package_, String(downloadSilence)], { capture: true, onOutput: (text) => process.stderr.write(text.replace(/^(?!… ).*\n?/gm, '')), limit: 1_800_000, ownGroup: true, lock })
  return code === 0 && existsSync(executableIn(join(package_, 'dist'))) ? join(package_, 'dist') : undefined
}

/**
 * Makes a runtime ready and remembers it for this checkout.
 * @param {import('./lock.mjs').Lock} lock
 * @returns {Promise<string>} the executable
 */
export async function chooseRuntime(lock) {
  const ready = runtimeFolder()
  if (ready !== undefined) return executableIn(ready)
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    throw new Fault(`ELECTRON_OVERRIDE_DIST_PATH names ${process.env.ELECTRON_OVERRIDE_DIST_PATH}, but no Electron runtime is there. Correct it or unset it.`)
  }
  rmSync(choicePath(), { force: true })
  const own = await download(lock)
  if (own !== undefined) return choose('own', own)
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Fault('Electron could not be downloaded. Check the network and run `npm start` again; or set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds a runtime.')
  }
  const { fallbackRuntime } = await import('./fallback-runtime.mjs')
  return choose('fallback', await fallbackRuntime(cacheFolder()))
}
