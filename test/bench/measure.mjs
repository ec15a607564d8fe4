// What the benches share: a scratch home whose relay listens on a free port, medians, and the command line.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const checkout = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** @param {number[]} list */
export function median(list) {
  const middle = [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
  if (middle === undefined) throw new Error('nothing was measured')
  return middle
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  server.close()
  await once(server, 'close')
  if (at === null || typeof at === 'string') throw new Error('no port is free')
  return at.port
}

/**
 * A home and a world of the bench's own; `end` stops the service and removes both.
 * @param {{ adapters?: object[], reach?: Record<string, string> }} [more] of the world file
 */
export async function scratch(more = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bench-'))
  const port = await freePort()
  const home = join(folder, 'home')
  const world = join(folder, 'world.json')
  writeFileSync(world, JSON.stringify({ ...more, reach: { ...more.reach, '127.0.0.1:2525': `127.0.0.1:${port}` } }))
  const flags = ['--home', home, '--world', world]
  /** @param {string[]} words */
  const edgewise = async (...words) => (await run(process.execPath, [join(checkout, 'out/main/cli.js'), ...words, ...flags])).stdout
  const end = async () => {
    await edgewise('service', 'stop').catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, home, port, flags, edgewise, end }
}
