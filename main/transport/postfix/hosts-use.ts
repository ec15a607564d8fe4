// Whether this Postfix takes addresses from the hosts file, and what it makes of the entries, in words.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Properties } from '../../../preload/contract/servers.ts'
import { type Instance, listIn } from './instance.ts'

/** Where mail hosts are looked for, in this order: `smtp_host_lookup` is a set, and DNS comes first whatever its order. */
export function hostLookups({ values }: Pick<Instance, 'values'>): ('dns' | 'native')[] {
  const isWithoutDns = values.get('smtp_dns_support_level') === 'disabled' || values.get('disable_dns_lookups') === 'yes'
  const listed = listIn(values.get('smtp_host_lookup'))
  if (isWithoutDns || !listed.includes('dns')) return ['native']
  return listed.includes('native') ? ['dns', 'native'] : ['dns']
}

/** The hosts file that its delivery processes read. */
export const hostsFileOf = ({ queueDir }: Pick<Instance, 'queueDir'>, systems: string, isChrooted: boolean): string => (isChrooted ? join(queueDir, 'etc/hosts') : systems)

export async function hostsUse(instance: Instance, systems: string, isChrooted: boolean): Promise<Properties['hosts']> {
  const lookups = hostLookups(instance)
  if (!lookups.includes('native')) return { reads: false, text: 'Postfix asks DNS alone for the addresses of mail hosts (smtp_host_lookup = dns), so entries of the hosts file do not count. With “smtp_host_lookup = dns, native” in main.cf they would.' }
  const text = lookups.includes('dns')
    ? 'Postfix looks into the hosts file for the addresses of mail hosts that DNS does not know (smtp_host_lookup = dns, native). Which hosts take a domain’s mail (MX) it always asks DNS.'
    : 'Postfix takes the addresses of mail hosts as the system itself finds them, by the hosts file first (smtp_host_lookup = native).'
  if (!isChrooted) return { reads: true, text }
  const copy = hostsFileOf(instance, systems, true)
  const [own, theirs] = await Promise.all([systems, copy].map((path) => readFile(path).catch(() => null)))
  const isSame = own && theirs && own.equals(theirs)
  return { reads: true, text: `${text} What counts is its copy ${copy}, which each start brings up to date${isSame ? '' : '; now it is another than the hosts file, so a restart is needed'}.` }
}
