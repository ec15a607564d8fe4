// The scenarios that come with Edgewise. A new one is a file beside the others and a line here.
import { Failure } from '../../preload/contract/failure.ts'
import { readScenario, type Scenario } from './scenario.ts'
import wrongAdapter from './scenarios/wrong-adapter.json' with { type: 'json' }

const files = [wrongAdapter]

export function listScenarios(): { name: string; title: string }[] {
  return files.map(({ name, title }) => ({ name, title }))
}

/** A scenario by its name, or one that was given whole. */
export function findScenario(chosen: string | object): Scenario {
  if (typeof chosen !== 'string') return readScenario(chosen)
  const file = files.find(({ name }) => name === chosen)
  if (file) return readScenario(file)
  throw new Failure('not-found', `There is no scenario “${chosen}”.`, `There are: ${files.map(({ name }) => name).join(', ')}.`)
}
