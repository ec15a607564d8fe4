// A change of a real Postfix's settings that is killed at each step.
import { killedSuite } from '../transport.suite.ts'
import { onPostfix } from './on-postfix.ts'

onPostfix('a real Postfix', (stages) => killedSuite(() => stages().stage()))
