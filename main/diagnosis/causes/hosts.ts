// Entries of the hosts file that lead mail astray.
import type { Cause } from '../../../preload/contract/diagnosis.ts'
import { factsOf } from '../finding.ts'
import { editHosts } from '../remedies.ts'
import { hostsWay } from './astray.ts'
import { likely, proven, ruledOut, type Stage } from './naming.ts'

export const hostsCauses: Stage = (findings, known) =>
  factsOf(findings, 'hosts-entry').flatMap((entry): Cause[] => {
    const { domain, name, line, address, others } = entry.fact
    const { here, there, better } = hostsWay(entry, findings)
    const instead = others.join(', ') || [...new Set(there.map(({ fact }) => `${fact.host} at ${fact.address}`))].join(', ')
    if (here.some(({ fact }) => fact.ending === 'accepted')) return [ruledOut('hosts-override', `Where line ${line} of the hosts file leads, mail is taken.`, [entry, ...here], [domain])]
    if (here.length === 0) return []
    const text = `Line ${line} of the hosts file leads mail for ${domain} to ${name} at ${address}, where it is not taken; DNS says ${instead || 'nothing'}.`
    const parts = { domains: [domain], by: [entry, ...here, ...better], text, remedies: [editHosts(line, `Without line ${line}, mail for ${domain} goes to ${instead || 'the address that DNS says'}, as DNS has it.`, known)] }
    if (better.length > 0) return [proven('hosts-override', parts)]
    return there.length === 0 && others.length === 0 ? [] : [likely('hosts-override', `That the address of DNS takes mail: ${there.length === 0 ? 'it was not reached' : 'it does not either'}.`, parts)]
  })
