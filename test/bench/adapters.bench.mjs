// 200 adapters in a network namespace of the bench's own: listed against systeminformation, in one process and the
// same run; and the command as a whole process. Then Windows' own call, under Wine.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { whyNoWindows, windows } from '../real/wine.mjs'
import { bundled } from './bundle.mjs'
import { checkout } from './measure.mjs'

const run = promisify(execFile)

export async function rows() {
  return [...(await inNamespace()), ...(await onWindows())]
}

async function inNamespace() {
  const product = await bundled('main/adapters/adapters.ts')
  const home = mkdtempSync(join(tmpdir(), 'edgewise-bench-'))
  try {
    const { stdout } = await run('unshare', ['-n', process.execPath, join(import.meta.dirname, 'adapters-namespace.mjs'), product.file, join(checkout, 'out/main/cli.js'), home], { timeout: 300_000, maxBuffer: 1e8 })
    const { listed, peer, command, empty, links } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    const limit = 1.5 * empty + 80
    return [
      { name: `${links} adapters listed`, ours: listed, peer, peerName: 'systeminformation', unit: 'ms', ratio: peer / listed, goal: '≥ 500 ×', met: peer / listed >= 500 },
      { name: `edgewise adapters --json, ${links} adapters`, ours: command, peer: empty, peerName: 'node -e 0', unit: 'ms', ratio: command / empty, goal: `≤ 1.5 × + 80 ms (${Math.round(limit)} ms)`, met: command <= limit },
    ]
  } finally {
    product.end()
    rmSync(home, { recursive: true, force: true })
  }
}

async function onWindows() {
  const name = 'Windows adapters listed, under Wine'
  const why = whyNoWindows()
  if (why !== null) return [{ name: `${name} (${why})`, ours: Number.NaN, unit: 'ms', goal: '≤ 50 ms', met: false }]
  const machine = await windows()
  try {
    const told = await machine.run(`import { listAdapters } from '#main/adapters/adapters.ts'
await listAdapters()
const times: number[] = []
for (let round = 0; round < 15; round++) {
  const begun = performance.now()
  await listAdapters()
  times.push(performance.now() - begun)
}
tell(times.sort((a, b) => a - b)[7])`)
    const ours = Number(told)
    return [{ name, ours, unit: 'ms', goal: '≤ 50 ms', met: ours <= 50 }]
  } finally {
    await machine.end()
  }
}
