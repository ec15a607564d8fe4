// Real links in a network namespace of the test's own, asked about by the real `ip`.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapterDetail, listAdapters } from '../../main/adapters/adapters.ts'
import { linuxAdapters } from '../../main/adapters/linux.ts'
import { adapterSchema, type Adapter } from '../../preload/contract/adapters.ts'

function works(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'
const canMakeLinks = works('ip', '-V') && works('unshare', '-n', 'true')
const built = existsSync(join(import.meta.dirname, '../../out/main/adapter-detail.js'))

describe.skipIf(!canMakeLinks && !noSkip)('links of a network namespace (needs ip and root)', () => {
  let holder: ChildProcess
  let root = ''
  let within: [string, ...string[]] = ['ip']
  const ip = (args: string) => execFileSync(within[0], [...within.slice(1), ...args.split(' ')])
  const adapters = () => linuxAdapters({ root, ip: within })
  const named = async (name: string): Promise<Adapter | undefined> => (await adapters()).find((adapter) => adapter.name === name)

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'edgewise-links-'))
    // The namespace lasts as long as this process, which ends with its input, so at the latest with the test.
    holder = spawn('unshare', ['-n', 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (holder.stdout) await once(holder.stdout, 'data')
    within = ['nsenter', '-t', String(holder.pid), '-n', 'ip']
    ip('link set lo up')
    ip('link add LAN type veth peer name lan-peer')
    ip('link add DMZ type veth peer name dmz-peer')
    ip('link add 本地连接 address 02:00:00:00:00:77 type veth peer name other-peer')
    for (const name of ['LAN', 'lan-peer', 'DMZ']) ip(`link set ${name} up`)
    ip('addr add 10.0.0.12/24 dev LAN')
    ip('addr add fd00::12/64 dev LAN nodad')
    ip('link add edge-bridge type bridge')
  })
  afterAll(async () => {
    holder.stdin?.end()
    if (holder.exitCode === null) await once(holder, 'exit')
    await rm(root, { recursive: true })
  })

  test('are all told, and each is what the contract says', async () => {
    const all = await adapters()
    expect(all.map(({ name }) => name).sort()).toEqual(expect.arrayContaining(['DMZ', 'LAN', 'edge-bridge', 'lo', '本地连接']))
    for (const adapter of all) expect(adapterSchema.parse(adapter)).toEqual(adapter)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  test('have their state, kind and addresses', async () => {
    expect(await named('LAN')).toMatchObject({ id: 'LAN', state: 'up', kind: 'virtual', addresses: expect.arrayContaining(['10.0.0.12/24', 'fd00::12/64']), mac: expect.stringMatching(/^[\da-f:]{17}$/) })
    expect(await named('DMZ')).toMatchObject({ state: 'disconnected', addresses: [] })
    expect(await named('本地连接')).toMatchObject({ state: 'down', mac: '02:00:00:00:00:77' })
    expect(await named('edge-bridge')).toMatchObject({ state: 'down', kind: 'bridge' })
    expect(await named('lo')).toMatchObject({ state: 'up', kind: 'loopback', mac: null, addresses: ['127.0.0.1/8', '::1/128'] })
  })

  test('have the DNS servers that their programs tell', async () => {
    const [{ ifindex } = { ifindex: 0 }]: { ifindex: number }[] = JSON.parse(ip('-j link show DMZ').toString())
    await mkdir(join(root, 'run/systemd/resolve/netif'), { recursive: true })
    await mkdir(join(root, 'etc'))
    await writeFile(join(root, 'run/systemd/resolve/netif', String(ifindex)), 'SERVERS=203.0.113.53 fe80::53\n')
    await writeFile(join(root, 'etc/resolv.conf'), 'nameserver 10.0.0.10\n')
    expect(await named('DMZ')).toMatchObject({ dnsServers: ['203.0.113.53', 'fe80::53%DMZ'], dnsSource: 'systemd-resolved' })
    expect(await named('LAN')).toMatchObject({ dnsServers: ['10.0.0.10'], dnsSource: 'resolv.conf' })
    expect(await named('lo')).toMatchObject({ dnsServers: [], dnsSource: 'none' })
  })

  test('that nobody speaks of have from resolv.conf only what is not another link’s', async () => {
    const [{ ifindex } = { ifindex: 0 }]: { ifindex: number }[] = JSON.parse(ip('-j link show LAN').toString())
    for (const folder of ['run/systemd/resolve/netif', 'etc']) await mkdir(join(root, folder), { recursive: true })
    const [ofLan, behind] = [join(root, 'run/systemd/resolve/netif', String(ifindex)), join(root, 'run/systemd/resolve/resolv.conf')]
    await writeFile(ofLan, 'SERVERS=10.0.0.53\n')
    await writeFile(join(root, 'etc/resolv.conf'), 'nameserver 127.0.0.53\n')
    await writeFile(behind, 'nameserver 10.0.0.53\nnameserver 10.0.0.54\n')
    expect([await named('LAN'), await named('lan-peer')]).toMatchObject([{ dnsServers: ['10.0.0.53'], dnsSource: 'systemd-resolved' }, { dnsServers: ['10.0.0.54'], dnsSource: 'resolv.conf' }])
    await writeFile(behind, 'nameserver 10.0.0.53\n')
    expect(await named('lan-peer')).toMatchObject({ dnsServers: [], dnsSource: 'none' })
    for (const file of [ofLan, behind]) await rm(file)
  })

  test('of a wireless kind are known by their device', async () => {
    ip('tuntap add dev wlan9 mode tap')
    await mkdir(join(root, 'sys/class/net/wlan9/phy80211'), { recursive: true })
    // A tap is software, so even such a folder makes it no card.
    expect(await named('wlan9')).toMatchObject({ kind: 'virtual' })
  })

  test('that vanish are absent, and those that come are there', async () => {
    ip('link add gone type veth peer name gone-peer')
    const before = await named('gone')
    ip('link del gone')
    expect([before?.name, await named('gone')]).toEqual(['gone', undefined])
  })
})

test.skipIf(!works('ip', '-V') && !noSkip)('this machine’s own adapters are as the contract has them', async () => {
  const all = await listAdapters()
  expect(all.length).toBeGreaterThan(0)
  for (const adapter of all) expect(adapterSchema.parse(adapter)).toEqual(adapter)
})

describe.skipIf(!built && !noSkip)('the detail of one adapter (needs the build)', () => {
  test('of this machine’s own', async () => {
    expect(await adapterDetail('lo')).toEqual({ make: null, speed: null, virtual: true })
  })

  test('that does not exist is not known', async () => {
    expect(await adapterDetail('no-such-link')).toEqual({ make: null, speed: null, virtual: null })
  })

  test('can be cancelled', async () => {
    await expect(adapterDetail('lo', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
