// Three ways to load a hosts file of 200,000 lines, change one entry and save it. Each runs in a process of its own, so
// that none pays for another's garbage: `hosts-contenders.mjs NAME BUNDLE PATH` does it once for each number that its
// parent sends, and answers with the milliseconds and its peak memory in MB.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
// @ts-expect-error It has no types.
import hostile from 'hostile'

export const lines = 200_000
const line = 100_000
export const content = () => Array.from({ length: lines }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}\tads${at}.example.test # blocked\n`).join('')

const [name, bundle = '', path = ''] = process.argv.slice(2)
if (process.send && (name === 'ours' || name === 'floor' || name === 'hostile')) {
  const run = (await contenders(bundle))[name]
  process.on('message', async (/** @type {number} */ round) => {
    const begun = performance.now()
    await run(path, round)
    const ms = performance.now() - begun
    // What getrusage() tells has its parent's size in it, from before exec().
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    process.send?.({ ms, peak: Number(kilobytes) / 1024 })
  })
}

/** @param {string} bundle @returns {Promise<Record<'ours' | 'floor' | 'hostile', (path: string, round: number) => Promise<void> | void>>} */
async function contenders(bundle) {
  const { edited, readHostsFile, saveHosts } = await import(pathToFileURL(bundle).href)
  return {
    async ours(path, round) {
      const { bytes, hash } = await readHostsFile(path)
      await saveHosts(path, edited(bytes, { kind: 'set', line, address: `192.0.2.${round}` }), hash, { evenReadOnly: false })
    },
    floor(path, round) {
      const bytes = readFileSync(path)
      const starts = new Uint32Array(lines + 1)
      let count = 0
      for (let at = 0; at < bytes.length; at = bytes.indexOf(10, at) + 1) starts[count++] = at
      const start = starts[line - 1] ?? 0
      const address = bytes.indexOf(9, start)
      const after = Buffer.concat([bytes.subarray(0, start), Buffer.from(`192.0.2.${round}`), bytes.subarray(address)])
      const file = openSync(`${path}.new`, 'w')
      writeSync(file, after)
      fsyncSync(file)
      closeSync(file)
      renameSync(`${path}.new`, path)
    },
    hostile(path, round) {
      hostile.HOSTS = path
      hostile.set(`192.0.2.${round}`, `ads${line - 1}.example.test`)
    },
  }
}
