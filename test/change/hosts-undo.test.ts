// Saves of the hosts file taken back, for real: any of them, in any order, byte for byte, and nobody else's lines with them.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { hostsEditSchema, type HostsEdit } from '../../preload/contract/hosts.ts'
import { hashOf, readHostsFile } from '../../main/hosts/file.ts'
import { parseHosts } from '../../main/hosts/lines.ts'
import { add, backups, changes, content, following, open, original, path, reopen, run, stage, undo, wish } from './hosts-stage.ts'

afterEach(() => stage?.close())

describe('undo', () => {
  it('walks back to the beginning, and an undo is taken back like any change', async () => {
    await open()
    const contents = [original]
    for (const last of [1, 2, 3]) {
      await run(add(`203.0.113.${last}`, `mx${last}.example.test`))
      contents.push(await content())
    }
    const undone = await undo()
    expect(undone.words.join(' ')).toContain('mx3.example.test is at 203.0.113.3.')
    expect(undone.patch).toContainEqual(expect.objectContaining({ kind: 'removed', text: '203.0.113.3 mx3.example.test' }))
    expect(await content()).toBe(contents[2])
    await undo()
    expect(await content()).toBe(contents[1])
    await expect(undo(undone.id)).rejects.toThrow(/stands no more/)
    const [newest] = (await changes.hostsHistory()).saves
    await undo(newest?.id)
    expect(await content()).toBe(contents[2])
    await undo()
    await undo()
    expect(await content()).toBe(original)
    const { saves, next } = await changes.hostsHistory()
    expect(next).toBeNull()
    expect(saves.filter(({ isUndo }) => !isUndo).map(({ undone }) => undone)).toEqual([true, true, true])
  })

  it('of an older save takes the later ones back with it and says so', async () => {
    await open()
    const first = await run(add('203.0.113.1', 'mx1.example.test'))
    await run(add('203.0.113.2', 'mx2.example.test'))
    const back = await undo(first.id)
    expect(back.words).toHaveLength(2)
    expect(back.words[1]).toMatch(/taken back with it: mx2\.example\.test is at 203\.0\.113\.2\./)
    expect(await content()).toBe(original)
    await expect(undo(first.id)).rejects.toThrow(/stands no more/)
  })

  it('never takes away what was written outside, neither since nor between', async () => {
    await open()
    const first = await run(add('203.0.113.1', 'mx1.example.test'))
    await writeFile(path(), `${await content()}# theirs\n`)
    const theirs = await content()
    await expect(undo(first.id)).rejects.toThrow(/changed outside Edgewise since its last save here/)
    const second = await run(add('203.0.113.2', 'mx2.example.test'))
    await expect(undo(first.id)).rejects.toThrow(/changed outside Edgewise between/)
    await undo(second.id)
    expect(await content()).toBe(theirs)
    await expect(undo(first.id)).rejects.toMatchObject({ message: expect.stringContaining('changed outside'), remedy: expect.stringContaining(hashOf(Buffer.from(original, 'latin1'))) })
    expect(await content()).toBe(theirs)
  })

  it('keeps the contents of the last 100 saves and the very first for ever', { timeout: 120_000 }, async () => {
    await open()
    for (let count = 0; count < 103; count++) await run(hostsEditSchema.parse({ kind: 'set', line: 3, address: `10.0.1.${count}` }))
    const { saves } = await changes.hostsHistory()
    expect(saves).toHaveLength(100)
    const names = await backups()
    expect(names).toHaveLength(102)
    expect(names).not.toContain(hashOf(Buffer.from(original, 'latin1')))
    expect(await readFile(join(stage.home.folder, 'hosts', 'original'), 'latin1')).toBe(original)
    for (let count = 0; count < 100; count++) await undo()
    expect((await changes.hostsHistory()).next).toBeNull()
    expect(await content()).toContain('10.0.1.2\tone.test')
  })

  it('knows the saves of this hosts file from those of another world’s, and keeps the contents of both', async () => {
    await open()
    const first = await run(add('203.0.113.1', 'mx1.example.test'))
    await writeFile(join(stage.folder, 'other'), 'other\n')
    await stage.setWorld((world) => (world['hostsFile'] = 'other'))
    await reopen()
    expect(await changes.hostsHistory()).toMatchObject({ saves: [], next: null })
    const { hash } = await readHostsFile(join(stage.folder, 'other'))
    await changes.run({ ...(await wish(add('203.0.113.2', 'mx2.example.test'))), wanted: { hosts: { hash, edit: add('203.0.113.2', 'mx2.example.test'), evenReadOnly: false } } }, following())
    await expect(undo(first.id)).rejects.toThrow(/is about the hosts file/)
    await stage.setWorld((world) => (world['hostsFile'] = 'hosts'))
    await reopen()
    await undo(first.id)
    expect(await content()).toBe(original)
  })

  const address = fc.constantFrom('10.0.0.9', '203.0.113.25', '2001:db8::25')
  const someLines = fc.array(fc.nat(9), { minLength: 1, maxLength: 3 })
  const typed = fc.string({ unit: 'grapheme-ascii', maxLength: 30 })
  const anyEdit = fc.oneof(
    fc.record({ kind: fc.constant('add'), entries: fc.array(fc.record({ address, names: fc.array(fc.constantFrom('a.test', 'b.test', 'one.test'), { minLength: 1, maxLength: 3 }) }), { minLength: 1, maxLength: 3 }), after: fc.option(fc.nat(9)) }),
    fc.record({ kind: fc.constant('set'), line: fc.nat(9), address, comment: fc.option(typed) }),
    fc.record({ kind: fc.constantFrom('enable', 'disable', 'remove'), lines: someLines }),
    fc.record({ kind: fc.constant('move'), lines: someLines, before: fc.option(fc.nat(9)) }),
    fc.record({ kind: fc.constant('text'), line: fc.nat(9), text: typed, instead: fc.boolean() }),
  )
  /** With the numbers that were drawn made lines of this file, most of them of the kind that the edit is for. */
  function fitted(edit: Record<string, unknown>, bytes: Buffer): HostsEdit | null {
    const { lines } = parseHosts(bytes)
    const all = lines.map((_, at) => at + 1)
    const entries = lines.flatMap(({ entry }) => (entry ? [entry.line] : []))
    const disabled = all.filter((line) => /^#\s*\d/.test(lines[line - 1]?.bytes.toString('latin1') ?? ''))
    const choice = edit['kind'] === 'enable' ? disabled : edit['kind'] === 'set' || edit['kind'] === 'disable' ? entries : all
    const line = (drawn: unknown) => (typeof drawn === 'number' ? choice[drawn % Math.max(1, choice.length)] : drawn)
    const fit = { ...edit, line: line(edit['line']), lines: (edit['lines'] as number[] | undefined)?.map(line), after: line(edit['after'] ?? null), before: line(edit['before'] ?? null) }
    return hostsEditSchema.safeParse(fit).data ?? null
  }
  const usual = [original, '127.0.0.1 localhost\n\n# [mail]\n10.0.0.1 a.test\n10.0.0.2 b.test # two\n', '\ufeff10.0.0.1 a.test\r\n#10.0.0.2 b.test\n'].map((text) => Buffer.from(text, 'utf8'))
  const anyBytes = fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 4 }, { arbitrary: fc.constantFrom(Buffer.from('10.0.0.1 a.test\r\nx', 'utf16le'), Buffer.alloc(0)), weight: 1 }, { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 })

  it('after any edits, wherever they go back to, ends byte for byte', { timeout: 180_000 }, async () => {
    await open()
    let made = 0
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.array(fc.oneof({ arbitrary: anyEdit, weight: 3 }, { arbitrary: fc.nat(5), weight: 1 }), { minLength: 1, maxLength: 8 }), async (bytes, deeds) => {
        await rm(stage.home.folder, { recursive: true, force: true })
        await writeFile(path(), bytes)
        const first = Buffer.from(bytes)
        /** What the file was before each change that stands. */
        const before = new Map<string, Buffer>()
        for (const deed of deeds) {
          const now = await readFile(path())
          if (typeof deed === 'number') {
            const standing = (await changes.hostsHistory()).saves.filter(({ undone }) => !undone)
            const chosen = standing[deed % Math.max(1, standing.length)]
            if (!chosen) continue
            const back = await undo(chosen.id).catch((error: unknown) => refusedOnly(error, /stands no more/))
            if (!back) continue
            expect((await readFile(path())).equals(before.get(chosen.id)!)).toBe(true)
            before.set(back.id, now)
            continue
          }
          const edit = fitted(deed, now)
          const change = edit && (await run(edit).catch((error: unknown) => refusedOnly(error)))
          if (change && change.steps.length > 0) before.set(change.id, now)
        }
        made += before.size
        for (let next = (await changes.hostsHistory()).next; next; next = (await changes.hostsHistory()).next) await undo(next)
        expect((await readFile(path())).equals(first)).toBe(true)
      }),
      { numRuns: 80 },
    )
    // Not for want of anything that changed.
    expect(made).toBeGreaterThan(150)
  })

  /** An edit of a line that is not there is refused with a sentence; anything else is a fault. */
  function refusedOnly(error: unknown, pattern = /^(Line|Lines|That|A|The|Nothing)\b/): null {
    expect(error).toMatchObject({ name: 'Failure', code: 'bad-input', message: expect.stringMatching(pattern) })
    return null
  }
})
