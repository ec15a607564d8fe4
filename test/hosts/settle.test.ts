import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HalfWritten, writeInPlace } from '../../main/hosts/in-place.ts'
import { refusal } from '../../main/hosts/refusal.ts'
import { settleHosts } from '../../main/hosts/settle.ts'

const [before, after] = [Buffer.from('10.0.0.1 a\n10.0.0.2 b\n'), Buffer.from('10.0.0.1 a\n#10.0.0.2 b\n10.0.0.3 c\n')]
let path = ''
beforeAll(() => {
  path = join(mkdtempSync(join(tmpdir(), 'edgewise-settle-')), 'hosts')
})
afterAll(() => rmSync(join(path, '..'), { recursive: true }))

/** What it says, and what stands there then. */
async function settled(now: Buffer, from = before, to = after) {
  writeFileSync(path, now)
  return { which: await settleHosts(path, from, to), stands: readFileSync(path) }
}

describe('writing in place', () => {
  test('that fails, and whose old content cannot be put back, says so and who will', async () => {
    writeFileSync(path, before)
    const fd = openSync(path, 'r')
    try {
      const error = await writeInPlace(fd, before, after).catch((one: unknown) => one)
      expect(error).toBeInstanceOf(HalfWritten)
      expect(refusal(path, error)).toMatchObject({ code: 'failed', message: expect.stringContaining('only in part'), remedy: expect.stringContaining('started next') })
    } finally {
      closeSync(fd)
    }
  })
})

describe('settling', () => {
  test('tells old and new, and leaves both', async () => {
    expect(await settled(before)).toEqual({ which: 'before', stands: before })
    expect(await settled(after)).toEqual({ which: 'after', stands: after })
  })

  test('leaves what somebody else wrote', async () => {
    for (const text of ['10.0.0.1 a\n', '10.0.0.1 a\n10.0.0.2 b\n10.0.0.4 d\n', '10.0.0.1 a\nx', '']) {
      const foreign = Buffer.from(text)
      expect(await settled(foreign)).toEqual({ which: 'foreign', stands: foreign })
    }
  })

  test('puts back a file torn at any place, whichever is longer, also through a link', async () => {
    const text = fc.array(fc.constantFrom('10.0.0.1 a\n', '#', 'b c\n', '\n'), { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')))
    await fc.assert(
      fc.asyncProperty(text, text, fc.nat(200), async (from, to, cut) => {
        const at = Math.min(cut, to.length)
        // As a save in place writes: its longer end first, then from the beginning, and cut off last.
        const torn = Buffer.concat([to.subarray(0, at), Buffer.concat([from, to.subarray(from.length)]).subarray(at)])
        if (torn.equals(to)) return
        expect(await settled(torn, from, to)).toEqual({ which: 'before', stands: from })
      }),
      { numRuns: 300 },
    )
    symlinkSync(path, `${path}-link`)
    writeFileSync(path, Buffer.concat([after.subarray(0, 15), before.subarray(15)]))
    expect(await settleHosts(`${path}-link`, before, after)).toBe('before')
    expect(readFileSync(path)).toEqual(before)
  })

  test('of a file that is not there finds that of no bytes', async () => {
    expect(await settleHosts(join(path, '../missing'), Buffer.alloc(0), after)).toBe('before')
    expect(await settleHosts(join(path, '../missing'), before, after)).toBe('foreign')
  })

  test('that cannot read the file says so', async () => {
    await expect(settleHosts('/proc/self/mem', before, after)).rejects.toMatchObject({ name: 'Failure', message: expect.stringContaining('EIO') })
  })
})
