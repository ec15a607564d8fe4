// What Wine cannot show: buffers laid out as iptypes.h has IP_ADAPTER_ADDRESSES_LH and its lists on 64-bit Windows.
import { isIPv6, SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adaptersIn } from '../../main/adapters/windows-addresses.ts'
import { adapterSchema } from '../../preload/contract/adapters.ts'

interface Given {
  guid?: string
  name?: string
  description?: string
  suffix?: string
  index?: number
  type?: number
  state?: number
  flags?: number
  mac?: number[]
  addresses?: { address: string; prefix: number; dad?: number }[]
  dns?: string[]
  gateways?: string[]
  metrics?: [number, number]
}

const base = 0x7ff6_1234_5000n

/** Lays memory out as the call does: everything in one buffer, with the addresses at which it lies. */
class Layout {
  bytes = Buffer.alloc(0)

  place(size: number): number {
    const at = Math.ceil(this.bytes.length / 8) * 8
    this.bytes = Buffer.concat([this.bytes, Buffer.alloc(at - this.bytes.length + size)])
    return at
  }
  point(from: number, to: number | null): void {
    this.bytes.writeBigUInt64LE(to === null ? 0n : base + BigInt(to), from)
  }
  text(from: number, text: string, encoding: 'utf16le' | 'latin1'): void {
    const coded = Buffer.from(`${text}\0`, encoding)
    const at = this.place(coded.length)
    coded.copy(this.bytes, at)
    this.point(from, at)
  }
  /** sockaddr_in, or sockaddr_in6 with the zone of a link-local address. */
  socket(from: number, text: string): void {
    const [address = '', zone = '0'] = text.split('%')
    const size = isIPv6(address) ? 28 : 16
    const at = this.place(size)
    if (isIPv6(address)) {
      this.bytes.writeUInt16LE(23, at)
      groups(address).forEach((group, place) => this.bytes.writeUInt16BE(group, at + 8 + place * 2))
      this.bytes.writeUInt32LE(Number(zone), at + 24)
    } else {
      this.bytes.writeUInt16LE(2, at)
      address.split('.').forEach((octet, place) => (this.bytes[at + 4 + place] = Number(octet)))
    }
    this.point(from, at)
    this.bytes.writeUInt32LE(size, from + 8)
  }
  list(from: number, size: number, texts: string[], each: (at: number, place: number) => void = () => {}): void {
    let last = from
    for (const [place, text] of texts.entries()) {
      const at = this.place(size)
      this.point(last, at)
      last = at + 8
      this.socket(at + 16, text)
      each(at, place)
    }
  }
}

function groups(address: string): number[] {
  const [head = '', tail = ''] = new SocketAddress({ address, family: 'ipv6' }).address.split('::')
  const of = (part: string) => part.split(':').filter(Boolean).map((group) => Number.parseInt(group, 16))
  return [...of(head), ...Array<number>(8 - of(head).length - of(tail).length).fill(0), ...of(tail)]
}

function told(...adapters: Given[]): Buffer {
  const layout = new Layout()
  let previous: number | null = null
  for (const given of adapters) {
    const at = layout.place(448)
    if (previous !== null) layout.point(previous + 8, at)
    previous = at
    layout.bytes.writeUInt32LE(448, at)
    layout.bytes.writeUInt32LE(given.index ?? 7, at + 4)
    layout.text(at + 16, given.guid ?? '{11111111-2222-3333-4444-555555555555}', 'latin1')
    layout.list(at + 24, 64, (given.addresses ?? []).map(({ address }) => address), (one, place) => {
      layout.bytes.writeUInt32LE(given.addresses?.[place]?.dad ?? 4, one + 40)
      layout.bytes[one + 56] = given.addresses?.[place]?.prefix ?? 0
    })
    layout.list(at + 48, 32, given.dns ?? [])
    layout.text(at + 56, given.suffix ?? '', 'utf16le')
    layout.text(at + 64, given.description ?? 'Intel(R) I350 Gigabit Network Connection', 'utf16le')
    layout.text(at + 72, given.name ?? 'Ethernet', 'utf16le')
    const mac = given.mac ?? [0, 0x15, 0x5d, 1, 2, 3]
    Buffer.from(mac).copy(layout.bytes, at + 80)
    layout.bytes.writeUInt32LE(mac.length, at + 88)
    layout.bytes.writeUInt32LE(given.flags ?? 0x1c5, at + 92)
    layout.bytes.writeUInt32LE(given.type ?? 6, at + 100)
    layout.bytes.writeUInt32LE(given.state ?? 1, at + 104)
    layout.list(at + 208, 32, given.gateways ?? [])
    layout.bytes.writeUInt32LE(given.metrics?.[0] ?? 25, at + 216)
    layout.bytes.writeUInt32LE(given.metrics?.[1] ?? 25, at + 220)
  }
  return layout.bytes
}

