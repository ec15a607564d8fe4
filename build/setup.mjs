// What a fresh machine needs, made step by step: packages, code, window runtime, system packages. Safe to interrupt
// and to run again; does nothing, quickly, where nothing is to do. Only node's own modules until packages are there.
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault, runAsProgram } from './fault.mjs'
import { setupFolder } from './places.mjs'
import { packagesInstalled } from './packages.mjs'
import { codeBuilt } from './compile.mjs'

/** @typedef {'cli' | 'window' | 'test'} Purpose */

/** @param {string} version */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Fault(`Edgewise needs Node.js 20.19 or newer; this is ${version}. Install a newer one and run this again.`)
}

/**
 * Makes everything ready for a purpose, or throws a Fault with a sentence that says what is in the way.
 * @param {Purpose} purpose
 */
export async function setup(purpose) {
  checkNode()
  if (packagesInstalled() && codeBuilt() && (purpose === 'cli' || (await windowReady(purpose)))) return
  // Loaded only when something is to do: most starts need none of it.
  const { takeLock } = await import('./lock.mjs')
  const lock = await takeLock(join(setupFolder(), 'setup.lock'), 'Another setup is at work in this checkout; waiting for it …')
  try {
    // Asked again: whoever held the lock may have done it.
    if (!packagesInstalled()) await (await import('./packages.mjs')).installPackages(lock)
    if (!codeBuilt()) await (await import('./compile.mjs')).buildCode(lock)
    if (purpose !== 'cli') await makeWindowReady(purpose, lock)
  } finally {
    lock.release()
  }
}

/** @param {'window' | 'test'} purpose */
async function windowReady(purpose) {
  const { runtimeReady, electronPath } = await import('./electron-runtime.mjs')
  if (!runtimeReady()) return false
  const { missingFrom } = await import('./system-packages.mjs')
  return (await missingFrom(purpose, electronPath())).length === 0
}

/**
 * @param {'window' | 'test'} purpose
 * @param {import('./lock.mjs').Lock} lock
 */
async function makeWindowReady(purpose, lock) {
  const { chooseRuntime } = await import('./electron-runtime.mjs')
  const { installMissing } = await import('./system-packages.mjs')
  const executable = await chooseRuntime(lock)
  await installMissing(purpose, executable, lock)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await runAsProgram(async () => {
    const purpose = process.argv[2] ?? 'window'
    if (purpose !== 'cli' && purpose !== 'window' && purpose !== 'test') throw new Fault('Usage: node build/setup.mjs [cli|window|test]', 2)
    await setup(purpose)
  })
}

