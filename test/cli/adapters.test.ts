// Adapters from the command line, with their advice and the health of their DNS servers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { adapterSchema } from '../../preload/contract/adapters.ts'
import { contract } from '../../preload/contract/index.ts'
import { serverHealthSchema, type ServerHealth } from '../../preload/contract/health.ts'
import { ownNamespace } from '../adapters/namespace.ts'
import { a, fails, mx, rcode, reply, serve, silent, type Behaviour, type TestServer } from '../dns/server.ts'
import { run, type Ended } from './edgewise-process.ts'

const knows: Behaviour = (query) => {
  const { name, type } = query.question
  const ns = { type: 'NS' as const, name: '.', ttl: 60, data: 'a.root-servers.test' }
  return [reply(query, { answers: type === 'NS' ? [ns] : type === 'MX' ? [mx(name, 'mail.test')] : type === 'A' ? [a(name, '192.0.2.1')] : [] })]
}
let folder = ''
let servers: TestServer[] = []
const edgewise = (...words: string[]): Promise<Ended> => run([...words, '--home', join(folder, 'home'), '--world', join(folder, 'world.json')])

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
  servers = await Promise.all([serve(knows), serve(silent), serve(fails(rcode.SERVFAIL))])
  const at = ['10.0.0.10:53', '203.0.113.53:53', '10.0.0.11:53']
  writeFileSync(join(folder, 'world.json'), JSON.stringify({
    adapters: [
      { name: 'LAN', id: 'lan', addresses: ['10.0.0.12/24'], dnsServers: ['10.0.0.10'] },
      { name: '本地连接', id: 'dmz', addresses: ['10.0.1.12/24'], dnsServers: ['203.0.113.53', '10.0.0.11'] },
      { name: 'Spare', state: 'disconnected' },
    ],
    reach: Object.fromEntries(at.map((place, index) => [place, `127.0.0.1:${servers[index]?.port}`])),
  }))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  rmSync(folder, { recursive: true, force: true })
})

it('lists them with what to know about each', async () => {
  const { code, json } = await edgewise('adapters', '--json')
  const listed = json()['adapters'] as { name: string; advice: { kind: string }[] }[]
  for (const adapter of listed) expect(adapterSchema.parse(adapter)).toBeDefined()
  expect([code, listed.map(({ name, advice }) => [name, advice.map(({ kind }) => kind)])]).toEqual([0, [['LAN', []], ['本地连接', ['public-dns']], ['Spare', ['not-usable']]]])
  expect((await edgewise('adapters')).stdout).toContain('“本地连接” is an internal adapter, but also asks DNS servers of the Internet (203.0.113.53)')
})

it('prints nothing of an adapter’s name that a terminal would obey', async () => {
  const world = join(folder, 'odd.json')
  writeFileSync(world, JSON.stringify({ adapters: [{ name: 'odd\u001b[31m', addresses: ['10.0.0.12/24'] }] }))
  const asked = (...words: string[]) => run(['adapters', ...words, '--home', join(folder, 'home'), '--world', world])
  const [listed, refused] = [await asked(), await asked('--adapter', 'none')]
  expect(listed.stdout).toContain('“odd [31m” has no DNS servers')
  expect(refused.stderr).toContain('There are “odd [31m”.')
  expect(listed.stdout + refused.stderr).not.toContain('\u001b')
})

it('tells the health of their DNS servers, each as soon as it is known, and that a fault was found', async () => {
  const ended = await edgewise('adapters', '--health', '--json')
  const health = ended.json()['health'] as ServerHealth[]
  expect([ended.code, health.map((one) => [serverHealthSchema.parse(one).server, one.adapters, one.state])]).toEqual([1, [['10.0.0.10', ['lan'], 'answers'], ['203.0.113.53', ['dmz'], 'silent'], ['10.0.0.11', ['dmz'], 'fails']]])
  expect(ended.lines().slice(0, -1).map((line) => (line['health'] as ServerHealth).server).at(-1)).toBe('203.0.113.53')
  const text = (await edgewise('adapters', '--health')).stdout
  expect(text).toMatch(/10\.0\.0\.10 +LAN +answers, \d+ ms +answers +answers/)
  expect(text).toMatch(/203\.0\.113\.53 +本地连接 +does not answer/)
})

it('asks about one adapter, by name or id, and refuses one that is not there', async () => {
  expect(await edgewise('adapters', '--adapter', 'lan', '--health', '--json')).toMatchObject({ code: 0 })
  const refused = await edgewise('adapters', '--adapter', 'WAN')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no adapter “WAN”.') })
})

it('loads neither a transport nor a schema where adapters are only listed', async () => {
  const loaded = async (...words: string[]) => {
    const { code, stderr } = await run([...words, '--home', join(folder, 'home')], { NODE_DEBUG: 'esm' })
    return [code, ...['list', 'embedded', 'schemas'].map((part) => stderr.includes(`parts/${part}-`))]
  }
  expect([await loaded('adapters'), await loaded('service', 'status')]).toEqual([[0, true, false, false], [0, true, true, true]])
})

const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'
it.skipIf(!(process.getuid?.() === 0 && process.platform === 'linux') && !noSkip)('prints 200 of them in the contract’s form, although no schema was made for that (needs root on Linux)', async () => {
  const space = ownNamespace()
  if (!space) throw new Error('no network namespace')
  try {
    space.batch(['link set lo up', ...Array.from({ length: 100 }, (_, at) => [`link add a${at} type veth peer name b${at}`, `addr add 10.1.${at}.1/24 dev a${at}`, `link set a${at} up`, `link set b${at} up`]).flat()])
    const json = (await run(['adapters', '--json', '--home', join(folder, 'home')])).json()
    expect(contract.adapters.list.output.parse(json)).toEqual(json)
    expect(json['adapters']).toHaveLength((space.ip('-o link').match(/\n/g) ?? []).length)
  } finally {
    space.leave()
  }
})
