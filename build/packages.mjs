// The locked npm packages: whether node_modules holds exactly them, and the installation where it does not.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, say } from './fault.mjs'
import { checkout, setupFolder } from './places.mjs'

/** npm writes this file last, and it names all that was installed: a complete installation is told by it. */
const installedList = (/** @type {string} */ root) => join(root, 'node_modules', '.package-lock.json')

/**
 * Names the first locked package that is missing or another version; optional ones may be absent.
 * @param {Record<string, {version?: string, optional?: boolean, devOptional?: boolean}>} locked
 * @param {Record<string, {version?: string}>} installed
 */
function firstDifference(locked, installed) {
  return Object.entries(locked).find(([path, { version, optional }]) => path !== '' && (installed[path] ? installed[path].version !== version : !optional))?.[0]
}

/** Comparing the two lists is a good part of a start where nothing is to do, so it is done once for each pair. @param {string} root */
function listsStamp(root) {
  return [join(root, 'package-lock.json'), installedList(root)].map((path) => statSync(path)).map(({ size, mtimeMs }) => `${size} ${mtimeMs}`).join('\n')
}

export function packagesInstalled(root = checkout) {
  try {
    const stamp = listsStamp(root)
    const kept = join(setupFolder(root), 'packages')
    if (existsSync(kept) && readFileSync(kept, 'utf8') === stamp) return true
    const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
    const installed = JSON.parse(readFileSync(installedList(root), 'utf8')).packages
    if (firstDifference(locked, installed) !== undefined) return false
    writeFileSync(kept, stamp)
    return true
  } catch {
    return false
  }
}

/**
 * What npm's own words mean for the person who waits.
 * @param {string} output
 */
export function packagesFault(output) {
  if (/ENOSPC|EDQUOT|no space left/i.test(output)) return new Fault('The disk is full: the npm packages could not be installed. Free some space and run this again.')
  if (/EACCES|EPERM|EROFS/.test(output)) return new Fault('The npm packages could not be installed: the checkout or npm\'s cache folder cannot be written to by this user.')
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/i.test(output)) {
    return new Fault('The npm packages could not be downloaded: the package registry cannot be reached. Check the network (or the proxy in npm\'s settings) and run this again.')
  }
  return new Fault(`The npm packages could not be installed. npm said:\n${output.split('\n').filter((line) => !line.includes('EBADENGINE')).join('\n').trim().slice(-2_000)}`)
}

/**
 * @param {import('./lock.mjs').Lock} lock
 */
export async function installPackages(lock, root = checkout) {
  if (!existsSync(join(root, 'package-lock.json'))) throw new Fault('package-lock.json is missing: this is no whole checkout of Edgewise.')
  const { runNpm } = await import('./child.mjs')
  say('Installing the locked npm packages …')
  const started = Date.now()
  // An interrupted installation must not look complete.
  rmSync(installedList(root), { force: true })
  // Short retries: without a network npm would otherwise be silent for minutes.
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000', '--fetch-timeout=60000']
  const heartbeat = setInterval(() => say(`… still installing, ${Math.round((Date.now() - started) / 1000)} s`), 15_000)
  const { code, output, timedOut } = await runNpm(['ci', '--no-audit', '--no-fund', '--prefer-offline', ...patience], { cwd: root, capture: true, limit: 900_000, lock })
  clearInterval(heartbeat)
  if (timedOut) throw new Fault('The npm packages were not installed within 15 minutes. Check the network and run this again.')
  if (code !== 0) throw packagesFault(output)
}
