// The hosts file from the command line, as processes of their own on a real file; the transport service does not run.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { changeSchema, planSchema, type Plan } from '../../preload/contract/changes.ts'
import { contract } from '../../preload/contract/index.ts'
import type { HostsRow } from '../../preload/contract/hosts.ts'
import { machine, type Machine } from './edgewise-process.ts'

const original = '127.0.0.1\tlocalhost\r\n# [mail hosts]\r\n10.0.0.1 mx1.example.test mx1 # keep\r\n#10.0.0.2 mx2.example.test\r\n\r\n10.0.0.3 mx1.example.test'

let edge: Machine
beforeEach(async () => {
  edge = await machine()
  writeFileSync(path(), original)
})
afterEach(() => edge.end())

const path = () => join(edge.folder, 'hosts')
const content = () => readFileSync(path(), 'utf8')
const ok = async (...args: string[]) => {
  const ended = await edge.run(...args)
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
  return ended
}
const ids = async () => ((await ok('hosts', 'history', '--json')).json() as { saves: { id: string }[] }).saves.map(({ id }) => id)

describe('hosts list', () => {
  it('shows the entries with what is amiss, and answers programs in the contract’s form', async () => {
    const { stdout } = await ok('hosts', 'list')
    expect(stdout).toMatch(/^3 +10\.0\.0\.1 +mx1\.example\.test mx1 +mail hosts +keep +–$/m)
    expect(stdout).toMatch(/^4 +10\.0\.0\.2 +mx2\.example\.test +mail hosts +– +disabled$/m)
    expect(stdout).toMatch(/^6 +10\.0\.0\.3 +mx1\.example\.test .*line 3, which comes first/m)
    expect(stdout).toContain('The embedded transport looks into the hosts file')
    const found = (await ok('--json', 'hosts', 'list', '--filter', 'MX2')).json()
    expect(found).toMatchObject({ total: 1, rows: [{ line: 4, kind: 'disabled', use: null }], file: { encoding: 'UTF-8', lineEndings: 'CRLF', lines: 6 } })
    expect(((await ok('hosts', 'list', '--problems', '--json')).json()['rows'] as HostsRow[]).map(({ line }) => line)).toEqual([6])
  })

  it('and every other verb answers with what the contract’s schemas say, nothing more', async () => {
    const planned = z.strictObject({ plan: planSchema.strict() })
    const changed = z.strictObject({ change: changeSchema.strict(), warnings: z.array(z.string()) })
    const said: [z.ZodType, string[]][] = [
      [contract.hosts.list.output.strict(), ['list']],
      [planned, ['add', '203.0.113.25', 'mx3.example.test', '--dry-run']],
      [changed, ['add', '203.0.113.25', 'mx3.example.test']],
      [contract.hosts.history.output.strict(), ['history']],
      [planned, ['undo', '--dry-run']],
      [z.strictObject({ change: changeSchema.strict() }), ['undo']],
    ]
    for (const [schema, words] of said) {
      const answer = (await ok('hosts', ...words, '--json')).json()
      expect(schema.parse(answer)).toEqual(answer)
    }
    const checked = (await edge.run('hosts', 'check', '--json')).json()
    expect(contract.hosts.check.output.strict().parse(checked)).toEqual(checked)
  })

  it('shows as many of 200,000 lines as are asked for, and says so', async () => {
    writeFileSync(path(), Array.from({ length: 200_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255} host${at}.test\n`).join(''))
    const { stdout } = await ok('hosts', 'list')
    expect(stdout).toContain('1,000 of 200,000 lines')
    const { rows, total } = (await ok('hosts', 'list', '--offset', '199999', '--limit', '10', '--json')).json() as { rows: HostsRow[]; total: number }
    expect([total, rows.map(({ names }) => names)]).toEqual([200_000, [['host199999.test']]])
  })
})

describe('hosts add, edit, enable, disable and remove', () => {
  it('touch their own line, with the flags in any order', async () => {
    await ok('hosts', 'add', '--comment', 'new', '203.0.113.25', '--yes', 'mx3.example.test', 'mx3')
    expect(content()).toBe(`${original}\r\n203.0.113.25 mx3.example.test mx3 # new\r\n`)
    await ok('hosts', 'add', '--group', 'mail hosts', '203.0.113.26', 'mx4.example.test')
    expect(content().split('\r\n').slice(3, 5)).toEqual(['#10.0.0.2 mx2.example.test', '203.0.113.26 mx4.example.test'])
    await ok('hosts', '--yes', 'enable', 'MX2.example.test.')
    await ok('--json', 'hosts', 'edit', '--address', '10.0.0.9', 'mx2.example.test', '--names', 'mx2.example.test,mx2', '--comment', 'two')
    expect(content()).toContain('\r\n10.0.0.9 mx2.example.test mx2 # two\r\n')
    await ok('hosts', 'edit', 'mx2', '--comment', '')
    expect(content()).toContain('\r\n10.0.0.9 mx2.example.test mx2\r\n')
    await ok('hosts', 'disable', 'mx2', 'mx3')
    expect(content()).toContain('\r\n#10.0.0.9 mx2.example.test mx2\r\n')
    expect(content()).toContain('\r\n#203.0.113.25 mx3.example.test mx3 # new\r\n')
    await ok('hosts', 'remove', 'mx3', 'mx2', 'mx4.example.test')
    expect(content()).toBe(original.replace('#10.0.0.2 mx2.example.test\r\n', '') + '\r\n')
    for (let undone = 0; undone < 7; undone += 1) await ok('hosts', 'undo')
    expect(content()).toBe(original)
  })

  it('--dry-run prints the diff with what is amiss, and writes nothing', async () => {
    const { stdout } = await ok('hosts', '--comment', 'list', '--dry-run', 'add', '224.0.0.1', 'mx1.example.test')
    expect(stdout).toContain('7 + 224.0.0.1 mx1.example.test # list')
    expect(stdout).toMatch(/Warning: .*multicast/)
    expect((await ok('hosts', 'remove', '3', '--dry-run', '--json')).json()).toMatchObject({ plan: { diff: [], patch: expect.arrayContaining([{ kind: 'removed', line: 3, text: '10.0.0.1 mx1.example.test mx1 # keep' }]) } })
    expect([content(), await ids()]).toEqual([original, []])
  })

  it('tell what is amiss with what they wrote', async () => {
    const { stdout } = await ok('hosts', 'add', '10.0.0.9', 'mx1.example.test')
    expect(stdout).toMatch(/^Warning: mx1\.example\.test is at 10\.0\.0\.1 by line 3/m)
    expect(stdout).toMatch(/\nKept: Saved, and read back byte for byte\.\n$/)
  })

  it('write a read-only file only when told so', async () => {
    chmodSync(path(), 0o444)
    const refused = await edge.run('hosts', 'disable', '3')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/is read-only\. Nothing was changed\.\n.*--even-read-only/) })
    await ok('hosts', 'disable', '3', '--even-read-only')
    expect(content()).toContain('\n#10.0.0.1 mx1')
    expect(statSync(path()).mode & 0o777).toBe(0o444)
  })

  it.each([
    [['add', '10.0.0', 'x.test'], '“10.0.0” is not an IP address'],
    [['add', '10.0.0.1', 'x#y.test'], 'no spaces and no “#”'],
    [['add', '10.0.0.1'], "missing required argument 'name'"],
    [['add', '10.0.0.1', 'x.test', '--group', 'nowhere'], 'no group “nowhere”'],
    [['add', '10.0.0.1', 'x.test', '--drain'], '--drain goes with --restart'],
    [['edit', '3'], 'Nothing to edit'],
    [['edit', '99', '--address', '10.0.0.1'], 'Line 99 is not there'],
    [['edit', 'mx9.test', '--address', '10.0.0.1'], 'no entry for “mx9.test”'],
    [['remove', 'mx1.example.test'], '“mx1.example.test” stands on 2 lines: 3 (10.0.0.1), 6 (10.0.0.3).'],
    [['enable', 'mx1.example.test'], 'no disabled entry for “mx1.example.test”'],
    [['disable', '4'], 'Line 4 is disabled, so it cannot be disabled.'],
    [['undo', 'ffff'], '“ffff” is none of the last saves'],
  ])('refuse %j with a sentence', async (words, sentence) => {
    const { code, stdout, stderr } = await edge.run('hosts', ...words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(content()).toBe(original)
  })
})

