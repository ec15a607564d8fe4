// The Windows code as it is, run by a real node.exe under Wine: Wine's own GetAdaptersAddresses, registry and
// notifications. Wine shows one or two adapters without IPv6 DNS servers; the rest stands in test/adapters/windows.
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapterSchema, type Adapter } from '../../preload/contract/adapters.ts'
import { whyNoWindows, windows } from './wine.mjs'

const why = whyNoWindows()
const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'

describe.skipIf(why !== null && !noSkip)(`Windows’ own adapters, under Wine${why === null ? '' : ` (${why})`}`, () => {
  let machine: Awaited<ReturnType<typeof windows>> | undefined
  const ran = async (source: string) => {
    if (!machine) throw new Error(why ?? 'Wine did not start')
    return machine.run(source)
  }
  const list = `import { listAdapters } from '#main/adapters/adapters.ts'
const begun = performance.now()
const first = await listAdapters()
const middle = performance.now()
await listAdapters()
tell({ platform: process.platform, adapters: first, cold: middle - begun, warm: performance.now() - middle })`

  beforeAll(async () => {
    machine = await windows()
  }, 400_000)
  afterAll(() => machine?.end(), 60_000)

  let guid = ''
  test('are listed as the contract has them, from one call, in no time', async () => {
    const told = (await ran(list)) as { platform: string; adapters: Adapter[]; cold: number; warm: number }
    expect(told.platform).toBe('win32')
    for (const adapter of told.adapters) expect(adapterSchema.parse(adapter)).toEqual(adapter)
    // Wine tells this machine's own adapters: their addresses are known from elsewhere.
    const here = Object.values(networkInterfaces()).flatMap((given = []) => given.flatMap(({ cidr, family, internal }) => (family === 'IPv4' && !internal && cidr ? [cidr] : [])))
    const cards = told.adapters.filter(({ kind }) => kind === 'ethernet')
    expect(cards.flatMap(({ addresses }) => addresses)).toEqual(expect.arrayContaining(here))
    const card = cards.find(({ state }) => state === 'up')
    expect(card).toMatchObject({ id: expect.stringMatching(/^\{[\dA-F-]{36}\}$/i), mac: expect.stringMatching(/^([\da-f]{2}:){5}[\da-f]{2}$/), index: expect.any(Number) })
    expect(told.adapters.find(({ kind }) => kind === 'loopback')).toMatchObject({ addresses: expect.arrayContaining(['127.0.0.1/8']) })
    expect(told.warm).toBeLessThan(1000)
    guid = card?.id ?? ''
  }, 60_000)

  test('whose DNS servers were typed in say so', async () => {
    const key = (service: string) => `HKLM\\System\\CurrentControlSet\\Services\\${service}\\Parameters\\Interfaces\\${guid}`
    await machine?.reg('add', key('Tcpip'), '/v', 'NameServer', '/d', '10.0.0.10', '/f')
    const told = (await ran(list)) as { adapters: Adapter[] }
    const card = told.adapters.find(({ id }) => id === guid)
    expect(card?.dnsSource).toBe(card?.dnsServers.length === 0 ? 'none' : 'static')
  }, 60_000)

  test('that change are heard of within a second, and the watch ends', async () => {
    const told = await ran(`import { hear } from '#main/adapters/windows-watch.ts'
import koffi from 'koffi'
const registry = koffi.load('advapi32.dll')
const set = registry.func('int32_t __stdcall RegSetKeyValueW(uintptr_t key, str16 path, str16 name, uint32_t type, str16 text, uint32_t size)')
const path = 'SYSTEM\\\\CurrentControlSet\\\\Services\\\\Tcpip\\\\Parameters\\\\Interfaces'
set(0x80000002n, path + '\\\\{test}', 'NameServer', 1, '10.0.0.1', 18)
let heard: () => void = () => {}
const stop = await hear(() => heard())
const waits: number[] = []
for (const server of ['10.0.0.2', '10.0.0.3']) {
  const begun = performance.now()
  const told = new Promise<void>((resolve) => { heard = resolve })
  set(0x80000002n, path + '\\\\{test}', 'NameServer', 1, server, 18)
  await Promise.race([told, new Promise((late) => setTimeout(late, 5000).unref())])
  waits.push(performance.now() - begun)
}
const ending = performance.now()
stop()
await new Promise((resolve) => setTimeout(resolve, 300))
tell({ waits, ended: performance.now() - ending })`)
    expect(told).toEqual({ waits: [expect.any(Number), expect.any(Number)], ended: expect.any(Number) })
    for (const wait of (told as { waits: number[] }).waits) expect(wait).toBeLessThan(1000)
  }, 60_000)
})
