// resolv.conf(5) as glibc's resolver reads it, and the one that Edgewise writes for Postfix.
import { isIP } from 'node:net'
import type { Adapter } from '../../../preload/contract/adapters.ts'
import type { Lookups, LookupSource } from '../../../preload/contract/dns.ts'
import { serversOf, type Source } from '../../dns/source.ts'

export interface ResolvConf {
  /** In the order in which they are asked; where the file names none, that is this machine. */
  servers: string[]
  /** Milliseconds for one server, the first time round. */
  timeout: number
  /** How often it goes round all of them. */
  attempts: number
  /** Over TCP alone. */
  useVc: boolean
}

/** MAXNS, RES_TIMEOUT, RES_DFLRETRY, RES_MAXRETRANS and RES_MAXRETRY of <resolv.h>. */
export const mostServers = 3
const defaults = { timeout: 5, attempts: 2 }
const most = { timeout: 30, attempts: 5 }

export function parseResolvConf(text: string): ResolvConf {
  const found: ResolvConf = { servers: [], timeout: defaults.timeout * 1000, attempts: defaults.attempts, useVc: false }
  for (const line of text.split('\n')) {
    const [, keyword, rest = ''] = /^(nameserver|options)[ \t]+(.*)$/.exec(line) ?? []
    if (keyword === 'nameserver') {
      const address = /^[^;#\s]*/.exec(rest)?.[0] ?? ''
      if (isIP(address) > 0 && found.servers.length < mostServers) found.servers.push(address)
    }
    for (const option of keyword === 'options' ? rest.split(/[ \t]+/) : []) {
      const [, name, number = ''] = /^(timeout|attempts):(\d+)/.exec(option) ?? []
      if (name === 'timeout') found.timeout = 1000 * Math.max(1, Math.min(Number(number), most.timeout))
      if (name === 'attempts') found.attempts = Math.max(1, Math.min(Number(number), most.attempts))
      if (option === 'use-vc') found.useVc = true
    }
  }
  return found.servers.length > 0 ? found : { ...found, servers: ['127.0.0.1'] }
}

const head = '# Written by Edgewise: the DNS servers that this Postfix asks instead of the system’s. Choose others there.'
const sourceLine = /^# source: (all-adapters|servers|adapter (\S+) ?(.*))$/m

/** Where it was chosen to ask, as the file says: without Edgewise's words it is the system's own file. */
export function lookupsIn(text: string): Lookups {
  const { servers, useVc } = parseResolvConf(text)
  return { source: sourceIn(text, servers), protocol: useVc ? 'tcp' : 'any' }
}

function sourceIn(text: string, servers: string[]): LookupSource {
  const [, kind, id, name = ''] = sourceLine.exec(text) ?? []
  if (kind === 'servers') return { kind, servers: [...new Set(servers)] }
  if (id !== undefined) return { kind: 'adapter', id: decoded(id), name: decoded(name) }
  return { kind: 'all-adapters' }
}

/** `systems` is the system's own file: what it says beside the servers goes on to hold. */
export function printResolvConf({ source, protocol }: Lookups, { servers, problem }: Source, systems: string): string {
  const kept = systems.split('\n').filter((line) => /^(search|domain|sortlist)[ \t]/.test(line))
  const options = systems.split('\n').flatMap((line) => (/^options[ \t]/.test(line) ? line.split(/\s+/).slice(1) : []))
  const wanted = [...options.filter((option) => option !== '' && option !== 'use-vc'), ...(protocol === 'tcp' ? ['use-vc'] : [])]
  return [
    head,
    `# source: ${source.kind === 'adapter' ? `adapter ${encoded(source.id)} ${encoded(source.name)}`.trimEnd() : source.kind}`,
    ...(problem === null ? [] : [`# ${problem}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...kept,
    ...(wanted.length > 0 ? [`options ${wanted.join(' ')}`] : []),
    '',
  ].join('\n')
}

/** Whether we wrote it, or it is a copy of what we wrote. */
export const isOurs = (text: string): boolean => sourceLine.test(text)

/**
 * Our file as the adapters are now, with the rest of it left as it is. The same where they say nothing else; also where
 * they say nothing that could be asked, and why, since what is asked is better than nobody.
 */
export function asAdaptersAre(text: string, adapters: Adapter[]): { text: string; problem: string | null } {
  const lookups = lookupsIn(text)
  if (!isOurs(text) || lookups.source.kind === 'servers') return { text, problem: null }
  const found = serversOf(lookups, adapters)
  if (found.problem !== null) return { text, problem: found.problem }
  if (found.servers.length > mostServers) return { text, problem: `These are ${found.servers.length} DNS servers by now, and the system’s resolver asks no more than ${mostServers}: ${found.servers.join(', ')}.` }
  return { text: found.servers.join() === parseResolvConf(text).servers.join() ? text : printResolvConf(lookups, found, text), problem: null }
}

/** Whether anything is named there to ask. */
export const namesServers = (text: string): boolean => /^nameserver[ \t]+\S/m.test(text)

/** An adapter may be called anything, also by two words or two lines. */
const encoded = (text: string) => text.replace(/[\s%]/g, encodeURIComponent)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
