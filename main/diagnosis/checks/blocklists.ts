// Finds out whether blocklists name our address or the senders’ domains: only lists that pass their own health test count.
import { reversed } from '../../dns/reverse.ts'
import { rawRead, type Check, type Looking, type Told } from '../looking.ts'
import { isListing, listsOf, type List } from '../dnsbl.ts'
import { senderDomain } from '../subject.ts'
import { textsOf } from '../texts.ts'

/** Of one list, so many DNS servers are tried until one can use it. */
const mostServers = 3

export const blocklists: Check = {
  name: 'blocklists',
  title: 'Blocklists',
  limit: 12_000,
  async run(looking, tell) {
    const { world, subject } = looking
    const { address } = subject.egress
    const senders = [...new Set(subject.domains.flatMap(({ messages }) => messages.map(({ from }) => senderDomain(from))))].filter(Boolean).slice(0, 3)
    await Promise.all(
      world.blocklists.flatMap(listsOf).flatMap((list) => {
        const names = list.lists === 'domains' ? senders : address === null ? [] : [address]
        return names.map(async (what) => {
          const told = await asked(list, what, looking)
          if (!list.isGuess || told.fact?.kind !== 'listing' || told.fact.state !== 'not-usable') tell(told)
        })
      }),
    )
    if (address === null) tell({ target: '*', verdict: 'not-known', text: `Lists of addresses were not asked: ${subject.egress.text}`, raw: rawRead(subject.egress), fact: null })
  },
}

async function asked(list: List, what: string, { questions, servers }: Looking): Promise<Told> {
  const { zone, weight } = list
  const about = (state: 'listed' | 'not-listed' | 'not-usable', reason: string | null): Told['fact'] => ({ kind: 'listing', zone, what, state, weight, reason })
  const label = list.lists === 'domains' ? what : reversed(what)
  const [listedTest, unlistedTest] = what.includes(':') && list.lists === 'addresses' ? [reversed('::ffff:127.0.0.2'), reversed('::ffff:127.0.0.1')] : list.tests
  const why: string[] = []
  const raw: string[] = []
  // A dead server is known to be dead by the time that the next one is looked at.
  for (const test of [listedTest, unlistedTest, label]) questions.begin(servers.slice(0, mostServers), { name: `${test}.${zone}`, type: 'A' }, 'any')
  questions.begin(servers.slice(0, mostServers), { name: `${label}.${zone}`, type: 'TXT' }, 'any')
  for (const server of servers.slice(0, mostServers)) {
    const [must, mustNot, own, text] = await Promise.all([
      questions.agreed([server], { name: `${listedTest}.${zone}`, type: 'A' }),
      questions.agreed([server], { name: `${unlistedTest}.${zone}`, type: 'A' }),
      questions.agreed([server], { name: `${label}.${zone}`, type: 'A' }),
      questions.agreed([server], { name: `${label}.${zone}`, type: 'TXT' }),
    ])
    raw.push(must.raw, mustNot.raw, own.raw, text.raw)
    const codes = (answer: typeof own) => (answer.kind === 'records' ? answer.records.flatMap((record) => (record.type === 'A' ? [record.data] : [])) : [])
    const isSound = codes(must).some((code) => isListing(list, code)) && mustNot.kind === 'denied'
    if (!isSound || own.kind === 'unknown') {
      why.push(`${server}: ${!isSound ? `the list fails its own test (${must.text}; ${mustNot.text})` : own.text}`)
      continue
    }
    const found = codes(own)
    const hits = found.filter((code) => isListing(list, code))
    if (hits.length > 0) {
      const reason = text.kind === 'records' ? (textsOf(text.records)[0]?.slice(0, 300) ?? null) : null
      return { target: what, verdict: 'bad', text: `${zone} lists ${what} (${hits.join(', ')})${reason === null ? '' : `: ${reason}`}`, raw: raw.join('\n\n'), fact: about('listed', reason) }
    }
    if (found.length > 0) return { target: what, verdict: 'odd', text: `${zone} refuses to say whether it lists ${what} (${found.join(', ')}): that is no listing.`, raw: raw.join('\n\n'), fact: about('not-usable', found.join(', ')) }
    return { target: what, verdict: 'good', text: `${zone} does not list ${what}.`, raw: raw.join('\n\n'), fact: about('not-listed', null) }
  }
  return { target: what, verdict: 'odd', text: `Whether ${zone} lists ${what} is not known: ${why.join('; ') || 'there is no DNS server to ask'}.`, raw: raw.join('\n\n'), fact: about('not-usable', why[0] ?? null) }
}
