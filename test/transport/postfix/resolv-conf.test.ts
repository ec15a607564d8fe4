// resolv.conf as glibc reads it, and the choice that is read back from the one that Edgewise wrote.
import { describe, expect, it } from 'vitest'
import type { Lookups } from '../../../preload/contract/dns.ts'
import { lookupsIn, namesServers, parseResolvConf, printResolvConf } from '../../../main/transport/postfix/resolv-conf.ts'

describe('resolv.conf', () => {
  it('is read as glibc reads it', () => {
    const text = '# nameserver 10.0.0.1\n; other\n nameserver 10.0.0.2\nnameserver\t10.0.0.3 # first\nnameserver fe80::1%eth0;\nnameserver name.test\nnameservers 10.0.0.4\nnameserver 10.0.0.5\nnameserver 10.0.0.6\noptions timeout:3 attempts:9 ndots:1\noptions use-vc\n'
    expect(parseResolvConf(text)).toEqual({ servers: ['10.0.0.3', 'fe80::1%eth0', '10.0.0.5'], timeout: 3_000, attempts: 5, useVc: true })
  })

  it('means this machine where it names no server', () => {
    for (const text of ['', 'search example.test\n', 'nameserver nonsense\n']) expect(parseResolvConf(text)).toEqual({ servers: ['127.0.0.1'], timeout: 5_000, attempts: 2, useVc: false })
  })

  it.each<Lookups>([
    { source: { kind: 'adapter', id: '00:11:22:33:44:55', name: 'LAN (Intel I350)' }, protocol: 'any' },
    { source: { kind: 'adapter', id: 'two words', name: '100 %\nnameserver 10.0.0.66' }, protocol: 'tcp' },
    { source: { kind: 'adapter', id: 'eth0', name: '' }, protocol: 'any' },
    { source: { kind: 'servers', servers: ['10.0.0.10', 'fd00::10'] }, protocol: 'tcp' },
    { source: { kind: 'all-adapters' }, protocol: 'tcp' },
  ])('tells again what was chosen: %j', (lookups) => {
    const text = printResolvConf(lookups, { servers: ['10.0.0.10', 'fd00::10'], problem: null }, '')
    expect(lookupsIn(text)).toEqual(lookups)
    expect(parseResolvConf(text).servers).toEqual(['10.0.0.10', 'fd00::10'])
  })

  it('keeps what the system’s own says beside the servers', () => {
    const systems = '# generated\nsearch example.test\nnameserver 192.0.2.1\noptions edns0 use-vc  trust-ad\n'
    const text = printResolvConf({ source: { kind: 'servers', servers: ['10.0.0.10'] }, protocol: 'any' }, { servers: ['10.0.0.10'], problem: null }, systems)
    expect(text.split('\n').slice(1)).toEqual(['# source: servers', 'nameserver 10.0.0.10', 'search example.test', 'options edns0 trust-ad', ''])
  })

  it('says where there is nobody to ask', () => {
    const text = printResolvConf({ source: { kind: 'adapter', id: 'eth1', name: 'DMZ' }, protocol: 'any' }, { servers: [], problem: 'The adapter “DMZ” is missing.' }, '')
    expect(namesServers(text)).toBe(false)
    expect(text).toContain('# The adapter “DMZ” is missing.\n')
  })
})
