import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import koffi from 'koffi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsEdit } from '../../preload/contract/hosts.ts'
import { edited } from '../../main/hosts/edit.ts'
import { hashOf, readHostsFile } from '../../main/hosts/file.ts'
import { saveHosts } from '../../main/hosts/save.ts'
import { anyEdit, anyFile } from './files.ts'

const isRoot = process.getuid?.() === 0
const old = '10.0.0.1 old\n'
const fresh = Buffer.from('10.0.0.2 new\n')
let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-save-'))
  path = join(folder, 'hosts')
  writeFileSync(path, old)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const save = (bytes: Buffer = fresh, expected = hashOf(Buffer.from(old)), evenReadOnly = false) => saveHosts(path, bytes, expected, { evenReadOnly })
const stands = () => readFileSync(path, 'latin1')
const left = () => readdirSync(folder).filter((name) => name.includes('.edgewise-'))

describe('a save', () => {
  test('replaces the file, with its mode, and leaves nothing beside it', async () => {
    chmodSync(path, 0o640)
    const { ino } = statSync(path)
    await save()
    expect(stands()).toBe(fresh.toString())
    expect(statSync(path).ino).not.toBe(ino)
    expect(statSync(path).mode & 0o7777).toBe(0o640)
    expect(readdirSync(folder)).toEqual(['hosts'])
  })

  test.skipIf(!isRoot)('keeps owner, access list, SELinux label and other attributes', async () => {
    const libc = koffi.load(null)
    const set = libc.func('int setxattr(const char *path, const char *name, void *value, size_t size, int flags)')
    const get = libc.func('long getxattr(const char *path, const char *name, void *value, size_t size)')
    // Version 2, then tag, rights and id: owner, user 1234, group, mask, others.
    const entries = [[1, 6, -1], [2, 4, 1234], [4, 4, -1], [0x10, 6, -1], [0x20, 0, -1]] as const
    const list = Buffer.alloc(4 + entries.length * 8)
    list.writeUInt32LE(2)
    for (const [at, [tag, rights, id]] of entries.entries()) {
      list.writeUInt16LE(tag, 4 + at * 8)
      list.writeUInt16LE(rights, 6 + at * 8)
      list.writeInt32LE(id, 8 + at * 8)
    }
    const given: [string, Buffer][] = [['system.posix_acl_access', list], ['security.selinux', Buffer.from('system_u:object_r:net_conf_t:s0\0')], ['user.note', Buffer.from('kept')]]
    chownSync(path, 1234, 4321)
    for (const [name, value] of given) expect(set(path, name, value, value.length, 0), name).toBe(0)
    const { mode, ino } = statSync(path)
    await save()
    const about = statSync(path)
    expect([about.uid, about.gid, about.mode]).toEqual([1234, 4321, mode])
    expect(about.ino).not.toBe(ino)
    for (const [name, value] of given) {
      const found = Buffer.alloc(200)
      expect(found.subarray(0, get(path, name, found, 200)), name).toEqual(value)
    }
  })

  test('writes where a link leads, and the link stays', async () => {
    const link = join(folder, 'link')
    symlinkSync('hosts', link)
    expect((await readHostsFile(link)).notes).toEqual([`“${path}”, where the link leads`])
    await saveHosts(link, fresh, hashOf(Buffer.from(old)), { evenReadOnly: false })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(stands()).toBe(fresh.toString())
  })

  test('refuses a link that leads nowhere, and makes nothing there', async () => {
    rmSync(path)
    symlinkSync('elsewhere', path)
    const refusal = { code: 'failed', message: expect.stringContaining('is a link to “elsewhere”, where there is no file') }
    await expect(readHostsFile(path)).rejects.toMatchObject(refusal)
    await expect(save(fresh, hashOf(Buffer.alloc(0)))).rejects.toMatchObject(refusal)
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false)
  })

  test('of a file with two names keeps both the same', async () => {
    linkSync(path, join(folder, 'also'))
    expect((await readHostsFile(path)).notes).toEqual([expect.stringMatching(/^in place, since the file has other names/)])
    for (const text of ['10.0.0.1 longer and longer\n', '10.0.0.1\n', '', '10.0.0.1 old\n']) {
      await save(Buffer.from(text), hashOf(Buffer.from(stands())))
      expect(stands()).toBe(text)
      expect(readFileSync(join(folder, 'also'), 'latin1')).toBe(text)
    }
  })

  test('makes a file that is not there, and takes none that has come meanwhile for its own', async () => {
    rmSync(path)
    const read = await readHostsFile(path)
    expect(read).toMatchObject({ exists: false, readOnly: false, hidden: false, notes: [] })
    await save(fresh, read.hash)
    expect(stands()).toBe(fresh.toString())
    expect(statSync(path).mode & 0o777).toBe(0o644)
    await expect(save(Buffer.from('x'), read.hash)).rejects.toMatchObject({ code: 'changed-meanwhile' })
    rmSync(path)
    await expect(save()).rejects.toMatchObject({ code: 'changed-meanwhile' })
    expect(readdirSync(folder)).toEqual([])
  })

  test('of what was changed meanwhile writes nothing', async () => {
    const theirs = '10.0.0.9 theirs\n'
    writeFileSync(path, theirs)
    await expect(save()).rejects.toMatchObject({ code: 'changed-meanwhile', message: expect.stringContaining(path), remedy: expect.any(String) })
    expect(stands()).toBe(theirs)
    expect(left()).toEqual([])
  })

  test.each(['replaced', 'in place'])('of two at once, %s, one is written and the other told', async (way) => {
    if (way === 'in place') linkSync(path, join(folder, 'also'))
    for (let round = 0; round < 20; round += 1) {
      const expected = hashOf(Buffer.from(stands()))
      const texts = ['a', 'b', 'c'].map((name) => `10.0.0.${round} ${name}\n`)
      const ended = await Promise.allSettled(texts.map((text) => save(Buffer.from(text), expected)))
      const won = texts.filter((_, at) => ended[at]?.status === 'fulfilled')
      expect(won).toEqual([stands()])
      for (const one of ended) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'changed-meanwhile' })
    }
  })

  test('never takes away what another program writes at any moment of it', async () => {
    let wins = 0
    for (let round = 0; round < 60; round += 1) {
      const { hash } = await readHostsFile(path)
      const theirs = `10.0.0.1 theirs ${round}\n`
      const ended = save(Buffer.from(`10.0.0.2 ours ${round}\n`), hash).then(() => true, (error: unknown) => (expect(error).toMatchObject({ code: 'changed-meanwhile' }), false))
      await sleep(round / 4)
      writeFileSync(path, theirs)
      if (await ended) wins += 1
      expect(stands()).toBe(theirs)
    }
    // Both happened: theirs came in time to stop ours, and came after it.
    expect(wins).toBeGreaterThan(0)
    expect(wins).toBeLessThan(60)
  })

  test('of a read-only file asks before, and leaves it read-only', async () => {
    chmodSync(path, 0o444)
    expect((await readHostsFile(path)).readOnly).toBe(true)
    await expect(save()).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('is read-only'), remedy: expect.stringContaining('even') })
    expect(stands()).toBe(old)
    await save(fresh, hashOf(Buffer.from(old)), true)
    expect(stands()).toBe(fresh.toString())
    expect(statSync(path).mode & 0o777).toBe(0o444)
    await expect(save(Buffer.from('x'), hashOf(Buffer.from(old)), true)).rejects.toMatchObject({ code: 'changed-meanwhile' })
    expect(statSync(path).mode & 0o777).toBe(0o444)
  })

  const mayImmutable = isRoot && (() => {
    const probe = join(mkdtempSync(join(tmpdir(), 'edgewise-immutable-')), 'x')
    writeFileSync(probe, '')
    const may = spawnSync('chattr', ['+i', probe]).status === 0
    if (may) execFileSync('chattr', ['-i', probe])
    rmSync(join(probe, '..'), { recursive: true })
    return may
  })()
  test.skipIf(!mayImmutable && process.env['EDGEWISE_NO_SKIP'] !== '1')('of an immutable file names what takes the mark away', async () => {
    execFileSync('chattr', ['+i', path])
    try {
      await expect(save()).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('immutable'), remedy: expect.stringContaining(`chattr -i ${path}`) })
      expect(stands()).toBe(old)
      expect(left()).toEqual([])
    } finally {
      execFileSync('chattr', ['-i', path])
    }
  })

  test('into a folder that is not there, or over a folder, is refused', async () => {
    path = join(folder, 'missing/hosts')
    await expect(save(fresh, hashOf(Buffer.alloc(0)))).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('folder does not exist') })
    path = join(folder, 'folder')
    mkdirSync(path)
    await expect(readHostsFile(path)).rejects.toMatchObject({ message: expect.stringContaining('is not a file') })
    await expect(save()).rejects.toMatchObject({ message: expect.stringContaining('is not a file') })
  })

  test('a file that cannot be read is never an empty one', async () => {
    await expect(readHostsFile(join(path, 'below a file'))).rejects.toMatchObject({ name: 'Failure', message: expect.stringContaining('cannot be read (ENOTDIR)') })
    // Reading this one is a read error (EIO) for everybody.
    await expect(readHostsFile('/proc/self/mem')).rejects.toMatchObject({ name: 'Failure', code: 'failed', message: expect.stringContaining('cannot be read from its disk (EIO)') })
    await expect(saveHosts('/proc/self/mem', fresh, hashOf(Buffer.alloc(0)), { evenReadOnly: true })).rejects.toBeInstanceOf(Failure)
  })

  test('removes what a killed save left, and nothing of a stranger’s', async () => {
    const dead = spawnSync('true').pid
    const name = (pid: number, more = '') => join(folder, `.hosts.edgewise-${pid}-0123456789ab${more}`)
    const ours = [name(dead), name(dead, '.old')]
    const others = [name(process.pid), join(folder, '.hosts.edgewise-backup'), join(folder, `.hosts.edgewise-${dead}-mine`), join(folder, '.hosts.swp'), join(folder, `hosts.edgewise-${dead}-0123456789ab`)]
    const young = join(folder, `.hosts.edgewise-${dead}-ffffffffffff`)
    for (const one of [...ours, ...others, young]) writeFileSync(one, 'x')
    const before = new Date(Date.now() - 60_000)
    for (const one of [...ours, ...others]) utimesSync(one, before, before)
    await save()
    expect(ours.filter((one) => existsSync(one))).toEqual([])
    expect([...others, young].filter((one) => !existsSync(one))).toEqual([])
  })
})

