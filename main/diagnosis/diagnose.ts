// Why does mail wait? Runs every check at once, tells what each finds, and says what the findings prove.
import { setMaxListeners } from 'node:events'
import type { Properties } from '../../preload/contract/servers.ts'
import type { Cause, Diagnosis, DiagnosisProgress } from '../../preload/contract/diagnosis.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import { causesOf } from './causes.ts'
import { delivers } from './causes/naming.ts'
import { adaptersCompared, allSources, compare } from './checks/adapters-compared.ts'
import { blocklists } from './checks/blocklists.ts'
import { dnsServers } from './checks/dns-servers.ts'
import { egressIdentity } from './checks/egress-identity.ts'
import { hostsEntries } from './checks/hosts-entries.ts'
import { ownSmtp } from './checks/own-smtp.ts'
import { sender } from './checks/sender.ts'
import { service } from './checks/service.ts'
import { smtp } from './checks/smtp.ts'
import { waiting } from './checks/waiting.ts'
import { factsOf, type Circumstances, type Finding } from './finding.ts'
import type { Check, Comparing, Looking, Told } from './looking.ts'
import { notesOf } from './notes.ts'
import { Questions } from './questions.ts'
import { internetSide } from './remedies.ts'
import { subjectOf, type DomainLooked, type Subject } from './subject.ts'
import { withLimit } from '../time-limit.ts'

const checks: readonly Check[] = [service, waiting, adaptersCompared, dnsServers, hostsEntries, smtp, ownSmtp, sender, egressIdentity, blocklists]

export interface Diagnosing {
  target: string
  signal: AbortSignal
  told?: ((progress: DiagnosisProgress) => void) | undefined
}

/** Sends nothing past RCPT TO. Throws a Failure `not-found` where the target is none, and `cancelled`. */
export async function diagnose(edge: { world: World; transport: Transport }, { target, signal, told = () => {} }: Diagnosing): Promise<Diagnosis> {
  const begun = performance.now()
  const at = new Date().toISOString()
  const subject = await subjectOf(target, edge)
  const findings: Finding[] = []
  const looking = lookingAt(subject, edge, signal)
  const ran = await Promise.all(checks.map((check) => run(check, looking, { findings, told })))
  if (signal.aborted) throw new Failure('cancelled', 'The diagnosis was cancelled.')
  const causes = causesOf(findings, circumstances(subject, at))
  const healthy = !causes.some(({ proof }) => proof === 'proven')
  return {
    target: subject.target, domains: subject.domains.map(({ domain }) => domain), healthy, text: outcome(subject, causes, findings), causes, notes: notesOf(findings),
    findings: shown(findings, causes), checks: ran, egress: subject.egress, at, ms: Math.round(performance.now() - begun),
  }
}

/** What speaks for no cause in the end, such as an address of many that does not answer, raises no alarm. */
function shown(findings: readonly Finding[], causes: readonly Cause[]): Diagnosis['findings'] {
  const speaking = new Set(causes.filter(({ proof }) => proof !== 'ruled out').flatMap((cause) => cause.for))
  return findings.map(({ fact: _, ...finding }) => (finding.verdict === 'bad' && !speaking.has(finding.id) ? { ...finding, verdict: 'odd' } : finding))
}

interface Collecting {
  findings: Finding[]
  told(progress: DiagnosisProgress): void
}

