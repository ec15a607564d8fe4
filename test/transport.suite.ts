// What every transport does, written once: each runs it on a stage of its own.
import { afterEach, beforeEach, describe } from 'vitest'
import { actionBehaviours } from './transport/suite/actions.ts'
import { changeBehaviours } from './transport/suite/changes.ts'
import { killedBehaviours } from './transport/suite/killed.ts'
import { queueBehaviours } from './transport/suite/queues.ts'
import { serviceBehaviours } from './transport/suite/service.ts'
import { settingsBehaviours } from './transport/suite/settings.ts'
import type { TransportStage } from './transport/suite/stage.ts'

type OpenStage = () => Promise<TransportStage>

function onStage(name: string, open: OpenStage, behaviours: (stage: () => TransportStage) => void): void {
  describe(name, () => {
    let stage: TransportStage
    beforeEach(async () => void (stage = await open()))
    afterEach(() => stage?.close())
    behaviours(() => stage)
  })
}

export function transportSuite(open: OpenStage): void {
  onStage('the settings', open, settingsBehaviours)
  onStage('the service', open, serviceBehaviours)
  onStage('the queues', open, queueBehaviours)
  onStage('actions', open, actionBehaviours)
  onStage('a guarded change', open, changeBehaviours)
}

/** Takes minutes: a file of its own. */
export function killedSuite(open: OpenStage): void {
  onStage('killed', open, killedBehaviours)
}
