// Setup where it can be seen without a network: its lock, the fallback runtime's manifest, system packages, its faults.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { run } from '../../build/child.mjs'
import { codeBuilt } from '../../build/compile.mjs'
import { matchesManifest } from '../../build/electron-runtime.mjs'
import { fileFault } from '../../build/fault.mjs'
import { isHeld, takeLock } from '../../build/lock.mjs'
import { packagesFault, packagesInstalled } from '../../build/packages.mjs'
import { cacheFolder } from '../../build/places.mjs'
import { checkNode } from '../../build/setup.mjs'
import { aptInstallPostfix, installCommand } from '../../build/system-packages.mjs'

const checkout = join(import.meta.dirname, '../..')
const module_ = (name: string) => pathToFileURL(join(checkout, 'build', name)).href
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const script = (text: string) => ['--input-type=module', '--eval', text]

/** The id of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--eval', '']).pid
}

describe('the lock', () => {
  const path = () => join(folder, 'setup.lock')
  const waiting = 'Another setup is at work.'

  it('is taken over from a process that has ended', async () => {
    writeFileSync(path(), JSON.stringify([{ pid: deadProcess() }]))
    const lock = await takeLock(path(), waiting)
    expect(JSON.parse(readFileSync(path(), 'utf8'))[0].pid).toBe(process.pid)
    lock.release()
    expect(() => readFileSync(path())).toThrow()
  })

  it('is taken over where the process id has been given to another process since', () => {
    expect(isHeld(JSON.stringify([{ pid: process.pid, start: '1' }]))).toBe(process.platform !== 'linux')
  })

  it('is held by a child that outlives a killed setup', () => {
    expect(isHeld(JSON.stringify([{ pid: deadProcess() }, { pid: process.pid }]))).toBe(true)
  })

  it('is taken over where its holder was killed before it could write its name', async () => {
    writeFileSync(path(), '')
    utimesSync(path(), 1, 1)
    ;(await takeLock(path(), waiting)).release()
  })

  it('lets one in at a time, also out of a stale one', async () => {
    writeFileSync(path(), JSON.stringify([{ pid: deadProcess() }]))
    const log = join(folder, 'log')
    const holder = script(`
      import { appendFileSync } from 'node:fs'
      import { takeLock } from '${module_('lock.mjs')}'
      const lock = await takeLock(${JSON.stringify(path())}, '${waiting}')
      appendFileSync(${JSON.stringify(log)}, 'in ')
      await new Promise((resolve) => setTimeout(resolve, 150))
      appendFileSync(${JSON.stringify(log)}, 'out ')
      lock.release()
    `)
    const children = Array.from({ length: 5 }, () => {
      const child = spawn(process.execPath, holder, { stdio: ['ignore', 'ignore', 'pipe'] })
      let told = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
      return once(child, 'close').then(() => told)
    })
    const told = await Promise.all(children)
    expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(5))
    expect(told.filter((text) => text.includes(waiting)).length).toBeGreaterThan(0)
  })

  it('is let go when its holder ends without doing so', () => {
    const { status } = spawnSync(process.execPath, script(`
      import { takeLock } from '${module_('lock.mjs')}'
      await takeLock(${JSON.stringify(path())}, '')
      process.exit(7)
    `))
    expect(status).toBe(7)
    expect(() => readFileSync(path())).toThrow()
  })
})

describe('the runtime', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'locales'))
    writeFileSync(join(folder, 'electron'), 'program')
    writeFileSync(join(folder, 'locales', 'en.pak'), 'words')
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ electron: 7, 'locales/en.pak': 5 }))
  })

  it('is good when every file is there in its size', () => expect(matchesManifest(folder)).toBe(true))

  it('is damaged when a file is cut off', () => {
    truncateSync(join(folder, 'electron'), 3)
    expect(matchesManifest(folder)).toBe(false)
  })

  it('is damaged when a file is missing', () => {
    rmSync(join(folder, 'locales', 'en.pak'))
    expect(matchesManifest(folder)).toBe(false)
  })

  it('is damaged without a manifest', () => {
    rmSync(join(folder, 'manifest.json'))
    expect(matchesManifest(folder)).toBe(false)
  })

  it('is said to be missing in words where it is asked for', () => {
    const { stderr, status } = spawnSync(process.execPath, script(`
      import { electronPath } from '${module_('electron-runtime.mjs')}'
      import { runAsProgram } from '${module_('fault.mjs')}'
      await runAsProgram(async () => void electronPath())
    `), { encoding: 'utf8', env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere') } })
    expect(stderr).toBe('The Electron runtime is missing or damaged. Run `npm start` again: it fetches what is missing.\n')
    expect(status).toBe(1)
  })

  it('lies in the cache folder of the system', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/cache' }, 'linux')).toBe(join('/cache', 'edgewise'))
    expect(cacheFolder({ LOCALAPPDATA: 'local' }, 'win32')).toBe(join('local', 'edgewise'))
    expect(cacheFolder({}, 'darwin')).toMatch(/Library.Caches.edgewise$/)
  })
})

describe('system packages', () => {
  const only = (program: string) => (asked: string) => asked === program

  it('are named in one command', async () => {
    const missing = ['libgtk-3.so.0', 'libatk-1.0.so.0', 'libnss3.so', 'Xvfb', 'xvfb-run', 'ip']
    expect(await installCommand(missing, only('dnf'))).toBe('sudo dnf install -y gtk3 nss xorg-x11-server-Xvfb iproute')
    expect(await installCommand(missing, only('pacman'))).toBe('sudo pacman -S --needed --noconfirm gtk3 nss xorg-server-xvfb iproute2')
    expect(await installCommand(missing, only('apt-get'))).toMatch(/^sudo apt-get update && sudo apt-get install --no-install-recommends -y libgtk-3-0\S* libnss3 xvfb iproute2$/)
  })

  it('are named for the tests, Postfix included', async () => {
    const missing = ['unshare', 'nsenter', 'mount', 'postconf']
    expect(await installCommand(missing, only('dnf'))).toBe('sudo dnf install -y util-linux postfix')
    expect(await installCommand(missing, only('pacman'))).toBe('sudo pacman -S --needed --noconfirm util-linux postfix')
    expect(await installCommand(missing, only('apt-get'))).toBe('sudo apt-get update && sudo apt-get install --no-install-recommends -y util-linux mount postfix')
  })

  it('have no command where the package manager is not known', async () => {
    expect(await installCommand(['libnss3.so'], () => false)).toBeUndefined()
  })

  it('are asked for, not installed, where this is not root', () => {
    const { stderr, stdout, status } = spawnSync(process.execPath, script(`
      import { runAsProgram } from '${module_('fault.mjs')}'
      import { installMissing } from '${module_('system-packages.mjs')}'
      const given = { missing: ['libnss3.so', 'xauth'], isRoot: false, has: (program) => program === 'apt-get' }
      await runAsProgram(() => installMissing('test', '', undefined, given))
    `), { encoding: 'utf8' })
    expect(stderr).toBe('This system lacks libnss3.so, xauth. Run this, then start again:\nsudo apt-get update && sudo apt-get install --no-install-recommends -y libnss3 xauth\n')
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
  })
})

describe('Postfix', () => {
  /** Notes what would be run; only apt-get's installation may fail. */
  function commands(installs: { code: number; output: string }) {
    const ran: string[] = []
    const answers: string[] = []
    const command: typeof run = async (program, args, { env } = {}) => {
      ran.push([program, ...args.map((arg) => (arg.startsWith(tmpdir()) ? 'FILE' : arg))].join(' '))
      if (program === 'debconf-set-selections') answers.push(readFileSync(args[0] ?? '', 'utf8'))
      expect(env?.['DEBIAN_FRONTEND']).toBe('noninteractive')
      return { ...(args.includes('install') ? installs : { code: 0, output: '' }), timedOut: false }
    }
    return { ran, answers, command }
  }
  async function install(command: typeof run) {
    const lock = await takeLock(join(folder, 'setup.lock'), '')
    try {
      return await aptInstallPostfix(lock, command)
    } finally {
      lock.release()
    }
  }

  it('is installed without a configuration, and never in another mail server’s place', async () => {
    const { ran, answers, command } = commands({ code: 0, output: '' })
    expect(await install(command)).toBeUndefined()
    expect(answers).toEqual(['postfix postfix/main_mailer_type select No configuration\n'])
    expect(ran).toEqual([
      'apt-get -o DPkg::Lock::Timeout=120 update',
      'debconf-set-selections FILE',
      'apt-get -o DPkg::Lock::Timeout=120 install --no-remove --no-install-recommends -y postfix',
    ])
  })

  it('that cannot be installed is said to be missing, and stops nothing', async () => {
    const { command } = commands({ code: 100, output: 'E: Packages need to be removed but remove is disabled.' })
    expect(await install(command)).toContain('remove is disabled')
    const { status, stderr } = spawnSync(process.execPath, script(`
      import { runAsProgram } from '${module_('fault.mjs')}'
      import { installMissing } from '${module_('system-packages.mjs')}'
      const given = { missing: ['postconf'], isRoot: true, has: (program) => program === 'dnf' }
      await runAsProgram(() => installMissing('test', '', undefined, given))
    `), { encoding: 'utf8' })
    expect(stderr).toContain('Tests on real Postfix are skipped, since it is not installed. This installs it: dnf install -y postfix\n')
    expect(status).toBe(0)
  })
})

