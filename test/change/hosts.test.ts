// The guarded change of the hosts file for real: files on disk, a relay and its DNS where mail is to move.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hostsEditSchema } from '../../preload/contract/hosts.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Changes } from '../../main/change/changes.ts'
import { type Order, orderOf } from '../../main/change/seal.ts'
import type { Entry } from '../../main/change/journal.ts'
import { hashOf } from '../../main/hosts/file.ts'
import { adapter, eventually, lookups, save, type Plan } from '../transport/stage.ts'
import { add, backups, changes, changesOf, content, following, open, original, path, reopen, run, stage, undo, wish } from './hosts-stage.ts'

afterEach(() => stage?.close())

describe('an edit', () => {
  it('is saved, read back and journalled with its lines, and both contents lie on disk before the journal names them', async () => {
    await open()
    let kept: string[] = []
    const change = await run(add('203.0.113.25', 'mx1.example.test'))
    expect(change).toMatchObject({ kind: 'hosts', state: 'kept', reason: 'Saved, and read back byte for byte.', diff: [], words: ['mx1.example.test is at 203.0.113.25.'] })
    expect(change.patch?.map(({ kind, text }) => `${kind} ${text}`)).toContain('added 203.0.113.25 mx1.example.test')
    expect(change.steps.map(({ step }) => step)).toEqual(['planned', 'probed', 'journalled', 'applying', 'applied', 'kept'])
    expect(await content()).toBe(`${original}\n203.0.113.25 mx1.example.test\n`)
    expect(await changes.list()).toEqual([change])

    const again = await wish(add('203.0.113.26', 'mx2.example.test'))
    await changes.run(again, following((told) => {
      if (told.kind === 'step' && told.step.step === 'planned') kept = readdirSync(join(stage.home.folder, 'hosts'))
    }))
    expect(kept).toEqual(expect.arrayContaining([again.wanted.hosts?.hash, hashOf(Buffer.from(await content(), 'latin1'))]))
  })

  it('that finds another file than the one that was read writes nothing', async () => {
    await open()
    const asked = await wish(add('203.0.113.25', 'mx1.example.test'))
    await writeFile(path(), 'theirs\n')
    await expect(changes.plan(asked.wanted, following())).rejects.toMatchObject({ code: 'changed-meanwhile' })
    await expect(changes.run(asked, following())).rejects.toMatchObject({ code: 'changed-meanwhile' })
    expect([await content(), await changes.list(), await backups()]).toEqual(['theirs\n', [], []])
  })

  it('that is overtaken at the last moment writes nothing either, and says the same', async () => {
    await open()
    const asked = await wish(add('203.0.113.25', 'mx1.example.test'))
    const running = changes.run(asked, following((told) => {
      if (told.kind === 'step' && told.step.step === 'applying') writeFileSync(path(), 'theirs\n')
    }))
    await expect(running).rejects.toMatchObject({ code: 'changed-meanwhile' })
    expect([await content(), (await changes.list()).map(({ state }) => state)]).toEqual(['theirs\n', ['rolled back']])
  })

  it('is not written where what stands there cannot be kept', async () => {
    await open()
    await mkdir(stage.home.folder, { recursive: true })
    await writeFile(join(stage.home.folder, 'hosts'), 'in the way')
    await expect(run(add('203.0.113.25', 'mx1.example.test'))).rejects.toThrow(/cannot be kept .*Nothing was changed/)
    expect([await content(), await changes.list()]).toEqual([original, []])
  })

  it('toggled at once and again and again by two consoles loses none that was said to be saved', { timeout: 60_000 }, async () => {
    await open()
    const consoles = [changes, await changesOf()]
    const refusals: unknown[] = []
    const saved: string[] = []
    const toggle = async (one: Changes, name: string) => {
      for (let round = 0; round < 5; round += 1) {
        try {
          const { state } = await one.run(await wish(add(`203.0.113.${round}`, `${name}${round}.test`)), following())
          expect(state).toBe('kept')
          saved.push(`203.0.113.${round} ${name}${round}.test`)
        } catch (error) {
          refusals.push(error)
        }
      }
    }
    await Promise.all(consoles.flatMap((one, at) => [toggle(one, `a${at}-`), toggle(one, `b${at}-`)]))
    for (const refusal of refusals) expect(refusal).toMatchObject({ name: 'Failure', message: expect.stringMatching(/^Another change is under way|was changed (since it was read|by another program meanwhile)/) })
    expect(saved.length).toBeGreaterThan(0)
    const lines = (await content()).split(/\r?\n/)
    expect(lines.slice(0, 4)).toEqual(original.split(/\r?\n/))
    expect(lines.slice(4, -1).sort()).toEqual(saved.sort())
    expect((await changes.hostsHistory()).saves).toHaveLength(saved.length)
  })

  it('that changes nothing leaves no trace', async () => {
    await open()
    const change = await run(hostsEditSchema.parse({ kind: 'set', line: 3, address: '10.0.0.1' }))
    expect(change).toMatchObject({ kind: 'hosts', reason: 'Nothing was different.' })
    expect([await content(), await changes.list()]).toEqual([original, []])
  })

  it('of a read-only file is made only where that is said, and the file is read-only again', async () => {
    await open()
    await chmod(path(), 0o444)
    await expect(run(add('203.0.113.25', 'mx1.example.test'))).rejects.toThrow(/is read-only/)
    const asked = await wish(add('203.0.113.25', 'mx1.example.test'))
    await changes.run({ ...asked, wanted: { hosts: { ...asked.wanted.hosts!, evenReadOnly: true } } }, following())
    expect(await content()).toContain('mx1.example.test')
    // What was said of the save is meant of its undo too.
    await undo()
    expect(await content()).toBe(original)
  })

  it('is planned with its diff, its command and what is amiss with the new lines', async () => {
    await open()
    const { wanted } = await wish(add('224.0.0.1', 'one.test', "o'two.test"))
    const plan = await changes.plan(wanted, following())
    expect(plan).toMatchObject({ diff: [], probe: [], refused: null, command: { edgewise: `edgewise hosts add 224.0.0.1 one.test 'o'\\''two.test'`, powershell: null } })
    expect(plan.patch?.at(-1)).toMatchObject({ kind: 'added', line: 5 })
    expect(plan.warnings).toHaveLength(3)
    expect(plan.warnings.join(' ')).toMatch(/multicast.*line 3, which comes first/)
    expect(await changes.list()).toEqual([])
  })
})

