// The health of DNS servers: every server is asked everything at once, over UDP and TCP, each within its own limit, so
// that a dead one delays nothing but itself. What they say of mail domains is compared at the end.
import { setMaxListeners } from 'node:events'
import { isIPv6 } from 'node:net'
import { parseDnsServer } from '../../preload/contract/dns.ts'
import type { HealthAnswer, HealthState, ServerHealth } from '../../preload/contract/health.ts'
import type { World } from '../world/world.ts'
import { ask, recordText, type Answer } from './ask.ts'
import { compared } from './health-compared.ts'

export interface AskedServer {
  server: string
  /** Ids of the adapters that have it. */
  adapters: string[]
}

export interface HealthName {
  name: string
  purpose: 'accepted' | 'waiting'
}

export interface HealthOptions {
  reach: World['reach']
  signal: AbortSignal
  /** Milliseconds that a server has for all that it is asked. */
  limit?: number
  /** Called with each server as soon as it is known, before it is compared with the others. */
  told?: (health: ServerHealth) => void
  /** Asks a single server; answers that are known already need not be asked for again. */
  askOne?: typeof ask
}

/** Milliseconds: a resolver that has to ask the world itself needs a second or two. */
export const healthLimit = 2500
/** More names would tell the same again, at the price of a burst of questions. */
export const mostNames = 4

type Plan = Pick<HealthAnswer, 'name' | 'purpose' | 'type' | 'over'>

/** The root over both, as every resolver for the Internet knows it; of mail domains what a transport asks for. */
function questionsOf(names: HealthName[]): Plan[] {
  const root = { name: '.', purpose: 'root', type: 'NS' } as const
  const plans: Plan[] = [{ ...root, over: 'udp' }, { ...root, over: 'tcp' }]
  for (const { name, purpose } of names.slice(0, mostNames)) for (const type of ['MX', 'A', 'AAAA'] as const) plans.push({ name, purpose, type, over: 'udp' })
  // Without a domain, the root shows as well whether AAAA is answered where A is.
  if (names.length === 0) for (const type of ['A', 'AAAA'] as const) plans.push({ ...root, type, over: 'udp' })
  const [first] = names
  if (first) plans.push({ ...first, type: 'A', over: 'tcp' })
  return plans
}

/** In the order of the servers. Never throws; cancelled, what was not answered yet is `cancelled`. */
export async function healthOf(servers: AskedServer[], names: HealthName[], options: HealthOptions): Promise<ServerHealth[]> {
  const plans = questionsOf(names)
  // Every question listens to it: a dozen servers make more listeners than node takes for intended.
  const signal = AbortSignal.any([options.signal])
  setMaxListeners(0, signal)
  const known = await Promise.all(
    servers.map(async (asked) => {
      const health = await healthOfOne(asked, plans, { ...options, signal })
      options.told?.(health)
      return health
    }),
  )
  return compared(known)
}

async function healthOfOne({ server, adapters }: AskedServer, plans: Plan[], { reach, signal, limit = healthLimit, askOne = ask }: HealthOptions): Promise<ServerHealth> {
  const address = parseDnsServer(server)
  const answers = await Promise.all(
    plans.map(async (plan): Promise<HealthAnswer> => {
      if ('problem' in address) return judged(plan, { kind: 'none', reason: 'unreachable', text: 'is not the address of a DNS server', ms: 0 })
      const answer = await askOne(address, plan, { protocol: plan.over, timeout: limit, signal, reach })
      if (answer.kind === 'none' || !answer.truncated) return judged(plan, answer)
      // As every resolver does (RFC 7766 §5), within the same time. Where that fails too, it stays an answer in part.
      const whole = await askOne(address, plan, { protocol: 'tcp', timeout: limit - answer.ms, signal, reach })
      return judged(plan, whole.kind === 'none' ? answer : whole)
    }),
  )
  return { server, adapters, family: 'problem' in address || !isIPv6(address.address.replace(/%.*$/, '')) ? 4 : 6, ...summary(answers) }
}

