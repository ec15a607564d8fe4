import { execFileSync } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineWorld } from '../../main/world/machine.ts'
import { worldOf } from '../../main/world/world-file.ts'

let folder = ''
let file = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewise-world-'))
  file = join(folder, 'world.json')
})
afterAll(() => rm(folder, { recursive: true }))

async function world(content: unknown) {
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return worldOf(file)
}

describe('without a file', () => {
  test('it is the machine', async () => {
    const machine = await worldOf()
    expect(machine).toMatchObject({ egressAddress: null, blocklists: ['zen.spamhaus.org'], file: null })
    expect(machine.hostsFile).toMatch(/hosts$/)
    expect(machine.reach('203.0.113.53', 53)).toEqual({ address: '203.0.113.53', port: 53 })
    expect(machine.isPublic('203.0.113.53')).toBe(false)
  })
})

describe('a world file', () => {
  test('that is empty leaves all as it is on the machine', async () => {
    const { hostsFile, blocklists, egressAddress } = machineWorld()
    expect(await world({})).toMatchObject({ hostsFile, blocklists, egressAddress, file })
  })

  test('sets what it names', async () => {
    const made = await world({ hostsFile: 'etc/hosts', egressAddress: '203.0.113.25', blocklists: ['zen.example.test'] })
    expect(made).toMatchObject({ hostsFile: join(folder, 'etc/hosts'), egressAddress: '203.0.113.25', blocklists: ['zen.example.test'] })
    expect(await world({ egressAddress: null, blocklists: [] })).toMatchObject({ egressAddress: null, blocklists: [] })
  })

  test('needs no more of an adapter than its name', async () => {
    const made = await world({ adapters: [{ name: 'LAN' }, { name: '本地连接', id: 'dmz', dnsServers: ['FD00::53', '10.0.0.53:5353'], addresses: ['10.0.0.12/24'], state: 'down' }] })
    expect(await made.adapters()).toEqual([
      { id: 'LAN', name: 'LAN', description: '', mac: null, kind: 'ethernet', state: 'up', addresses: [], dnsServers: [], dnsSource: 'world file' },
      { id: 'dmz', name: '本地连接', description: '', mac: null, kind: 'ethernet', state: 'down', addresses: ['10.0.0.12/24'], dnsServers: ['FD00::53', '10.0.0.53:5353'], dnsSource: 'world file' },
    ])
  })

  test('leads addresses elsewhere, in any spelling, and all others to themselves', async () => {
    const { reach } = await world({ reach: { '203.0.113.53:53': '127.0.0.1:5301', '[2001:db8::25]:25': '[::1]:2525' } })
    expect(reach('203.0.113.53', 53)).toEqual({ address: '127.0.0.1', port: 5301 })
    expect(reach('2001:DB8:0:0::25', 25)).toEqual({ address: '::1', port: 2525 })
    expect(reach('203.0.113.53', 54)).toEqual({ address: '203.0.113.53', port: 54 })
  })

  test('makes the addresses of manuals public', async () => {
    const { isPublic } = await world({})
    expect([isPublic('203.0.113.53'), isPublic('10.0.0.1')]).toEqual([true, false])
  })

  test('may begin with a BOM', async () => {
    expect(await world('\ufeff{"egressAddress": "203.0.113.25"}')).toMatchObject({ egressAddress: '203.0.113.25' })
  })
})

describe('a world file that changes', () => {
  test('takes an adapter away', async () => {
    const made = await world({ adapters: [{ name: 'LAN' }, { name: 'DMZ' }], reach: { '10.0.0.1:53': '127.0.0.1:1' } })
    await writeFile(file, JSON.stringify({ adapters: [{ name: 'LAN' }], reach: { '10.0.0.1:53': '127.0.0.1:2' } }))
    expect((await made.adapters()).map(({ name }) => name)).toEqual(['LAN'])
    expect(made.reach('10.0.0.1', 53).port).toBe(2)
  })

  test.each([['damaged', '{"adapters": ['], ['wrong', '{"adapters": 7}'], ['empty', '']])('and is %s keeps its last good content until it is good again', async (_, damage) => {
    const made = await world({ adapters: [{ name: 'LAN' }] })
    await writeFile(file, damage)
    expect((await made.adapters()).map(({ name }) => name)).toEqual(['LAN'])
    await writeFile(file, JSON.stringify({ adapters: [{ name: 'WAN' }] }))
    expect((await made.adapters()).map(({ name }) => name)).toEqual(['WAN'])
  })

  test('and is deleted keeps its last good content', async () => {
    const made = await world({ adapters: [{ name: 'LAN' }] })
    await rm(file)
    expect(await made.adapters()).toHaveLength(1)
  })

  test('is not changed by whoever changes what it gave', async () => {
    const made = await world({ adapters: [{ name: 'LAN' }] })
    const given = await made.adapters()
    given.pop()
    expect(await made.adapters()).toHaveLength(1)
  })
})