const one = (given: Given) => adaptersIn(told(given), base)[0]

describe('GetAdaptersAddresses', () => {
  test('tells several adapters with all that is theirs, v4 and v6 DNS servers in order', () => {
    const adapters = adaptersIn(
      told(
        {
          guid: '{AAAAAAAA-0000-0000-0000-000000000001}', name: 'LAN', index: 4, suffix: 'corp.example', metrics: [25, 35],
          addresses: [{ address: 'fe80::15:5dff%4', prefix: 64 }, { address: '10.0.0.12', prefix: 24 }], dns: ['fd00::10', '10.0.0.10', '10.0.0.11'], gateways: ['10.0.0.1', 'fe80::1%4'],
        },
        { guid: '{AAAAAAAA-0000-0000-0000-000000000002}', name: '本地连接', description: 'vmxnet3 以太网适配器', index: 9, flags: 0x1c1, addresses: [{ address: '203.0.113.12', prefix: 28 }], dns: ['203.0.113.53', 'fe80::53%9'] },
      ),
      base,
    )
    expect(adapters).toEqual([
      {
        guid: '{AAAAAAAA-0000-0000-0000-000000000001}', id: '{AAAAAAAA-0000-0000-0000-000000000001}', name: 'LAN', description: 'Intel(R) I350 Gigabit Network Connection', mac: '00:15:5d:01:02:03', kind: 'ethernet',
        state: 'up', addresses: ['fe80::15:5dff/64', '10.0.0.12/24'], dnsServers: ['fd00::10', '10.0.0.10', '10.0.0.11'], index: 4, gateways: ['10.0.0.1', 'fe80::1%4'], dnsSuffix: 'corp.example', dhcp: true, metric: 25,
      },
      {
        guid: '{AAAAAAAA-0000-0000-0000-000000000002}', id: '{AAAAAAAA-0000-0000-0000-000000000002}', name: '本地连接', description: 'vmxnet3 以太网适配器', mac: '00:15:5d:01:02:03', kind: 'ethernet',
        state: 'up', addresses: ['203.0.113.12/28'], dnsServers: ['203.0.113.53', 'fe80::53%9'], index: 9, gateways: [], dhcp: false, metric: 25,
      },
    ])
    for (const { guid: _, ...adapter } of adapters) expect(adapterSchema.parse({ ...adapter, dnsSource: 'DHCP' })).toBeDefined()
  })

  test.each([
    ['a disconnected adapter', { state: 2 }, { state: 'disconnected' }],
    ['one that is not there', { state: 6 }, { state: 'down' }],
    ['a tunnel', { type: 131, mac: [] }, { kind: 'tunnel', mac: null }],
    ['a wireless one', { type: 71 }, { kind: 'wifi' }],
    ['the loopback', { type: 24, mac: [0, 0, 0, 0, 0, 0] }, { kind: 'loopback', mac: null }],
    ['a kind nobody knows', { type: 4711, state: 99 }, { kind: 'other', state: 'disconnected' }],
    ['one without a name', { name: '' }, { name: '{11111111-2222-3333-4444-555555555555}' }],
    ['one with an address that another machine has', { addresses: [{ address: '10.0.0.12', prefix: 24, dad: 2 }] }, { addresses: [] }],
    ['one whose IPv6 servers Windows made up', { dns: ['fec0:0:0:ffff::1%1', 'fec0:0:0:ffff::2%1', 'fec0:0:0:ffff::3%1', '10.0.0.10'] }, { dnsServers: ['10.0.0.10'] }],
  ])('tells %s as such', (_, given, wanted) => {
    expect(one(given)).toMatchObject(wanted)
  })

  test('that tells nothing, or a list that leads into itself or out of the buffer, ends', () => {
    expect(adaptersIn(Buffer.alloc(0), base)).toEqual([])
    const loop = told({}, {})
    loop.writeBigUInt64LE(base, 8)
    expect(adaptersIn(loop, base)).toHaveLength(1)
    const out = told({ name: 'LAN', dns: ['10.0.0.10'] })
    out.writeBigUInt64LE(0xdead_beefn, 48)
    expect(adaptersIn(out, base)[0]).toMatchObject({ name: 'LAN', dnsServers: [] })
  })

  test('is read without an error whatever is in its bytes, and wherever it is cut', () => {
    const whole = told({ addresses: [{ address: 'fd00::1', prefix: 64 }], dns: ['10.0.0.10', 'fd00::10'], gateways: ['10.0.0.1'] }, {})
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) }), { maxLength: 12 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole)
        for (const { at, to } of changes) bytes[at] = to
        expect(adaptersIn(bytes.subarray(0, length), base).length).toBeLessThanOrEqual(100)
      }),
    )
  })
})