describe('what is there', () => {
  const locked = { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } }
  const write = (installed: object) => {
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: locked }))
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }))
  }

  it('is all packages when only optional ones are absent', () => {
    write({ 'node_modules/a': { version: '1.0.0' } })
    expect(packagesInstalled(folder)).toBe(true)
    expect(packagesInstalled(folder)).toBe(true)
  })

  it('is not all packages when one is missing, of another version, or the installation was cut off', () => {
    write({})
    expect(packagesInstalled(folder)).toBe(false)
    write({ 'node_modules/a': { version: '1.0.1' } })
    expect(packagesInstalled(folder)).toBe(false)
    rmSync(join(folder, 'node_modules', '.package-lock.json'))
    expect(packagesInstalled(folder)).toBe(false)
  })

  it('is no built code where no build has ended', () => expect(codeBuilt(folder)).toBe(false))

  it('needs nothing more, and says nothing, the second time', () => {
    const again = () => spawnSync(process.execPath, [join(checkout, 'build/setup.mjs'), 'cli'], { encoding: 'utf8' })
    again()
    const { status, stdout, stderr } = again()
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

describe('faults are said in words', () => {
  it('for an old Node', () => {
    expect(() => checkNode('18.20.1')).toThrow('Edgewise needs Node.js 20.19 or newer; this is 18.20.1.')
    expect(() => checkNode('20.18.9')).toThrow('20.19')
    for (const version of ['20.19.0', '22.1.0', '24.0.0']) expect(() => checkNode(version)).not.toThrow()
  })

  it('for packages', () => {
    expect(packagesFault('npm error code ENOTFOUND').message).toMatch(/registry cannot be reached/)
    expect(packagesFault('npm error code ENOSPC').message).toMatch(/disk is full/)
    expect(packagesFault('npm error code EACCES').message).toMatch(/cannot be written to/)
    expect(packagesFault('npm warn EBADENGINE x\nnpm error code EUSAGE').message).toMatch(/npm said:\nnpm error code EUSAGE$/)
  })

  it('for folders', () => {
    const fault = (code: string) => String(fileFault(Object.assign(new Error(), { code }), '/cache'))
    expect(fault('ENOSPC')).toMatch(/The disk is full: no room left in \/cache/)
    expect(fault('EROFS')).toMatch(/\/cache cannot be written to/)
  })
})
