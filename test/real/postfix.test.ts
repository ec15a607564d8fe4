// What every transport does, done by a real Postfix.
import { transportSuite } from '../transport.suite.ts'
import { onPostfix } from './on-postfix.ts'

onPostfix('a real Postfix', (stages) => transportSuite(() => stages().stage()))
