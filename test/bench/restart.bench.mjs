// Restarting the transport service, click to serving, against stopping and starting the same Haraka by hand.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { checkout, freePort, median, scratch } from './measure.mjs'

const runs = 9

export async function rows() {
  const { folder, port, edgewise, end } = await scratch()
  const byHand = harakaByHand(join(folder, 'by-hand'), await freePort())
  try {
    await edgewise('service', 'start')
    await byHand.start()
    const ours = []
    const hand = []
    // In turn, so that a machine that becomes busy is busy for both.
    for (let at = 0; at < runs; at++) {
      const output = await edgewise('service', 'restart', '--json')
      await banner(port)
      ours.push(Number(JSON.parse(output.trim().split('\n').at(-1) ?? '').steps.at(-1).at))
      const begun = performance.now()
      await byHand.stop()
      await byHand.start()
      hand.push(performance.now() - begun)
    }
    const [our, peer] = [median(ours), median(hand)]
    return [{ name: 'restart, click to serving', ours: our, peer, peerName: 'Haraka by hand', unit: 'ms', ratio: our / peer, goal: '≤ 1.05 × + 200 ms', met: our <= 1.05 * peer + 200 }]
  } finally {
    await byHand.stop()
    await end()
  }
}

/**
 * @param {string} folder
 * @param {number} port
 */
function harakaByHand(folder, port) {
  const config = join(folder, 'config')
  mkdirSync(config, { recursive: true })
  mkdirSync(join(folder, 'queue'))
  const haraka = join(checkout, 'node_modules/Haraka')
  copyFileSync(join(haraka, 'config/connection.ini'), join(config, 'connection.ini'))
  writeFileSync(join(config, 'smtp.ini'), `[main]\nlisten=127.0.0.1:${port}\nnodes=0\n`)
  writeFileSync(join(config, 'plugins'), '')
  writeFileSync(join(config, 'log.ini'), '[main]\nlevel=warn\n')
  /** @type {import('node:child_process').ChildProcess | null} */
  let child = null
  return {
    async start() {
      child = spawn(process.execPath, [join(haraka, 'haraka.js')], { env: { ...process.env, HARAKA: folder }, stdio: 'ignore' })
      await banner(port)
    },
    async stop() {
      if (!child) return
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
      child = null
    },
  }
}

/**
 * Tries again every few milliseconds until the greeting comes; at most 20 s.
 * @param {number} port
 */
async function banner(port) {
  const end = Date.now() + 20_000
  while (Date.now() < end) {
    const socket = createConnection(port, '127.0.0.1')
    const greeted = await new Promise((resolve) => {
      socket.once('data', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
    })
    socket.destroy()
    if (greeted) return
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  throw new Error(`nothing greets at port ${port}`)
}
