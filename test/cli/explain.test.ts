// Replies explained from the command line: from an argument, and from lines of standard input as they come.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { explainedSchema, longestReply } from '../../preload/contract/smtp.ts'

const cli = join(import.meta.dirname, '../../out/main/cli.js')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const words = (...rest: string[]) => [cli, 'explain', '--home', join(folder, 'home'), ...rest]
const explain = (input: string | Buffer, ...rest: string[]) => spawnSync(process.execPath, words(...rest), { input, encoding: 'utf8', timeout: 60_000, maxBuffer: 64_000_000 })
const lines = (text: string) => text.trim().split('\n').map((line) => explainedSchema.parse(JSON.parse(line)))

it('explains one reply in words, and opens nothing for it', () => {
  const { status, stdout, stderr } = explain('', 'host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown', '(in reply to RCPT TO command)')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^Category +recipient-unknown\nMeaning +The host mx\.example\.com has no such recipient/)
  expect(stdout).toMatch(/\nPermanent +yes\nCode +550 5\.1\.1\nStage +rcpt\nCommand +RCPT TO\nHost +mx\.example\.com\nReply +550 5\.1\.1 User unknown\n$/)
  expect(existsSync(join(folder, 'home'))).toBe(false)
})

it('explains a whole bounce that is given as one argument', () => {
  const bounce = 'Final-Recipient: rfc822; a@example.com\nAction: delayed\nStatus: 4.2.2\nDiagnostic-Code: smtp; 452 4.2.2 The mailbox\n is full'
  expect(lines(explain('', bounce, '--json').stdout)).toMatchObject([{ category: 'mailbox-full', permanent: false, inner: '452 4.2.2 The mailbox is full' }])
})

it('takes each line of standard input for one reply, whatever ends it', () => {
  const { status, stdout } = explain('550 5.1.1 User unknown\r\n\n  \n552 信箱已滿\n421 4.7.0 [TSS04] deferred', '--json')
  expect(status).toBe(0)
  expect(lines(stdout).map(({ category }) => category)).toEqual(['recipient-unknown', 'mailbox-full', 'reputation-or-blocklist'])
  expect(explain('550 5.1.1 User unknown\n452 4.2.2 Mailbox full\n').stdout.match(/^Category/gm)).toHaveLength(2)
})

it('answers each line before the next one comes', async () => {
  const child = spawn(process.execPath, words('--json'), { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 })
  try {
    child.stdin.write('450 4.2.0 Greylisted\n')
    const first = await new Promise<string>((done, failed) => {
      child.stdout.setEncoding('utf8').once('data', done)
      child.on('close', () => failed(new Error('It ended without an answer.')))
    })
    expect(lines(first)).toMatchObject([{ category: 'greylisted' }])
  } finally {
    child.stdin.end()
    await new Promise((done) => (child.exitCode === null ? child.on('close', done) : done(null)))
  }
})

it('refuses to explain nothing', () => {
  for (const nothing of [explain(''), explain('\n \n'), explain('', ' ')]) expect(nothing).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('There is no reply to explain.') })
  const { status, stdout } = explain('', '--json')
  expect({ status, code: (JSON.parse(stdout) as { error: { code: string } }).error.code }).toEqual({ status: 2, code: 'bad-input' })
})

it('cuts what is longer than any reply, and says so', () => {
  const { status, stdout, stderr } = explain(`550 5.1.1 User unknown ${'x'.repeat(3 * longestReply)}\n452 4.2.2 Mailbox full`, '--json')
  expect({ status, stderr }).toEqual({ status: 0, stderr: `edgewise: Only the first ${longestReply} characters of a longer text were read.\n` })
  expect(lines(stdout).map(({ category }) => category)).toEqual(['recipient-unknown', 'mailbox-full'])
})

it('takes bytes that are no text', () => {
  const { status, stdout } = explain(Buffer.from([0x35, 0x35, 0x30, 0x20, 0xff, 0x00, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]))
  expect(status).toBe(0)
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
})
