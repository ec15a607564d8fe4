// What is worth knowing beside the causes, and is never a fault.
import type { Note } from '../../preload/contract/diagnosis.ts'
import { factsOf, type Finding } from './finding.ts'

/** Milliseconds: a peer that is slower is told of. */
const slow = 5_000

export function notesOf(findings: readonly Finding[]): Note[] {
  const compared = factsOf(findings, 'compared')
  const chosen = compared.filter(({ fact }) => 'chosen' in fact.asked)
  const aliases = chosen.flatMap((one) => one.fact.hosts.flatMap(({ name, cname }) => (cname === null ? [] : [{ one, name, cname }])))
  return [
    ...chosen.filter(({ fact }) => fact.implicit && fact.verdict === 'usable').map((one): Note => ({ name: 'implicit-mx', text: `${one.fact.domain} has no MX, so its own address takes its mail (RFC 5321 §5.1).`, findings: [one.id] })),
    ...aliases.map(({ one, name, cname }): Note => ({ name: 'mx-is-cname', text: `The mail host ${name} of ${one.fact.domain} is an alias of ${cname}, which RFC 2181 §10.3 does not allow and most mail servers follow.`, findings: [one.id] })),
    ...factsOf(findings, 'helo').filter(({ fact }) => fact.state === 'differs').map((one): Note => ({ name: 'helo-differs', text: one.text, findings: [one.id] })),
    ...factsOf(findings, 'listing').filter(({ fact }) => fact.state === 'not-usable').map((one): Note => ({ name: 'list-not-usable', text: one.text, findings: [one.id] })),
    ...factsOf(findings, 'spoke').filter(({ fact }) => fact.ending === 'accepted' && fact.ms > slow).map((one): Note => ({ name: 'slow-peer', text: `${one.fact.host} takes mail, but slowly: ${one.text}`, findings: [one.id] })),
    ...differing(compared),
  ]
}

/** Two usable answers with other mail hosts. */
function differing(compared: ReturnType<typeof factsOf<'compared'>>): Note[] {
  return compared
    .filter(({ fact }) => 'chosen' in fact.asked && fact.verdict === 'usable')
    .flatMap((one): Note[] => {
      const names = (hosts: { name: string }[]) => hosts.map(({ name }) => name.toLowerCase()).sort().join()
      const others = compared.filter(({ fact }) => fact.domain === one.fact.domain && fact.verdict === 'usable' && names(fact.hosts) !== names(one.fact.hosts))
      return others.length === 0 ? [] : [{ name: 'answers-differ', text: `DNS servers name different mail hosts for ${one.fact.domain}.`, findings: [one.id, ...others.map(({ id }) => id)] }]
    })
}
