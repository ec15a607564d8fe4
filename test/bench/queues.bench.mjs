// A hundred thousand messages wait: the relay's start to its greeting (plain Haraka greets before it looks at its
// queue), the first page, the whole list, against reading the same folder and the same files without understanding
// them. The queues are suspended, so that nothing else is at work.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { fillQueue } from './fill-queue.mjs'
import { checkout, freePort, median, scratch } from './measure.mjs'

const count = 100_000
const domains = 5
const pages = 25

export async function rows() {
  const { folder, home, port, flags, end } = await scratch()
  try {
    fillQueue(home, count, { domains, due: 86_400_000 })
    writeFileSync(join(home, 'relay', 'suspended.json'), JSON.stringify({ queues: Array.from({ length: domains }, (_, at) => `d${at}.test`), messages: [] }))
    const plain = await plainHaraka(join(folder, 'plain'), join(home, 'relay', 'queue'))
    const relay = spawn(process.execPath, [join(checkout, 'out/main/relay.js'), '--with-parent', ...flags], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    try {
      const begun = performance.now()
      await greeted(port)
      const start = performance.now() - begun
      const control = await connect(join(home, 'relay.sock'))
      while ((await control.ask('state', {})).reading) await new Promise((resolve) => setTimeout(resolve, 50))
      const known = performance.now() - begun
      const first = []
      for (let at = 0; at < pages; at++) first.push(await timed(() => control.ask('messages', { page: { offset: at * 100, limit: 100 } })))
      const byQueue = []
      for (let at = 0; at < pages; at++) byQueue.push(await timed(() => control.ask('queues', {})))
      control.end()
      const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${relay.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
      const listed = await timed(() => listAll(flags))
      const queue = join(home, 'relay', 'queue')
      const floor = await timed(async () => readdirSync(queue).forEach((name) => statSync(join(queue, name))))
      const read = await timed(async () => readdirSync(queue).forEach((name) => readFileSync(join(queue, name))))
      return [
        { name: `relay start, ${count} waiting`, ours: start, peer: plain, peerName: 'plain Haraka', unit: 'ms', ratio: start / plain, goal: '≤ 5 s', met: start <= 5_000 },
        { name: `relay start to all ${count} known`, ours: known, peer: floor, peerName: 'readdir + stat', unit: 'ms', ratio: known / floor, goal: '≤ 20 s', met: known <= 20_000 },
        { name: `first page of ${count} messages`, ours: median(first), unit: 'ms', goal: '≤ 100 ms', met: median(first) <= 100 },
        { name: `queues of ${count} messages`, ours: median(byQueue), peer: floor, peerName: 'readdir + stat', unit: 'ms', ratio: median(byQueue) / floor, goal: '≤ 100 ms', met: median(byQueue) <= 100 },
        { name: `messages --json of ${count}, whole process`, ours: listed, peer: read, peerName: 'reading the same files', unit: 'ms', ratio: listed / read, goal: '≤ 20 s', met: listed <= 20_000 },
        { name: `relay's memory, ${count} waiting`, ours: memory, unit: 'MB', goal: '≤ 600 MB', met: memory <= 600 },
      ]
    } finally {
      relay.kill('SIGKILL')
      await new Promise((resolve) => relay.once('exit', resolve))
    }
  } finally {
    await end()
  }
}

/** Every message as a line of JSON, and the total. @param {string[]} flags */
async function listAll(flags) {
  const child = spawn(process.execPath, [join(checkout, 'out/main/cli.js'), 'messages', '--json', ...flags], { stdio: ['ignore', 'pipe', 'ignore'] })
  let lines = 0
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => chunk.forEach((byte) => byte === 10 && lines++))
  await new Promise((resolve) => child.once('close', resolve))
  if (lines !== count + 1) throw new Error(`the list has ${lines} lines`)
}

/** Milliseconds until the same Haraka greets that reads this queue in its own way. @param {string} folder @param {string} queue */
async function plainHaraka(folder, queue) {
  const port = await freePort()
  const config = join(folder, 'config')
  const haraka = join(checkout, 'node_modules/Haraka')
  mkdirSync(config, { recursive: true })
  symlinkSync(queue, join(folder, 'queue'))
  copyFileSync(join(haraka, 'config/connection.ini'), join(config, 'connection.ini'))
  writeFileSync(join(config, 'smtp.ini'), `[main]\nlisten=127.0.0.1:${port}\nnodes=0\n`)
  writeFileSync(join(config, 'plugins'), '')
  writeFileSync(join(config, 'log.ini'), '[main]\nlevel=warn\n')
  const begun = performance.now()
  const child = spawn(process.execPath, [join(haraka, 'haraka.js')], { env: { ...process.env, HARAKA: folder }, stdio: 'ignore' })
  try {
    await greeted(port)
    return performance.now() - begun
  } finally {
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
  }
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** Until the greeting comes; a server that reads its queue takes the connection long before it answers. @param {number} port */
async function greeted(port) {
  const end = Date.now() + 300_000
  while (Date.now() < end) {
    const socket = createConnection(port, '127.0.0.1')
    const came = await new Promise((resolve) => {
      socket.once('data', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
    })
    socket.destroy()
    if (came) return
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  throw new Error(`nothing greets at port ${port}`)
}

/** The relay's control socket. @param {string} path */
async function connect(path) {
  const socket = createConnection(path)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.setEncoding('utf8')
  let rest = ''
  let last = 0
  /** @type {Map<number, (value: any) => void>} */
  const waiting = new Map()
  socket.on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { id, value } = JSON.parse(line)
      if (value) waiting.get(id)?.(value)
    }
  })
  return {
    /** @param {string} op @param {object} input @returns {Promise<any>} */
    ask: (op, input) =>
      new Promise((resolve) => {
        waiting.set(++last, resolve)
        socket.write(`${JSON.stringify({ id: last, op, input })}\n`)
      }),
    end: () => socket.destroy(),
  }
}
