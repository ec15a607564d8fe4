// The settings of the transport suite, on Exchange's double. Its other parts need a service that moves mail.
import { afterEach, beforeEach, describe } from 'vitest'
import { settingsBehaviours } from '../suite/settings.ts'
import type { TransportStage } from '../suite/stage.ts'
import { suiteStage } from './exchange-stage.ts'

describe('the settings', () => {
  let stage: TransportStage
  beforeEach(async () => void (stage = await suiteStage()))
  afterEach(() => stage?.close())
  settingsBehaviours(() => stage)
})
