// What every transport does, done by the embedded relay.
import { transportSuite } from '../transport.suite.ts'
import { embeddedStage } from './embedded-stage.ts'

transportSuite(embeddedStage)
