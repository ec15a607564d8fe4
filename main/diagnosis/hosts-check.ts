// What only DNS servers and destinations can tell of the hosts file: entries that hide another answer, or lead nowhere.
import { setMaxListeners } from 'node:events'
import { connect, isIP } from 'node:net'
import type { HostsFinding } from '../../preload/contract/hosts.ts'
import type { InEffect } from '../../preload/contract/dns.ts'
import { resolve } from '../dns/resolve.ts'
import { addressKey, plainName, type HostsEntry } from '../hosts/lines.ts'
import { connectionText } from '../transport/embedded/connection-text.ts'
import { hostOf, namesOnTheWay } from '../transport/mail-hosts.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import { internetSide } from './remedies.ts'
import { askedNow } from './subject.ts'
import { withLimit } from '../time-limit.ts'

export interface HostsCheck {
  world: World
  transport: Transport
  /** Name → the entries that give it its addresses, in the order of the file. */
  winners: Map<string, HostsEntry[]>
  signal: AbortSignal
  told(finding: HostsFinding): void
}

export interface HostsChecked {
  /** In the order in which they were found. */
  findings: HostsFinding[]
  /** What could not be found out, a sentence each. */
  notKnown: string[]
}

/** More names would take minutes, and hide in their number what matters. */
const mostNames = 500
/** Asked at the same time. */
const atOnce = 32
/** Milliseconds for one server and one question. */
const patience = 2_500
/** Milliseconds for all questions together. */
const limit = 30_000
/** Milliseconds within which whoever takes mail accepts a connection. */
const connectLimit = 3_000
const mostQueues = 20

/** Mail that waits, and what decides where it goes. */
interface Way {
  queue: string
  names: string[]
  port: number
}

/** Starts no transport service: where it does not run, no mail is known to wait. */
export async function checkHosts({ world, transport, winners, signal, told }: HostsCheck): Promise<HostsChecked> {
  const [properties, adapters] = await Promise.all([transport.properties(), world.adapters()])
  const { acceptedDomains, lookups, service } = properties
  const queues = service.state === 'running' ? (await transport.queues()).slice(0, mostQueues) : []
  const ways = await Promise.all(queues.map(async ({ nextHop }): Promise<Way> => ({ queue: nextHop, ...(await namesOnTheWay(transport, acceptedDomains, nextHop)) })))
  const internal = new Set(acceptedDomains.map(({ nextHop }) => plainName(hostOf(nextHop))))
  const asked = { internal: askedNow(properties, 'internal', adapters), internet: askedNow(properties, internetSide(lookups), adapters) }
  const findings: HostsFinding[] = []
  const notKnown: string[] = []
  const note = (found: HostsFinding[]) => {
    for (const finding of found) {
      findings.push(finding)
      told(finding)
    }
  }
  const limited = withLimit(signal, limit)
  // Every question listens to it.
  setMaxListeners(0, limited)
  const relevant = [...new Set([...ways.flatMap(({ names }) => names), ...internal])].filter((name) => winners.has(name))
  // A name without a dot is this network's own: no mail server asks for it.
  const others = [...winners.keys()].filter((name) => name.includes('.') && !relevant.includes(name))
  const names = [...relevant, ...others].slice(0, mostNames)
  const beyond = relevant.length + others.length - names.length
  if (beyond > 0) notKnown.push(`Of the ${(names.length + beyond).toLocaleString('en')} names in the file, ${beyond.toLocaleString('en')} were left out of the comparison with DNS: it takes the first ${mostNames}, those that mail waits for before all others.`)

  const nowhere = Promise.all(ways.map((way) => pointingNowhere(way, winners, world, signal).then(note)))
  for (let from = 0; from < names.length; from += atOnce) {
    const some = names.slice(from, from + atOnce)
    const answers = await Promise.all(
      some.map((name) => differing(name, winners.get(name) ?? [], internal.has(name) ? asked.internal : asked.internet, relevant.includes(name), { world, signal: limited })),
    )
    signal.throwIfAborted()
    for (const { found } of answers) note(found)
    const failed = answers.filter(({ failure }) => failure !== null)
    if (limited.aborted || failed.length === answers.length) {
      const why = limited.aborted ? `it would take more than ${limit / 1000} s` : failed[0]?.failure
      notKnown.push(`${names.length - from} ${names.length - from === 1 ? 'name was' : 'names were'} not compared with DNS: ${why}.`)
      break
    }
    if (failed.length > 0) notKnown.push(`Not compared with DNS: ${failed.map(({ name }) => name).join(', ')} (${failed[0]?.failure}).`)
  }
  await nowhere
  signal.throwIfAborted()
  return { findings, notKnown }
}

interface Compared {
  name: string
  found: HostsFinding[]
  failure: string | null
}

async function differing(name: string, entries: HostsEntry[], { servers, problem, lookups }: InEffect, isRelevant: boolean, { world, signal }: { world: World; signal: AbortSignal }): Promise<Compared> {
  if (servers.length === 0) return { name, found: [], failure: (problem ?? 'there is no DNS server to ask').replace(/\.$/, '') }
  const found: HostsFinding[] = []
  let failure: string | null = null
  await Promise.all(
    entries.map(async ({ address, line }) => {
      const type = isIP(address) === 6 ? 'AAAA' : 'A'
      const answer = await resolve(servers, { name, type }, { protocol: lookups.protocol, timeout: patience, signal, reach: (at, port) => world.reach(at, port) })
      if (answer.kind === 'failed') failure ??= answer.text
      // A name that DNS does not know is what the hosts file is for.
      if (answer.kind !== 'records') return
      const known = answer.records.flatMap((record) => (record.type === type ? [record.data] : []))
      if (known.some((one) => addressKey(one) === addressKey(address))) return
      // A machine’s own name, or one that was switched off, is at such an address on purpose.
      const level = isRelevant || !/^(127\.|0\.0\.0\.0$|::1?$)/.test(address) ? 'warning' : 'info'
      found.push({ kind: 'dns-differs', line, level, text: `${name} is at ${address} by this line; ${answer.server} answers ${known.join(', ')}, which the line hides.` })
    }),
  )
  return { name, found, failure }
}

async function pointingNowhere({ queue, names, port }: Way, winners: Map<string, HostsEntry[]>, world: World, signal: AbortSignal): Promise<HostsFinding[]> {
  const entries = names.flatMap((name) => (winners.get(name) ?? []).map((entry) => ({ name, entry })))
  const found = await Promise.all(
    entries.map(async ({ name, entry: { address, line } }): Promise<HostsFinding | null> => {
      const why = await refusal(world.reach(address, port), signal)
      if (why === null) return null
      return { kind: 'points-nowhere', line, level: 'warning', text: `Mail for ${queue} is led to ${name} at ${address}, where nothing takes mail at port ${port}: ${why}.` }
    }),
  )
  return found.filter((finding) => finding !== null)
}

/** Null where a connection is accepted. */
function refusal({ address, port }: { address: string; port: number }, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolved) => {
    const limited = withLimit(signal, connectLimit)
    const socket = connect({ host: address, port, signal: limited })
    socket.on('connect', () => {
      socket.destroy()
      resolved(null)
    })
    socket.on('error', (error) => resolved(limited.aborted ? `no connection within ${connectLimit / 1000} s` : connectionText(error.message)))
  })
}
