// What `ip -j -d addr` printed for links that a test cannot make: cards, their wireless kind, bonds and tunnels.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askLinks, linksIn } from '../../main/adapters/linux-ip.ts'

const card = (ifindex: number, ifname: string, more: object = {}) => ({
  ifindex, ifname, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], operstate: 'UP', link_type: 'ether', address: `02:00:00:00:00:0${ifindex}`, addr_info: [], ...more,
})
const one = (more: object) => linksIn(JSON.stringify([card(1, 'x', more)]))[0]
const ids = (...links: object[]) => linksIn(JSON.stringify(links)).map(({ id }) => id)

describe('the id', () => {
  test('is the permanent MAC, also where another is in use', () => {
    expect(ids(card(2, 'eth0'), card(3, 'wlan0', { permaddr: '02:00:00:00:00:aa' }))).toEqual(['02:00:00:00:00:02', '02:00:00:00:00:aa'])
  })

  test('of a bond’s cards is their own, of the bond its name', () => {
    const shared = '02:00:00:00:00:02'
    const bond = card(4, 'bond0', { address: shared, linkinfo: { info_kind: 'bond' } })
    expect(ids(card(2, 'eth0'), card(3, 'eth1', { address: shared, permaddr: '02:00:00:00:00:03' }), bond)).toEqual([shared, '02:00:00:00:00:03', 'bond0'])
  })

  test('stays while a part with the same MAC comes and goes, as a cloud’s fast path does', () => {
    const shared = { address: '02:00:00:00:00:02' }
    expect(ids(card(2, 'eth0', shared), card(3, 'enP1s1', { ...shared, master: 'eth0' }))).toEqual(['02:00:00:00:00:02', 'enP1s1'])
    expect(ids(card(2, 'eth0', { ...shared, master: 'br0' }))).toEqual(['02:00:00:00:00:02'])
  })

  test('is the name where two cards have the same MAC or one has none', () => {
    expect(ids(card(2, 'eth0', { address: '02:00:00:00:00:99' }), card(3, 'eth1', { address: '02:00:00:00:00:99' }), card(4, 'eth2', { address: '00:00:00:00:00:00' }))).toEqual(['eth0', 'eth1', 'eth2'])
  })
})

test.each([
  ['ethernet', {}],
  ['loopback', { link_type: 'loopback' }],
  ['bridge', { linkinfo: { info_kind: 'bridge' } }],
  ['tunnel', { linkinfo: { info_kind: 'wireguard' }, link_type: 'none' }],
  ['tunnel', { linkinfo: { info_kind: 'tun', info_data: { type: 'tun' } }, link_type: 'none' }],
  ['virtual', { linkinfo: { info_kind: 'tun', info_data: { type: 'tap' } } }],
  ['tunnel', { link_type: 'ppp' }],
  ['tunnel', { link_type: 'sit', address: '0.0.0.0' }],
  ['virtual', { linkinfo: { info_kind: 'vlan' } }],
  ['other', { link_type: 'can' }],
])('a link is of kind %s where ip tells %j', (kind, told) => {
  expect(one(told)?.kind).toBe(kind)
})

test.each([
  ['up', { operstate: 'UNKNOWN' }],
  ['down', { flags: ['BROADCAST'], operstate: 'DOWN' }],
  ['disconnected', { flags: ['UP', 'NO-CARRIER'], operstate: 'DOWN' }],
  ['disconnected', { flags: ['UP', 'LOWER_UP'], operstate: 'DORMANT' }],
  ['disconnected', { flags: ['UP', 'M-DOWN'], operstate: 'LOWERLAYERDOWN' }],
])('a link is %s where ip tells %j', (state, told) => {
  expect(one(told)?.state).toBe(state)
})

test('a tunnel’s address is no MAC, and an address that another machine has is none', () => {
  const addr_info = [{ local: '10.0.0.1', prefixlen: 24 }, { local: 'fd00::1', prefixlen: 64, dadfailed: true }, { family: 'inet' }, null]
  expect(one({ link_type: 'ipip', address: '192.0.2.1', addr_info })).toMatchObject({ mac: null, id: 'x', addresses: ['10.0.0.1/24'] })
})

describe('what ip prints', () => {
  test('may be nothing, or have entries that are empty', () => {
    expect(linksIn('')).toEqual([])
    expect(linksIn(JSON.stringify([{}, null, 7, card(2, 'eth0')]))).toHaveLength(1)
  })

  test('that is no JSON is refused', () => {
    expect(() => linksIn('1: lo: <LOOPBACK>')).toThrow(/not JSON/)
  })

  test('that is any JSON never throws', () => {
    fc.assert(fc.property(fc.array(fc.record({ ifindex: fc.integer(), ifname: fc.string({ minLength: 1 }), flags: fc.jsonValue(), linkinfo: fc.jsonValue(), addr_info: fc.jsonValue(), address: fc.jsonValue() })), (links) => {
      expect(linksIn(JSON.stringify(links))).toHaveLength(links.length)
    }))
  })
})

describe('the program ip', () => {
  test('that is missing is told with what to install', async () => {
    await expect(askLinks(['/no/such/ip'])).rejects.toMatchObject({ code: 'failed', remedy: expect.stringContaining('iproute2') })
  })

  test('that hangs, its children too, is not waited for', async () => {
    await expect(askLinks(['sh', '-c', 'sleep 4; true'])).rejects.toMatchObject({ code: 'timed-out' })
  })

  test('that fails is told with what it says', async () => {
    await expect(askLinks(['sh', '-c', 'echo no such option >&2; exit 1'])).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('no such option') })
  })

  test('can be cancelled', async () => {
    await expect(askLinks(['sh', '-c', 'exec sleep 4'], AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'cancelled' })
    await expect(askLinks(['ip'], AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