function judged({ name, purpose, type, over }: Plan, answer: Answer): HealthAnswer {
  const base = { name, purpose, type, over, ms: answer.ms, values: [] as string[] }
  const about = `${name} ${type}`
  if (answer.kind === 'none') {
    const verdict = answer.reason === 'refused' ? 'closed' : answer.reason === 'bad-name' ? 'unreachable' : answer.reason
    return { ...base, verdict, text: `${answer.text} (${about})` }
  }
  const values = answer.answers.filter((record) => record.type === type).map((record) => recordText(record).toLowerCase()).sort().slice(0, 20)
  if (answer.truncated) return { ...base, verdict: 'truncated', values, text: `answers only in part (${about})` }
  if (answer.rcode === 'NXDOMAIN') return { ...base, verdict: 'no-domain', text: `says that ${name} does not exist` }
  if (answer.rcode === 'REFUSED') return { ...base, verdict: 'refuses', text: `refuses to answer (${about}: REFUSED)` }
  if (answer.rcode !== 'NOERROR') return { ...base, verdict: 'fails', text: `fails (${about}: ${answer.rcode})` }
  if (values.length > 0) return { ...base, verdict: 'records', values, text: `answers ${about}: ${values.slice(0, 4).join(', ')}` }
  if (!answer.authoritative && !answer.recursionAvailable) return { ...base, verdict: 'not-recursive', text: `does not know ${name} and offers no recursion` }
  return { ...base, verdict: 'no-data', text: `says that ${name} has no ${type}` }
}

const good: HealthAnswer['verdict'][] = ['records', 'no-data', 'no-domain']

/** What the answers come to: their common verdict where none is good; `silent` counts only where all are. */
function stateOf(answers: HealthAnswer[]): HealthState {
  const verdicts = new Set(answers.map(({ verdict }) => verdict))
  if (verdicts.has('cancelled')) return 'cancelled'
  const isGood = answers.filter(({ verdict }) => good.includes(verdict)).length
  if (isGood === answers.length) return 'answers'
  if (isGood > 0 || verdicts.has('truncated')) return 'partly'
  for (const verdict of ['fails', 'refuses', 'not-recursive', 'garbage', 'closed', 'unreachable'] as const) if (verdicts.has(verdict)) return verdict
  return 'silent'
}

const wordless: HealthAnswer['verdict'][] = ['silent', 'closed', 'unreachable', 'garbage', 'cancelled']
const isHeard = ({ verdict }: HealthAnswer) => !wordless.includes(verdict)

const words: Record<HealthState, string> = {
  answers: 'answers', partly: 'answers only in part', fails: 'fails (SERVFAIL)', refuses: 'refuses to answer', 'not-recursive': 'offers no recursion', garbage: 'sends what is no answer',
  silent: 'does not answer', closed: 'is no DNS server: it takes no questions', unreachable: 'cannot be reached', cancelled: 'was not waited for',
}

/** Of one protocol, where the other is answered: then it is a DNS server. */
const wordsOver: Record<HealthState, string> = { ...words, closed: 'takes no questions' }

function summary(answers: HealthAnswer[]): Omit<ServerHealth, 'server' | 'adapters' | 'family'> {
  const [udp, tcp] = (['udp', 'tcp'] as const).map((one) => answers.filter(({ over }) => over === one)) as [HealthAnswer[], HealthAnswer[]]
  const states = { udp: stateOf(udp), tcp: stateOf(tcp) }
  const heard = answers.filter(isHeard)
  const notes: ServerHealth['notes'] = []
  if (heard.length > 0) {
    if (!udp.some(isHeard)) notes.push({ kind: 'udp-silent', text: `${wordsOver[states.udp]} over UDP` })
    if (!tcp.some(isHeard)) notes.push({ kind: 'tcp-silent', text: `${wordsOver[states.tcp]} over TCP, which long answers need` })
    if (answers.some(({ verdict }) => verdict === 'truncated')) notes.push({ kind: 'truncated-without-tcp', text: 'answers only in part over UDP, and over TCP not at all' })
  }
  for (const { name, over } of answers.filter(({ type, verdict }) => type === 'AAAA' && verdict === 'silent')) {
    const a = answers.find((one) => one.name === name && one.type === 'A' && one.over === over)
    if (a && isHeard(a)) notes.push({ kind: 'ignores-aaaa', text: `ignores questions for AAAA: ${name} A is answered, AAAA is not` })
  }
  const unknowing = answers.filter(({ verdict }) => verdict === 'not-recursive')
  const recursion = heard.length === 0 ? null : unknowing.length === 0
  if (recursion === false) notes.push({ kind: 'no-recursion', text: `offers no recursion: it does not know ${[...new Set(unknowing.map(({ name }) => name))].join(', ')}` })
  const ms = heard.length === 0 ? null : Math.min(...heard.map(({ ms }) => ms))
  const state = stateOf(answers)
  return { state, ms, recursion, ...states, answers, notes, text: textOf(state, ms, notes, answers) }
}

function textOf(state: HealthState, ms: number | null, notes: ServerHealth['notes'], answers: HealthAnswer[]): string {
  if (state === 'answers') return `answers, ${Math.max(1, Math.round(ms ?? 0))} ms`
  if (state !== 'partly') return words[state]
  const worst = answers.find(({ verdict }) => !good.includes(verdict))
  return notes[0]?.text ?? worst?.text ?? words[state]
}