describe('bytes', () => {
  const through = async (bytes: Buffer, edit: HostsEdit): Promise<Buffer> => {
    writeFileSync(path, bytes)
    const read = await readHostsFile(path)
    await save(edited(read.bytes, edit), read.hash)
    return readFileSync(path)
  }

  test('of a line of 1 MB, of NULs and of no text at all stay', async () => {
    const long = `10.0.0.1 ${'x'.repeat(1024 * 1024)} # long`
    const odd = Buffer.from([0, 1, 0xff, 0xfe, 0, 0x0d, 0x0a])
    const bytes = Buffer.concat([Buffer.from(`${long}\n`), odd, Buffer.from('10.0.0.2 a\0\n10.0.0.3 b')])
    const now = await through(bytes, { kind: 'disable', lines: [4] })
    expect(now.equals(Buffer.concat([bytes.subarray(0, bytes.length - 10), Buffer.from('#10.0.0.3 b')]))).toBe(true)
  })

  test('of 200,000 lines but one stay', async () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `0.0.0.0\tads${at}.example.test # ${at % 7}`)
    writeFileSync(path, lines.join('\r\n'))
    expect((await readHostsFile(path)).hash).toBe(hashOf(Buffer.from(lines.join('\r\n'))))
    const now = await through(Buffer.from(lines.join('\r\n')), { kind: 'set', line: 100_000, comment: 'mine' })
    const expected = lines.with(99_999, '0.0.0.0\tads99999.example.test # mine').join('\r\n')
    expect(now.equals(Buffer.from(expected))).toBe(true)
  })

  test('after any edits and undos, each saved and read again, are those of the beginning', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.array(fc.oneof(anyEdit, fc.constant('undo' as const)), { maxLength: 12 }), async (bytes, edits) => {
        writeFileSync(path, bytes)
        const kept: Buffer[] = []
        const undo = async () => {
          const before = kept.pop()
          if (before) await save(before, (await readHostsFile(path)).hash)
        }
        for (const edit of edits) {
          if (edit === 'undo') await undo()
          else {
            const read = await readHostsFile(path)
            const next = (() => {
              try {
                return edited(read.bytes, edit)
              } catch {
                return null
              }
            })()
            if (!next) continue
            await save(next, read.hash)
            kept.push(read.bytes)
            expect(readFileSync(path).equals(next)).toBe(true)
          }
        }
        while (kept.length > 0) await undo()
        expect(readFileSync(path).equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
