// Files as each program leaves them, below a folder of the test's own.
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { leasedInPacket, leasedInPacket6 } from '../../main/adapters/dhcpcd-lease.ts'
import { interfacesIn } from '../../main/adapters/ifupdown.ts'
import { leasesIn } from '../../main/adapters/leases.ts'
import { dnsSources, overruled } from '../../main/adapters/linux-dns.ts'
import type { Link } from '../../main/adapters/linux-links.ts'
import { knownDnsServers } from '../../main/adapters/server-list.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgewise-root-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

async function put(file: string, text: string | Buffer) {
  await mkdir(dirname(join(root, file)), { recursive: true })
  await writeFile(join(root, file), text)
}

const link = (name: string, index: number, more: Partial<Link> = {}): Link => ({
  id: name, name, index, hardware: true, description: '', mac: null, kind: 'ethernet', state: 'up', addresses: [], ...more,
})
const eth0 = link('eth0', 2)
const eth1 = link('eth1', 3)

/** The servers of a link and who says so, as the list of adapters has them. */
async function serversOf(of: Link): Promise<[string, string[]] | null> {
  for (const source of await dnsSources(root)) {
    const servers = knownDnsServers(source.serversOf(of), of.name)
    if (servers.length > 0) return [source.name, servers]
  }
  return null
}

const lease = (adapter: string, servers: string, expire = 'never') => `lease {
  interface "${adapter}";
  fixed-address 10.0.0.12;
  option subnet-mask 255.255.255.0;
  option domain-name-servers ${servers};
  option domain-name "a } strange { name;";
  renew 2 2030/01/29 12:00:00;
  expire ${expire};
}
`

test('no source has any', async () => {
  expect(await serversOf(eth0)).toBeNull()
})

describe('systemd', () => {
  test('resolved’s own file of a link, with ports, zones and names', async () => {
    await put('run/systemd/resolve/netif/2', '# This is private data. Do not parse.\nLLMNR=yes\nSERVERS=10.0.0.10 10.0.0.11:5353 [fd00::10]:5353 fe80::1%2#dns.example [fe80::2]:853%2#dns.example 1.2.3\nDOMAINS=example.test\n')
    expect(await serversOf(eth0)).toEqual(['systemd-resolved', ['10.0.0.10', '10.0.0.11:5353', '[fd00::10]:5353', 'fe80::1%eth0', '[fe80::2%eth0]:853']])
    expect(await serversOf(eth1)).toBeNull()
  })

  test('what networkd knows, under the name of who asks', async () => {
    await put('run/systemd/netif/links/2', 'ADMIN_STATE=configured\nDNS=10.0.0.10 fd00::10\nNTP=10.0.0.1\n')
    await put('run/systemd/netif/leases/3', 'ADDRESS=10.0.1.12\nDNS=10.0.1.10\n')
    expect([await serversOf(eth0), await serversOf(eth1)]).toEqual([['systemd-networkd', ['10.0.0.10', 'fd00::10']], ['systemd-networkd', ['10.0.1.10']]])
    await put('run/systemd/resolve/resolv.conf', '')
    expect(await serversOf(eth0)).toEqual(['systemd-resolved', ['10.0.0.10', 'fd00::10']])
  })

  test('comes before all others', async () => {
    await put('run/systemd/resolve/netif/2', 'SERVERS=10.0.0.10\n')
    await put('var/lib/dhcp/dhclient.eth0.leases', lease('eth0', '10.0.0.20') + lease('eth1', '10.0.0.21'))
    await put('etc/resolv.conf', 'nameserver 10.0.0.30\n')
    expect([await serversOf(eth0), await serversOf(eth1), await serversOf(link('eth2', 4))]).toEqual([
      ['systemd-resolved', ['10.0.0.10']], ['DHCP lease', ['10.0.0.21']], ['resolv.conf', ['10.0.0.30']],
    ])
  })
})

