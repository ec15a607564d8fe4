// A thousand saves on each of the two ways are killed with kill -9 at any moment: each file is wholly old or wholly new.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settleHosts } from '../../main/hosts/settle.ts'
import { bundled } from '../bench/bundle.mjs'

/** Saves that are killed on each way. Starting a process is what takes long, so each has two on either way going on when it is killed. */
const saves = 1_000
const atOnce = 2
/** So many at once, each with files of its own: mostly they wait for a process to start, or for the disk. */
const lanes = 2
/** Half a megabyte, so that writing takes a while, and a line before it that shifts all others. */
const [a, b] = ['', '10.0.0.1 mx1.example.test\n'].map((first) => Buffer.from(first + Array.from({ length: 16_000 }, (_, at) => `0.0.0.0 ads${at}.example.test\n`).join(''))) as [Buffer, Buffer]

let product: Awaited<ReturnType<typeof bundled>>
const folders: string[] = []
const children = new Set<ChildProcess>()
const seen = { kills: 0, renamed: { old: 0, new: 0, unfinished: 0 }, inPlace: { old: 0, new: 0, torn: 0 }, written: { old: 0, new: 0, torn: 0 } }

const newFolder = (where: string): string => {
  const folder = mkdtempSync(join(where, 'edgewise-kill-'))
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  product = await bundled('test/hosts/product.ts')
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  product?.end()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Loaded and waiting for the word to begin, while the one before is killed. */
function start(words: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-saves.mjs'), product.file, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit').then(([code, signal]) => {
    children.delete(child)
    return { code: code as number | null, signal: signal as string | null }
  })
  return { child, ready: once(child.stdout, 'data'), ended }
}

/** What the journal says the save led from and to; an empty note was just being written, and the file is untouched. */
function noted(path: string): { before: Buffer; after: Buffer } {
  return existsSync(`${path}.journal`) && readFileSync(`${path}.journal`, 'utf8') === '0' ? { before: b, after: a } : { before: a, after: b }
}

function lookAtRenamed(path: string): void {
  const { after } = noted(path)
  const now = readFileSync(path)
  if (!now.equals(a) && !now.equals(b)) expect.fail(`${now.length} bytes that are neither old nor new`)
  seen.renamed[now.equals(after) ? 'new' : 'old'] += 1
  for (const name of readdirSync(dirname(path)).filter((one) => one.startsWith(`.${basename(path)}.edgewise-`))) {
    seen.renamed.unfinished += 1
    rmSync(join(dirname(path), name))
  }
}

async function settle(path: string, way: 'inPlace' | 'written'): Promise<void> {
  const { before, after } = noted(path)
  const now = readFileSync(path)
  const which = await settleHosts(path, before, after)
  if (which === 'foreign') expect.fail(`${now.length} bytes that are torn in no way known`)
  seen[way][which === 'after' ? 'new' : 'old'] += 1
  if (!now.equals(a) && !now.equals(b)) seen[way].torn += 1
  if (!readFileSync(path).equals(which === 'before' ? before : after)) expect.fail('what was told of it does not stand there')
}

async function lane(): Promise<void> {
  const folder = newFolder(tmpdir())
  // In memory a write in place hardly ever waits for the disk, and is found in its middle much more often.
  const memory = newFolder(existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
  writeFileSync(join(folder, 'a'), a)
  writeFileSync(join(folder, 'b'), b)
  const numbers = Array.from({ length: atOnce }, (_, at) => at)
  const renamed = numbers.map((at) => join(folder, `hosts-${at}`))
  const inPlace = numbers.map((at) => join(memory, `hosts-${at}`))
  const written = join(memory, 'written')
  for (const path of [...renamed, ...inPlace, written]) writeFileSync(path, a)
  for (const path of inPlace) linkSync(path, `${path}-also`)
  const words = [join(folder, 'a'), join(folder, 'b'), written, ...renamed, ...inPlace]
  for (let next = start(words); seen.kills * atOnce < saves; ) {
    const { child, ready, ended } = next
    await ready
    next = start(words)
    const told = once(child.stdout, 'data')
    child.stdin.write('go')
    const [took] = (await Promise.race([told, ended.then(() => ['0'])])) as [string | Buffer]
    await sleep(Math.random() * Number(took))
    child.kill('SIGKILL')
    // One that ended by itself was refused a save, which its error output tells.
    expect(await ended).toEqual({ code: null, signal: 'SIGKILL' })
    seen.kills += 1
    for (const path of renamed) lookAtRenamed(path)
    for (const path of inPlace) await settle(path, 'inPlace')
    await settle(written, 'written')
  }
}

test(`a save that is killed leaves the file wholly old or wholly new, ${saves} times on either way`, { timeout: 600_000 }, async () => {
  await Promise.all(Array.from({ length: lanes }, lane))
  console.log(`kill -9: ${JSON.stringify(seen)}`)
  for (const way of [seen.renamed, seen.inPlace]) expect(way.old + way.new).toBeGreaterThanOrEqual(saves)
  // The kills did fall into saves: between the note and the end of a save, and into the write itself.
  expect(seen.renamed.unfinished).toBeGreaterThan(saves / 20)
  expect(seen.inPlace.old).toBeGreaterThan(saves / 20)
  expect(seen.inPlace.torn + seen.written.torn).toBeGreaterThan(0)
})
