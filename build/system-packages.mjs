// What the Linux system must have for the window: shared libraries of the runtime, and programs for the tests.
import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './child.mjs'
import { Fault, say } from './fault.mjs'
import { setupFolder } from './places.mjs'

/** @typedef {'window' | 'test'} Purpose */

/** Programs that only the tests need. */
const testPrograms = ['Xvfb', 'xvfb-run', 'xauth', 'ip', 'dbus-daemon', 'chattr', 'ps']

/** Which package of which system has it; most libraries come in with GTK. */
const packages = [
  { has: /^lib(nss|nssutil|smime|ssl3|nspr|plc|plds)/, apt: ['libnss3'], dnf: 'nss', pacman: 'nss' },
  { has: /^libasound/, apt: ['libasound2t64', 'libasound2'], dnf: 'alsa-lib', pacman: 'alsa-lib' },
  { has: /^lib(gbm|drm)/, apt: ['libgbm1'], dnf: 'mesa-libgbm', pacman: 'mesa' },
  { has: /^(Xvfb|xvfb-run)$/, apt: ['xvfb'], dnf: 'xorg-x11-server-Xvfb', pacman: 'xorg-server-xvfb' },
  { has: /^xauth$/, apt: ['xauth'], dnf: 'xorg-x11-xauth', pacman: 'xorg-xauth' },
  { has: /^ip$/, apt: ['iproute2'], dnf: 'iproute', pacman: 'iproute2' },
  { has: /^dbus-daemon$/, apt: ['dbus-daemon', 'dbus'], dnf: 'dbus-daemon', pacman: 'dbus' },
  { has: /^chattr$/, apt: ['e2fsprogs'], dnf: 'e2fsprogs', pacman: 'e2fsprogs' },
  { has: /^ps$/, apt: ['procps'], dnf: 'procps-ng', pacman: 'procps-ng' },
  { has: /^libX(ss|scrnsaver)/i, apt: ['libxss1'], dnf: 'libXScrnSaver', pacman: 'libxss' },
  { has: /^libXtst/, apt: ['libxtst6'], dnf: 'libXtst', pacman: 'libxtst' },
  { has: /^libxkbcommon/, apt: ['libxkbcommon0'], dnf: 'libxkbcommon', pacman: 'libxkbcommon' },
  { has: /^libcups/, apt: ['libcups2t64', 'libcups2'], dnf: 'cups-libs', pacman: 'libcups' },
  { has: /^lib/, apt: ['libgtk-3-0t64', 'libgtk-3-0'], dnf: 'gtk3', pacman: 'gtk3' },
]

