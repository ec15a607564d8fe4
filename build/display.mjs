// A display of one's own for whatever opens windows unseen: never the user's, which it would cover, nor another run's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from './fault.mjs'

const limit = 15_000

/**
 * Runs an action with the environment of a new virtual display; outside Linux with the environment as it is.
 * @template T
 * @param {NodeJS.ProcessEnv} env
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withDisplay(env, action) {
  if (process.platform !== 'linux') return action(env)
  // The server chooses a free number itself and tells it: no two runs can want the same one.
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const kill = () => server.kill('SIGTERM')
  process.on('exit', kill)
  try {
    const told = once(/** @type {import('node:stream').Readable} */ (server.stdio[3]), 'data').then(([text]) => `${text}`.trim())
    const failed = Promise.race([once(server, 'exit'), once(server, 'error').catch(() => undefined), sleep(limit, undefined, { ref: false })]).then(() => undefined)
    const number = await Promise.race([told, failed])
    if (!number) throw new Fault('The virtual display (Xvfb) did not start.')
    const { WAYLAND_DISPLAY: _hidden, ...rest } = env
    return await action({ ...rest, DISPLAY: `:${number}` })
  } finally {
    process.off('exit', kill)
    kill()
    if (server.exitCode === null && server.pid !== undefined) await Promise.race([once(server, 'exit'), sleep(2_000, undefined, { ref: false })])
  }
}
