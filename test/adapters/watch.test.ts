// Changes are heard of without asking: files as programs write them, and links of a namespace of the test's own.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listAdapters, watchAdapters } from '../../main/adapters/adapters.ts'
import { watchLinux } from '../../main/adapters/linux-watch.ts'
import { settled, watchKnown } from '../../main/adapters/watch.ts'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { ownNamespace } from './namespace.ts'

let root = ''
let heard: number[] = []
let stop = () => {}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Until it was heard after this, in milliseconds; 5 s where it was not. */
async function after(change: () => Promise<unknown> | void): Promise<number> {
  await pause(500)
  heard = []
  const begun = performance.now()
  await change()
  while (heard.length === 0 && performance.now() - begun < 5000) await pause(10)
  return (heard[0] ?? Number.POSITIVE_INFINITY) - begun
}
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgewise-watch-'))
  for (const folder of ['etc/network', 'run/systemd/resolve/netif', 'var/lib/dhcp']) await mkdir(join(root, folder), { recursive: true })
  await writeFile(join(root, 'etc/resolv.conf'), 'nameserver 10.0.0.10\n')
  heard = []
  stop = watchAdapters(() => heard.push(performance.now()), root)
})
afterEach(async () => {
  stop()
  await rm(root, { recursive: true })
})

test('DNS servers that change, in a file that is written or replaced, within a second', async () => {
  const resolvConf = join(root, 'etc/resolv.conf')
  expect(await after(() => writeFile(resolvConf, 'nameserver 10.0.0.11\n'))).toBeLessThan(1000)
  await writeFile(`${resolvConf}.new`, 'nameserver 10.0.0.12\n')
  expect(await after(() => rename(`${resolvConf}.new`, resolvConf))).toBeLessThan(1000)
  expect(await after(() => writeFile(resolvConf, 'nameserver 10.0.0.13\n'))).toBeLessThan(1000)
  expect(await after(() => writeFile(join(root, 'run/systemd/resolve/netif/2'), 'SERVERS=10.0.0.14\n'))).toBeLessThan(1000)
  expect(await after(() => writeFile(join(root, 'var/lib/dhcp/dhclient.eth0.leases'), 'lease {}\n'))).toBeLessThan(1000)
})

test('what has nothing to do with them is not told, and nothing is after the end', async () => {
  expect(await after(() => writeFile(join(root, 'etc/passwd'), 'x'))).toBe(Number.POSITIVE_INFINITY)
  stop()
  expect(await after(() => writeFile(join(root, 'etc/resolv.conf'), 'nameserver 10.0.0.20\n'))).toBe(Number.POSITIVE_INFINITY)
})

test('a folder that comes later is watched too', async () => {
  await mkdir(join(root, 'run/resolvconf/interface'), { recursive: true })
  await pause(2500)
  expect(await after(() => writeFile(join(root, 'run/resolvconf/interface/eth0.dhclient'), 'nameserver 10.0.0.15\n'))).toBeLessThan(1000)
})

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'
test.skipIf(!isRoot && process.env['EDGEWISE_NO_SKIP'] !== '1')('links that are plugged, pulled or get an address or DNS servers are in a new list within a second, without a process (needs root on Linux)', async () => {
  const space = ownNamespace()
  if (!space) throw new Error('no network namespace')
  // The test's own “ip” is run with execFileSync, which this channel does not tell of.
  const started: unknown[] = []
  const tell = (message: unknown) => started.push(message)
  subscribe('child_process', tell)
  try {
    stop()
    let listed: Promise<Adapter[]> = Promise.resolve([])
    stop = watchAdapters(() => {
      heard.push(performance.now())
      listed = listAdapters(root)
    }, root)
    const new0 = async () => (await listed).find(({ name }) => name === 'new0')
    const told = async (change: () => Promise<unknown> | void) => {
      expect(await after(change), String(change)).toBeLessThan(1000)
      return new0()
    }
    const plugged = await told(() => void space.ip('link add new0 type veth peer name new1'))
    expect(plugged).toMatchObject({ state: 'down', addresses: [] })
    expect(await told(() => void space.ip('addr add 10.0.0.12/24 dev new0'))).toMatchObject({ addresses: ['10.0.0.12/24'] })
    expect(await told(() => void space.batch(['link set new1 up', 'link set new0 up']))).toMatchObject({ state: 'up', dnsServers: ['10.0.0.10'] })
    const ofResolved = join(root, 'run/systemd/resolve/netif', String(plugged?.index))
    expect(await told(() => writeFile(ofResolved, 'SERVERS=10.0.0.16\n'))).toMatchObject({ dnsServers: ['10.0.0.16'], dnsSource: 'systemd-resolved' })
    expect(await told(() => void space.ip('link del new0'))).toBeUndefined()
    expect(started).toEqual([])
  } finally {
    unsubscribe('child_process', tell)
    space.leave()
  }
})

test('nothing is looked at more often than once in 2 s', async () => {
  const timers = vi.spyOn(globalThis, 'setInterval')
  try {
    for (const end of [await watchLinux(() => undefined, root), watchKnown(() => undefined, [join(root, 'etc/resolv.conf')])]) end()
    const pauses = timers.mock.calls.map(([, pause]) => pause)
    expect(pauses.length).toBeGreaterThan(10)
    expect(new Set(pauses)).toEqual(new Set([2000]))
  } finally {
    timers.mockRestore()
  }
})

test('a burst is told once or twice, and a storm that does not end all the same', async () => {
  const told: number[] = []
  const burst = settled(() => told.push(performance.now()))
  for (let at = 0; at < 50; at += 1) burst.call()
  await pause(300)
  expect(told).toHaveLength(1)
  const begun = performance.now()
  while (performance.now() - begun < 1200) {
    burst.call()
    await pause(5)
  }
  expect(told.length).toBeGreaterThanOrEqual(3)
  expect(told.length).toBeLessThanOrEqual(6)
  burst.stop()
})
