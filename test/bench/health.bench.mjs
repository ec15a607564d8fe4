// The health of 12 DNS servers, 4 of them dead, against the slowest answer of one alone: that of a dead one, which is
// its limit.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { pathToFileURL } from 'node:url'
import packet from 'dns-packet'
import { bundled } from './bundle.mjs'
import { median } from './measure.mjs'

const runs = 3
/** @type {{ name: string, purpose: 'accepted' | 'waiting' }[]} */
const names = [{ name: 'corp.test', purpose: 'accepted' }, { name: 'example.test', purpose: 'waiting' }]

export async function rows() {
  const product = await bundled('main/dns/health.ts')
  const servers = await Promise.all(Array.from({ length: 12 }, (_, at) => dnsServer(at >= 4)))
  try {
    /** @type {typeof import('../../main/dns/health.ts')} */
    const { healthOf } = await import(pathToFileURL(product.file).href)
    /** @param {typeof servers} some */
    const taken = async (some) => {
      const begun = performance.now()
      const health = await healthOf(some.map(({ text }) => ({ server: text, adapters: [] })), names, { reach: (address, port) => ({ address, port }), signal: new AbortController().signal })
      const answering = health.filter(({ state }) => state === 'answers').length
      if (answering !== some.filter(({ answers }) => answers).length) throw new Error(`${answering} of ${some.length} servers answered`)
      return performance.now() - begun
    }
    const all = []
    const alone = []
    for (let round = 0; round < runs; round++) {
      all.push(await taken(servers))
      alone.push(await taken(servers.slice(0, 1)))
    }
    const [ours, peer] = [median(all), median(alone)]
    return [{ name: 'health of 12 DNS servers, 4 of them dead', ours, peer, peerName: 'the slowest alone', unit: 'ms', ratio: ours / peer, goal: '≤ 1.2 ×', met: ours <= 1.2 * peer }]
  } finally {
    for (const server of servers) server.close()
    product.end()
  }
}

/** @param {boolean} answers */
async function dnsServer(answers) {
  /** @param {Buffer} query */
  const reply = (query) => {
    const { id = 0, questions = [] } = packet.decode(query)
    const [question] = questions
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE
    /** @type {import('dns-packet').Answer[]} */
    const found = question?.type === 'MX' ? [{ type: 'MX', name: question.name, data: { preference: 10, exchange: 'mail.test' } }] : []
    return packet.encode({ type: 'response', id, flags, questions, answers: found })
  }
  for (;;) {
    const udp = createSocket('udp4')
    udp.bind(0, '127.0.0.1')
    await once(udp, 'listening')
    const { port } = udp.address()
    const tcp = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        if (!answers) return
        const answer = reply(bytes.subarray(2))
        const length = Buffer.alloc(2)
        length.writeUInt16BE(answer.length)
        socket.write(Buffer.concat([length, answer]))
      })
    })
    udp.on('message', (query, from) => answers && udp.send(reply(query), from.port, from.address))
    const listening = await new Promise((done) => tcp.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)))
    if (listening) return { text: `127.0.0.1:${port}`, answers, close: () => void (udp.close(), tcp.close()) }
    udp.close()
  }
}
