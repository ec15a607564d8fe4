// Exchange's own values: intervals, DNS parameters, both forms of LastError.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printInterval, readInterval } from '../../../main/transport/exchange/interval.ts'
import { readLastError } from '../../../main/transport/exchange/last-error.ts'
import { lookupsOf, setLookups } from '../../../main/transport/exchange/lookups.ts'
import { parametersOf } from '../../../main/transport/exchange/parameters.ts'
import { transportSchema } from '../../../main/transport/exchange/protocol.ts'

const zeros = '00000000-0000-0000-0000-000000000000'
const values = (more: object = {}) =>
  transportSchema.parse({
    Name: 'EDGE01',
    InternalDNSAdapterEnabled: true, InternalDNSAdapterGuid: zeros, InternalDNSServers: [], InternalDNSProtocolOption: 'Any',
    ExternalDNSAdapterEnabled: true, ExternalDNSAdapterGuid: zeros, ExternalDNSServers: [], ExternalDNSProtocolOption: 'Any',
    MessageExpirationTimeout: '2.00:00:00', TransientFailureRetryInterval: '00:10:00', DelayNotificationTimeout: '04:00:00',
    ...more,
  })

describe('intervals', () => {
  it.each([['00:10:00', 600], ['2.00:00:00', 172_800], ['00:00:01', 1], ['90.00:00:00', 7_776_000], ['1.02:03:04', 93_784]])('%s is %d s', (text, seconds) => {
    expect(readInterval(text)).toBe(seconds)
    expect(printInterval(seconds)).toBe(text)
  })
  it.each(['00:00:00.5000000', 'unlimited', '-00:01:00', ''])('%j stays as it is', (text) => expect(readInterval(text)).toBe(text))
  it('come back whatever they are', () => fc.assert(fc.property(fc.integer({ min: 0, max: 90 * 86_400 }), (seconds) => readInterval(printInterval(seconds)) === seconds)))
  it('that is no whole number of seconds is shown and left alone', () => {
    const { parameters, limits } = parametersOf(values({ DelayNotificationTimeout: '04:00:00.5000000' }))
    expect(limits).toMatchObject({ DelayNotificationTimeout: '04:00:00.5000000', MessageExpirationTimeout: 172_800 })
    expect(parameters.find(({ name }) => name === 'DelayNotificationTimeout')?.fixed).toContain('no whole number')
    expect(parameters.map(({ name }) => name)).not.toContain('MaxOutboundConnections')
  })
})

describe('DNS lookups', () => {
  const guid = '6f0c2a5e-3d41-4a27-9b1e-5c7d20e8a913'
  const found = (id: string) => (id === `{${guid.toUpperCase()}}` ? { id, name: 'LAN' } : null)
  const read = (more: object) => lookupsOf(values(more), false, found).internal

  it('of all adapters, of one, of one that is missing, and of a list', () => {
    expect(read({})).toEqual({ source: { kind: 'all-adapters' }, protocol: 'any' })
    expect(read({ InternalDNSAdapterGuid: guid, InternalDNSProtocolOption: 'UseTcpOnly' })).toEqual({ source: { kind: 'adapter', id: `{${guid.toUpperCase()}}`, name: 'LAN' }, protocol: 'tcp' })
    expect(read({ InternalDNSAdapterGuid: guid.replace('6f', '7f') }).source).toMatchObject({ kind: 'adapter', name: '' })
    expect(read({ InternalDNSAdapterEnabled: false, InternalDNSServers: ['10.0.0.10', 'fd00::10'] }).source).toEqual({ kind: 'servers', servers: ['10.0.0.10', 'fd00::10'] })
  })
  it('a list that is not used is not in effect, and an empty one means the adapter', () => {
    expect(read({ InternalDNSServers: ['10.0.0.10'] }).source).toEqual({ kind: 'all-adapters' })
    expect(read({ InternalDNSAdapterEnabled: false }).source).toEqual({ kind: 'all-adapters' })
  })
  it('are set with both parameters in one call, and read back the same', () => {
    for (const source of [{ kind: 'all-adapters' }, { kind: 'adapter', id: `{${guid.toUpperCase()}}`, name: 'LAN' }, { kind: 'servers', servers: ['192.0.2.1'] }] as const) {
      const set = setLookups('internal', { source: source.kind === 'servers' ? { kind: 'servers', servers: [...source.servers] } : source, protocol: 'udp' })
      expect(set).toHaveProperty('InternalDNSAdapterEnabled')
      expect(read(set)).toEqual({ source, protocol: 'udp' })
    }
  })
})

describe('LastError', () => {
  it.each([
    ['[{LRT=11/24/2026 4:00:00 PM};{LED=451 4.4.0 DNS query failed};{FQDN=mx1.example.test};{IP=198.51.100.25}]', '451 4.4.0 DNS query failed', 'mx1.example.test', '198.51.100.25'],
    ['[{LED=450 4.4.316 Connection refused [Message=Socket error code 10061]};{MSG=};{FQDN=};{IP=};{LRT=24.11.2026 16:00:00}]', '450 4.4.316 Connection refused [Message=Socket error code 10061]', null, null],
    ['[{IP=198.51.100.25};{LED=451 4.7.0 try {later};{FQDN=mx.example.test}]', '451 4.7.0 try {later', 'mx.example.test', '198.51.100.25'],
    ['400 4.4.7 Message delayed', '400 4.4.7 Message delayed', null, null],
    ['[127.0.0.1] said no', '[127.0.0.1] said no', null, null],
  ])('%s', (raw, text, host, address) => expect(readLastError(raw)).toEqual({ text, host, address }))
  it('is nothing where nothing is said', () => {
    expect(readLastError(null)).toBeNull()
    expect(readLastError('  ')).toBeNull()
  })
  it('of any text is read without an error', () => fc.assert(fc.property(fc.string(), (text) => void readLastError(`[{LED=${text}`))))
})