/** A check never throws: what keeps it from finding out is a finding too. What comes after its limit is not heard. */
async function run({ name, title, limit, run: look }: Check, looking: Looking, { findings, told }: Collecting): Promise<Diagnosis['checks'][number]> {
  const begun = performance.now()
  const check = { name, title }
  const signal = withLimit(looking.signal, limit)
  setMaxListeners(0, signal)
  let count = 0
  let isOver = false
  const tell = (more: Told) => {
    if (isOver) return
    const finding: Finding = { id: `${name}-${++count}`, check: name, at: new Date().toISOString(), ...more }
    findings.push(finding)
    const { fact: _, ...shown } = finding
    told({ kind: 'finding', finding: shown })
  }
  told({ kind: 'check began', check })
  try {
    await unlessLate(look({ ...looking, signal }, tell), signal, `it took more than ${limit / 1000} s`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    tell({ target: '*', verdict: 'not-known', text: `Not known, because: ${why}`, raw: why, fact: null })
  }
  isOver = true
  const ms = Math.round(performance.now() - begun)
  told({ kind: 'check ended', check, ms })
  return { ...check, ms, findings: count }
}

function unlessLate(work: Promise<void>, signal: AbortSignal, why: string): Promise<void> {
  return new Promise((done, failed) => {
    const late = () => failed(new Error(why))
    if (signal.aborted) late()
    signal.addEventListener('abort', late, { once: true })
    work.then(done, failed).finally(() => signal.removeEventListener('abort', late))
  })
}

function lookingAt(subject: Subject, { world }: { world: World }, signal: AbortSignal): Looking {
  const questions = new Questions((address, port) => world.reach(address, port), signal)
  const winners = subject.hosts?.winners ?? new Map()
  const known = new Map<string, Promise<Comparing>[]>()
  const compared = (looked: DomainLooked) => {
    const sources = looked.domain.startsWith('[') ? [] : allSources(subject, looked.side, world)
    const comparing = known.get(looked.domain) ?? compare({ looked, sources, questions, winners, isPublic: (address) => world.isPublic(address) })
    // Whoever waits for it is told of a fault.
    for (const one of comparing) one.catch(() => {})
    known.set(looked.domain, comparing)
    return comparing
  }
  const side = internetSide(subject.properties.lookups)
  const servers = [...new Set([...allSources(subject, side, world), ...allSources(subject, 'internal', world)].flatMap((source) => source.servers))]
  return { subject, questions, world, signal, compared, servers }
}

function circumstances({ properties, egress, adapters, hosts }: Subject, now: string): Circumstances {
  const { name, lookups, acceptedDomains } = properties
  const hasIpv6 = adapters.some(({ state, addresses }) => state === 'up' && addresses.some((address) => /^[23][\da-f]{0,3}:/i.test(address)))
  return { name, lookups, acceptedDomains, egress: egress.address, concurrency: concurrencyOf(properties), hasIpv6, hostsHash: hosts?.hash ?? null, now }
}

/** Each transport has its own name for it. Postfix's 0 is no limit. */
const concurrencyNames = ['maxPerDomainOutboundConnections', 'MaxPerDomainOutboundConnections', 'default_destination_concurrency_limit']

function concurrencyOf({ limits }: Pick<Properties, 'limits'>): Circumstances['concurrency'] {
  const parameter = concurrencyNames.find((name) => Number(limits[name]) > 0)
  return parameter === undefined ? null : { parameter, value: Number(limits[parameter]) }
}

function outcome({ domains, properties }: Subject, causes: readonly Cause[], findings: readonly Finding[]): string {
  const proven = causes.filter(({ proof }) => proof === 'proven')
  if (proven.length > 0) return proven.map(({ text }) => text).join(' ')
  const said = factsOf(findings, 'said').find(({ fact }) => !fact.isMadeUp)
  if (said) return `No cause is proven. ${said.text}${/[.!?]$/.test(said.text) ? '' : '.'} What it means: ${said.fact.explained.meaning}`
  const likely = causes.filter(({ proof }) => proof === 'likely')
  if (likely.length > 0 && domains.some(({ domain }) => !delivers(findings, domain))) return `No cause is proven; what is likely: ${likely.map(({ text }) => text).join(' ')}`
  if (domains.length === 0) return properties.service.state === 'running' ? 'No mail waits, and nothing wrong was found.' : 'Nothing wrong was found.'
  const elsewhere = likely.length > 0 ? ` What other destinations may mind: ${likely.map(({ text }) => text).join(' ')}` : ''
  return `Nothing wrong was found with mail for ${domains.map(({ domain }) => domain).join(', ')}.${elsewhere}`
}
