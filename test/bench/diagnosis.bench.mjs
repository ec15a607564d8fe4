// A whole diagnosis with a slow DNS server and a slow mail host, against its slowest single answer: all checks run at
// once, and nothing waits for what it does not need.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { pathToFileURL } from 'node:url'
import packet from 'dns-packet'
import { bundled } from './bundle.mjs'
import { median } from './measure.mjs'

const runs = 3
/** Milliseconds for each answer of the slow ones. */
const slow = 1_500
/** @type {Record<string, import('dns-packet').Answer[]>} */
const zone = {
  'example.test MX': [{ type: 'MX', name: 'example.test', data: { preference: 10, exchange: 'mail.example.test' } }],
  'mail.example.test A': [{ type: 'A', name: 'mail.example.test', data: '198.51.100.25' }],
  '10.113.0.203.in-addr.arpa PTR': [{ type: 'PTR', name: '10.113.0.203.in-addr.arpa', data: 'edge.bench.test' }],
  'edge.bench.test A': [{ type: 'A', name: 'edge.bench.test', data: '203.0.113.10' }],
}

export async function rows() {
  const product = await bundled('main/diagnosis/diagnose.ts')
  const closers = []
  try {
    const [quick, late, host] = [await dnsServer(0), await dnsServer(slow), await mailHost()]
    closers.push(quick.close, late.close, host.close)
    const reach = new Map([['10.0.0.10 53', quick.port], ['203.0.113.53 53', late.port], ['198.51.100.25 25', host.port]])
    const adapters = [{ name: 'LAN', server: '10.0.0.10' }, { name: 'DMZ', server: '203.0.113.53' }].map(({ name, server }) => ({ id: name, name, description: '', mac: null, kind: 'ethernet', state: 'up', addresses: [], dnsServers: [server], dnsSource: '' }))
    /** @param {string} address @param {number} port */
    const led = (address, port) => ({ address: '127.0.0.1', port: reach.get(`${address} ${port}`) ?? 1 })
    const world = { adapters: async () => adapters, hostsFile: '/nowhere', egressAddress: '203.0.113.10', blocklists: [], isPublic: () => true, reach: led, file: 'a bench', system: 'other', watchAdapters: () => () => {}, watchHosts: () => () => {} }
    const lookups = { source: { kind: 'adapter', id: 'LAN', name: 'LAN' }, protocol: 'any' }
    const properties = { name: 'edge.bench.test', home: '/nowhere', lookups: { internal: lookups, external: lookups, useExternalForInternet: false }, limits: {}, inEffect: null, acceptedDomains: [], hosts: { reads: false, text: '' }, service: { state: 'running', listening: null, since: null, note: null, pid: null } }
    const transport = { properties: async () => properties, queues: async () => [], messages: async () => ({ messages: [], total: 0 }) }
    /** @type {{ diagnose(edge: object, asked: object): Promise<import('../../preload/contract/diagnosis.ts').Diagnosis> }} */
    const { diagnose } = await import(pathToFileURL(product.file).href)
    const ours = []
    const alone = []
    for (let round = 0; round < runs; round++) {
      const begun = performance.now()
      const { healthy, findings } = await diagnose({ world, transport }, { target: 'example.test', signal: new AbortController().signal })
      ours.push(performance.now() - begun)
      if (!healthy || !findings.some(({ check, verdict }) => check === 'smtp' && verdict === 'good')) throw new Error('The route was not found to be healthy.')
      alone.push(await oneAnswer(late.port))
    }
    const [all, peer] = [median(ours), median(alone)]
    return [{ name: 'a diagnosis with a slow DNS server and a slow mail host', ours: all, peer, peerName: 'its slowest answer', unit: 'ms', ratio: all / peer, goal: '≤ 1.2 ×', met: all <= 1.2 * peer }]
  } finally {
    for (const close of closers) close()
    product.end()
  }
}

/** @param {number} port */
async function oneAnswer(port) {
  const socket = createSocket('udp4')
  const begun = performance.now()
  socket.send(packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type: 'MX', name: 'example.test' }] }), port, '127.0.0.1')
  await once(socket, 'message')
  socket.close()
  return performance.now() - begun
}

/** @param {number} delay */
async function dnsServer(delay) {
  /** @param {Buffer} query */
  const reply = (query) => {
    const { id = 0, questions = [] } = packet.decode(query)
    const [question] = questions
    return packet.encode({ type: 'response', id, flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE, questions, answers: zone[`${question?.name} ${question?.type}`] ?? [] })
  }
  for (;;) {
    const udp = createSocket('udp4')
    udp.bind(0, '127.0.0.1')
    await once(udp, 'listening')
    const { port } = udp.address()
    const tcp = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        const answer = reply(bytes.subarray(2))
        const length = Buffer.alloc(2)
        length.writeUInt16BE(answer.length)
        setTimeout(() => socket.write(Buffer.concat([length, answer])), delay)
      })
    })
    udp.on('message', (query, from) => void setTimeout(() => udp.send(reply(query), from.port, from.address), delay))
    const listening = await new Promise((done) => tcp.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)))
    if (listening) return { port, close: () => void (udp.close(), tcp.close()) }
    udp.close()
  }
}

/** One that keeps its greeting back. */
async function mailHost() {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    setTimeout(() => socket.write('220 mail.example.test ESMTP\r\n'), slow)
    socket.on('data', (line) => socket.write(line.toString().startsWith('QUIT') ? '221 Bye\r\n' : '250 Ok\r\n'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('no port')
  return { port: at.port, close: () => server.close() }
}
