// Finds out how far each mail host lets us come, up to RCPT TO and never further.
import { isIP } from 'node:net'
import type { SmtpDialogue, SmtpStep, SmtpTarget } from '../../../preload/contract/smtp-test.ts'
import { transcript } from '../../../preload/contract/smtp-transcript.ts'
import { testHosts } from '../../smtp/test.ts'
import { plainName } from '../../hosts/lines.ts'
import { hostOf } from '../../transport/mail-hosts.ts'
import type { Ending, Reached, Spoke } from '../finding.ts'
import type { Check, Looking, Told } from '../looking.ts'
import type { DomainLooked, Envelope } from '../subject.ts'

/** Seconds. TCP tries again after one and after three; a host may keep its greeting back on purpose for some. */
const usual = { connect: 5, reply: 10 }
/** Of one domain, so many addresses are connected to. */
const mostAddresses = 8

export const smtp: Check = {
  name: 'smtp',
  title: 'SMTP dialogues with the mail hosts, up to RCPT TO',
  limit: 25_000,
  async run(looking, tell) {
    const { domains, controls } = looking.subject
    await Promise.all([...domains.map((looked) => hostsOf(looked, false, looking, tell)), ...controls.map((looked) => hostsOf(looked, true, looking, tell))])
  },
}

type Way = Spoke['by']

/** An address is connected to as soon as anybody names it; how the transport comes to it is known once all have spoken. */
async function hostsOf(looked: DomainLooked, isControl: boolean, looking: Looking, tell: (told: Told) => void): Promise<void> {
  const { compared, subject } = looking
  const begun = new Map<string, { host: string; address: string; spoken: Promise<SmtpDialogue[]> }>()
  const begin = (host: string, addresses: string[]) => {
    for (const address of addresses)
      if (isIP(address) && !begun.has(address) && begun.size < mostAddresses) begun.set(address, { host, address, spoken: speak(host, address, begun.size === 0 && !isControl, looked, looking) })
  }
  const literal = /^\[(?:IPv6:)?(.+)\]$/i.exec(looked.domain)?.[1]
  if (literal !== undefined) begin(literal, [literal])
  const fromHosts = new Set([looked.domain, hostOf(looked.nextHop ?? '')].flatMap((name) => (subject.hosts?.winners.get(plainName(name)) ?? []).map(({ address }) => address)))
  begin(looked.domain, [...fromHosts])
  const listed = (name: string) => (subject.hosts?.winners.get(plainName(name)) ?? []).map(({ address }) => address)
  const all = await Promise.all(
    compared(looked).map(async (one) => {
      const { fact } = await one
      for (const { name, addresses } of fact.hosts) begin(name, addresses)
      for (const { name } of fact.hosts) if (listed(name).length > 0) await beyondHosts(name, looking).then((addresses) => begin(name, addresses))
      return fact
    }),
  )
  const chosen = new Set(all.filter(({ asked }) => 'chosen' in asked).flatMap(({ hosts }) => hosts.flatMap(({ name, addresses }) => (listed(name).length > 0 ? [] : addresses))))
  const named = new Set(all.flatMap(({ hosts }) => hosts.flatMap(({ name }) => listed(name))).concat(...fromHosts))
  const wayTo = (address: string): Way => (named.has(address) ? 'hosts' : literal === undefined && (!chosen.has(address) || fromHosts.size > 0) ? 'others' : 'transport')
  await Promise.all([...begun.values()].map(async ({ spoken }) => {
    for (const dialogue of await spoken) for (const told of findingsOf(dialogue, looked, isControl, wayTo(dialogue.address))) tell(told)
  }))
}

/** Where the hosts file hides what DNS says, that is tried as well. */
async function beyondHosts(name: string, { questions, servers }: Looking): Promise<string[]> {
  const answers = await Promise.all((['A', 'AAAA'] as const).map((type) => questions.agreed(servers, { name, type })))
  return answers.flatMap((answer) => (answer.kind === 'records' ? answer.records.flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? [record.data] : [])) : []))
}

