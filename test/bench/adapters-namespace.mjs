// Runs within the namespace (adapters.bench.mjs starts it): makes 200 links, measures, prints one line of JSON.
import { execFileSync, spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { networkInterfaces } from 'systeminformation'
import { median } from './measure.mjs'

const [product = '', command = '', home = ''] = process.argv.slice(2)
const runs = 15
const pairs = Array.from({ length: 100 }, (_, at) => [
  `link add a${at} type veth peer name b${at}`,
  ...['a', 'b'].flatMap((side, number) => [`addr add 10.${number}.${at}.1/24 dev ${side}${at}`, `addr add fd00:${number}:${at}::1/64 dev ${side}${at} nodad`, `link set ${side}${at} up`]),
])
execFileSync('ip', ['-batch', '-'], { input: ['link set lo up', ...pairs.flat()].join('\n') })

/** @type {{ listAdapters(): Promise<unknown[]> }} */
const { listAdapters } = await import(pathToFileURL(product).href)
const listed = []
const links = (await listAdapters()).length - 1
for (let round = 0; round < runs; round++) {
  const begun = performance.now()
  await listAdapters()
  listed.push(performance.now() - begun)
}
/** @param {string[]} words */
const whole = (...words) => {
  const begun = performance.now()
  const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 })
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`)
  return performance.now() - begun
}
const commands = []
const empties = []
// In turn, so that a machine that becomes busy is busy for both; the first pair only warms the disk's cache.
for (let round = 0; round <= runs; round++) {
  const [empty, one] = [whole('-e', '0'), whole(command, 'adapters', '--json', '--home', home)]
  if (round === 0) continue
  empties.push(empty)
  commands.push(one)
}
// Its defaults: it starts some processes for each link, and blocks this thread all the while.
const begun = performance.now()
await networkInterfaces('')
const peer = performance.now() - begun
console.log(JSON.stringify({ links, listed: median(listed), peer, command: median(commands), empty: median(empties) }))
