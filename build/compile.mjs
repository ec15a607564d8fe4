// The built code in out/: whether it is that of the sources, and the build where it is not.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, fileFault, say } from './fault.mjs'
import { checkout, setupFolder } from './places.mjs'

const sources = ['main', 'preload', 'renderer', 'electron.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json']
const stampName = '.sources'

/** @param {string} path @returns {string[]} */
function listed(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isDirectory()) return readdirSync(path).sort().flatMap((name) => listed(join(path, name)))
  return [`${path} ${stat.size} ${stat.mtimeMs}`]
}

/** Path, size and time of every source: reading them all would cost more than it tells. */
function sourceStamp(root = checkout) {
  return sources.flatMap((name) => listed(join(root, name))).join('\n')
}

export function codeBuilt(root = checkout) {
  const stamp = join(root, 'out', stampName)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceStamp(root)
}

/**
 * Puts the new build in the old one's place. Not one step on any system, so it is done with two renames next to each
 * other; on Windows a file that is open holds its folder for a moment.
 * @param {string} built
 * @param {string} out
 * @param {string} old
 */
async function replace(built, out, old) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (existsSync(out)) renameSync(out, old)
      renameSync(built, out)
      return
    } catch (error) {
      if (attempt === 20) throw fileFault(error, out)
      await sleep(100)
    }
  }
}

/**
 * @param {import('./lock.mjs').Lock} lock
 */
export async function buildCode(lock, root = checkout) {
  const { run } = await import('./child.mjs')
  say('Building …')
  const folder = setupFolder(root)
  // Only the holder of the lock builds, so whatever lies here was left by a build that was killed.
  for (const name of readdirSync(folder).filter((name) => name.startsWith('out-'))) rmSync(join(folder, name), { recursive: true, force: true })
  const built = join(folder, `out-${process.pid}`)
  const stamp = sourceStamp(root)
  const bin = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const args = [bin, 'build', '--config', 'electron.config.ts', '--logLevel', 'warn']
  const { code, output, timedOut } = await run(process.execPath, args, { cwd: root, env: { ...process.env, EDGEWISE_OUT: built }, capture: true, limit: 300_000, lock })
  if (code !== 0) {
    rmSync(built, { recursive: true, force: true })
    throw /ENOSPC/.test(output) ? fileFault(Object.assign(new Error(), { code: 'ENOSPC' }), root) : new Fault(`The build failed${timedOut ? ' (it took more than 5 minutes)' : ''}.\n${output.trim()}`)
  }
  try {
    mkdirSync(built, { recursive: true })
    writeFileSync(join(built, stampName), stamp)
  } catch (error) {
    throw fileFault(error, built)
  }
  const old = `${built}-old`
  await replace(built, join(root, 'out'), old)
  rmSync(old, { recursive: true, force: true })
}