/** All envelopes with the first address, one with the others. */
function speak(host: string, address: string, withAll: boolean, { envelopes, nextHop }: DomainLooked, { subject, world, signal }: Looking): Promise<SmtpDialogue[]> {
  const port = Number(/:(\d{1,5})$/.exec(nextHop ?? '')?.[1] ?? 25)
  const target: SmtpTarget = { key: address, host, address, family: isIP(address) === 6 ? 6 : 4, port }
  const timeouts = { connect: Math.min(usual.connect, world.patience ?? usual.connect), reply: Math.min(usual.reply, world.patience ?? usual.reply) }
  const some = withAll ? envelopes : envelopes.slice(0, 1)
  return Promise.all(some.map(async ({ from, to }) => {
    const [dialogue] = await testHosts([target], { recipient: to, from, helo: subject.properties.name, tls: 'if-offered', auth: null, data: null, source: null, timeouts, reach: (at, portThere) => world.reach(at, portThere), signal })
    return { ...(dialogue ?? { ...target, source: null, outcome: 'cancelled' as const, text: 'Cancelled.', ms: 0, steps: [] }), key: to }
  }))
}

const order: Reached[] = ['nothing', 'connected', 'banner', 'ehlo', 'mail', 'rcpt']
const reachedBy: Partial<Record<SmtpStep['stage'], Reached>> = { connect: 'connected', banner: 'banner', ehlo: 'ehlo', helo: 'ehlo', mail: 'mail', rcpt: 'rcpt' }

export function findingsOf(dialogue: SmtpDialogue, { domain, envelopes }: Pick<DomainLooked, 'domain' | 'envelopes'>, isControl: boolean, by: Way): Told[] {
  const { host, address, family, steps, text, ms, outcome, key } = dialogue
  if (outcome === 'cancelled') return [{ target: domain, verdict: 'not-known', text: `The dialogue with ${host} [${address}] was not waited for any longer.`, raw: transcript(dialogue), fact: null }]
  const reached = steps.filter(({ verdict }) => verdict === 'accepted').reduce<Reached>((far, { stage }) => order[Math.max(order.indexOf(far), order.indexOf(reachedBy[stage] ?? 'nothing'))] ?? far, 'nothing')
  const greeting = steps.find(({ stage }) => stage === 'ehlo' || stage === 'helo')
  const offers = greeting?.reply?.code === 250 ? greeting.reply.lines.slice(1).map((line) => line.slice(4).toUpperCase()).sort() : null
  const size = Number(offers?.find((offer) => offer.startsWith('SIZE '))?.slice(5) ?? 0)
  const last = steps.filter(({ stage }) => stage !== 'quit').at(-1)
  const ending = endingOf(last)
  const way = by === 'hosts' ? ', where the hosts file leads' : by === 'others' ? ', where other DNS servers than the transport’s lead' : ''
  const envelope: Envelope | undefined = envelopes.find(({ to }) => to === key) ?? envelopes[0]
  const spoke: Told = {
    target: domain, verdict: ending === 'accepted' ? 'good' : isControl || by === 'others' ? 'odd' : 'bad', raw: transcript(dialogue), text: `${host} [${address}]${way}: ${ending === 'accepted' ? `takes mail up to RCPT TO${envelope ? ` for ${envelope.to}` : ''} (${Math.round(ms)} ms)` : text.replace(/\.$/, '')}.`,
    fact: { kind: 'spoke', domain, isControl, host, address, family, by, reached, ending, banner: steps.find(({ stage }) => stage === 'banner')?.reply?.lines.join('\n') ?? null, offers, size: size > 0 ? size : null, ms },
  }
  // What failed without a refusal is explained too, but the host did not say it.
  const isSaid = last?.verdict === 'deferred' || last?.verdict === 'refused'
  if (!last?.explained || !isSaid || isControl) return [spoke]
  const { explained, stage } = last
  return [spoke, {
    target: domain, verdict: 'bad', raw: transcript(dialogue), text: `${host} [${address}] answers ${stage.toUpperCase()} with: ${explained.inner} (${explained.category}).`,
    fact: { kind: 'said', domain, isFresh: true, isMadeUp: envelope?.isMadeUp ?? true, stage, address, explained, recipient: envelope?.to ?? null, since: null, attempts: 0, nextRetry: null },
  }]
}

function endingOf(last: SmtpStep | undefined): Ending {
  if (last === undefined) return 'other'
  const { stage, verdict, text, reply, findings } = last
  if (verdict === 'accepted') return 'accepted'
  if ((stage === 'starttls' || stage === 'tls') && verdict === 'failed') return 'tls'
  if (reply !== null) return 'reply'
  if (stage === 'connect') {
    if (/ECONNREFUSED/.test(text)) return 'refused'
    if (/ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL/.test(text)) return 'no-route'
    if (/ECONNRESET/.test(text)) return 'reset'
    return /No answer from/.test(text) ? 'timeout' : 'other'
  }
  if (findings.some(({ kind }) => kind === 'silent')) return 'silent'
  return findings.some(({ kind }) => kind === 'closed') ? 'reset' : 'other'
}
