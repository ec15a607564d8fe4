// Which transport a start is about, and what a copied command says so that it means the same edge server.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chosenTransport, openLocal } from '../main/edge-servers.ts'
import { systemConfigDir } from '../main/transport/postfix/config-dir.ts'
import { worldOf } from '../main/world/world-file.ts'

let home: string
let worldFile: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'edgewise-servers-'))
  worldFile = join(home, 'world.json')
  writeFileSync(worldFile, JSON.stringify({ adapters: [{ name: 'LAN', dnsServers: [] }] }))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('what is named decides; else a world file or a home folder with settings means the embedded relay, else what this machine has', async () => {
  const found = (await systemConfigDir()) === null ? 'embedded' : 'postfix'
  expect(await chosenTransport({ transport: 'postfix', worldFile })).toBe('postfix')
  expect(await chosenTransport({ configDir: '/etc/other', worldFile })).toBe('postfix')
  expect(await chosenTransport({ worldFile })).toBe('embedded')
  expect(await chosenTransport({ home })).toBe(found)
  writeFileSync(join(home, 'settings.json'), '{}')
  expect(await chosenTransport({ home })).toBe('embedded')
})

test('a folder of Postfix goes with no other transport, and Exchange is opened with no rights that were asked for', async () => {
  const opening = { world: await worldOf(worldFile), isElevated: false }
  await expect(openLocal({ transport: 'embedded', configDir: '/etc/other', home }, opening)).rejects.toMatchObject({ code: 'bad-input', message: '--config-dir goes with the transport postfix.' })
  await expect(openLocal({ transport: 'exchange', home }, { ...opening, isElevated: true })).rejects.toMatchObject({ code: 'needs-administrator' })
})

test('the command of a plan names no transport where a command line means this one by itself', async () => {
  const edge = await openLocal({ home, worldFile }, { world: await worldOf(worldFile), isElevated: false })
  try {
    const plan = await edge.changes.plan({ limits: { transientFailureRetryInterval: 300 } }, { progress: () => {}, signal: AbortSignal.timeout(10_000) })
    expect(plan.command.edgewise).toBe('edgewise limits set --transient-failure-retry-interval 300')
  } finally {
    await edge.close()
  }
})
