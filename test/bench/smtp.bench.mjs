// 100 hosts tested at once in the running program against 100 swaks at once, and one warm dialogue against a bare socket
// that says the same. The hosts answer at once, from a thread of their own.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createConnection, createServer } from 'node:net'
import { promisify } from 'node:util'
import { pathToFileURL } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { bundled } from './bundle.mjs'
import { median } from './measure.mjs'

const hosts = 100
const runs = 5
const warm = 1500
const run = promisify(execFile)
const commands = ['EHLO edge.test', 'MAIL FROM:<bob@edge.test>', 'RCPT TO:<alice@example.test>', 'QUIT']

if (!isMainThread && parentPort) await respond(parentPort)

export async function rows() {
  const product = await bundled('main/smtp/test.ts')
  const responder = new Worker(new URL(import.meta.url))
  try {
    const [ports] = /** @type {[number[]]} */ (await once(responder, 'message'))
    /** @type {typeof import('../../main/smtp/test.ts')} */
    const { testHosts } = await import(pathToFileURL(product.file).href)
    /** @type {Parameters<typeof testHosts>[1]} */
    const options = {
      recipient: 'alice@example.test', from: 'bob@edge.test', helo: 'edge.test', tls: 'none', auth: null, data: null, source: null,
      timeouts: { connect: 10, reply: 10 }, reach: (address, port) => ({ address, port }), signal: new AbortController().signal,
    }
    /** @param {number[]} some */
    const ours = async (some) => {
      const begun = performance.now()
      const dialogues = await testHosts(some.map((port) => ({ key: `${port}`, host: 'mail.test', address: '127.0.0.1', family: 4, port })), options)
      const took = performance.now() - begun
      const accepted = dialogues.filter(({ outcome }) => outcome === 'accepted').length
      if (accepted !== some.length) throw new Error(`${accepted} of ${some.length} hosts accepted`)
      return took
    }
    return [await manyAtOnce(ports, ours), await oneWarm(ports[0] ?? 0, ours)]
  } finally {
    await responder.terminate()
    product.end()
  }
}

/** @typedef {(ports: number[]) => Promise<number>} Tested milliseconds */

/** @param {number[]} ports @param {Tested} tested */
async function manyAtOnce(ports, tested) {
  const [name, unit, goal] = [`SMTP tests of ${hosts} hosts at once`, 'ms', '≥ 20 ×']
  const all = []
  const swaks = []
  for (let round = 0; round < runs; round++) all.push(await tested(ports))
  try {
    for (let round = 0; round < 2; round++) {
      const begun = performance.now()
      await Promise.all(ports.map((port) => run('swaks', ['--server', `127.0.0.1:${port}`, '--helo', 'edge.test', '--from', 'bob@edge.test', '--to', 'alice@example.test', '--quit-after', 'RCPT'])))
      swaks.push(performance.now() - begun)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return { name: `${name} (swaks is not installed)`, ours: median(all), unit, goal, met: false }
  }
  const [ours, peer] = [median(all), median(swaks)]
  return { name, ours, peer, peerName: `${hosts} swaks`, unit, ratio: peer / ours, goal, met: peer / ours >= 20 }
}

/** @param {number} port @param {Tested} tested */
async function oneWarm(port, tested) {
  const all = []
  const bare = []
  // Turn by turn, so that both meet the same machine; the first third warms up.
  for (let round = 0; round < warm; round++) {
    const ours = await tested([port])
    // The host has to be done with the one before, which else would slow down the next.
    await setTimeout(1)
    const peer = await bareDialogue(port)
    await setTimeout(1)
    if (round < warm / 3) continue
    all.push(ours)
    bare.push(peer)
  }
  const [ours, peer] = [median(all), median(bare)]
  return { name: 'one warm SMTP dialogue', ours, peer, peerName: 'bare socket', unit: 'ms', ratio: ours / peer, goal: '≤ 1.3 ×', met: ours <= 1.3 * peer }
}

/** @param {number} port @returns {Promise<number>} */
function bareDialogue(port) {
  return new Promise((done, failed) => {
    const begun = performance.now()
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    let held = ''
    let at = 0
    socket.setEncoding('latin1').on('error', failed).on('data', (chunk) => {
      held += chunk
      if (!/^\d{3} .*\r\n/m.test(held)) return
      held = ''
      const next = commands[at++]
      if (next !== undefined) return void socket.write(`${next}\r\n`)
      socket.destroy()
      done(performance.now() - begun)
    })
  })
}

/** @param {import('node:worker_threads').MessagePort} port */
async function respond(port) {
  /** @type {Record<string, string>} */
  const answers = { EHLO: '250-mail.test\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n', MAIL: '250 2.1.0 Ok\r\n', RCPT: '250 2.1.5 Ok\r\n', QUIT: '221 2.0.0 Bye\r\n' }
  const ports = []
  for (let at = 0; at < hosts; at++) {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {}).on('data', (chunk) => socket.write(answers[chunk.toString('latin1', 0, 4)] ?? '500 What?\r\n'))
      socket.write('220 mail.test ESMTP\r\n')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    ports.push(address.port)
  }
  port.postMessage(ports)
}
