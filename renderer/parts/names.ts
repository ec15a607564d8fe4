// What the contract's words are called on the screen.
import type { ChangeStep, Probed } from '../../preload/contract/changes.ts'
import type { InEffect, LookupSource, Lookups } from '../../preload/contract/dns.ts'
import type { RestartStep, ServiceState, TransportName } from '../../preload/contract/servers.ts'

export const transportName: Record<TransportName, string> = { embedded: 'Embedded', postfix: 'Postfix', exchange: 'Exchange' }

export const serviceName: Record<ServiceState['state'], string> = {
  stopped: 'Stopped',
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
}

export const protocolName: Record<Lookups['protocol'], string> = { any: 'Any', tcp: 'TCP', udp: 'UDP' }

export function sourceName(source: LookupSource): string {
  if (source.kind === 'all-adapters') return 'All available adapters'
  return source.kind === 'adapter' ? source.name : 'These servers'
}

/** `DMZ → 203.0.113.53, TCP only`. */
export function inEffectText({ lookups, servers }: InEffect): string {
  const only = lookups.protocol === 'any' ? '' : `, over ${protocolName[lookups.protocol]} only`
  return `${sourceName(lookups.source)} → ${servers.length > 0 ? servers.join(', ') : 'no DNS servers'}${only}`
}

/** In the order in which a restart goes through them. */
export const restartStepName: Record<RestartStep['step'], string> = {
  draining: 'Draining',
  stopping: 'Stopping',
  stopped: 'Stopped',
  starting: 'Starting',
  serving: 'Serving',
}

export const changeStepName: Record<ChangeStep, string> = {
  planned: 'Planned',
  probed: 'Probed',
  journalled: 'Journalled',
  applying: 'Applying',
  applied: 'Applied',
  ...restartStepName,
  verifying: 'Verifying',
  verified: 'Verified',
  undecided: 'Not verified',
  failed: 'Failed',
  'rolling back': 'Rolling back',
  restored: 'Restored',
  kept: 'Kept',
  'rolled back': 'Rolled back',
}

export const verdictName: Record<Probed['verdict'], string> = { answers: 'Answers', denies: 'Denies', fails: 'Fails', silent: 'Silent' }