describe('a world file that is watched', () => {
  test('tells within a second when it is written or replaced, until it is not wanted any more', async () => {
    const made = await world({ adapters: [{ name: 'LAN' }] })
    let heard = 0
    const stop = made.watchAdapters(() => (heard += 1))
    const told = async (change: () => Promise<unknown>) => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      heard = 0
      await change()
      const begun = performance.now()
      while (heard === 0 && performance.now() - begun < 1000) await new Promise((resolve) => setTimeout(resolve, 10))
      return heard > 0
    }
    expect(await told(() => writeFile(file, JSON.stringify({ adapters: [{ name: 'WAN' }] })))).toBe(true)
    expect((await made.adapters()).map(({ name }) => name)).toEqual(['WAN'])
    await writeFile(`${file}.new`, JSON.stringify({ adapters: [] }))
    expect(await told(() => rename(`${file}.new`, file))).toBe(true)
    stop()
    expect(await told(() => writeFile(file, JSON.stringify({ adapters: [{ name: 'LAN' }] })))).toBe(false)
  })
})

describe('a world file is refused, with file, place and remedy,', () => {
  test.each([
    ['damaged', '{\n  "adapters": [,]\n}', `is not valid JSON: Unexpected token ',', ..."apters": [,] }"`],
    ['damaged otherwise', '{\n  "adapters": []\n  "reach": {}\n}', 'line 3, column 3'],
    ['cut', '{"adapters": [', 'JSON'],
    ['empty', '', 'JSON'],
    ['a list', '[]', 'expected object'],
    ['with an unknown key', { adaptres: [] }, 'adaptres'],
    ['with an unknown key of an adapter', { adapters: [{ name: 'LAN', dns: [] }] }, 'adapters.0'],
    ['with an adapter without a name', { adapters: [{}] }, 'adapters.0.name'],
    ['with two adapters of one id', { adapters: [{ name: 'LAN' }, { name: 'LAN' }] }, 'two adapters have the id “LAN”'],
    ['with a DNS server that is none', { adapters: [{ name: 'LAN', dnsServers: ['1.2.3'] }] }, 'adapters.0.dnsServers.0: “1.2.3” is not an IP address'],
    ['with an address without its prefix', { adapters: [{ name: 'LAN', addresses: ['10.0.0.1'] }] }, 'adapters.0.addresses.0: “10.0.0.1” is not an address with its prefix length'],
    ['with an egress address that is none', { egressAddress: 'mx.example.test' }, 'egressAddress: “mx.example.test” is not an IP address'],
    ['with a blocklist that is no zone', { blocklists: ['not a zone'] }, 'blocklists.0'],
    ['with a place without a port', { reach: { '10.0.0.1': '127.0.0.1:53' } }, 'reach'],
    ['with a port that is none', { reach: { '10.0.0.1:53': '127.0.0.1:70000' } }, '127.0.0.1:70000'],
    ['with an empty hosts path', { hostsFile: '' }, 'hostsFile'],
  ])('%s', async (_, content, place) => {
    const failure: unknown = await world(content).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'Failure', code: 'bad-input', remedy: expect.stringMatching(/./) })
    const message = failure instanceof Error ? failure.message : ''
    expect(message).toContain(file)
    expect(message).toContain(place)
  })

  test('missing, a folder, a pipe or too large', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await writeFile(join(folder, 'large'), Buffer.alloc(5 * 1024 * 1024, 0x20))
    for (const [name, why] of [['missing', 'does not exist'], ['.', 'is not a file'], ['pipe', 'is not a file'], ['large', 'is larger than 4 MB']] as const)
      await expect(worldOf(join(folder, name))).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining(why) })
  })
})
