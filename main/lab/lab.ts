// Opens a scenario's world on loopback: DNS servers, destinations, and a folder with world file, hosts file and home.
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Adapter } from '../../preload/contract/adapters.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { parseDnsServer } from '../../preload/contract/dns.ts'
import { reverseName } from '../dns/reverse.ts'
import { blocklistZone } from './blocklist.ts'
import { expiredCertificate, makeCertificate } from './certificate.ts'
import { type Delivered, type LabDestination, openDestination } from './destination.ts'
import { listen, openDnsServer } from './dns.ts'
import type { Scenario } from './scenario.ts'
import type { ZoneRecord } from './zone.ts'

export interface Lab {
  readonly scenario: Scenario
  /** For the edge server's home folder; empty at first. */
  readonly home: string
  readonly worldFile: string
  readonly hostsFile: string
  /** PEM files of what the edge server shows in TLS; null where it shows nothing. */
  readonly certificate: { cert: string; key: string } | null
  /** Where the edge server of this lab really takes mail. */
  readonly intake: { address: string; port: number }
  /** What the destinations took, in the order in which it came. */
  delivered(): Delivered[]
  /** Stops the lab's servers and removes its folder; harmless the second time. Stop the edge server first. */
  stop(): Promise<void>
}

const loopback = '127.0.0.1'
/** Where an edge server listens that was told nothing else. */
const edgeListens = { address: loopback, port: 2525 }
/** Nothing listens there on any system we know: what leads there is refused. */
const deadEnd = `${loopback}:1`
/** A multicast group: to connect there fails at once as without a route, and sends nothing. */
const noRoute = '224.0.0.1:25'
const smtpPort = 25
/** Of 127.0.0.0/8: what stands for the outbound addresses of the edge server. */
const firstSource = 11

