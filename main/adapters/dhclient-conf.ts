// What dhclient.conf(5) makes of the DNS servers of a lease before they are in effect: the lease itself holds what the
// DHCP server said.
import { join } from 'node:path'
import { readBounded } from './bounded-file.ts'
import { namesServers, serversIn, tokens } from './leases.ts'

export interface Rule {
  /** The adapter that it is for; null where it is for all. */
  adapter: string | null
  version: 4 | 6
  verb: 'supersede' | 'prepend' | 'append' | 'default'
  servers: string[]
}

const verbs: readonly string[] = ['supersede', 'prepend', 'append', 'default'] satisfies Rule['verb'][]
const isVerb = (word: string): word is Rule['verb'] => verbs.includes(word)

/** Those for all first, then those for one adapter, which are about what the first have made of it. */
export function rulesIn(text: string): Rule[] {
  const rules: Rule[] = []
  const open: string[][] = []
  let words: string[] = []
  for (const [token] of text.matchAll(tokens)) {
    if (token.startsWith('#')) continue
    if (token === '{') open.push(words)
    else if (token === '}') open.pop()
    else if (token !== ';') {
      words.push(token)
      continue
    } else {
      const [verb = '', option = '', ...values] = words
      const [block, ...deeper] = open
      const adapter = block?.[0] === 'interface' && deeper.length === 0 ? (block[1] ?? '').replaceAll('"', '') : null
      const version = namesServers(option)
      if (isVerb(verb) && version !== null && (open.length === 0 || adapter !== null)) rules.push({ adapter, version, verb, servers: serversIn(values) })
    }
    words = []
  }
  return rules.sort((a, b) => Number(a.adapter !== null) - Number(b.adapter !== null))
}

export async function dhclientRules(root: string): Promise<Rule[]> {
  const files = await Promise.all(['etc/dhcp/dhclient.conf', 'etc/dhclient.conf'].map((file) => readBounded(join(root, file))))
  return files.flatMap((file) => rulesIn(file?.text ?? ''))
}

export function ruled(leased: string[], rules: Rule[], adapter: string, version: Rule['version']): string[] {
  let servers = leased
  for (const rule of rules) {
    if (rule.version !== version || (rule.adapter !== null && rule.adapter !== adapter)) continue
    if (rule.verb === 'supersede') servers = rule.servers
    else if (rule.verb === 'prepend') servers = [...rule.servers, ...servers]
    else if (rule.verb === 'append') servers = [...servers, ...rule.servers]
    else if (servers.length === 0) servers = rule.servers
  }
  return servers
}
