// Finds out how destinations see this edge server: the PTR of its address, whether that leads back, and its HELO name.
import { isIP } from 'node:net'
import { reverseName } from '../../dns/reverse.ts'
import { plainName } from '../../hosts/lines.ts'
import { isGeneric } from '../generic-name.ts'
import { rawRead, type Check, type Looking, type Told } from '../looking.ts'

/** RFC 8601 §2.7.3 looks at a few; more would be somebody’s joke. */
const mostNames = 5

export const egressIdentity: Check = {
  name: 'egress',
  title: 'The address that destinations see: PTR, the way back, HELO name',
  limit: 10_000,
  async run(looking, tell) {
    const { egress, properties } = looking.subject
    const { address } = egress
    const sources = properties.outboundAddresses ?? []
    if (sources.length > 0) tell({ target: '*', verdict: sources.length > 1 ? 'odd' : 'good', text: `Connections to destinations leave from ${sources.join(', ')}${sources.length > 1 ? ', in turn' : ''}.`, raw: rawRead({ outboundAddresses: sources }), fact: { kind: 'sources', addresses: sources } })
    if (address === null) tell({ target: '*', verdict: 'not-known', text: egress.text, raw: rawRead(egress), fact: null })
    const [ptr, helo] = await Promise.all([address === null ? null : ptrOf(address, looking), heloOf(properties.name, looking)])
    if (ptr) tell(ptr)
    tell(helo)
  },
}

async function ptrOf(address: string, { questions, servers }: Looking): Promise<Told> {
  const found = await questions.agreed(servers, { name: reverseName(address), type: 'PTR' })
  const about = { target: address, raw: found.raw }
  if (found.kind === 'unknown') return { ...about, verdict: 'not-known', text: `The PTR of ${address} is not known: ${found.text}.`, fact: null }
  const names = found.kind === 'records' ? found.records.flatMap((record) => (record.type === 'PTR' ? [plainName(record.data)] : [])).slice(0, mostNames) : []
  const [name] = names
  if (name === undefined) return { ...about, verdict: 'bad', text: `${address} has no PTR: ${found.text}.`, fact: { kind: 'ptr', address, state: 'missing', name: null } }
  const type = isIP(address) === 6 ? 'AAAA' : 'A'
  const back = await Promise.all(names.map(async (one) => ({ one, ...(await questions.agreed(servers, { name: one, type })) })))
  const raw = [found.raw, ...back.map((one) => one.raw)].join('\n\n')
  const confirmed = back.find((one) => 'records' in one && one.kind === 'records' && one.records.some((record) => record.type === type && sameAddress(String(record.data), address)))
  if (!confirmed) {
    if (back.some(({ kind }) => kind === 'unknown')) return { ...about, raw, verdict: 'not-known', text: `Whether the PTR of ${address}, ${names.join(', ')}, leads back is not known.`, fact: null }
    return { ...about, raw, verdict: 'bad', text: `The PTR of ${address} is ${names.join(', ')}, which does not lead back to ${address}: ${back.map(({ text }) => text).join('; ')}.`, fact: { kind: 'ptr', address, state: 'mismatch', name } }
  }
  if (isGeneric(confirmed.one, address)) return { ...about, raw, verdict: 'odd', text: `The PTR of ${address} is ${confirmed.one}, a generic name as providers give to customers.`, fact: { kind: 'ptr', address, state: 'generic', name: confirmed.one } }
  return { ...about, raw, verdict: 'good', text: `The PTR of ${address} is ${confirmed.one}, which leads back to ${address}.`, fact: { kind: 'ptr', address, state: 'good', name: confirmed.one } }
}

const sameAddress = (a: string, b: string) => a === b || (isIP(a) === 6 && isIP(b) === 6 && reverseName(a) === reverseName(b))

async function heloOf(name: string, { questions, servers, subject }: Looking): Promise<Told> {
  const said = (state: 'good' | 'bad' | 'differs', why: string, raw: string): Told => ({ target: '*', verdict: state === 'good' ? 'good' : 'odd', text: `In EHLO this edge server calls itself ${name}${why}.`, raw, fact: { kind: 'helo', name, state, why } })
  if (!name.includes('.') || /^localhost(\.|$)|\.local$/i.test(name)) return said('bad', ', which is no name that the Internet knows', rawRead({ name }))
  const [a, aaaa] = await Promise.all((['A', 'AAAA'] as const).map((type) => questions.agreed(servers, { name, type })))
  const raw = `${a?.raw ?? ''}\n\n${aaaa?.raw ?? ''}`
  if (a?.kind === 'denied' && aaaa?.kind === 'denied') return said('bad', ', which has no address', raw)
  const records = [a, aaaa].flatMap((one) => (one?.kind === 'records' ? one.records : []))
  const { address } = subject.egress
  const differs = address !== null && records.length > 0 && !records.some((record) => 'data' in record && sameAddress(String(record.data), address))
  return differs ? said('differs', `, which is not at ${address}`, raw) : said('good', '', raw)
}
