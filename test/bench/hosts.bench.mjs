// Load, edit one entry and save a hosts file of 200,000 lines, against the npm package hostile (which neither syncs nor
// keeps the file's bytes) and the least that a safe save must do; and the peak memory of each.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundled } from './bundle.mjs'
import { content, lines } from './hosts-contenders.mjs'
import { median } from './measure.mjs'

const rounds = 15

export async function rows() {
  const product = await bundled('test/hosts/product.ts')
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bench-'))
  const path = join(folder, 'hosts')
  const measured = ['ours', 'floor', 'hostile'].map((name) => ({ child: fork(join(import.meta.dirname, 'hosts-contenders.mjs'), [name, product.file, path]), times: /** @type {number[]} */ ([]), peak: 0 }))
  try {
    const text = content()
    // In turn, so that a machine that becomes busy is busy for all; the first two rounds only warm up.
    for (let round = -1; round <= rounds; round++)
      for (const one of measured) {
        writeFileSync(path, text, { flush: true })
        one.child.send(round + 2)
        const [{ ms, peak }] = await once(one.child, 'message')
        if (round === -1) one.peak = peak
        if (round > 0) one.times.push(ms)
      }
    const [ours = 0, floor = 0, hostile = 0] = measured.map(({ times }) => median(times))
    const [ourPeak = 0, , theirPeak = 0] = measured.map(({ peak }) => peak)
    const what = `hosts file, ${lines} lines: load, edit one, save`
    return [
      { name: what, ours, peer: hostile, peerName: 'hostile, not synced', unit: 'ms', ratio: hostile / ours, goal: '≥ 4 ×', met: hostile >= 4 * ours },
      { name: what, ours, peer: floor, peerName: 'line index, synced rename', unit: 'ms', ratio: ours / floor, goal: '≤ 1.3 ×', met: ours <= 1.3 * floor },
      { name: 'the same: peak memory', ours: ourPeak, peer: theirPeak, peerName: 'hostile', unit: 'MB', ratio: ourPeak / theirPeak, goal: '≤ 0.7 ×', met: ourPeak <= 0.7 * theirPeak },
    ]
  } finally {
    for (const { child } of measured) child.kill()
    product.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
