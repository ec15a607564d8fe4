// What the Linux system must have for the window: shared libraries of the runtime, and programs for the tests.
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from './child.mjs'
import { Fault, say } from './fault.mjs'
import { setupFolder } from './places.mjs'

/** @typedef {'window' | 'test'} Purpose */

/** Programs that only the tests need. */
const testPrograms = ['Xvfb', 'xvfb-run', 'xauth', 'ip', 'dbus-daemon', 'chattr', 'ps', 'unshare', 'nsenter', 'mount']
/** Without it the tests on real Postfix are skipped, each by its name, and the others run: so nobody is made to install it. */
const postfixProgram = 'postconf'
/** Postfix is there, and no mail server of this machine is set up or started. */
const postfixAnswer = 'postfix postfix/main_mailer_type select No configuration\n'

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
  { has: /^(unshare|nsenter)$/, apt: ['util-linux'], dnf: 'util-linux', pacman: 'util-linux' },
  { has: /^mount$/, apt: ['mount'], dnf: 'util-linux', pacman: 'util-linux' },
  { has: /^postconf$/, apt: ['postfix'], dnf: 'postfix', pacman: 'postfix' },
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
  // Only root runs a Postfix: nobody else is asked for it.
  const wanted = purpose === 'test' ? [...testPrograms, ...(isRootHere() ? [postfixProgram] : [])] : []
  return [...(await missingLibraries(executable)), ...wanted.filter((program) => !onPath(program))]
}

const isRootHere = () => process.getuid?.() === 0

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

/** @param {import('./lock.mjs').Lock} lock */
const aptOptions = (lock) => ({ env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }, capture: true, limit: 900_000, lock })

/** @param {string[]} missing @param {import('./lock.mjs').Lock} lock */
async function aptInstall(missing, lock) {
  const options = aptOptions(lock)
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
 * Installs Postfix's package, without a configuration: then nothing of it starts. Never in place of another mail server,
 * which apt-get would take away for it.
 * @param {import('./lock.mjs').Lock} lock
 * @param {typeof run} command
 * @returns {Promise<string | undefined>} why it could not be
 */
export async function aptInstallPostfix(lock, command = run) {
  const options = aptOptions(lock)
  await command('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], options)
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-setup-'))
  try {
    const answers = join(folder, 'answers')
    writeFileSync(answers, postfixAnswer)
    const told = await command('debconf-set-selections', [answers], options)
    // Unanswered, the package would set up this machine's own mail.
    if (told.code !== 0) return told.output
    const { code, output } = await command('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'install', '--no-remove', '--no-install-recommends', '-y', 'postfix'], options)
    return code === 0 ? undefined : output
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {import('./lock.mjs').Lock} lock @param {(program: string) => boolean} has */
async function installPostfix(lock, has) {
  if (!has('apt-get')) return say(`Tests on real Postfix are skipped, since it is not installed.${has('dnf') || has('pacman') ? ` This installs it: ${(await installCommand([postfixProgram], has))?.replaceAll('sudo ', '')}` : ''}`)
  say('Installing system packages: postfix …')
  const problem = await aptInstallPostfix(lock)
  if (problem !== undefined) say(`Tests on real Postfix are skipped, since it could not be installed: ${problem.trim().split('\n').at(-1)}`)
}

/**
 * Installs what is missing as root, or says the one command that does.
 * @param {Purpose} purpose
 * @param {string} executable the runtime's
 * @param {import('./lock.mjs').Lock} lock
 * @param {{missing?: string[], isRoot?: boolean, has?: (program: string) => boolean}} [given] in place of what this machine has
 */
export async function installMissing(purpose, executable, lock, given = {}) {
  const lacking = given.missing ?? (await missingFrom(purpose, executable))
  const missing = lacking.filter((name) => name !== postfixProgram)
  const isRoot = given.isRoot ?? isRootHere()
  const has = given.has ?? onPath
  if (missing.length > 0) await installNeeded(missing, { purpose, executable, lock, isRoot, has })
  if (missing.length < lacking.length) await installPostfix(lock, has)
}

/**
 * @param {string[]} missing
 * @param {{purpose: Purpose, executable: string, lock: import('./lock.mjs').Lock, isRoot: boolean, has: (program: string) => boolean}} how
 */
async function installNeeded(missing, { purpose, executable, lock, isRoot, has }) {
  if (!isRoot || !has('apt-get')) {
    const command = await installCommand(missing, has)
    throw new Fault(command === undefined
      ? `This system lacks ${inWords(missing)}. Install the packages that have them and run this again.`
      : `This system lacks ${inWords(missing)}. Run this, then start again:\n${isRoot ? command.replaceAll('sudo ', '') : command}`, 3)
  }
  await aptInstall(missing, lock)
  const still = (await missingFrom(purpose, executable)).filter((name) => name !== postfixProgram)
  if (still.length > 0) throw new Fault(`This system still lacks ${still.join(', ')}. Install the packages that have them and run this again.`)
}