/** @param {string} program @param {string} path */
export function onPath(program, path = process.env.PATH ?? '') {
  // Administrators' programs lie outside an ordinary user's PATH and run all the same.
  return [...path.split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Asking the loader takes longer than all the rest of a start where nothing is to do, so a good answer is kept for as
 * long as the system's own list of libraries stays the same.
 * @param {string} executable
 */
function librariesStamp(executable) {
  const list = statSync('/etc/ld.so.cache', { throwIfNoEntry: false })
  return list === undefined ? undefined : `${executable} ${list.size} ${list.mtimeMs}`
}

const stampPath = () => join(setupFolder(), 'libraries')

/** @param {string} stamp */
function isKept(stamp) {
  try {
    return readFileSync(stampPath(), 'utf8') === stamp
  } catch {
    return false
  }
}

/** @param {string} executable @returns {Promise<string[]>} */
async function missingLibraries(executable) {
  const stamp = librariesStamp(executable)
  if (stamp !== undefined && isKept(stamp)) return []
  const { output } = await run('ldd', [executable], { capture: true, limit: 20_000 })
  const missing = [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '')
  if (missing.length === 0 && stamp !== undefined) writeFileSync(stampPath(), stamp)
  return [...new Set(missing)]
}

/**
 * Names of the libraries and programs that are not there.
 * @param {Purpose} purpose
 * @param {string} executable the runtime's
 */
export async function missingFrom(purpose, executable) {
  if (process.platform !== 'linux') return []
  const programs = purpose === 'test' ? testPrograms.filter((program) => !onPath(program)) : []
  return [...(await missingLibraries(executable)), ...programs]
}

/** @param {string} name */
const sourceOf = (name) => packages.find(({ has }) => has.test(name))

/**
 * The name this release of Debian or Ubuntu has for a package: some were renamed for 64-bit time.
 * @param {string[]} names
 */
async function aptName(names) {
  for (const name of names.slice(0, -1)) {
    if ((await run('apt-cache', ['show', '--no-all-versions', name], { capture: true, limit: 20_000 })).code === 0) return name
  }
  return names.at(-1) ?? ''
}

/** @param {string[]} missing */
async function aptPackages(missing) {
  const sources = new Set(missing.map(sourceOf).filter((source) => source !== undefined))
  const names = []
  for (const source of sources) names.push(await aptName(source.apt))
  return names
}

/**
 * The one command that installs what is missing, or undefined where the package manager is not known.
 * @param {string[]} missing
 * @param {(program: string) => boolean} has
 */
export async function installCommand(missing, has = onPath) {
  if (has('apt-get')) return `sudo apt-get update && sudo apt-get install --no-install-recommends -y ${(await aptPackages(missing)).join(' ')}`
  for (const manager of /** @type {const} */ (['dnf', 'pacman'])) {
    if (!has(manager)) continue
    const names = [...new Set(missing.map((name) => sourceOf(name)?.[manager]).filter(Boolean))].join(' ')
    return manager === 'dnf' ? `sudo dnf install -y ${names}` : `sudo pacman -S --needed --noconfirm ${names}`
  }
  return undefined
}

/** A bare system lacks two dozen; the command below names what is to be installed. @param {string[]} missing */
const inWords = (missing) => (missing.length > 5 ? `${missing.slice(0, 4).join(', ')} and ${missing.length - 4} more` : missing.join(', '))

/** @param {string} output */
function aptFault(output) {
  if (/No space left|not enough free space/i.test(output)) return new Fault('The disk is full: the system packages could not be installed. Free some space and run this again.')
  if (/Could not get lock|Unable to acquire the dpkg/i.test(output)) return new Fault('Another program holds the package manager\'s lock and did not let go within two minutes. Run this again when it has finished.')
  if (/Could not resolve|Failed to fetch|Unable to connect|Temporary failure/i.test(output)) return new Fault('The system packages could not be downloaded: the package source cannot be reached. Check the network and run this again.')
  return new Fault(`The system packages could not be installed. apt-get said:\n${output.trim().split('\n').slice(-12).join('\n')}`)
}

/** @param {string[]} missing @param {import('./lock.mjs').Lock} lock */
async function aptInstall(missing, lock) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  const options = { env, capture: true, limit: 900_000, lock }
  // An update that fails in part may be enough; the installation tells.
  const updated = await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], options)
  // A dpkg that was killed refuses every further installation until this has run.
  await run('dpkg', ['--configure', '-a'], options)
  const names = await aptPackages(missing)
  say(`Installing system packages: ${names.join(' ')} …`)
  const { code, output } = await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'install', '--no-install-recommends', '-y', ...names], options)
  if (code !== 0) throw aptFault(updated.code === 0 ? output : `${updated.output}\n${output}`)
}

/**
 * Installs what is missing as root, or says the one command that does.
 * @param {Purpose} purpose
 * @param {string} executable the runtime's
 * @param {import('./lock.mjs').Lock} lock
 * @param {{missing?: string[], isRoot?: boolean, has?: (program: string) => boolean}} [given] in place of what this machine has
 */
export async function installMissing(purpose, executable, lock, given = {}) {
  const missing = given.missing ?? (await missingFrom(purpose, executable))
  if (missing.length === 0) return
  const isRoot = given.isRoot ?? process.getuid?.() === 0
  const has = given.has ?? onPath
  if (!isRoot || !has('apt-get')) {
    const command = await installCommand(missing, has)
    throw new Fault(command === undefined
      ? `This system lacks ${inWords(missing)}. Install the packages that have them and run this again.`
      : `This system lacks ${inWords(missing)}. Run this, then start again:\n${isRoot ? command.replaceAll('sudo ', '') : command}`, 3)
  }
  await aptInstall(missing, lock)
  const still = await missingFrom(purpose, executable)
  if (still.length > 0) throw new Fault(`This system still lacks ${still.join(', ')}. Install the packages that have them and run this again.`)
}
