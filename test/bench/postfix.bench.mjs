// A hundred thousand messages wait in a real Postfix: listing them against `postqueue -j` alone in the same run, the
// first rows, and the memory of the process that lists them.
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync, chownSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { pathToFileURL } from 'node:url'
import { bundled } from './bundle.mjs'
import { median } from './measure.mjs'

const run = promisify(execFile)
const count = 100_000
const rounds = 3

export async function rows() {
  const bundle = await bundled('test/bench/postfix-entry.ts')
  try {
    const { openInstance, openOwn, queueFile, whyNoPostfix } = await import(pathToFileURL(bundle.file).href)
    // Where Postfix cannot be run, nothing is measured.
    if (whyNoPostfix() !== null) return []
    const own = await openOwn()
    const home = mkdtempSync(join(tmpdir(), 'edgewise-bench-'))
    try {
      await own.postfix('start')
      const instance = await openInstance(own.configDir, AbortSignal.timeout(10_000))
      await fill(own, (/** @type {string} */ queue, /** @type {string} */ id) => queueFile(instance, queue, id))
      await alone(own.configDir)
      /** @type {number[]} */
      const peers = []
      const ours = []
      for (let round = 0; round < rounds; round++) {
        peers.push(await alone(own.configDir))
        ours.push(JSON.parse((await run(process.execPath, [join(import.meta.dirname, 'postfix-listing.mjs'), bundle.file, own.configDir, home])).stdout))
      }
      for (const { count: listed, rows: first } of ours) if (listed !== count || first < 1) throw new Error(`${listed} messages were listed, ${first} at first`)
      const whole = median(ours.map(({ whole: ms }) => ms))
      const first = median(ours.map(({ first: ms }) => ms))
      const page = median(ours.map(({ page: ms }) => ms))
      const peak = Math.max(...ours.map(({ peak: megabytes }) => megabytes))
      const peer = median(peers)
      return [
        { name: `Postfix: listing ${count} messages`, ours: whole, peer, peerName: 'postqueue -j >/dev/null', unit: 'ms', ratio: whole / peer, goal: '≤ 1.1 ×', met: whole <= 1.1 * peer },
        { name: `Postfix: first rows of ${count}`, ours: first, unit: 'ms', goal: '< 20 ms', met: first < 20 },
        { name: `Postfix: a page in the middle of ${count}`, ours: page, unit: 'ms', goal: '≤ 100 ms', met: page <= 100 },
        { name: `Postfix: peak memory, ${count} listed`, ours: peak, unit: 'MB', goal: '≤ 120 MB', met: peak <= 120 },
      ]
    } finally {
      await own.end()
      rmSync(home, { recursive: true, force: true })
    }
  } finally {
    bundle.end()
  }
}

/** Milliseconds of the program alone. @param {string} configDir */
async function alone(configDir) {
  const begun = performance.now()
  const child = spawn('/usr/sbin/postqueue', ['-c', configDir, '-j'], { stdio: ['ignore', 'ignore', 'inherit'] })
  await once(child, 'close')
  return performance.now() - begun
}

/**
 * One message is sent and deferred by Postfix itself; the others are its queue file and its defer file with addresses of
 * their own, under other ids. They are due tomorrow, so that nothing else is at work.
 * @param {any} own @param {(queue: string, id: string) => string} fileOf
 */
async function fill(own, fileOf) {
  const child = spawn('/usr/sbin/sendmail', ['-i', '-f', 'sender000000@sender.test', '--', 'user000000@ours.test'], { env: { ...process.env, MAIL_CONFIG: own.configDir }, stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin?.end(`Subject: Order\n\n${'x'.repeat(70)}\n`)
  await once(child, 'close')
  let id = ''
  for (let tries = 0; id === '' && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    id = /"queue_name": "deferred", "queue_id": "(\w+)"/.exec(await own.program('postqueue', '-j'))?.[1] ?? ''
  }
  const queued = readFileSync(fileOf('deferred', id), 'latin1')
  const deferred = readFileSync(fileOf('defer', id), 'latin1')
  const { uid, gid } = statSync(fileOf('deferred', id))
  const tomorrow = Date.now() / 1000 + 86_400
  const folders = new Set()
  for (let at = 1; at < count; at++) {
    const name = `${(at % 0xfffff).toString(16).toUpperCase().padStart(5, '0').split('').reverse().join('')}${(0x1000000 + at).toString(16).toUpperCase()}`
    const number = String(at).padStart(6, '0')
    const refused = at % 3 === 0 ? 'Connection timed out' : `Connection refused`
    for (const [queue, text, mode] of /** @type {const} */ ([['deferred', queued, 0o700], ['defer', deferred.replaceAll('Connection refused', refused), 0o600]])) {
      const file = fileOf(queue, name)
      if (!folders.has(dirname(file))) {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
        chownSync(dirname(file), uid, gid)
        folders.add(dirname(file))
      }
      writeFileSync(file, text.replaceAll('000000@', `${number}@`), { encoding: 'latin1', mode })
      chownSync(file, uid, gid)
      if (queue === 'deferred') utimesSync(file, tomorrow, tomorrow)
    }
  }
}
