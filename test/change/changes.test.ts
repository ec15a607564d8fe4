// The guarded change of the embedded relay: what is its own beside what every transport's suite has.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChangeProgress } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { Changes, type Wish } from '../../main/change/changes.ts'
import type { Order } from '../../main/change/seal.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { adapter, eventually, lookups, openStage, save, type Plan, type Stage } from '../transport/stage.ts'

let stage: Stage
let changes: Changes
let told: ChangeProgress[]
async function open(plan: Plan) {
  stage = await openStage(plan)
  changes = await changesOf()
}
const changesOf = async () => {
  const transport = await stage.open()
  return new Changes(stage.home.folder, { world: await worldOf(stage.worldFile), transport })
}
afterEach(() => stage?.close())

const wish = (name: string, more: Partial<Wish> = {}): Wish => ({
  wanted: { lookups: lookups(adapter(name)) },
  restart: true,
  drain: false,
  force: false,
  keep: false,
  by: 'a test',
  ...more,
})
function following(signal: AbortSignal = AbortSignal.timeout(30_000)) {
  told = []
  return { progress: (progress: ChangeProgress) => void told.push(progress), signal }
}
const settings = () => readFile(stage.home.settings, 'utf8')
const start = () => stage.transport.control('start', { signal: AbortSignal.timeout(15_000) })
const page = { offset: 0, limit: 10 }
const untilTried = () => eventually(() => stage.transport.messages({}, page), ({ messages }) => messages.some(({ lastError }) => lastError !== null))

const world = { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer' }, LIAR: { behaviour: 'nxdomain' }, DEAD: { behaviour: 'silent' } } as const

describe('a change that cures', () => {
  it('asks for the accepted domains’ mailbox servers where no mail waits', async () => {
    await open({
      adapters: { LAN: { behaviour: 'answer', zone: ['mailbox.ours.test A 198.51.100.25'] } },
      settings: { acceptedDomains: [{ domain: 'ours.test', nextHop: 'mailbox.ours.test:2525' }] },
    })
    await start()
    const change = await changes.run(wish('LAN'), following())
    expect(told.flatMap((one) => (one.kind === 'probed' ? [one.probed.text] : []))).toEqual([expect.stringMatching(/^10\.0\.0\.53 answers in \d+ ms: mailbox\.ours\.test A 198\.51\.100\.25$/)])
    expect(change.state).toBe('kept')
  })

  it('asks for the control name that is set where no mail waits', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: ['probe.test A 198.51.100.9'] } }, settings: { controlName: 'probe.test' } })
    await start()
    const change = await changes.run(wish('LAN'), following())
    expect(change).toMatchObject({ state: 'kept', reason: expect.stringContaining('198.51.100.9') })
  })

  it('changes nothing a second time', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: ['. NS a.root.test'] } } })
    await start()
    await changes.run(wish('LAN'), following())
    const before = await settings()
    const again = await changes.run(wish('LAN'), following())
    expect(again.reason).toBe('Nothing was different.')
    expect(await settings()).toBe(before)
    expect(await changes.list()).toHaveLength(1)
  })
})

describe('a change that does not', () => {
  it('is taken back by itself where the new servers say that a domain that waits does not exist, byte for byte', async () => {
    await open({ adapters: world })
    await save(stage.transport, lookups(adapter('DMZ')))
    // As an administrator's hand leaves it.
    await writeFile(stage.home.settings, (await settings()).replace('{', '{ '))
    const before = await settings()
    await start()
    await stage.send('alice@example.test')
    await untilTried()
    const change = await changes.run(wish('LIAR'), following())
    expect(change.state).toBe('rolled back')
    expect(change.reason).toMatch(/still waits: .*NonExistentDomain/)
    expect(await settings()).toBe(before)
    const after = await stage.transport.properties()
    expect(after).toMatchObject({ restartNeeded: false, waiting: 1 })
    expect(after.inEffect?.internal.servers).toEqual(['10.0.0.53'])
    expect(after.service.state).toBe('running')
  })

})

describe('the journal', () => {
  it('takes back what a journal of earlier versions has', async () => {
    await open({ adapters: world })
    await save(stage.transport, lookups(adapter('DMZ')))
    const before = await settings()
    const kept = await changes.run(wish('LAN', { restart: false }), following())
    const folder = join(stage.home.folder, 'changes')
    const [name = ''] = await readdir(folder)
    const { kind: _kind, hosts: _hosts, undoes: _undoes, ...earlier } = JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>
    await writeFile(join(folder, name), JSON.stringify(earlier))
    expect(await changes.list()).toEqual([kept])
    await changes.rollBack(kept.id, { restart: false, by: 'a test' }, following())
    expect(await settings()).toBe(before)
  })
})

/** A double of missing rights: this process may read the settings, not write them. */
async function mayNotWrite() {
  const transport = await stage.open()
  transport.write = async () => {
    throw new Failure('needs-administrator', 'The settings cannot be written.')
  }
  return transport
}

describe('with an administrator’s rights', () => {
  it('writes what the open change says and nothing else', async () => {
    await open({ adapters: world })
    await save(stage.transport, lookups(adapter('DMZ')))
    const elevated = await changesOf()
    const transport = await mayNotWrite()
    const asked: Order[] = []
    const guarded = new Changes(stage.home.folder, { world: await worldOf(stage.worldFile), transport }, async (order) => {
      asked.push(order)
      await expect(elevated.writeJournalled({ ...order, id: '3f2a9c1e-0000-4000-8000-000000000001' })).rejects.toThrow('No open change has this id.')
      await expect(elevated.writeJournalled({ ...order, seal: 'ab'.repeat(32) })).rejects.toThrow('not what it was when the administrator’s rights were asked for')
      await elevated.writeJournalled(order)
    })
    const change = await guarded.run(wish('LAN', { restart: false }), following())
    expect(asked.map(({ id }) => id)).toEqual([change.id])
    expect(change.state).toBe('kept')
    expect(await settings()).toContain('"id": "LAN"')
    await expect(elevated.writeJournalled(asked[0]!)).rejects.toThrow('No open change has this id.')
  })

  it('leaves the state untouched where they are refused', async () => {
    await open({ adapters: world })
    await save(stage.transport, lookups(adapter('DMZ')))
    const before = await settings()
    const transport = await mayNotWrite()
    const guarded = new Changes(stage.home.folder, { world: await worldOf(stage.worldFile), transport }, async () => {
      throw new Failure('needs-administrator', 'The administrator’s rights were declined, so nothing was changed.')
    })
    await expect(guarded.run(wish('LAN', { restart: false }), following())).rejects.toThrow('were declined')
    expect(await settings()).toBe(before)
    expect((await guarded.list())[0]?.state).toBe('rolled back')
  })
})
