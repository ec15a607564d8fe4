// Saving the hosts file on Windows, by a real node.exe under Wine: read-only and hidden, replaced with its attributes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoWindows, windows } from './wine.mjs'

const why = whyNoWindows()
const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'

describe.skipIf(why !== null && !noSkip)(`Windows’ hosts file, under Wine${why === null ? '' : ` (${why})`}`, () => {
  let machine: Awaited<ReturnType<typeof windows>> | undefined
  beforeAll(async () => {
    machine = await windows()
  }, 400_000)
  afterAll(() => machine?.end(), 60_000)

  test('that is read-only and hidden is saved when that is allowed, and is so again', async () => {
    const told = await machine?.run(`import { mkdtempSync, readdirSync } from 'node:fs'
import { readHostsFile } from '#main/hosts/file.ts'
import { saveHosts } from '#main/hosts/save.ts'
import { settleHosts } from '#main/hosts/settle.ts'
import { windowsFiles } from '#main/hosts/windows-files.ts'
const folder = mkdtempSync('hosts-')
const path = folder + '\\\\hosts'
const results: unknown[] = []
const save = async (text: string, expected: string, evenReadOnly: boolean) => {
  try {
    await saveHosts(path, Buffer.from(text), expected, { evenReadOnly })
    results.push('saved')
  } catch (error) {
    results.push((error as { code: string; message: string }).code + ': ' + (error as Error).message)
  }
}
const about = async () => {
  const { bytes, readOnly, hidden } = await readHostsFile(path)
  return { text: bytes.toString(), readOnly, hidden }
}
await save('10.0.0.1 first\\r\\n', (await readHostsFile(path)).hash, false)
const first = await about()
const files = await windowsFiles()
files?.setAttributes(path, 0x1 | 0x2 | 0x20)
const marked = await about()
const { hash } = await readHostsFile(path)
await save('10.0.0.2 second\\r\\n', hash, false)
await save('10.0.0.2 second\\r\\n', hash, true)
await save('10.0.0.3 third\\r\\n', hash, true)
tell({ first, marked, results, last: await about(), attributes: files?.attributes(path).all, names: readdirSync(folder), settled: await settleHosts(path, Buffer.from('10.0.0.1 first\\r\\n'), Buffer.from('10.0.0.2 second\\r\\n')) })`)
    expect(told).toEqual({
      first: { text: '10.0.0.1 first\r\n', readOnly: false, hidden: false },
      marked: { text: '10.0.0.1 first\r\n', readOnly: true, hidden: true },
      results: ['saved', expect.stringMatching(/^failed: .* is read-only and hidden, so it was not written\.$/), 'saved', expect.stringMatching(/^changed-meanwhile: /)],
      last: { text: '10.0.0.2 second\r\n', readOnly: true, hidden: true },
      attributes: 0x23,
      names: ['hosts'],
      settled: 'after',
    })
  }, 60_000)
})