describe('with a restart', () => {
  const world = { LAN: { behaviour: 'answer', zone: ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.99'] } } satisfies Plan['adapters']
  const page = { offset: 0, limit: 10 }
  async function waiting() {
    await open({ adapters: world, destinations: { '198.51.100.25': 'accept' } })
    await save(stage.transport, lookups(adapter('LAN')))
    // Port 25 of this address leads to a port of this machine where nobody listens.
    await stage.setWorld((file) => Object.assign(file['reach'] as object, { '198.51.100.99:25': '127.0.0.1:1', '198.51.100.98:25': '127.0.0.1:1' }))
    await stage.transport.control('start', { signal: AbortSignal.timeout(15_000) })
    await stage.send('alice@example.test')
    await eventually(() => stage.transport.messages({}, page), ({ messages }) => messages.some(({ lastError }) => lastError !== null))
    await reopen()
  }

  it('is kept since mail that waited for a host of the entry was delivered', async () => {
    await waiting()
    const change = await run(add('198.51.100.25', 'mail.example.test'), { restart: true })
    expect(change).toMatchObject({ state: 'kept', reason: expect.stringMatching(/^Mail to alice@example\.test that waited was delivered/) })
    expect(stage.arrived).toHaveLength(1)
  })

  it('is taken back byte for byte where the mail does not move', async () => {
    await waiting()
    const running = changes.run(await wish(add('198.51.100.98', 'mail.example.test'), { restart: true }), following((told) => {
      if (told.kind === 'keep?') changes.keep(told.id, false)
    }))
    expect(await running).toMatchObject({ state: 'rolled back', reason: expect.stringContaining('198.51.100.98') })
    expect(await content()).toBe(original)
    expect((await stage.transport.properties()).waiting).toBe(1)
  })

  it('is kept where no mail waits for a host that it concerns: none is to move', async () => {
    await waiting()
    const change = await run(add('198.51.100.98', 'mail.other.test'), { restart: true })
    expect(change).toMatchObject({ state: 'kept', reason: expect.stringMatching(/^No mail waits for a host that this concerns/) })
  })
})

describe('with an administrator’s rights', () => {
  const id = '3f2a9c1e-0000-4000-8000-000000000001'
  /** A double of missing rights: this process may read the hosts file, not write it. */
  async function guarded(elevate: (order: Order) => Promise<void>): Promise<Changes> {
    const mine = await changesOf(elevate)
    const { hosts } = mine as unknown as { hosts: { write(): Promise<void> } }
    hosts.write = async () => {
      throw new Failure('needs-administrator', 'The hosts file cannot be written.')
    }
    return mine
  }

  it('writes what the open change says and nothing else', async () => {
    await open()
    const elevated = await changesOf()
    const asked: Order[] = []
    await reopen(await guarded(async (order) => {
      asked.push(order)
      await expect(elevated.writeJournalled({ ...order, id })).rejects.toThrow('No open change has this id.')
      await elevated.writeJournalled(order)
    }))
    const change = await run(add('203.0.113.25', 'mx1.example.test'))
    expect([asked.map((order) => order.id), change.state]).toEqual([[change.id], 'kept'])
    expect(await content()).toContain('203.0.113.25 mx1.example.test')
    await expect(elevated.writeJournalled(asked[0]!)).rejects.toThrow('No open change has this id.')
  })

  it('leaves the file untouched where they are refused', async () => {
    await open()
    await reopen(await guarded(async () => {
      throw new Failure('needs-administrator', 'The administrator’s rights were declined, so nothing was changed.')
    }))
    await expect(run(add('203.0.113.25', 'mx1.example.test'))).rejects.toThrow('were declined')
    expect(await content()).toBe(original)
    expect((await changes.list())[0]?.state).toBe('rolled back')
  })

  /** What the elevated process says of a journal that was forged while the administrator was asked. */
  async function forged(forge: (entry: Record<string, unknown>) => Promise<unknown> | unknown, ordered: (order: Order, entry: Entry) => Order): Promise<unknown> {
    const elevated = await changesOf()
    const journalled = join(stage.home.folder, 'changes', 'open.json')
    let refusal: unknown
    await reopen(await guarded(async (order) => {
      const honest = await readFile(journalled, 'utf8')
      const entry = JSON.parse(honest) as Entry
      await forge(entry)
      await writeFile(journalled, JSON.stringify(entry))
      refusal = await elevated.writeJournalled(ordered(order, entry)).catch((error: unknown) => error)
      await writeFile(journalled, honest)
      throw refusal
    }))
    await run(add('203.0.113.25', 'mx1.example.test'))
    return refusal
  }

  /** A content of the forger's own, kept as the honest ones are. */
  async function kept(text: string): Promise<string> {
    const name = hashOf(Buffer.from(text, 'latin1'))
    await writeFile(join(stage.home.folder, 'hosts', name), text, 'latin1')
    return name
  }

  it.each<[string, (entry: Record<string, unknown>) => Promise<unknown> | unknown]>([
    ['another content', async (entry) => (entry['after'] = await kept(`${original}\n203.0.113.66 mail.bank.test\n`))],
    ['another kind', (entry) => Object.assign(entry, { kind: 'settings', after: '{}' })],
    ['leave to write a read-only file', (entry) => (entry['hosts'] = { path: path(), evenReadOnly: true })],
    ['two contents between which the file looks torn', async (entry) => Object.assign(entry, { before: await kept(original.replace('10.0.0.1', '10.6.6.6')), after: await kept(`${original}\n`) })],
    ['the way back', (entry) => (entry['steps'] as object[]).push({ step: 'rolling back', at: 0, text: '' })],
  ])('refuses a journal that was given %s while the administrator was asked', async (_what, forge) => {
    await open()
    expect(await forged(forge, (order) => order)).toMatchObject({ name: 'Failure', message: expect.stringContaining('not what it was when the administrator’s rights were asked for') })
    expect(await content()).toBe(original)
  })

  it.each<[string, (entry: Record<string, unknown>) => Promise<unknown> | unknown, RegExp]>([
    ['another path', (entry) => (entry['hosts'] = { path: join(stage.folder, 'shadow'), evenReadOnly: true }), /about the hosts file .*shadow/],
    ['a path instead of a content', (entry) => (entry['after'] = '../../shadow'), /names its contents before and after by their SHA-256/],
    ['a content that is not what its name says', async (entry) => writeFile(join(stage.home.folder, 'hosts', String(entry['after'])), 'root::0:0'), /gone or damaged/],
    ['another beginning', (entry) => (entry['before'] = hashOf(Buffer.from('theirs'))), /not what it was when the change was planned/],
  ])('refuses a journal with %s, whatever seal comes with it', async (_what, forge, sentence) => {
    await open()
    const refusal = await forged(forge, (_order, entry) => orderOf(entry, 'after'))
    expect(refusal).toMatchObject({ name: 'Failure', message: expect.stringMatching(sentence) })
    expect(await content()).toBe(original)
    expect((await readdir(stage.folder)).sort()).toEqual(['home', 'hosts', 'world.json'])
  })
})

describe('a change whose process died', () => {
  const stood = { before: Buffer.from(original, 'latin1'), after: Buffer.from(`${original}\n203.0.113.25 mx1.example.test\n`, 'latin1') }

  /** The journal as it stood at this step, and the file as it is found. */
  async function found(step: string, now: Buffer) {
    await open()
    const journal = join(stage.home.folder, 'changes')
    let atStep = ''
    await changes.run(await wish(add('203.0.113.25', 'mx1.example.test')), following((told) => {
      if (told.kind === 'step' && told.step.step === step) atStep = readFileSync(join(journal, 'open.json'), 'utf8')
    }))
    for (const name of await readdir(journal)) await rm(join(journal, name))
    await writeFile(join(journal, 'open.json'), atStep)
    await writeFile(path(), now)
    const change = await changes.resume(following())
    expect((await readdir(journal)).filter((name) => name === 'open.json')).toEqual([])
    return change
  }

  it.each(['planned', 'journalled', 'applying'])('at “%s”, before it was written, is rolled back', async (step) => {
    expect(await found(step, stood.before)).toMatchObject({ state: 'rolled back', resumed: true })
    expect(await content()).toBe(original)
  })

  it.each(['applying', 'applied'])('at “%s”, after it was written, is kept', async (step) => {
    expect(await found(step, stood.after)).toMatchObject({ state: 'kept', resumed: true })
    expect((await readFile(path())).equals(stood.after)).toBe(true)
  })

  it('half-way in a save in place is put back', async () => {
    const torn = Buffer.concat([stood.before, stood.after.subarray(stood.before.length, stood.before.length + 9)])
    expect(await found('applying', torn)).toMatchObject({ state: 'rolled back' })
    expect(await content()).toBe(original)
  })

  it('leaves alone what somebody else wrote since', async () => {
    expect(await found('applying', Buffer.from('theirs\n'))).toMatchObject({ state: 'rolled back', reason: expect.stringContaining('changed by somebody else since') })
    expect(await content()).toBe('theirs\n')
  })

  it('in another world is left to that world', async () => {
    await open()
    const asked = await wish(add('203.0.113.25', 'mx1.example.test'))
    let atStep = ''
    const journal = join(stage.home.folder, 'changes')
    await changes.run(asked, following((told) => {
      if (told.kind === 'step' && told.step.step === 'applying') atStep = readFileSync(join(journal, 'open.json'), 'utf8')
    }))
    await writeFile(join(journal, 'open.json'), atStep)
    await writeFile(join(stage.folder, 'other'), original, 'latin1')
    await stage.setWorld((world) => (world['hostsFile'] = 'other'))
    await expect((await changesOf()).resume(following())).rejects.toThrow(/is about the hosts file .*hosts”, and that of this world is .*other”/)
    expect(await readFile(join(stage.folder, 'other'), 'latin1')).toBe(original)
  })
})
