// The system's message bus: what real programs sent over it, a real dbus-daemon, and doubles of a bus at fault, each on
// a socket below a folder of the test's own.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callMessage, lengthOf, replyIn } from '../../main/adapters/dbus-message.ts'
import { dnsSources } from '../../main/adapters/linux-dns.ts'
import type { Link } from '../../main/adapters/linux-links.ts'
import { knownDnsServers } from '../../main/adapters/server-list.ts'
import { onPath } from '../../build/system-packages.mjs'
import * as recorded from './recorded/dbus.ts'

let root = ''
let bus: Server | ChildProcess | null = null
const open = new Set<Socket>()
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgewise-bus-'))
  for (const folder of ['etc', 'run/dbus', 'run/systemd/resolve/netif', 'run/systemd/netif/links', 'run/NetworkManager']) await mkdir(join(root, folder), { recursive: true })
  await writeFile(join(root, 'run/systemd/resolve/netif/3'), 'SERVERS=10.9.9.1\n')
  await writeFile(join(root, 'run/systemd/netif/links/5'), 'DNS=10.9.9.2\n')
})
afterEach(async () => {
  for (const socket of open) socket.destroy()
  open.clear()
  if (bus && 'kill' in bus) {
    bus.kill('SIGKILL')
    if (bus.exitCode === null && bus.signalCode === null) await once(bus, 'exit')
  } else if (bus) await new Promise((done) => (bus as Server).close(done))
  bus = null
  await rm(root, { recursive: true })
})

const at = () => join(root, 'run/dbus/system_bus_socket')
const link = (name: string, index: number): Link => ({ id: name, name, index, hardware: true, description: '', mac: null, kind: 'ethernet', state: 'up', addresses: [] })

/** The servers of both links, and who says so. */
async function told(signal?: AbortSignal) {
  const sources = await dnsSources(root, signal)
  return [link('LAN', 3), link('DMZ', 5)].map((one) => {
    const found = sources.map((source) => ({ name: source.name, servers: knownDnsServers(source.serversOf(one), one.name) })).find(({ servers }) => servers.length > 0)
    return found && [found.name, found.servers]
  })
}
const fromFiles = [['systemd-resolved', ['10.9.9.1']], ['systemd-resolved', ['10.9.9.2']]]

/** A double of the bus: what it does with whoever connects, and what it got until then. */
async function double(behave: (socket: Socket, heard: string) => void): Promise<void> {
  bus = createServer((socket) => {
    open.add(socket)
    let heard = ''
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      behave(socket, heard)
    })
  }).listen(at())
  await once(bus, 'listening')
}

/** Says the first line at once, the rest when it was asked. */
const replays = (bytes: Buffer) => {
  const rest = bytes.indexOf('\r\n') + 2
  return double((socket, heard) => socket.write(heard.includes('BEGIN') ? bytes.subarray(rest) : bytes.subarray(0, rest)))
}

describe('recorded', () => {
  test('systemd-resolved’s servers of each link, over its files', async () => {
    await replays(recorded.resolved)
    expect(await told()).toEqual([['systemd-resolved', ['10.0.0.10', 'fd00::10', '[fe80::5%LAN]:5353']], ['systemd-resolved', ['203.0.113.53']]])
  })

  test('NetworkManager’s, where systemd-resolved does not run: the files that it left count no more', async () => {
    await rm(join(root, 'run/systemd/netif'), { recursive: true })
    await replays(recorded.networkManager)
    expect(await told()).toEqual([['NetworkManager', ['10.0.1.10', '10.0.1.11', 'fd00:1::10']], ['NetworkManager', ['10.0.2.10', '10.0.2.11', 'fd00:2::10']]])
  })

  test('arrives in pieces of one byte', async () => {
    const rest = recorded.resolved.indexOf('\r\n') + 2
    await double((socket, heard) => {
      if (!heard.includes('BEGIN')) return void socket.write(recorded.resolved.subarray(0, rest))
      socket.setNoDelay(true)
      for (const byte of recorded.resolved.subarray(rest)) socket.write(Buffer.from([byte]))
    })
    expect((await told())[1]).toEqual(['systemd-resolved', ['203.0.113.53']])
  })
})

