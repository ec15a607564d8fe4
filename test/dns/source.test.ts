import { expect, test } from 'vitest'
import { serversOf, sourceText } from '../../main/dns/source.ts'
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { LookupSource, Lookups } from '../../preload/contract/dns.ts'

const adapter = (name: string, dnsServers: string[], more: Partial<Adapter> = {}): Adapter => ({
  id: `id of ${name}`, name, description: '', mac: null, kind: 'ethernet', state: 'up', addresses: [], dnsServers, dnsSource: 'world file', ...more,
})
const lookups = (source: LookupSource): Lookups => ({ source, protocol: 'any' })
const one = (name: string) => lookups({ kind: 'adapter', id: `id of ${name}`, name })
const all = lookups({ kind: 'all-adapters' })
const adapters = [
  adapter('lo', ['127.0.0.1'], { kind: 'loopback' }),
  adapter('LAN', ['10.0.0.10', 'fd00::10']),
  adapter('DMZ', ['203.0.113.53', '10.0.0.10']),
  adapter('off', ['10.0.0.99'], { state: 'down' }),
  adapter('unplugged', ['10.0.0.98'], { state: 'disconnected' }),
  adapter('bare', []),
]

test('listed servers stay as listed', () => {
  expect(serversOf(lookups({ kind: 'servers', servers: ['10.0.0.2', '10.0.0.1'] }), [])).toEqual({ servers: ['10.0.0.2', '10.0.0.1'], problem: null })
})

test('one adapter has its own, by its id', () => {
  expect(serversOf(one('LAN'), adapters)).toEqual({ servers: ['10.0.0.10', 'fd00::10'], problem: null })
  const renamed = adapters.map((given) => (given.name === 'LAN' ? { ...given, name: '本地连接' } : given))
  expect(serversOf(one('LAN'), renamed).servers).toEqual(['10.0.0.10', 'fd00::10'])
})

test.each([
  ['gone', 'The adapter “gone” is missing.'],
  ['off', 'The adapter “off” is switched off.'],
  ['unplugged', 'The adapter “unplugged” is not connected.'],
  ['bare', 'The adapter “bare” has no DNS servers.'],
])('an adapter that is %s has a problem and no servers', (name, problem) => {
  expect(serversOf(one(name), adapters)).toEqual({ servers: [], problem })
})

test('all adapters: those that are up, in order, each server once, loopback left out', () => {
  expect(serversOf(all, adapters)).toEqual({ servers: ['10.0.0.10', 'fd00::10', '203.0.113.53'], problem: null })
})

test('all adapters: loopback where it alone has servers, a problem where none has', () => {
  expect(serversOf(all, adapters.filter(({ name }) => name === 'lo' || name === 'bare')).servers).toEqual(['127.0.0.1'])
  expect(serversOf(all, [])).toEqual({ servers: [], problem: 'No adapter that is up has DNS servers.' })
})

test('the source in words', () => {
  expect(sourceText(one('DMZ'))).toBe('network card “DMZ”')
  expect(sourceText(all)).toBe('all available network cards')
  expect(sourceText(lookups({ kind: 'servers', servers: ['10.0.0.1', '10.0.0.2'] }))).toBe('10.0.0.1, 10.0.0.2')
})
