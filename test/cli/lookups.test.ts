// The lookups from the command line, kept in a real home folder; the transport service runs only where it must.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { adapters, machine, type Machine } from './edgewise-process.ts'

let edge: Machine
beforeEach(async () => {
  edge = await machine()
})
afterEach(() => edge.end())

const settings = () => readFileSync(join(edge.home, 'settings.json'), 'utf8')

describe('lookups set', () => {
  it('keeps id and name of an adapter, named in any case or by its id, with the options before or after the verb', async () => {
    const wanted = { source: { kind: 'adapter', id: 'lan-1', name: 'LAN' }, protocol: 'any' }
    for (const args of [['lookups', 'set', 'internal', '--adapter', 'LAN', '--json'], ['--json', 'lookups', 'set', '--adapter', 'lan', 'internal'], ['lookups', '--json', 'set', 'internal', '--adapter', 'lan-1']]) {
      const ended = await edge.run(...args)
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(ended.json()).toEqual({ internal: wanted, external: expect.anything(), useExternalForInternet: false, change: expect.objectContaining({ state: 'kept' }) })
    }
    expect((await edge.run('lookups', 'show', '--json')).json()).toMatchObject({ internal: wanted })
  })

  it('changes only what was said', async () => {
    await edge.run('lookups', 'set', 'external', '--servers', '10.0.0.10, [fd00::10]:5353', '--protocol', 'tcp')
    await edge.run('lookups', 'set', 'external', '--use-for-internet', 'yes')
    await edge.run('lookups', 'set', 'internal', '--protocol', 'udp')
    expect((await edge.run('lookups', 'show', '--json')).json()).toEqual({
      internal: { source: { kind: 'all-adapters' }, protocol: 'udp' },
      external: { source: { kind: 'servers', servers: ['10.0.0.10', '[fd00::10]:5353'] }, protocol: 'tcp' },
      useExternalForInternet: true,
    })
  })

  it('shows people what is chosen', async () => {
    const saved = await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN')
    expect(saved.code).toBe(0)
    expect(saved.stdout).toMatch(/^ {2}10\.0\.0\.10 answers in \d+ ms: \. NS a\.root\.test\nplanned /)
    expect(saved.stdout).toMatch(/\nKept: Saved\. It takes effect with the next restart of the transport service\.\n$/)
    const { stdout } = await edge.run('lookups', 'show')
    expect(stdout).toMatch(/^internal {2}adapter “LAN” +any +nothing: the transport service does not run$/m)
    expect(stdout).toContain('Internet mail asks the internal lookups.')
  })

  it('never changes an adapter that vanished', async () => {
    await edge.run('lookups', 'set', 'internal', '--adapter', 'DMZ')
    const before = settings()
    edge.adapters(adapters.slice(0, 1))
    const { code, stdout } = await edge.run('lookups', 'show')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^internal {2}missing adapter “DMZ”/m)
    expect((await edge.run('lookups', 'show', '--json')).json()).toMatchObject({ internal: { source: { kind: 'adapter', id: 'dmz-1', name: 'DMZ' } } })
    expect(settings()).toBe(before)
  })

  it('refuses an adapter that is not there, and one of two with the same name, with those there are', async () => {
    expect(await edge.run('lookups', 'set', 'internal', '--adapter', 'WAN')).toMatchObject({ code: 2, stderr: 'edgewise: There is no adapter “WAN”.\nThere are: LAN, DMZ.\n' })
    edge.adapters([...adapters, { name: 'LAN', id: 'lan-2', addresses: ['192.168.1.2/24'] }])
    const { code, stderr } = await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN')
    expect(code).toBe(2)
    expect(stderr).toContain('2 adapters are called “LAN”: lan-1 (10.0.0.12/24); lan-2 (192.168.1.2/24).')
    expect(await edge.run('lookups', 'set', 'internal', '--adapter', 'lan-2', '--force', '--json')).toMatchObject({ code: 0 })
  })

  it.each([
    ['1.2.3', '“1.2.3” is not an IP address'],
    ['::g', '“::g” is not an IP address'],
    ['dns.example.test', 'a DNS server is named by its address'],
    ['10.0.0.10:70000', 'a port is a number from 1 to 65535'],
    ['10.0.0.10,10.0.0.10:53', '10.0.0.10 is listed twice'],
    ['', 'Add at least one DNS server'],
    [Array.from({ length: 10_000 }, (_, n) => `10.${n >> 8}.${n & 255}.1`).join(','), '10000 DNS servers are too many'],
  ])('refuses the DNS servers %.30s', async (servers, sentence) => {
    await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN')
    const before = settings()
    const refused = await edge.run('lookups', 'set', 'internal', '--servers', servers, '--json')
    expect(refused.code).toBe(2)
    expect(refused.lines()).toEqual([{ error: { code: 'bad-input', message: expect.stringContaining(sentence) } }])
    expect(refused.stdout.length).toBeLessThan(400)
    expect(settings()).toBe(before)
  })
})

describe('a home folder', () => {
  it('with damaged settings is left as it is', async () => {
    mkdirSync(edge.home, { recursive: true })
    writeFileSync(join(edge.home, 'settings.json'), '{"lookups": ')
    for (const args of [['lookups', 'show'], ['lookups', 'set', 'internal', '--all-adapters'], ['server']]) {
      const { code, stdout, stderr } = await edge.run(...args)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^edgewise: The settings file .*settings\.json is damaged: .*\nMend it/)
    }
    expect(settings()).toBe('{"lookups": ')
    writeFileSync(join(edge.home, 'settings.json'), '{}')
  })
})
