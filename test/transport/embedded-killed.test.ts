// A change of the embedded relay's settings that is killed at each step.
import { killedSuite } from '../transport.suite.ts'
import { embeddedStage } from './embedded-stage.ts'

killedSuite(embeddedStage)
