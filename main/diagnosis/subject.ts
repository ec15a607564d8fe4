// What a target stands for: the domains that are looked at, and what is known of them before anybody is asked.
import type { Adapter } from '../../preload/contract/adapters.ts'
import type { InEffect, LookupSide } from '../../preload/contract/dns.ts'
import type { Egress } from '../../preload/contract/diagnosis.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Message, Queue } from '../../preload/contract/queues.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { mailboxProblem } from '../../preload/contract/smtp-fields.ts'
import { asciiName } from '../dns/packet.ts'
import { serversOf } from '../dns/source.ts'
import { readHostsFile, type HostsRead } from '../hosts/file.ts'
import { parseHosts, plainName, type HostsEntry } from '../hosts/lines.ts'
import { winnersOf } from '../hosts/winners.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import { egressOf } from './egress.ts'
import { internetSide } from './remedies.ts'

/** Who an SMTP dialogue is about. */
export interface Envelope {
  from: string
  to: string
  /** No mail waits that has it. */
  isMadeUp: boolean
}

export interface DomainLooked {
  domain: string
  /** Of an accepted domain, as in the settings: `mailbox.example.test:2525`. */
  nextHop: string | null
  side: LookupSide
  queue: Queue | null
  messages: Message[]
  envelopes: Envelope[]
}

export interface Subject {
  target: string
  domains: DomainLooked[]
  /** Other domains that wait: asked only whether their hosts can be connected to. */
  controls: DomainLooked[]
  /** Of each sender’s domain one message that waits, with all that is known of it. */
  samples: Message[]
  /** The message that is asked about, where it is one. */
  message: Message | null
  properties: Properties
  adapters: Adapter[]
  inEffect: Record<LookupSide, InEffect>
  hosts: { hash: string; winners: Map<string, HostsEntry[]>; entries: HostsEntry[] } | null
  egress: Egress
}

/** More domains would say the same again. */
const mostDomains = 20
const mostControls = 2
/** Messages that are read: their senders, recipients and sizes. */
const mostMessages = 1_000
/** Messages whose signatures are looked at. */
const mostSamples = 3
/** Of one domain, so many recipients are asked for. */
const mostEnvelopes = 3

/** Throws a Failure `not-found` where the target is none. */
export async function subjectOf(given: string, { world, transport }: { world: World; transport: Transport }): Promise<Subject> {
  const target = given.trim()
  // One that was merely not needed yet is started by being asked, as by every verb; one that was stopped stays stopped.
  const runs = await isAnswering(transport)
  const [properties, adapters] = await Promise.all([transport.properties(), world.adapters()])
  const [queues, messages, hosts, egress] = await Promise.all([
    runs ? transport.queues() : [],
    runs ? transport.messages({}, { offset: 0, limit: mostMessages }).then((found) => found.messages) : [],
    properties.hosts.reads ? readHostsFile(world.hostsFile).then(hostsRead) : null,
    egressOf(properties.home, world, adapters),
  ])
  const inEffect = { internal: askedNow(properties, 'internal', adapters), external: askedNow(properties, 'external', adapters) }
  const looked = (domain: string, of: Message[], to?: string): DomainLooked => {
    const accepted = properties.acceptedDomains.find((one) => plainName(one.domain) === plainName(domain))
    const own = of.filter(({ queue }) => plainName(queue) === plainName(domain))
    return {
      domain, nextHop: accepted?.nextHop ?? null, side: accepted ? 'internal' : internetSide(properties.lookups),
      queue: queues.find(({ nextHop }) => plainName(nextHop) === plainName(domain)) ?? null, messages: own, envelopes: envelopesOf(domain, own, to),
    }
  }
  const waiting = [...queues].sort((a, b) => Number(b.lastError !== null) - Number(a.lastError !== null)).map(({ nextHop }) => nextHop)
  const chosen = await chosenBy(target, waiting, messages, runs ? transport : null)
  const domains = chosen.domains.slice(0, mostDomains).map((domain) => looked(domain, chosen.message ? [chosen.message] : messages, chosen.recipient))
  const others = waiting.filter((domain) => !domains.some((one) => plainName(one.domain) === plainName(domain)) && !domain.startsWith('['))
  const samples = runs ? await samplesOf(domains, transport) : []
  return { target, domains, samples, controls: others.slice(0, mostControls).map((domain) => looked(domain, messages)), message: chosen.message, properties, adapters, inEffect, hosts, egress }
}

