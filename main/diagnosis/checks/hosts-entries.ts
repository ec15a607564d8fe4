// Finds out whether entries of the hosts file lead mail elsewhere than DNS would.
import { isIP } from 'node:net'
import { addressKey, plainName, type HostsEntry } from '../../hosts/lines.ts'
import type { Check } from '../looking.ts'
import { hostOf } from '../../transport/mail-hosts.ts'

export const hostsEntries: Check = {
  name: 'hosts-file',
  title: 'Entries of the hosts file that mail goes by',
  limit: 15_000,
  async run({ subject, compared, questions, servers }, tell) {
    const { hosts } = subject
    if (hosts === null) return
    await Promise.all(
      subject.domains.map(async (looked) => {
        const { domain, nextHop } = looked
        const named = nextHop === null ? [domain, ...(await Promise.all(compared(looked))).flatMap(({ fact }) => fact.hosts.map(({ name }) => name))] : [hostOf(nextHop)]
        const entries = [...new Set(named.map(plainName))].flatMap((name) => (hosts.winners.get(name) ?? []).map((entry) => ({ name, ...entry })))
        if (entries.length === 0) tell({ target: domain, verdict: 'good', text: `The hosts file has no entry that mail for ${domain} goes by.`, raw: linesLookedAt(named, hosts.entries), fact: null })
        await Promise.all(
          entries.map(async ({ name, line, address }) => {
            const type = isIP(address) === 6 ? 'AAAA' : 'A'
            const { text, raw, ...answer } = await questions.agreed(servers, { name, type })
            const others = answer.kind === 'records' ? answer.records.flatMap((record) => (record.type === type ? [String(record.data)] : [])) : []
            const isSame = others.some((other) => addressKey(other) === addressKey(address))
            tell({ target: domain, verdict: isSame ? 'good' : 'odd', text: `Line ${line} of the hosts file has ${name} at ${address}; ${text}.`, raw: `${line}: ${address} ${name}\n\n${raw}`, fact: isSame ? null : { kind: 'hosts-entry', domain, name, line, address, others } })
          }),
        )
      }),
    )
  },
}

/** Of a file with more entries, such as one that blocks advertisements. */
const mostLines = 200

function linesLookedAt(names: readonly string[], entries: readonly HostsEntry[]): string {
  const lines = entries.slice(0, mostLines).map(({ line, address, names: own }) => `${line}: ${address} ${own.join(' ')}`)
  const beyond = entries.length - lines.length
  return [`Looked for: ${[...new Set(names)].join(', ')}`, '', ...lines, ...(beyond > 0 ? [`… and ${beyond} more`] : []), ...(entries.length === 0 ? ['The file has no entries.'] : [])].join('\n')
}
