// Entries of the hosts file that would get a queue's mail past its DNS servers, with the addresses that others know.
import { setMaxListeners } from 'node:events'
import { Failure } from '../../preload/contract/failure.ts'
import type { AskOptions } from '../dns/ask.ts'
import { resolve, type Resolved } from '../dns/resolve.ts'
import { plainName } from '../hosts/lines.ts'
import { hostOf } from '../transport/mail-hosts.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import { hostsOf, mostHosts, sourcesOf, title, type Source } from './checks/adapters-compared.ts'
import { patience } from './questions.ts'
import { internetSide } from './remedies.ts'
import { askedNow } from './subject.ts'
import { withLimit } from '../time-limit.ts'

export interface Suggestion {
  entries: { name: string; address: string | null; text: string }[]
  /** Who said which hosts take the mail. */
  text: string
}

/** Milliseconds for all questions together. */
const limit = 20_000

export async function suggestEntries({ world, transport }: { world: World; transport: Transport }, queue: string, signal: AbortSignal): Promise<Suggestion> {
  if (queue.startsWith('[')) return { entries: [], text: `Mail for ${queue} goes to that address: no name is looked up.` }
  const [properties, adapters] = await Promise.all([transport.properties(), world.adapters()])
  if (!properties.hosts.reads) return { entries: [], text: 'An entry of the hosts file would not help: the transport does not look into it.' }
  const accepted = properties.acceptedDomains.find(({ domain }) => domain.toLowerCase() === queue.toLowerCase())
  const side = accepted ? 'internal' : internetSide(properties.lookups)
  const sources = sourcesOf({ side, inEffect: askedNow(properties, side, adapters), adapters })
  const limited = withLimit(signal, limit)
  const ask = { reach: (address: string, port: number) => world.reach(address, port), timeout: patience, signal: limited }
  setMaxListeners(0, limited)
  const { hosts, instead, text } = accepted ? mailboxServer(queue, accepted.nextHop) : await mailHosts(queue, sources, ask)
  const ofHosts = await Promise.all(hosts.map((host) => entriesFor(host, sources, ask)))
  const known = ofHosts.find((some) => some.some(({ address }) => address !== null))
  const ofDomain = instead !== undefined && known ? known.map((entry) => ({ ...entry, name: instead, text: `As ${entry.name} is. ${entry.text}` })) : []
  const entries = [...ofDomain, ...ofHosts.flat()]
  if (signal.aborted) throw new Failure('cancelled', 'Asking the DNS servers was cancelled.')
  return { entries, text }
}

function mailboxServer(queue: string, nextHop: string): MailHosts {
  const host = hostOf(nextHop)
  const hosts = host === '' ? [] : [host]
  return { hosts, text: `Mail for ${queue} goes to its mailbox server ${nextHop}${host === '' ? ': no name is looked up.' : '.'}` }
}

type Ask = Omit<AskOptions, 'protocol'>

interface MailHosts {
  hosts: string[]
  /** The domain itself, where the transport would never come to ask for its mail hosts. */
  instead?: string
  text: string
}

async function mailHosts(domain: string, sources: Source[], ask: Ask): Promise<MailHosts> {
  const answers = await Promise.all(sources.map(async (source) => ({ source, answer: await resolve(source.servers, { name: domain, type: 'MX' }, { ...ask, protocol: source.protocol }) })))
  const [own] = answers
  // RFC 5321 §5.1: without an MX the domain itself is its mail host.
  const known = answers.find(({ answer }) => answer.kind === 'records') ?? answers.find(({ answer }) => answer.kind === 'no-data')
  if (!known) return { hosts: [plainName(domain)], text: `No DNS server of any adapter knows which hosts take mail for ${domain}: ${answers.map(({ source, answer }) => `${title(source.asked)}: ${said(answer, domain)}`).join('; ')}.` }
  const hosts = known.answer.kind === 'records' ? hostsOf(known.answer).map(plainName).slice(0, mostHosts) : [plainName(domain)]
  const text = `${title(known.source.asked)}: ${said(known.answer, domain)}.`
  if (known.answer.kind === 'records' && hosts.length === 0) return { hosts, text: `${text} It takes no mail, and no entry changes that.` }
  if (!own || known === own || own.answer.kind === 'no-data') return { hosts, text }
  // Whoever does not know the mail hosts never asks for their addresses: an entry for the domain is found before that.
  return { hosts, instead: plainName(domain), text: `${text} The transport’s own DNS servers do not (${said(own.answer, domain)}), so the entry that helps is one for ${domain} itself.` }
}

function said(answer: Resolved, name: string): string {
  if (answer.kind === 'failed') return answer.text
  if (answer.kind === 'records') return `${answer.server} answers that mail for ${name} goes to ${answer.records.flatMap((record) => (record.type === 'MX' ? [record.data.exchange.replace(/\.$/, '') || 'nobody'] : [])).join(', ')}`
  return `${answer.server ?? 'the name itself'} says that ${name} ${answer.kind === 'no-domain' ? 'does not exist' : 'has no mail host but itself'}`
}

/** One for each family: of several addresses a resolver takes the first line’s alone. */
async function entriesFor(name: string, sources: Source[], ask: Ask): Promise<Suggestion['entries']> {
  const found = await Promise.all((['A', 'AAAA'] as const).map((type) => addressOf(name, type, sources, ask)))
  const entries = found.filter((entry) => entry !== null)
  return entries.length > 0 ? entries : [{ name, address: null, text: `No adapter’s DNS servers know an address of ${name}.` }]
}

async function addressOf(name: string, type: 'A' | 'AAAA', sources: Source[], ask: Ask): Promise<{ name: string; address: string; text: string } | null> {
  const answers = await Promise.all(
    sources.map(async (source) => {
      const answer = await resolve(source.servers, { name, type }, { ...ask, protocol: source.protocol })
      const addresses = answer.kind === 'records' ? answer.records.flatMap((record) => (record.type === type ? [record.data] : [])) : []
      return { source, server: answer.kind === 'records' ? answer.server : null, addresses }
    }),
  )
  const knowing = answers.filter(({ addresses }) => addresses.length > 0)
  const [address] = knowing[0]?.addresses ?? []
  if (address === undefined) return null
  return { name, address, text: `${knowing.map(({ source, server, addresses }) => `${title(source.asked)}: ${server} answers ${addresses.join(', ')}`).join('; ')}.` }
}
