// From start to a window that shows the edge server, against an empty window in the same runtime.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron } from '@playwright/test'
import { electronPath } from '../../build/electron-runtime.mjs'
import { checkout, median, scratch } from './measure.mjs'

const runs = 9

export async function rows() {
  const { home, flags, edgewise, end } = await scratch()
  try {
    // The service outlives its windows, and the sentence about that is said once: on any day but the first.
    await edgewise('service', 'start')
    writeFileSync(join(home, 'window.json'), JSON.stringify({ saidThatServiceKeepsRunning: '2026-01-01T00:00:00.000Z' }))
    const ours = []
    const empty = []
    for (let at = 0; at <= runs; at++) {
      const our = await started([checkout, ...flags], 'treegrid')
      const peer = await started([join(import.meta.dirname, 'empty')], 'main')
      // The first pair only warms the disk's cache.
      if (at > 0) {
        ours.push(our)
        empty.push(peer)
      }
    }
    const [our, peer] = [median(ours), median(empty)]
    return [{ name: 'window start', ours: our, peer, peerName: 'empty window', unit: 'ms', ratio: our / peer, goal: '≤ 1.25 ×', met: our <= 1.25 * peer }]
  } finally {
    await end()
  }
}

/**
 * Milliseconds until what makes the window useful is visible.
 * @param {string[]} args
 * @param {'treegrid' | 'main'} role
 */
async function started(args, role) {
  const begun = performance.now()
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const app = await _electron.launch({ executablePath: electronPath(), args: [...sandbox, ...args], timeout: 30_000 })
  try {
    const page = await app.firstWindow()
    await page.getByRole(role).first().waitFor({ state: 'visible', timeout: 20_000 })
    return performance.now() - begun
  } finally {
    await app.close()
  }
}