describe('DHCP leases', () => {
  test('the last one of an adapter counts, of each IP version', async () => {
    await put('var/lib/dhcp/dhclient.leases', lease('eth0', '10.0.0.10') + lease('eth1', '10.0.1.10') + lease('eth0', '10.0.0.11, 10.0.0.12'))
    await put('var/lib/dhcp/dhclient6.eth0.leases', `default-duid "\\000\\001";\nlease6 {
  interface "eth0";
  ia-na 12:34:56:78 {
    starts 1706616000;
    iaaddr fd00::12 { starts 1706616000; preferred-life 4000000000; max-life 4000000000; }
  }
  option dhcp6.name-servers fd00::10,fe80::1;
}\n`)
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.11', '10.0.0.12', 'fd00::10', 'fe80::1%eth0']])
    expect(await serversOf(eth1)).toEqual(['DHCP lease', ['10.0.1.10']])
  })

  test.each(['var/lib/dhclient/dhclient--eth0.lease', 'var/lib/NetworkManager/dhclient-0a1b-eth0.lease'])('in %s', async (file) => {
    await put(file, lease('eth0', '10.0.0.10'))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.10']])
  })

  test('one that has ended does not count', async () => {
    await put('var/lib/dhcp/a.leases', lease('eth0', '10.0.0.10', '2 2099/01/30 12:00:00') + lease('eth0', '10.0.0.11', '2 2020/01/30 12:00:00') + lease('eth0', '10.0.0.12', 'epoch 1580385600; # Thu Jan 30 12:00:00 2020'))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.10']])
  })

  test('one that is cut in the middle does not count', async () => {
    const cut = lease('eth0', '10.0.0.11').slice(0, 120)
    await put('var/lib/dhcp/a.leases', lease('eth0', '10.0.0.10') + cut)
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.10']])
    await put('var/lib/dhcp/a.leases', `ver-identifier 10.0.0.1;\n  expire 2 20${cut}\n${lease('eth0', '10.0.0.12')}`)
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.12']])
  })

  test('in 10 MB the newest at the end is found', async () => {
    const old = lease('eth0', '10.0.0.10')
    await put('var/lib/dhcp/a.leases', old.repeat(Math.ceil(10_000_000 / old.length)) + lease('eth0', '10.0.0.11'))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.11']])
  })

  test('one of IPv6 counts as long as one of its addresses lasts, and no longer than until it is released', async () => {
    const address = (name: string, lasts: number) => `iaaddr ${name} { starts 1706616000; preferred-life ${lasts}; max-life ${lasts}; }`
    const lease6 = (more: string, ...addresses: string[]) =>
      `lease6 {\n  interface "eth0";\n  ia-na 12:34:56:78 { starts 1706616000; renew 0; rebind 0; ${addresses.join(' ')} }\n  option dhcp6.name-servers fd00::10;\n${more}}\n`
    const [lasting, ended] = [address('fd00::12', 4_000_000_000), address('fd00::13', 60)]
    await put('var/lib/dhcp/dhclient6.leases', lease6('', lasting, ended))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['fd00::10']])
    await put('var/lib/dhcp/dhclient6.leases', lease6('', ended))
    expect(await serversOf(eth0)).toBeNull()
    await put('var/lib/dhcp/dhclient6.leases', lease6('  released;\n', lasting))
    expect(await serversOf(eth0)).toBeNull()
  })

  test('what dhclient.conf puts before, after or in the place of its servers is in effect, for all adapters or for one', async () => {
    await put('var/lib/dhcp/dhclient.leases', ['eth0', 'eth1', 'eth2'].map((name) => lease(name, '10.0.0.10')).join(''))
    await put('etc/dhcp/dhclient.conf', `# supersede domain-name-servers 10.9.9.9;
option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;
send host-name = gethostname(); # domain-name-servers
request subnet-mask, domain-name-servers;
prepend domain-name-servers 127.0.0.1;
default domain-name-servers 10.9.9.8;
interface "eth1" {
  supersede domain-name-servers 10.0.1.10, 10.0.1.11;
  append domain-name-servers 10.0.1.12;
}
lease { interface "eth2"; supersede domain-name-servers 10.9.9.7; }
`)
    expect([await serversOf(eth0), await serversOf(eth1), await serversOf(link('eth2', 4)), await serversOf(link('eth3', 5))]).toEqual([
      ['DHCP lease', ['127.0.0.1', '10.0.0.10']], ['DHCP lease', ['10.0.1.10', '10.0.1.11', '10.0.1.12']], ['DHCP lease', ['127.0.0.1', '10.0.0.10']], null,
    ])
  })

  test('those that a DHCP server gave to others are none of ours', async () => {
    await put('var/lib/dhcp/dhcpd.leases', 'lease 10.0.0.99 {\n  starts 2 2024/01/30 12:00:00;\n  hardware ethernet 02:00:00:00:00:99;\n}\n')
    expect(await serversOf(eth0)).toBeNull()
  })

  test('dhcpcd’s own state', async () => {
    await put('run/dhcpcd/hook-state/resolv.conf/eth0.dhcp', '# Generated by dhcpcd from eth0.dhcp\nnameserver 10.0.0.10\n')
    await put('run/dhcpcd/hook-state/resolv.conf/eth0.ra', 'nameserver fe80::1%eth0\n')
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.10', 'fe80::1%eth0']])
  })

  test('any text is read without an error, and in time', () => {
    const piece = fc.constantFrom('lease {', 'lease6 {', '}', ';', '\n', '"', '\\', '#', ' interface "eth0";', 'option domain-name-servers 1.1.1.1,', 'expire', 'never', '{')
    fc.assert(fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      for (const { adapter } of leasesIn(pieces.join(''))) expect(adapter).toBe('eth0')
    }))
    expect(leasesIn('"\\'.repeat(500_000))).toEqual([])
  })
})

