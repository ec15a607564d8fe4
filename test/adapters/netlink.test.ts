// The kernel's own messages about real links, against what `ip` says of them; and any bytes at all.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ipv6Text } from '../../main/adapters/address-bytes.ts'
import { linuxAdapters } from '../../main/adapters/linux.ts'
import { hearNetlink, netlinkLinks } from '../../main/adapters/netlink.ts'
import { isNews, linksOf, messagesIn } from '../../main/adapters/netlink-messages.ts'
import { ownNamespace, type Namespace } from './namespace.ts'

const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'
const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

describe.skipIf(!isRoot && !noSkip)('the kernel’s word on links (needs root on Linux)', () => {
  let space: Namespace | null = null
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'edgewise-netlink-'))
    space = ownNamespace()
    if (!space) throw new Error('no network namespace')
    const pairs = Array.from({ length: 100 }, (_, at) => [`link add a${at} type veth peer name b${at}`, `addr add 10.1.${at}.1/24 dev a${at}`, `addr add fd00:1:${at}::1/64 dev a${at} nodad`, `link set a${at} up`, `link set b${at} up`])
    space.batch([
      'link set lo up', ...pairs.flat(), 'link add 本地连接 address 02:00:00:00:00:77 type veth peer name other', 'link add br0 type bridge', 'tuntap add dev tap0 mode tap', 'tuntap add dev tun0 mode tun',
      'addr add 10.9.0.1/24 dev a0 valid_lft 3600 preferred_lft 3600', 'route add default via 10.1.1.254 dev a1 metric 50', 'link set a2 alias uplink',
    ])
  })
  afterAll(async () => {
    space?.leave()
    await rm(root, { recursive: true })
  })

  test('is the same as ip’s, for 200 links and all kinds, and tells more', async () => {
    const [kernel, program] = [await linuxAdapters({ root }), await linuxAdapters({ root, ip: ['ip'] })]
    expect(kernel.length).toBeGreaterThan(200)
    const shared = kernel.map(({ gateways: _g, metric: _m, dhcp: _d, ...adapter }) => adapter)
    expect(shared).toEqual(program.map(({ dhcp: _, ...adapter }) => adapter))
    const named = (name: string) => kernel.find((adapter) => adapter.name === name)
    expect(named('a1')).toMatchObject({ gateways: ['10.1.1.254'], metric: 50, dhcp: false })
    expect(named('a0')).toMatchObject({ dhcp: true })
    expect([named('本地连接')?.state, named('br0')?.kind, named('tap0')?.kind, named('tun0')?.kind, named('a2')?.description]).toEqual(['down', 'bridge', 'virtual', 'tunnel', 'uplink'])
  })

  test('of links that come and go while they are told is told without an error', async () => {
    for (let round = 0; round < 20; round += 1) {
      space?.batch(['link add gone0 type veth peer name gone1'])
      const [during] = await Promise.all([linuxAdapters({ root }), space?.ip('link del gone0')])
      expect(during.length).toBeGreaterThan(200)
    }
    expect((await netlinkLinks())?.some(({ name }) => name.startsWith('gone'))).toBe(false)
  })

  test('comes unasked when something changes, and ends when it is not wanted any more', async () => {
    let heard = 0
    let tell = () => {}
    const stop = await hearNetlink(() => {
      heard += 1
      tell()
    })
    for (const change of ['link set a5 down', 'addr add 10.8.0.1/24 dev a6', 'link add new0 type veth peer name new1', 'link del new0', 'route del default']) {
      const told = new Promise<void>((resolve) => (tell = resolve))
      const begun = performance.now()
      space?.ip(change)
      await told
      expect(performance.now() - begun, change).toBeLessThan(1000)
    }
    stop?.()
    const before = heard
    space?.ip('link set a7 down')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect([heard > 0, heard]).toEqual([true, before])
  })
})

test('any bytes are read without an error', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (datagrams) => {
    const links = datagrams.flatMap((bytes) => messagesIn(Buffer.from(bytes)))
    for (const one of links) expect(typeof isNews(one)).toBe('boolean')
    expect(linksOf({ links, addresses: links, routes: links }).length).toBeLessThanOrEqual(links.length)
  }))
  fc.assert(fc.property(fc.constantFrom(16, 20, 24), fc.uint8Array({ minLength: 16, maxLength: 120 }), (type, bytes) => {
    const message = { type, sequence: 1, isInterrupted: false, bytes: Buffer.from(bytes), from: 0, to: bytes.length }
    expect(linksOf({ links: [message], addresses: [message], routes: [message] }).length).toBeLessThanOrEqual(1)
  }))
})

test.each([
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['fe800000000000000000000000000000', 'fe80::'],
  ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['20010db8000100010001000100010001', '2001:db8:1:1:1:1:1:1'],
  ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
])('the IPv6 address %s is written %s (RFC 5952)', (hex, text) => {
  expect(ipv6Text(Buffer.from(hex, 'hex'))).toBe(text)
})
