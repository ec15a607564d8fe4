// From recorded outputs: there is no Mac here.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adaptersOf } from '../../main/adapters/macos.ts'
import { adapterSchema } from '../../preload/contract/adapters.ts'
import { dns, ports, services } from './recorded/macos.ts'

const address = (cidr: string, internal = false) => ({ cidr, mac: '14:98:77:aa:bb:01', internal })
const known = { lo0: [{ cidr: '127.0.0.1/8', mac: '00:00:00:00:00:00', internal: true }], en0: [address('10.0.0.12/24'), address('fe80::10/64')], utun3: [{ cidr: '192.168.7.2/24', mac: '00:00:00:00:00:00', internal: false }] }

test('recorded: adapters with their own DNS servers, those without a cable and those switched off too', () => {
  const adapters = adaptersOf({ ports, services, dns, known })
  for (const adapter of adapters) expect(adapterSchema.parse(adapter)).toEqual(adapter)
  const brief = adapters.map(({ name, kind, state, mac, dnsServers, dnsSource }) => ({ name, kind, state, mac, dnsServers, dnsSource }))
  expect(brief).toEqual([
    { name: 'Ethernet (en0)', kind: 'ethernet', state: 'up', mac: '14:98:77:aa:bb:01', dnsServers: ['10.0.0.10', 'fe80::1%en0'], dnsSource: 'scutil' },
    { name: 'Wi-Fi (en1)', kind: 'wifi', state: 'down', mac: '14:98:77:aa:bb:02', dnsServers: [], dnsSource: 'none' },
    { name: 'Thunderbolt Bridge (bridge0)', kind: 'bridge', state: 'disconnected', mac: '36:f1:11:aa:bb:03', dnsServers: [], dnsSource: 'none' },
    { name: 'lo0', kind: 'loopback', state: 'up', mac: null, dnsServers: [], dnsSource: 'none' },
    { name: 'utun3', kind: 'tunnel', state: 'up', mac: null, dnsServers: ['192.168.7.1'], dnsSource: 'scutil' },
  ])
})

test('recorded: where the programs tell nothing, or anything, there is what node knows', () => {
  expect(adaptersOf({ ports: '', services: '', dns: '', known }).map(({ name }) => name)).toEqual(['lo0', 'en0', 'utun3'])
  const texts = fc.record({ ports: fc.string({ unit: 'grapheme' }), services: fc.string(), dns: fc.string() })
  fc.assert(fc.property(texts, (given) => {
    expect(adaptersOf({ ...given, known })).toHaveLength(3)
  }))
})