/** A DHCP server's answer (RFC 2131) with DNS servers in option 6, as dhcpcd keeps it. */
const packet = (...servers: string[]) => {
  const fixed = Buffer.alloc(240)
  fixed.writeUInt32BE(0x63825363, 236)
  const octets = servers.flatMap((server) => server.split('.').map(Number))
  return Buffer.concat([fixed, Buffer.from([53, 1, 5, 0, 51, 4, 0, 0, 14, 16, 6, octets.length, ...octets, 255])])
}

/** A reply of DHCPv6 (RFC 8415): an address that lasts so many seconds, and at the end the DNS servers (RFC 3646). */
const packet6 = (lasts: number, ...servers: string[]) => {
  const option = (code: number, ...parts: Buffer[]) => {
    const value = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([0, code, value.length >> 8, value.length & 0xff]), value])
  }
  const number = (value: number) => Buffer.from([24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff))
  const ip = (server: string) => {
    const [before = '', after = ''] = server.split('::').map((half) => half.split(':').map((group) => group.padStart(4, '0')).join(''))
    return Buffer.from(before.padEnd(32 - after.length, '0') + after, 'hex')
  }
  const address = option(5, ip('fd00::12'), number(lasts), number(lasts))
  return Buffer.concat([Buffer.from([7, 1, 2, 3]), option(1, Buffer.alloc(10)), option(3, Buffer.alloc(12), address), option(23, ...servers.map(ip))])
}

describe('dhcpcd’s lease', () => {
  test('is the server’s own packet; the newest of an adapter counts, and what it left in /run before it', async () => {
    await put('var/lib/dhcpcd/eth0.lease', packet('10.0.0.10', '10.0.0.11'))
    await put('var/lib/dhcpcd/wlan0-Office.lease', packet('10.0.7.10'))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.10', '10.0.0.11']])
    expect(await serversOf(link('wlan0', 5))).toEqual(['DHCP lease', ['10.0.7.10']])
    await put('run/dhcpcd/hook-state/resolv.conf/eth0.dhcp', 'nameserver 10.0.0.12\n')
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.12']])
  })

  test('that is cut in the middle does not count, wherever', async () => {
    const whole = packet('10.0.0.10')
    for (let length = 0; length < whole.length; length += 1) expect(leasedInPacket(whole.subarray(0, length))).toBeNull()
    const whole6 = packet6(3600, 'fd00::10')
    // Options of IPv6 have no end: of one that is cut between two, those before it are whole.
    for (let length = 0; length < whole6.length; length += 1) expect(leasedInPacket6(whole6.subarray(0, length))?.servers ?? []).toEqual([])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(leasedInPacket(Buffer.concat([whole.subarray(0, 240), bytes]))?.servers.length ?? 0).toBeLessThan(400)
      expect(leasedInPacket6(Buffer.from(bytes))?.servers.length ?? 0).toBeLessThan(400)
    }))
  })

  test('of IPv6 is the server’s reply, whose servers come after those of IPv4', async () => {
    await put('var/lib/dhcpcd/eth0.lease', packet('10.0.0.10'))
    await put('var/lib/dhcpcd/eth0.lease6', packet6(3600, 'fd00::10', 'fe80::10'))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['10.0.0.10', 'fd00::10', 'fe80::10%eth0']])
  })

  test('that has ended since its file was written counts no more', async () => {
    const file = join(root, 'var/lib/dhcpcd/eth0.lease')
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
    await put('var/lib/dhcpcd/eth0.lease', packet('10.0.0.10'))
    await put('var/lib/dhcpcd/eth0.lease6', packet6(0xffffffff, 'fd00::10'))
    await utimes(file, hoursAgo(2), hoursAgo(2))
    await utimes(`${file}6`, hoursAgo(2), hoursAgo(2))
    expect(await serversOf(eth0)).toEqual(['DHCP lease', ['fd00::10']])
    await put('var/lib/dhcpcd/eth0.lease6', packet6(3600, 'fd00::10'))
    await utimes(`${file}6`, hoursAgo(2), hoursAgo(2))
    expect(await serversOf(eth0)).toBeNull()
  })

  test('of an adapter whose name begins with another’s is its own', async () => {
    await put('var/lib/dhcpcd/lan.lease', packet('10.0.0.10'))
    await put('var/lib/dhcpcd/lan-2.lease', packet('10.0.2.10'))
    const earlier = new Date(Date.now() - 60_000)
    await utimes(join(root, 'var/lib/dhcpcd/lan.lease'), earlier, earlier)
    expect([await serversOf(link('lan', 6)), await serversOf(link('lan-2', 7))]).toEqual([['DHCP lease', ['10.0.0.10']], ['DHCP lease', ['10.0.2.10']]])
  })
})

