// Runs the built command line as a process of its own, each time with a home folder and a world of the test's.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openDestination } from '../../main/lab/destination.ts'
import { openDnsServer } from '../../main/lab/dns.ts'
import type { Behaviour } from '../../main/lab/scenario.ts'
import { readRecord } from '../../main/lab/zone.ts'

export const cli = join(import.meta.dirname, '../../out/main/cli.js')

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** Each line of stdout as JSON. */
  lines(): Record<string, unknown>[]
  /** The last of them. */
  json(): Record<string, unknown>
}

export interface Started {
  child: ChildProcess
  /** Resolves with what was said so far as soon as it matches. */
  said(pattern: RegExp): Promise<string>
  ended: Promise<Ended>
}

const limit = 60_000

export function start(args: string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'en_US.UTF-8', ...env }, timeout: limit, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const lines = () => stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  const ended = new Promise<Ended>((done, failed) => {
    child.on('error', failed)
    child.on('close', (code) => done({ code, stdout, stderr, lines, json: () => lines().at(-1) ?? {} }))
  })
  const said = (pattern: RegExp) =>
    new Promise<string>((done, failed) => {
      const look = () => pattern.test(stdout) && done(stdout)
      child.stdout.on('data', look)
      child.on('close', () => failed(new Error(`It ended without saying ${pattern}: ${stdout}${stderr}`)))
      look()
    })
  return { child, said, ended }
}

export const run = (args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> => start(args, env).ended

export const adapters = [
  { name: 'LAN', id: 'lan-1', addresses: ['10.0.0.12/24'], dnsServers: ['10.0.0.10'] },
  { name: 'DMZ', id: 'dmz-1', addresses: ['203.0.113.12/24'], dnsServers: ['203.0.113.53'] },
]

/** What the world's DNS servers do, whichever adapter has them. */
const behaviours: Record<string, Behaviour> = { '10.0.0.10': 'answer', '203.0.113.53': 'servfail', '198.51.100.53': 'nxdomain', '192.0.2.53': 'silent', '[fd00::10]:5353': 'answer' }
const zone = ['. NS a.root.test', 'example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25']

export interface Machine {
  folder: string
  home: string
  /** The port at which its edge server takes mail. */
  port: number
  /** Writes its adapters anew, as when one is plugged or pulled. */
  adapters(list: object[]): void
  /** Subjects of the mail that reached its destination. */
  arrived(): string[]
  run(...args: string[]): Promise<Ended>
  start(...args: string[]): Started
  /** Stops its transport service, which must be gone then, and removes it. */
  end(): Promise<void>
}

export async function machine(): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
  const home = join(folder, 'home')
  const worldFile = join(folder, 'world.json')
  const port = await freePort()
  const destination = await openDestination({ banner: 'mail.example.test', accepts: true })
  const reach: Record<string, string> = { '127.0.0.1:2525': `127.0.0.1:${port}`, '198.51.100.25:25': `127.0.0.1:${destination.port}` }
  const stops: (() => Promise<unknown>)[] = [destination.stop]
  const records = zone.map((line) => {
    const record = readRecord(line)
    if ('problem' in record) throw new Error(record.problem)
    return record
  })
  for (const [address, behaviour] of Object.entries(behaviours)) {
    const server = await openDnsServer(behaviour, records)
    stops.push(server.stop)
    reach[address.startsWith('[') ? address : `${address}:53`] = `127.0.0.1:${server.port}`
  }
  const write = (list: object[]) => writeFileSync(worldFile, JSON.stringify({ adapters: list, hostsFile: join(folder, 'hosts'), reach }))
  write(adapters)
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n')
  const all = (args: string[]) => [...args, '--home', home, '--world', worldFile]
  return {
    folder,
    home,
    port,
    adapters: write,
    arrived: () => destination.delivered.map(({ subject }) => subject),
    run: (...args) => run(all(args)),
    start: (...args) => start(all(args)),
    async end() {
      try {
        const { code, stdout, stderr } = await run(all(['service', 'stop', '--json']))
        expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining('"stopped"') })
      } finally {
        await Promise.all(stops.map((stop) => stop()))
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const at = server.address()
  await new Promise((done) => server.close(done))
  if (at === null || typeof at === 'string') throw new Error('no port')
  return at.port
}
