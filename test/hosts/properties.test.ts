// What holds for every file and every edit.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostsEdit, PatchLine } from '../../preload/contract/hosts.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { edited } from '../../main/hosts/edit.ts'
import { findingsOf } from '../../main/hosts/findings.ts'
import { LineIndex } from '../../main/hosts/line-index.ts'
import { parseHosts, printHosts } from '../../main/hosts/lines.ts'
import { movedLines } from '../../main/hosts/moved.ts'
import { patchOf } from '../../main/hosts/patch.ts'
import { anyEdit, anyFile } from './files.ts'

const runs = { numRuns: 1_000 }
const linesIn = (bytes: Buffer) => {
  const index = new LineIndex(bytes)
  return Array.from({ length: index.count }, (_, at) => index.line(at + 1).toString('latin1'))
}

/** Null where the edit is refused, which must be a sentence. */
function tried(bytes: Buffer, edit: HostsEdit): Buffer | null {
  try {
    return edited(bytes, edit)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    expect(error.code).toBe('bad-input')
    return null
  }
}

const named = (edit: HostsEdit): number[] => ('lines' in edit ? edit.lines : edit.kind === 'set' || (edit.kind === 'text' && edit.instead) ? [edit.line] : [])

describe('any file', () => {
  test('is printed byte for byte', () => {
    fc.assert(
      fc.property(anyFile, (bytes) => {
        expect(printHosts(parseHosts(bytes)).equals(bytes)).toBe(true)
      }),
      runs,
    )
  })

  test('has findings for entries alone: comments and disabled lines change none', () => {
    fc.assert(
      fc.property(anyFile, fc.constantFrom('windows' as const, 'other' as const), (bytes, system) => {
        const hosts = parseHosts(bytes)
        const bare = Buffer.concat([hosts.index.mark, ...hosts.lines.map(({ bytes: line, entry }) => (entry ? line : Buffer.from('\n')))])
        // In UTF-16 there are no entries at all, and blank lines of one byte would be none.
        const expected = hosts.encoding.startsWith('UTF-16') ? [] : findingsOf(parseHosts(bare), system)
        expect(findingsOf(hosts, system)).toEqual(expected)
      }),
      runs,
    )
  })
})

describe('any edit', () => {
  test('keeps the byte order mark, and every byte and the order of the lines that it does not name', () => {
    let done = 0
    fc.assert(
      fc.property(anyFile, anyEdit, (bytes, edit) => {
        const after = tried(bytes, edit)
        if (!after) return
        done += 1
        const { mark } = new LineIndex(bytes)
        expect(after.subarray(0, mark.length)).toEqual(mark)
        const now = linesIn(after)
        const untouched = linesIn(bytes).filter((_, at) => !named(edit).includes(at + 1))
        let from = 0
        for (const [at, line] of untouched.entries()) {
          // The last line alone may get the ending that it did not have.
          const isLast = at === untouched.length - 1 && !line.includes('\n')
          const found = now.findIndex((one, place) => place >= from && (one === line || (isLast && one.startsWith(line) && /^[\r\n\0]*$/.test(one.slice(line.length)))))
          expect(found).not.toBe(-1)
          from = found + 1
        }
      }),
      runs,
    )
    expect(done).toBeGreaterThan(200)
  })

  test('is taken back by another: a disabled line enabled, an added line removed, a typed line typed back', () => {
    fc.assert(
      fc.property(anyFile, fc.integer({ min: 1, max: 26 }), (bytes, line) => {
        const off = tried(bytes, { kind: 'disable', lines: [line] })
        const on = off && tried(off, { kind: 'enable', lines: [line] })
        if (on) expect(on.equals(bytes)).toBe(true)
        const index = new LineIndex(bytes)
        if (index.count === 0 || index.ending(index.count) === '') return
        const added = edited(bytes, { kind: 'add', entries: [{ address: '::1', names: ['a'], comment: null }], after: null })
        expect(edited(added, { kind: 'remove', lines: [index.count + 1] }).equals(bytes)).toBe(true)
      }),
      runs,
    )
  })
})

describe('any two files', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', ''), { maxLength: 30 })

  test('have a patch that leads from one to the other', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [from, to] = [before, after].map((lines) => Buffer.from(lines.map((line) => `${line}\n`).join(''))) as [Buffer, Buffer]
        expect(applied(before, patchOf(from, to))).toEqual(after)
      }),
      runs,
    )
  })

  test('of the same lines in another order tell where each is', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 20 }).chain((lines) => fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length }))), ([before, after]) => {
        const [from, to] = [before, after].map((lines) => Buffer.from(lines.map((line) => `${line}\n`).join(''))) as [Buffer, Buffer]
        expect(movedLines(from, to, before.map((_, at) => at + 1))).toEqual(before.map((line) => after.indexOf(line) + 1))
      }),
      runs,
    )
  })
})

/** By the numbers that the patch gives; its kept lines must be those of the file. */
function applied(before: string[], patch: PatchLine[]): string[] {
  const gone = new Set(patch.filter(({ kind }) => kind === 'removed').map(({ line }) => line))
  for (const { kind, line, text } of patch) if (kind === 'kept' || kind === 'removed') expect(before[line - 1]).toBe(text)
  const stays = before.filter((_, at) => !gone.has(at + 1))
  for (const { kind, line, text } of patch) if (kind === 'added') stays.splice(line - 1, 0, text)
  return stays
}
