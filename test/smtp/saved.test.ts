// Transcripts in a file: written once, for their owner, and never over another.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Spoken } from '../../preload/contract/smtp-test.ts'
import { saveTranscripts } from '../../main/smtp-saved.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewise-saved-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const spoken = (host: string): Spoken => ({
  host, address: '198.51.100.25', port: 25,
  steps: [{ stage: 'banner', at: '2026-01-05T12:00:00.000Z', ms: 4, sent: null, reply: { code: 220, enhanced: null, lines: ['220 ready'] }, verdict: 'accepted', text: 'The host greets.', explained: null, tls: null, findings: [] }],
})

it('holds all dialogues, in a folder that is made for it, for its owner only', async () => {
  const file = join(folder, 'new', 'test.txt')
  expect(await saveTranscripts(file, [spoken('mx1.test'), spoken('mx2.test')])).toBe(file)
  expect(await readFile(file, 'utf8')).toBe('* mx1.test [198.51.100.25]:25\n12:00:00.004 < 220 ready\n\n* mx2.test [198.51.100.25]:25\n12:00:00.004 < 220 ready\n')
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
})

it.each([
  ['a file that is there', () => join(folder, 'taken.txt'), 'is there already'],
  ['a folder that is a file', () => join(folder, 'taken.txt', 'test.txt'), 'cannot be made: EEXIST'],
  ['no whole path', () => 'test.txt', '“test.txt” is no whole path of a file.'],
])('is refused for %s, which stays as it is', async (_, path, sentence) => {
  await writeFile(join(folder, 'taken.txt'), 'somebody’s')
  await expect(saveTranscripts(path(), [spoken('mx1.test')])).rejects.toMatchObject({ message: expect.stringContaining(sentence), remedy: expect.any(String) })
  expect(await readFile(join(folder, 'taken.txt'), 'utf8')).toBe('somebody’s')
})