describe('hosts undo, history and the journal', () => {
  it('show each save with its lines, and take back the one that is named with those after it', async () => {
    await ok('hosts', 'add', '203.0.113.25', 'mx3.example.test')
    await ok('hosts', 'remove', '4')
    const [second = '', first = ''] = await ids()
    const history = await ok('hosts', 'history')
    expect(history.stdout).toMatch(new RegExp(`^${second.slice(0, 8)} .* save +next to undo .*Line 4 is removed`, 'm'))
    expect((await ok('changes', 'list')).stdout).toContain('mx3.example.test is at 203.0.113.25.')
    expect((await ok('changes', 'show', first)).stdout).toMatch(/^7 \+ 203\.0\.113\.25 mx3\.example\.test$/m)
    const dry = await ok('hosts', 'undo', first.slice(0, 8), '--dry-run')
    expect(dry.stdout).toMatch(/^4 \+ #10\.0\.0\.2 mx2\.example\.test$/m)
    expect(dry.stdout).toMatch(/^6 - 203\.0\.113\.25 mx3\.example\.test$/m)
    const { plan } = (await ok('hosts', 'undo', first.slice(0, 8), '--dry-run', '--json')).json() as { plan: Plan }
    const back = (await ok('hosts', 'undo', first.slice(0, 8), '--json')).json()
    expect(back).toMatchObject({ change: { patch: plan.patch, kind: 'hosts', state: 'kept', words: [expect.stringContaining('mx3.example.test'), expect.stringContaining('Line 4 is removed')] } })
    expect(content()).toBe(original)
    expect(await edge.run('hosts', 'undo')).toMatchObject({ code: 1, stderr: expect.stringContaining('no save of the hosts file to take back') })
    // An undo is a change like any other.
    await ok('changes', 'rollback', (await ids())[0] ?? '')
    expect(content()).toContain('mx3.example.test')
  })

  it('refuse to take away what was written outside', async () => {
    await ok('hosts', 'add', '203.0.113.25', 'mx3.example.test')
    writeFileSync(path(), `${content()}# theirs\r\n`)
    const theirs = content()
    const refused = { code: 1, stderr: expect.stringMatching(/changed outside Edgewise since its last save here.*\n.*by hand/) }
    expect(await edge.run('hosts', 'undo', '--dry-run')).toMatchObject(refused)
    expect(await edge.run('hosts', 'undo')).toMatchObject(refused)
    expect(content()).toBe(theirs)
  })
})

describe('hosts check', () => {
  it('asks the DNS servers too, and ends with 1 where it warns', async () => {
    await ok('lookups', 'set', 'internal', '--adapter', 'LAN')
    writeFileSync(path(), '198.51.100.26 mail.example.test\n')
    const wrong = await edge.run('hosts', 'check')
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Line 1, warning: mail\.example\.test is at 198\.51\.100\.26 by this line; 10\.0\.0\.10 answers 198\.51\.100\.25, which the line hides\.\n1 warning\.\n$/) })
    writeFileSync(path(), '198.51.100.25 mail.example.test\n')
    expect((await ok('hosts', 'check', '--json')).json()).toMatchObject({ findings: [], notKnown: [], file: { entries: 1 } })
  })
})
