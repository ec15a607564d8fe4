// The scenarios that come with Edgewise: every file in scenarios/.
import { Failure } from '../../preload/contract/failure.ts'
import { readScenario, type Scenario } from './scenario.ts'

// The bundler finds them, so that a new file needs no line here.
const files = import.meta.glob<{ name: string; title: string }>('./scenarios/*.json', { eager: true, import: 'default' })
const listed = Object.values(files).sort((a, b) => a.name.localeCompare(b.name))

export function listScenarios(): { name: string; title: string }[] {
  return listed.map(({ name, title }) => ({ name, title }))
}

export const allScenarios = (): Scenario[] => listed.map(readScenario)

/** A scenario by its name, or one that was given whole. */
export function findScenario(chosen: string | object): Scenario {
  if (typeof chosen !== 'string') return readScenario(chosen)
  const file = listed.find(({ name }) => name === chosen)
  if (file) return readScenario(file)
  throw new Failure('not-found', `There is no scenario “${chosen}”.`, `There are: ${listed.map(({ name }) => name).join(', ')}.`)
}