export async function openLab(scenario: Scenario, { signal }: { signal: AbortSignal }): Promise<Lab> {
  await sweep()
  const folder = makeFolder()
  const stops: (() => Promise<void>)[] = [folder.remove]
  const stop = async () => {
    while (stops.length > 0) await stops.pop()?.()
  }
  try {
    const reach = new Map<string, string>()
    const zone = worldZone(scenario)
    const playDns = async (address: string, ...how: Parameters<typeof openDnsServer>) => {
      const server = await openDnsServer(...how)
      stops.push(server.stop)
      reach.set(dnsPlace(address), place(loopback, server.port))
    }
    for (const { address, behaviour, zone: own, ...manner } of scenario.dnsServers)
      await playDns(address, behaviour, own ?? zone, { ...manner, authoritative: own !== undefined })
    for (const address of namedDnsServers(scenario)) if (!reach.has(dnsPlace(address))) await playDns(address, 'silent', [])
    const destinations: LabDestination[] = []
    for (const { address, port, connection, ...manner } of scenario.destinations) {
      if (connection === 'refused' || connection === 'unreachable') {
        reach.set(place(address, port), connection === 'refused' ? deadEnd : noRoute)
        continue
      }
      const destination = await openDestination({ ...manner, connection })
      stops.push(destination.stop)
      destinations.push(destination)
      reach.set(place(address, port), place(loopback, destination.port))
    }
    for (const address of namedHosts(scenario, zone)) if (!reach.has(place(address, smtpPort))) reach.set(place(address, smtpPort), deadEnd)
    const intake = { address: loopback, port: await intakePort() }
    stops.push(async () => void givenAway.delete(intake.port))
    reach.set(place(edgeListens.address, edgeListens.port), place(intake.address, intake.port))
    const hostsFile = join(folder.path, 'hosts')
    const worldFile = join(folder.path, 'world.json')
    await writeFile(hostsFile, scenario.hosts)
    await writeFile(worldFile, JSON.stringify(worldFileOf(scenario, hostsFile, reach), null, 2))
    const certificate = await edgeCertificate(scenario, folder.path)
    const home = join(folder.path, 'home')
    mkdirSync(home, { mode: 0o700 })
    if (signal.aborted) throw new Failure('cancelled', 'The rehearsal was cancelled.')
    return { scenario, home, worldFile, hostsFile, certificate, intake, delivered: () => destinations.flatMap((one) => one.delivered), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Every DNS server that an adapter or the lookups name: on the real network one that is not there is silent. */
function namedDnsServers({ adapters, lookups }: Scenario): Set<string> {
  const listed = [lookups.internal, lookups.external].flatMap(({ servers }) => servers ?? [])
  return new Set([...adapters.flatMap(({ dnsServers }) => dnsServers), ...listed])
}

function adaptersOf(scenario: Scenario): Adapter[] {
  return scenario.adapters.map(({ id, ...adapter }) => ({ ...adapter, id: id ?? adapter.name, dnsSource: 'world file' }))
}

function place(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function dnsPlace(text: string): string {
  const parsed = parseDnsServer(text)
  if ('problem' in parsed) throw new Failure('bad-input', parsed.problem)
  return place(parsed.address, parsed.port)
}

function worldFileOf(scenario: Scenario, hostsFile: string, reach: Map<string, string>): object {
  const { egress, blocklists, destinations, service: { freeSpace } } = scenario
  const sources = Object.fromEntries(outboundAddresses(scenario).map((address, at) => [address, `127.0.0.${firstSource + at}`]))
  // Nobody here is as slow as on the Internet, save those that the scenario makes so.
  const patience = 3 + Math.ceil(Math.max(0, ...destinations.map(({ delay }) => delay)) / 1000)
  return { adapters: adaptersOf(scenario), hostsFile, egressAddress: egress.address, blocklists: blocklists.map(({ zone }) => zone), patience, ...(freeSpace === undefined ? {} : { freeSpace }), sources, reach: Object.fromEntries(reach) }
}

/** What connections leave from, in turn; none where it is one address, which the system chooses. */
export function outboundAddresses({ egress: { address, others } }: Scenario): string[] {
  return address === null || others.length === 0 ? [] : [address, ...others]
}

async function edgeCertificate({ egress: { helo }, service: { certificate } }: Scenario, folder: string): Promise<Lab['certificate']> {
  if (certificate === 'none') return null
  const made = certificate === 'expired' ? expiredCertificate(helo) : makeCertificate(helo)
  const files = { cert: join(folder, 'edge.crt'), key: join(folder, 'edge.key') }
  await writeFile(files.cert, made.cert, { mode: 0o600 })
  await writeFile(files.key, made.key, { mode: 0o600 })
  return files
}

/** The scenario's zone, with the names of the egress address and the blocklists. */
function worldZone({ zone, egress: { address, ptr }, blocklists }: Scenario): ZoneRecord[] {
  const name = address === null ? '' : reverseName(address)
  const names = ptr.map((data): ZoneRecord => ({ name, type: 'PTR', answer: { name, type: 'PTR', ttl: 300, data } }))
  return [...zone, ...names, ...blocklists.flatMap(blocklistZone)]
}

/** Every address that somebody's DNS or the hosts file leads mail to. */
function namedHosts({ dnsServers, hosts }: Scenario, zone: readonly ZoneRecord[]): string[] {
  const records = [zone, ...dnsServers.map((server) => server.zone ?? [])].flat()
  const inDns = records.flatMap(({ answer }) => (answer.type === 'A' || answer.type === 'AAAA' ? [answer.data] : []))
  const lies = dnsServers.flatMap(({ addresses }) => addresses ?? [])
  const inHosts = hosts.split('\n').map((line) => line.trim().split(/\s/, 1)[0] ?? '').filter((word) => isIP(word) !== 0)
  return [...inDns, ...lies, ...inHosts]
}

/** Below those that systems give away by themselves (Linux from 32768, others from 49152): nobody takes it before the edge server does, or while that restarts. */
const intakePorts = { from: 10_000, to: 32_000 }
const givenAway = new Set<number>()

async function intakePort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(intakePorts.from, intakePorts.to)
    if (givenAway.has(port)) continue
    const server = createServer()
    try {
      await listen(server, port)
      givenAway.add(port)
      await new Promise<void>((done) => server.close(() => done()))
      return port
    } catch (error) {
      if (attempt === 50) throw error
    }
  }
}

/** Process ids mean something within their namespace only: that is in the name too, 0 where there is none. */
const folderName = /^edgewise-lab-(\d+)-(\d+)-/
const namespace = (() => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    return '0'
  }
})()
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The folder goes with the process too, should nobody stop the lab. */
function makeFolder(): { path: string; remove(): Promise<void> } {
  let path: string
  try {
    path = mkdtempSync(join(tmpdir(), `edgewise-lab-${process.pid}-${namespace}-`))
  } catch (error) {
    throw new Failure('failed', `The lab's folder cannot be made in ${tmpdir()}: ${error instanceof Error ? error.message : String(error)}.`, 'Make that folder writable, or set TMPDIR to another.')
  }
  const removeNow = () => rmSync(path, { recursive: true, force: true })
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever else hears the signal stops the lab; where nobody does, the process ends as it would have without us.
    if (process.listenerCount(signal) > 0) return
    removeNow()
    process.kill(process.pid, signal)
  }
  process.once('exit', removeNow)
  for (const signal of signals) process.once(signal, onSignal)
  return {
    path,
    async remove() {
      process.off('exit', removeNow)
      for (const signal of signals) process.off(signal, onSignal)
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** Folders of labs whose process was killed. An hour's grace where it belongs to a namespace that cannot be seen. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const [, pid, where] = folderName.exec(name) ?? []
    if (pid === undefined || runs(Number(pid))) continue
    const grace = where === namespace ? 0 : 3_600_000
    const path = join(tmpdir(), name)
    try {
      if (Date.now() - (await stat(path)).mtimeMs > grace) await rm(path, { recursive: true, force: true })
    } catch {
      // Another user's, or gone meanwhile.
    }
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
