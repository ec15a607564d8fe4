// The limits from the command line, each with Exchange's own name.
import type { Limits } from '../../preload/contract/limits.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { carryOut, changeText, type Guard, planText, rolledBack } from './change.ts'
import type { Verb } from './perform.ts'

export type LimitsWanted = Partial<Limits> & Guard

export function setLimits(wanted: LimitsWanted): Verb {
  return async (core) => {
    const { transientFailureRetryInterval, messageExpirationTimeout, delayNotificationTimeout } = wanted
    const limits: Partial<Limits> = {
      ...(transientFailureRetryInterval === undefined ? {} : { transientFailureRetryInterval }),
      ...(messageExpirationTimeout === undefined ? {} : { messageExpirationTimeout }),
      ...(delayNotificationTimeout === undefined ? {} : { delayNotificationTimeout }),
    }
    if (Object.keys(limits).length === 0) throw new Failure('bad-input', 'Nothing to set: name a limit. edgewise limits set --help lists them.')
    if (wanted.dryRun) {
      const { plan, text } = await planText(core, { limits })
      return { json: { plan }, text }
    }
    const change = await carryOut(core, { limits }, wanted, 'edgewise limits set')
    const { server } = await core.ask('servers', 'properties', { server: 'local' })
    return { json: { limits: server.limits, change }, text: changeText(change), exitCode: change.state === 'rolled back' ? rolledBack : 0 }
  }
}