function hostsRead({ hash, bytes }: HostsRead): NonNullable<Subject['hosts']> {
  const hosts = parseHosts(bytes)
  return { hash, winners: winnersOf(hosts), entries: hosts.lines.flatMap(({ entry }) => entry ?? []) }
}

async function samplesOf(domains: DomainLooked[], transport: Transport): Promise<Message[]> {
  const first = new Map<string, string>()
  for (const { id, from } of domains.flatMap(({ messages }) => messages)) {
    const domain = senderDomain(from)
    if (domain !== '' && !first.has(domain) && first.size < mostSamples) first.set(domain, id)
  }
  return first.size === 0 ? [] : (await transport.messages({ ids: [...first.values()] }, { offset: 0, limit: mostSamples })).messages
}

/** Empty for a notice, which has no sender. */
export const senderDomain = (from: string): string => from.slice(from.lastIndexOf('@') + 1).toLowerCase()

async function isAnswering(transport: Transport): Promise<boolean> {
  try {
    await transport.queues()
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'transport-unreachable') return false
    throw error
  }
}

/** What the running transport asks; what it would ask, where it does not run. */
export function askedNow({ lookups, inEffect }: Properties, side: LookupSide, adapters: Adapter[]): InEffect {
  return inEffect?.[side] ?? { lookups: lookups[side], ...serversOf(lookups[side], adapters) }
}

interface Chosen {
  domains: string[]
  message: Message | null
  recipient?: string
}

async function chosenBy(target: string, waiting: string[], messages: Message[], transport: Transport | null): Promise<Chosen> {
  if (target === '*') return { domains: waiting, message: null }
  if (target.includes('@')) {
    const problem = mailboxProblem(target)
    if (problem !== null) throw new Failure('bad-input', `“${target}” cannot be looked at: ${problem}`, 'Give a mail address such as alice@example.test.')
    return { domains: [target.slice(target.lastIndexOf('@') + 1)], message: null, recipient: target }
  }
  const queue = waiting.find((name) => plainName(name) === plainName(target))
  if (queue !== undefined) return { domains: [queue], message: null }
  const message = messages.find(({ id }) => id === target) ?? (await transport?.messages({ ids: [target] }, { offset: 0, limit: 1 }))?.messages[0]
  if (message) return { domains: [message.queue], message }
  const name = asciiName(target)
  if ('problem' in name || !target.includes('.'))
    throw new Failure('not-found', `“${target}” is no domain, mail address, queue or message that is known.`, 'Give a domain such as example.test, an address, the id of a message that waits, or * for all that waits.')
  return { domains: [name.name], message: null }
}

function envelopesOf(domain: string, messages: Message[], to?: string): Envelope[] {
  const sender = messages.find(({ from }) => from !== '')?.from ?? ''
  if (to !== undefined) return [{ from: sender, to, isMadeUp: false }]
  // A recipient whose last answer differs from another's is worth a question of its own.
  const reasons = new Map<string, Envelope>()
  for (const { from, recipients, reason } of messages) {
    const [first] = recipients
    if (first !== undefined && !reasons.has(reason ?? '')) reasons.set(reason ?? '', { from, to: first, isMadeUp: false })
  }
  if (reasons.size === 0) return [{ from: sender, to: `postmaster@${domain}`, isMadeUp: true }]
  return [...reasons.values()].slice(0, mostEnvelopes)
}
