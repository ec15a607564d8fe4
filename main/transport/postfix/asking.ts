// What the running Postfix finds: the servers in effect, asked as glibc's resolver asks them.
import type { Resolution } from '../../../preload/contract/dns.ts'
import { recordText } from '../../dns/ask.ts'
import { resolve, type Resolved } from '../../dns/resolve.ts'
import { addressesIn, readHosts } from '../../hosts/lines.ts'
import { isIP } from 'node:net'
import type { World } from '../../world/world.ts'
import type { ResolveType } from '../transport.ts'
import type { ResolvConf } from './resolv-conf.ts'

export interface Asking {
  conf: ResolvConf
  /** Where addresses of hosts are looked for, in this order. */
  lookups: ('dns' | 'native')[]
  hostsFile: string
  reach: World['reach']
  signal: AbortSignal | undefined
}

export async function find(name: string, type: ResolveType, asking: Asking): Promise<Resolution> {
  const isAddress = type === 'A' || type === 'AAAA'
  let found: Resolution | null = null
  for (const lookup of isAddress ? asking.lookups : (['dns'] as const)) {
    const next = lookup === 'dns' ? await overDns(name, type, asking) : await inHosts(name, type, asking)
    if (next?.kind === 'records' || next?.kind === 'failed') return next
    found ??= next
  }
  return found ?? { kind: 'no-data', values: [], text: `${asking.hostsFile} has no ${type} of ${name}` }
}

async function inHosts(name: string, type: ResolveType, { hostsFile }: Asking): Promise<Resolution | null> {
  const values = addressesIn(await readHosts(hostsFile), name).filter((address) => isIP(address) === (type === 'A' ? 4 : 6))
  return values.length === 0 ? null : { kind: 'records', values, text: `${hostsFile} says ${values.join(', ')}` }
}

/** All servers in turn, as often as it goes round; from the second time on each is waited for longer (res_send.c). */
async function overDns(name: string, type: ResolveType, { conf: { servers, timeout, attempts, useVc }, reach, signal }: Asking): Promise<Resolution> {
  let found: Resolved = { kind: 'failed', tries: [], text: 'there is no DNS server to ask' }
  for (let round = 0; round < attempts && found.kind === 'failed' && !signal?.aborted; round++) {
    const wait = round === 0 ? timeout : Math.max(1000, Math.floor((timeout * 2 ** round) / servers.length))
    found = await resolve(servers, { name, type }, { protocol: useVc ? 'tcp' : 'any', timeout: wait, reach, signal })
  }
  if (found.kind === 'failed') return { kind: 'failed', values: [], text: found.text }
  const who = found.server ?? 'nobody was asked: '
  if (found.kind !== 'records') return { kind: found.kind, values: [], text: `${who} says that ${name} has no ${type}` }
  const values = found.records.map(recordText)
  return { kind: 'records', values, text: `${who} answers ${values.join(', ')}` }
}
