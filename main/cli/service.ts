import type { ServiceState } from '../../preload/contract/servers.ts'
import type { Core, Said, Verb } from './perform.ts'
import { duration, time } from './output.ts'

export function service(deed: 'status' | 'start' | 'stop' | 'restart'): Verb {
  if (deed === 'restart') return restart
  return async (core) => {
    const found = await core.ask('servers', deed === 'status' ? 'serviceState' : deed, { server: 'local' })
    return { json: found, text: `The transport service is ${serviceText(found.service)}.` }
  }
}

export async function restart(core: Core): Promise<Said> {
  const done = await core.ask('servers', 'restart', { server: 'local' }, (step) => core.tell(step, `${step.step.padEnd(8)}  ${duration(step.at)}`))
  const ran = done.steps.some(({ step }) => step === 'stopped')
  return { json: done, text: ran ? `The transport service was restarted; it took no mail for ${duration(done.downtime)}.` : 'The transport service did not run; it was started.' }
}

export function serviceText({ state, listening, since, note }: ServiceState): string {
  const where = state === 'running' && listening !== null ? `, takes mail at ${listening}` : ''
  const when = since === null ? '' : `, since ${time(since)}`
  return `${state}${where}${when}${note === null ? '' : ` (${note.replace(/\.$/, '')})`}`
}