describe('ifupdown', () => {
  const interfaces = `# The loopback network interface
source /etc/network/interfaces.d/*
auto lo eth0
iface lo inet loopback

iface eth0 inet static
    address 10.0.0.12/24
    dns-nameservers 10.0.0.10 \\
        10.0.0.11
iface eth0 inet6 auto
    dns-nameservers fd00::10
`
  test('names the servers of a static address, over a lease from before', async () => {
    await put('etc/network/interfaces', interfaces)
    await put('etc/network/interfaces.d/eth1', 'allow-hotplug eth1\niface eth1 inet dhcp\n dns-nameservers 10.0.1.99\n')
    await put('etc/network/interfaces.d/eth1.dpkg-old', 'iface eth1 inet static\n dns-nameservers 10.0.1.98\n')
    await put('var/lib/dhcp/dhclient.leases', lease('eth0', '10.0.0.20') + lease('eth1', '10.0.1.20'))
    expect(await serversOf(eth0)).toEqual(['ifupdown', ['10.0.0.10', '10.0.0.11', 'fd00::10']])
    expect(await serversOf(eth1)).toEqual(['DHCP lease', ['10.0.1.20']])
  })

  test('and a lease of an adapter that was set to a static address without servers counts no more', async () => {
    await put('etc/network/interfaces', 'iface eth0 inet static\n address 10.0.0.12/24\n')
    await put('var/lib/dhcp/dhclient.leases', lease('eth0', '10.0.0.20'))
    expect(await serversOf(eth0)).toBeNull()
  })

  test('that reads itself, or any text, comes to an end', async () => {
    await put('etc/network/interfaces', 'source interfaces\nsource-directory /etc/network\niface eth0 inet manual\n dns-nameserver 10.0.0.10\n')
    expect((await serversOf(eth0))?.[1]).toEqual(['10.0.0.10'])
    fc.assert(fc.property(fc.array(fc.constantFrom('iface', ' eth0', ' inet', '\n', '\\', 'dns-nameservers', 'source', ' /x', '#')), (pieces) => {
      expect(Array.isArray(interfacesIn(pieces.join('')).stanzas)).toBe(true)
    }))
  })

  test('has comments that end their line, several sources in one, and folders of which only plain names count', async () => {
    await put('etc/network/interfaces', 'source interfaces.d/*.cfg more/eth1\nsource-directory whole\n')
    await put('etc/network/interfaces.d/b.cfg', 'iface eth0 inet static\n# the old ones: \\\n  dns-nameservers 10.0.0.11\n')
    await put('etc/network/interfaces.d/a.cfg', 'iface eth0 inet static\n  dns-nameservers 10.0.0.10\n')
    await put('etc/network/more/eth1', 'iface eth1 inet static\n  dns-nameservers 10.0.1.10\n')
    await put('etc/network/whole/eth2', 'iface eth2 inet static\n  dns-nameservers 10.0.2.10\n')
    await put('etc/network/whole/eth2.bak', 'iface eth2 inet static\n  dns-nameservers 10.0.2.99\n')
    expect([await serversOf(eth0), await serversOf(eth1), await serversOf(link('eth2', 4))]).toEqual([
      ['ifupdown', ['10.0.0.10', '10.0.0.11']], ['ifupdown', ['10.0.1.10']], ['ifupdown', ['10.0.2.10']],
    ])
  })

  test.each(['interface', 'interfaces', 'keys'])('with resolvconf’s folder “%s”, a VLAN’s servers are not those of the card below it', async (folder) => {
    await put(`run/resolvconf/${folder}/eth0.100.dhclient`, 'nameserver 10.0.100.10\n')
    expect([await serversOf(link('eth0.100', 7)), await serversOf(eth0)]).toEqual([['resolvconf', ['10.0.100.10']], null])
    await put(`run/resolvconf/${folder}/eth0.dhclient`, 'nameserver 10.0.0.10\n')
    expect(await serversOf(eth0)).toEqual(['resolvconf', ['10.0.0.10']])
  })

  test('with resolvconf, what that was told of a link is in effect', async () => {
    await put('etc/network/interfaces', interfaces)
    await put('run/resolvconf/interface/eth0.inet', 'nameserver 10.0.0.30\n')
    await put('run/resolvconf/interface/eth01.inet', 'nameserver 10.0.0.31\n')
    expect(await serversOf(eth0)).toEqual(['resolvconf', ['10.0.0.30']])
  })
})

