// Opens the real window for a test: its own home folder, its own world, the relay on a free port; and takes all of it
// down again, whatever happened.
import { execFile, execFileSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { _electron, expect as plainExpect, test as base, type ElectronApplication, type Page, type TestInfo } from '@playwright/test'
import { electronPath } from '../../build/electron-runtime.mjs'
import { submit } from '../../main/lab/submit.ts'
import { openSurroundings } from './world.ts'

/** A machine at work on other things must not fail a test: what is waited for may take its time. */
export const expect = plainExpect.configure({ timeout: 15_000 })

export const checkout = fileURLToPath(new URL('../..', import.meta.url))
const endLimit = 10_000

export const lan = { name: 'LAN', description: 'Intel I350 Gigabit', mac: '02:00:0a:00:00:0c', addresses: ['10.0.0.12/24'], dnsServers: ['10.0.0.10', 'fd00::10'], dnsSource: 'DHCP lease' }
export const dmz = { name: 'DMZ', description: 'Intel I350 Gigabit #2', mac: '02:00:cb:00:71:0c', addresses: ['203.0.113.12/24'], dnsServers: ['203.0.113.53'] }
export const backup = { name: 'Backup', state: 'disconnected' }

export interface Opened {
  app: ElectronApplication
  page: Page
  /** Kept, since Playwright forgets it with the window. */
  child: ChildProcess
  /** What the page said on its console that is worth a look: errors and violations of its policy. */
  complaints: string[]
}

export interface Bench {
  /** What a failure leaves to be looked at. */
  tell(about: TestInfo): Promise<void>
  folder: string
  home: string
  /** Where the relay of this home listens. */
  port: number
  setWorld(world: { adapters?: object[]; hostsFile?: string }): void
  /** Says beforehand what is said when a window is closed for the first time. */
  toldBefore(): void
  edgewise(...words: string[]): Promise<string>
  /** Hands a message to this home's edge server. */
  send(to: string): Promise<void>
  /** Who got mail at the destination. */
  arrived(): string[]
  open(): Promise<Opened>
  /** Closes the window without the question about the transport service. */
  end(opened: Opened): Promise<void>
}

export const test = base.extend<{ bench: Bench }>({
  // Playwright reads what a fixture needs from this pattern, so it must stand here although it is empty.
  // oxlint-disable-next-line no-empty-pattern
  bench: async ({}, use, about) => {
    const bench = await makeBench()
    try {
      await use(bench)
      if (about.status !== about.expectedStatus) await bench.tell(about)
    } finally {
      await bench.takeDown()
    }
  },
})

/** One bench with one window for all tests of a file, each of which leaves the window as it found it. */
export const inOneWindow = base.extend<{ told: void }, { bench: Bench; opened: Opened }>({
  // oxlint-disable-next-line no-empty-pattern
  bench: [async ({}, use) => {
    const bench = await makeBench()
    try {
      await use(bench)
    } finally {
      await bench.takeDown()
    }
  }, { scope: 'worker' }],
  opened: [async ({ bench }, use) => use(await bench.open()), { scope: 'worker' }],
  told: [async ({ bench }, use, about) => {
    await use()
    if (about.status !== about.expectedStatus) await bench.tell(about)
  }, { auto: true }],
})

interface OwnBench extends Bench {
  takeDown(): Promise<void>
}

async function makeBench(): Promise<OwnBench> {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-window-'))
  const home = join(folder, 'home')
  const world = join(folder, 'world.json')
  const port = await freePort()
  const surroundings = await openSurroundings()
  const flags = ['--home', home, '--world', world]
  const windows = windowsWith(flags)
  const setWorld = (given: object) => writeFileSync(world, JSON.stringify({ adapters: [lan, dmz, backup], reach: { ...surroundings.reach, '127.0.0.1:2525': `127.0.0.1:${port}` }, ...given }))
  setWorld({})

  const edgewise = async (...words: string[]) => (await promisify(execFile)(process.execPath, [join(checkout, 'out/main/cli.js'), ...words, ...flags])).stdout
  return {
    folder,
    home,
    port,
    setWorld,
    edgewise,
    send: (to) => submit({ address: '127.0.0.1', port }, { from: 'bob@edge.test', to, subject: 'Minutes of the meeting' }, AbortSignal.timeout(10_000)),
    arrived: () => surroundings.arrived.flatMap(({ recipients }) => recipients),
    toldBefore: () => {
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, 'window.json'), '{}')
    },
    open: windows.open,
    end: ended,
    tell: (about) => windows.tell(about, join(home, 'relay.log')),
    takeDown: async () => {
      await windows.end()
      if (existsSync(join(home, 'relay.lock'))) await edgewise('service', 'stop').catch(() => undefined)
      endProcessesOf(folder)
      // Playwright waits for all that shares a pipe with the window, which the transport service may.
      await windows.letGo()
      await surroundings.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The windows of one test, all with these flags. */
export function windowsWith(flags: string[]) {
  const opened: Opened[] = []
  return {
    async open(): Promise<Opened> {
      const one = await open(flags)
      opened.push(one)
      return one
    },
    /** What a failure leaves to be looked at. */
    async tell(about: TestInfo, log: string): Promise<void> {
      await about.attach('log', { body: await readFile(log, 'utf8').catch(() => 'no log'), contentType: 'text/plain' })
      for (const { page } of opened) {
        const shown = await page.screenshot().catch(() => null)
        if (shown) await about.attach('window', { body: shown, contentType: 'image/png' })
        await about.attach('words', { body: await page.innerText('body').catch(() => 'closed'), contentType: 'text/plain' })
      }
    },
    /** Without the question about the transport service. */
    end: async () => void (await Promise.all(opened.map(ended))),
    /** Once nothing else shares a pipe with them any more. */
    letGo: async () => void (await Promise.all(opened.map(({ app }) => app.close().catch(() => undefined)))),
  }
}

async function open(flags: string[]): Promise<Opened> {
  // Chromium refuses to sandbox for root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const launch = () => _electron.launch({ executablePath: electronPath(), args: [...sandbox, checkout, ...flags], timeout: 20_000, locale: 'en-GB', timezoneId: 'Europe/Berlin' })
  // About once in a hundred starts Playwright misses the moment in which it could take hold of the window.
  const app = await launch().catch(launch)
  const page = await app.firstWindow()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { app, page, child: app.process(), complaints }
}

/** Closes without the question about the transport service, and does not wait for ever. */
async function ended({ child }: Opened): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const limit = setTimeout(() => child.kill('SIGKILL'), endLimit)
  child.kill('SIGTERM')
  await exit
  clearTimeout(limit)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What a failed test may have left: told by the temporary folder in its command line. */
function endProcessesOf(folder: string): void {
  for (const pid of processesOf(folder)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}

export function processesOf(folder: string): number[] {
  if (!existsSync('/proc/self/cmdline'))
    return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder))
      .map((line) => Number.parseInt(line, 10))
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').includes(folder)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Written to docs/ only where that is asked for: the pictures are part of the documentation. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env['EDGEWISE_SCREENSHOTS']) return
  const path = join(checkout, 'docs', `${name}.png`)
  mkdirSync(dirname(path), { recursive: true })
  await page.screenshot({ path, animations: 'disabled' })
}