const canRun = onPath('dbus-daemon')
const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'
describe.skipIf(!canRun && !noSkip)('a real dbus-daemon (needs dbus-daemon)', () => {
  test('is understood: neither program runs, none is started, and what systemd-resolved left counts no more', async () => {
    const allowed = ['method_call', 'method_return', 'error', 'signal'].map((type) => `<allow send_type="${type}"/><allow receive_type="${type}"/>`).join('')
    await mkdir(join(root, 'services'))
    // Started, it would leave a trace.
    for (const name of ['org.freedesktop.resolve1', 'org.freedesktop.NetworkManager']) await writeFile(join(root, 'services', `${name}.service`), `[D-BUS Service]\nName=${name}\nExec=/bin/sh -c "touch ${join(root, 'started')}"\n`)
    await writeFile(join(root, 'bus.conf'), `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path=${at()}</listen><auth>EXTERNAL</auth><servicedir>${join(root, 'services')}</servicedir>
<policy context="default"><allow user="*"/><allow own="*"/>${allowed}</policy></busconfig>`)
    const daemon = spawn('dbus-daemon', [`--config-file=${join(root, 'bus.conf')}`, '--nofork', '--print-address'], { stdio: ['ignore', 'pipe', 'ignore'] })
    bus = daemon
    await once(daemon.stdout, 'data')
    expect(await told()).toEqual([undefined, ['systemd-networkd', ['10.9.9.2']]])
    await expect(rm(join(root, 'started'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('a bus at fault is given up, and the files are read', () => {
  const whole = recorded.resolved
  const rest = whole.indexOf('\r\n') + 2
  /** Lets everybody in, then sends these bytes. */
  const sends = (bytes: Buffer) => double((socket, heard) => void socket.write(heard.includes('BEGIN') ? bytes : whole.subarray(0, rest)))

  test.each<[string, () => Promise<void>]>([
    ['that is not there', async () => undefined],
    ['that hangs before it lets us in', () => double(() => undefined)],
    ['that hangs afterwards', () => double((socket, heard) => void (heard.includes('BEGIN') || socket.write(whole.subarray(0, rest))))],
    ['that refuses us', () => double((socket) => void socket.write('REJECTED EXTERNAL\r\n'))],
    ['that hangs up at once', () => double((socket) => void socket.destroy())],
    ['that hangs up in the middle of an answer', () => double((socket, heard) => void (heard.includes('BEGIN') ? socket.end(whole.subarray(rest, rest + 300)) : socket.write(whole.subarray(0, rest))))],
    ['that stops in the middle of an answer', () => sends(whole.subarray(rest, rest + 300))],
    ['that sends garbage', () => sends(Buffer.alloc(5000, 0xfe))],
    ['that announces 64 MB', () => sends(Buffer.concat([Buffer.from([0x6c, 2, 1, 1]), Buffer.from(new Uint32Array([64 * 1024 * 1024, 1, 0]).buffer)]))],
    ['that announces 64 MB of head', () => sends(Buffer.concat([Buffer.from([0x6c, 2, 1, 1]), Buffer.from(new Uint32Array([0, 1, 64 * 1024 * 1024]).buffer)]))],
  ])('one %s', async (_, begin) => {
    await begin()
    expect(await told()).toEqual(fromFiles)
  }, 5000)

  test.each([
    ['a line that does not end', Buffer.alloc(64 * 1024, 0x41), false],
    ['messages that do not end', Buffer.concat(Array.from({ length: 200 }, () => callMessage({ destination: 'a.b', path: '/', interface: 'a.b', member: 'News', input: ['x'.repeat(200)] }, 7))), true],
    ['one message that does not end', Buffer.concat([Buffer.from([0x6c, 2, 1, 1]), Buffer.from(new Uint32Array([1024 * 1024, 1, 0]).buffer), Buffer.alloc(64 * 1024)]), true],
  ])('one that sends %s is hung up on', async (_, bytes, letsIn) => {
    let closed: Promise<unknown> = Promise.resolve()
    await double((socket, heard) => {
      if (letsIn && !heard.includes('BEGIN')) return void socket.write(whole.subarray(0, rest))
      closed = new Promise((done) => socket.on('close', done))
      const more = () => {
        while (!socket.destroyed && socket.write(bytes));
      }
      socket.on('drain', more)
      more()
    })
    expect(await told()).toEqual(fromFiles)
    await closed
  }, 10_000)

  test('of which what came whole counts: one program may hang while the other answers', async () => {
    await sends(whole.subarray(rest, whole.length - 1))
    expect((await told())[1]).toEqual(['systemd-resolved', ['203.0.113.53']])
  }, 5000)

  test('one that hangs is waited for once by a burst of lists, and asked again later', async () => {
    let connections = 0
    await double(() => undefined)
    bus?.on('connection', () => (connections += 1))
    for (const _ of [1, 2, 3]) expect(await told()).toEqual(fromFiles)
    expect(connections).toBe(1)
    const later = performance.now() + 11_000
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => later)
    try {
      expect(await told()).toEqual(fromFiles)
    } finally {
      clock.mockRestore()
    }
    expect(connections).toBe(2)
  }, 5000)

  test('one that hangs is not waited for by who cancels', async () => {
    await double(() => undefined)
    expect(await told(AbortSignal.timeout(20))).toEqual(fromFiles)
    expect(await told(AbortSignal.abort())).toEqual(fromFiles)
  })
})

test('any bytes are read to an end, as a message or not', () => {
  const type = fc.constantFrom('a', '(', ')', '{', '}', 'v', 's', 'y', 'u', 'g', 'x', 'd', 'z', '\0')
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.array(type, { maxLength: 60 }).map((types) => new TextEncoder().encode(types.join(''))))
  const readable = (bytes: Buffer) => {
    try {
      return Array.isArray(replyIn(bytes).body)
    } catch (error) {
      return error instanceof Error
    }
  }
  const first = recorded.resolved.subarray(recorded.resolved.indexOf('\r\n') + 2)
  const message = first.subarray(0, lengthOf(first) ?? 0)
  fc.assert(fc.property(fc.constantFrom(0x6c, 0x42), anything, (order, bytes) => readable(Buffer.from([order, 2, 0, 1, ...bytes]))))
  // One that is right but for some bytes leads deeper.
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(message.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
    const changed = Buffer.from(message)
    for (const [place, byte] of changes) changed[place] = byte
    return readable(changed)
  }))
})
