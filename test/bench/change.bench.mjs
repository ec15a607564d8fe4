// A guarded change beyond what it must wait for: its slowest probe, the restart, and the first delivery.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import packet from 'dns-packet'
import { SMTPServer } from 'smtp-server'
import { median, scratch } from './measure.mjs'

const runs = 7
/** @type {Record<string, import('dns-packet').Answer>} */
const zone = {
  'MX example.test': { type: 'MX', name: 'example.test', data: { preference: 10, exchange: 'mail.example.test' } },
  'A mail.example.test': { type: 'A', name: 'mail.example.test', data: '198.51.100.25' },
}

export async function rows() {
  const [bad, good] = await Promise.all([dnsServer(false), dnsServer(true)])
  let arrived = 0
  const destination = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', () => {
        arrived = Date.now()
        done()
      })
    },
  })
  destination.listen(0, '127.0.0.1')
  await once(destination.server, 'listening')
  const at = destination.server.address()
  const { port, edgewise, end } = await scratch({
    adapters: [
      { name: 'DMZ', dnsServers: ['203.0.113.53'] },
      { name: 'LAN', dnsServers: ['10.0.0.10'] },
    ],
    reach: {
      '203.0.113.53:53': `127.0.0.1:${bad.address().port}`,
      '10.0.0.10:53': `127.0.0.1:${good.address().port}`,
      '198.51.100.25:25': `127.0.0.1:${typeof at === 'object' ? at?.port : 0}`,
    },
  })
  try {
    const beyond = []
    for (let run = 0; run < runs; run++) {
      await edgewise('lookups', 'set', 'internal', '--adapter', 'DMZ', '--restart', '--force', '--keep', '--json')
      await send(port)
      await untilItWaits(edgewise)
      const lines = (await edgewise('lookups', 'set', 'internal', '--adapter', 'LAN', '--restart', '--json')).trim().split('\n').map((line) => JSON.parse(line))
      const { change } = lines.at(-1)
      if (change.state !== 'kept') throw new Error(`the change was ${change.state}: ${change.reason}`)
      const probes = lines.filter(({ kind }) => kind === 'probed').map(({ probed }) => probed.ms)
      /** @param {string} name */
      const step = (name) => change.steps.find((/** @type {{ step: string }} */ one) => one.step === name).at
      const restart = step('serving') - step('stopping')
      const delivery = arrived - Date.parse(change.began) - step('serving')
      beyond.push(step('kept') - Math.max(...probes) - restart - Math.max(0, delivery))
    }
    const ours = median(beyond)
    return [{ name: 'guarded change beyond probe, restart and delivery', ours, unit: 'ms', goal: '≤ 300 ms', met: ours <= 300 }]
  } finally {
    await end()
    bad.close()
    good.close()
    await new Promise((done) => destination.close(() => done(null)))
  }
}

/** @param {boolean} answers */
async function dnsServer(answers) {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { id, questions = [] } = packet.decode(query)
    const question = questions[0]
    const known = question && zone[`${question.type} ${question.name}`]
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (answers ? 0 : 2)
    const reply = packet.encode({ type: 'response', ...(id === undefined ? {} : { id }), flags, questions, answers: answers && known ? [known] : [] })
    socket.send(reply, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** @param {number} port */
async function send(port) {
  const socket = createConnection(port, '127.0.0.1')
  for (const line of ['', 'EHLO bench.test', 'MAIL FROM:<bob@sender.test>', 'RCPT TO:<alice@example.test>', 'DATA', 'Subject: bench\r\n\r\nbench\r\n.', 'QUIT']) {
    if (line) socket.write(`${line}\r\n`)
    let heard = ''
    while (!/^\d{3} .*\r\n$/m.test(heard)) heard += (await once(socket, 'data'))[0]
  }
  socket.destroy()
}

/** @param {(...words: string[]) => Promise<string>} edgewise */
async function untilItWaits(edgewise) {
  for (let tries = 0; tries < 50; tries++) {
    const { queues } = JSON.parse(await edgewise('queues', '--json'))
    if (queues.some((/** @type {{ lastError: string | null }} */ queue) => queue.lastError !== null)) return
  }
  throw new Error('the message was not tried')
}
