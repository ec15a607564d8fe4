// The command line is killed at each step of a change of the hosts file; the next start tidies up and says so.
import { link, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../main/change/journal.ts'
import { orderOf } from '../../main/change/seal.ts'
import { machineWorld } from '../../main/world/machine.ts'
import { changesIn, edgewise } from './killed-process.ts'
import { adapter, eventually, lookups, openStage, save, type Stage } from '../transport/stage.ts'

const original = '127.0.0.1 localhost\n10.0.0.1\tone.test # keep\n'
const entry = '198.51.100.98 mail.example.test\n'
const points = ['planned', 'journalled', 'applying', 'applied', 'kept'] as const
const backPoints = ['rolling back', 'restored', 'rolled back'] as const
const page = { offset: 0, limit: 10 }

let stage: Stage
afterEach(() => stage?.close())

const hostsPath = () => join(stage.folder, 'hosts')
const flags = () => ['--home', stage.home.folder, '--world', stage.worldFile]
const content = () => readFile(hostsPath(), 'utf8')
const folders = async () => [(await readdir(stage.folder)).sort(), await readdir(join(stage.home.folder, 'changes'))].flat()

/** What the next start finds and says: a closed journal, and a file that is wholly one of two. */
async function tidied(old: string, fresh: string, step: string): Promise<string> {
  const next = await edgewise(flags(), ['changes', 'list'])
  const [change] = changesIn(next)
  const now = await content()
  expect([old, fresh]).toContain(now)
  expect(change?.state).toBe(now === old ? 'rolled back' : 'kept')
  // Killed at its very last word, it had come to its end already.
  if (step === points.at(-1) || step === backPoints.at(-1)) expect(change?.state).toBe(step)
  else expect(next.stderr).toContain(`A change was interrupted: ${change?.words.join(' ')} ${now === old ? 'It was rolled back' : 'It is kept'}.`)
  const names = await folders()
  expect(names).not.toContain('open.json')
  expect(names.filter((name) => name.includes('.edgewise-'))).toEqual([])
  return now
}

describe.each([
  ['replaced', async (): Promise<void> => undefined],
  // A file with a second name is not replaced: that would keep the old content.
  ['written in place', async (): Promise<void> => link(hostsPath(), join(stage.folder, 'hosts.other'))],
] as const)('a file that is %s', (_way, prepare) => {
  it.each(points)('killed at “%s” of a save and of its undo, is wholly old or wholly new', { timeout: 60_000 }, async (step) => {
    stage = await openStage({ adapters: {}, hosts: original })
    await prepare()
    const env = { EDGEWISE_TEST_KILL_AT: step }
    expect((await edgewise(flags(), ['hosts', 'add', '198.51.100.98', 'mail.example.test'], env)).killed).toBe(true)
    const now = await tidied(original, original + entry, step)

    if (now === original) await edgewise(flags(), ['hosts', 'add', '198.51.100.98', 'mail.example.test'])
    expect(await content()).toBe(original + entry)
    expect((await edgewise(flags(), ['hosts', 'undo'], env)).killed).toBe(true)
    await tidied(original + entry, original, step)
  })
})

describe.each(backPoints)('killed at “%s” on the way back', (step) => {
  it('is old after the next start', { timeout: 60_000 }, async () => {
    const zone = ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.99']
    stage = await openStage({ adapters: { LAN: { behaviour: 'answer', zone } }, hosts: original })
    // Port 25 of both addresses leads to a port of this machine where nobody listens.
    await stage.setWorld((file) => Object.assign(file['reach'] as object, { '198.51.100.99:25': '127.0.0.1:1', '198.51.100.98:25': '127.0.0.1:1' }))
    await save(stage.transport, lookups(adapter('LAN')))
    await stage.transport.control('start', { signal: AbortSignal.timeout(15_000) })
    await stage.send('alice@example.test')
    await eventually(() => stage.transport.messages({}, page), ({ messages }) => messages.some(({ lastError }) => lastError !== null))
    const first = await edgewise(flags(), ['hosts', 'add', '198.51.100.98', 'mail.example.test', '--restart'], { EDGEWISE_TEST_KILL_AT: step })
    expect(first.killed).toBe(true)
    expect(await tidied(original, original, step)).toBe(original)
    expect((await (await stage.open()).properties()).waiting).toBe(1)
  })
})

describe('with an administrator’s rights', () => {
  it('no world’s hosts file is written, and an open change is left to whoever began it', { timeout: 60_000 }, async () => {
    stage = await openStage({ adapters: {}, hosts: original })
    await edgewise(flags(), ['hosts', 'add', '198.51.100.98', 'mail.example.test'], { EDGEWISE_TEST_KILL_AT: 'applying' })
    const open = join(stage.home.folder, 'changes', 'open.json')
    const journal = await readFile(open, 'utf8')
    const { id, seal } = orderOf(JSON.parse(journal) as Entry, 'after')
    const machines = await readFile(machineWorld().hostsFile)
    const { stdout } = await edgewise(flags(), ['changes', 'write-journalled', id, seal, '--home-hex', Buffer.from(stage.home.folder).toString('hex')])
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'failed', message: `The change is about the hosts file “${hostsPath()}”, and that of this world is “${machineWorld().hostsFile}”.` } })
    expect([await content(), await readFile(open, 'utf8')]).toEqual([original, journal])
    expect((await readFile(machineWorld().hostsFile)).equals(machines)).toBe(true)
  })
})
