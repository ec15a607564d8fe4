import type { InEffect } from '../../preload/contract/dns.ts'
import type { Verb } from './perform.ts'
import { facts, number } from './output.ts'
import { serviceText } from './service.ts'

export const server: Verb = async (core) => {
  const found = await core.ask('servers', 'properties', { server: 'local' })
  const { name, transport, version, service, home, configDir, waiting, inEffect, restartNeeded, capabilities } = found.server
  const text = facts([
    ['Name', name],
    ['Transport', `${transport} ${version}`],
    ['Service', serviceText(service)],
    configDir === null ? ['Home folder', home] : ['Configuration', configDir],
    ['Mail that waits', waiting === null ? 'not known' : number(waiting)],
    ['Internal lookups ask', inEffectText(inEffect?.internal)],
    ['External lookups ask', capabilities.noExternal ?? inEffectText(inEffect?.external)],
    ['Restart needed', restartNeeded ? 'yes: the saved settings are not in effect yet' : null],
  ])
  return { json: found, text }
}

export function inEffectText(side: InEffect | undefined): string {
  if (!side) return 'nothing: the transport service does not run'
  return side.servers.length > 0 ? side.servers.join(', ') : (side.problem ?? 'nothing')
}