describe('where they disagree', () => {
  test.each([
    ['an administrator’s servers for the only link', ['10.0.0.10'], ['10.0.0.99'], true],
    ['one of the lease’s', ['10.0.0.10', '10.0.0.11'], ['10.0.0.11'], false],
    ['a forwarder of this machine', ['10.0.0.10'], ['127.0.0.1'], false],
    ['a forwarder and another', ['10.0.0.10'], ['127.0.0.1', '10.0.0.99'], false],
    ['nothing', ['10.0.0.10'], [], false],
    ['servers that nobody else knows', [], ['10.0.0.99'], false],
  ])('and resolv.conf has %s', (_, told, inResolvConf, wanted) => {
    expect(overruled(told, inResolvConf)).toBe(wanted)
  })
})

describe('resolv.conf', () => {
  test('counts for links that are up and lead outward', async () => {
    await put('etc/resolv.conf', '# nameserver 10.0.0.1\n;nameserver 10.0.0.2\nsearch example.test\nnameserver\t10.0.0.30 # first\nnameserver fd00::30\nnameserver not-an-address\n')
    expect(await serversOf(eth0)).toEqual(['resolv.conf', ['10.0.0.30', 'fd00::30']])
    for (const more of [{ state: 'down' }, { state: 'disconnected' }, { kind: 'loopback' }] as const) expect(await serversOf(link('x', 9, more))).toBeNull()
  })

  test('with a link-local server names the link that leads to it', async () => {
    await put('etc/resolv.conf', 'nameserver fe80::1%eth0\nnameserver fe80::2%3\nnameserver 10.0.0.30\n')
    expect([await serversOf(eth0), await serversOf(eth1)]).toEqual([['resolv.conf', ['fe80::1%eth0', '10.0.0.30']], ['resolv.conf', ['fe80::2%eth1', '10.0.0.30']]])
  })

  test('that names systemd-resolved’s listener is looked through', async () => {
    await put('run/systemd/resolve/resolv.conf', 'nameserver 10.0.0.40\n')
    await put('run/systemd/resolve/stub-resolv.conf', 'nameserver 127.0.0.53\n')
    await mkdir(join(root, 'etc'))
    await symlink('../run/systemd/resolve/stub-resolv.conf', join(root, 'etc/resolv.conf'))
    expect(await serversOf(eth0)).toEqual(['resolv.conf', ['10.0.0.40']])
  })

  test('that names it stays as it is where nothing is known behind', async () => {
    await put('etc/resolv.conf', 'nameserver 127.0.0.53\n')
    expect(await serversOf(eth0)).toEqual(['resolv.conf', ['127.0.0.53']])
  })

  test('that is a folder, or 10 MB of garbage, has none', async () => {
    await mkdir(join(root, 'etc/resolv.conf'), { recursive: true })
    expect(await serversOf(eth0)).toBeNull()
    await rm(join(root, 'etc/resolv.conf'), { recursive: true })
    await put('etc/resolv.conf', Buffer.alloc(10_000_000, 0xfe))
    expect(await serversOf(eth0)).toBeNull()
  })
})
