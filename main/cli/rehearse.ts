import { readFile } from 'node:fs/promises'
import { Failure } from '../../preload/contract/failure.ts'
import type { Verb } from './perform.ts'
import { facts, table } from './output.ts'

export interface RehearsalWanted {
  name?: string | undefined
  scenario?: string
  list?: true
}

const usual = 'wrong-adapter'

export function rehearse({ name, scenario: file, list }: RehearsalWanted): Verb {
  return async (core) => {
    if (list) {
      const found = await core.ask('rehearsal', 'scenarios', {})
      return { json: found, text: table(['Scenario', 'What happens'], found.scenarios.map(({ name, title }) => [name, title])) }
    }
    if (name !== undefined && file !== undefined) throw new Failure('bad-input', 'Give the name of a scenario or --scenario with a file, not both.')
    const scenario = file === undefined ? (name ?? usual) : await readScenarioFile(file)
    const outcome = await core.ask('rehearsal', 'play', { scenario }, (scene) => core.tell(scene, scene.text))
    const { causes, remedy, before, after, result } = outcome
    const text = facts([
      ['Result', result],
      ['Causes', causes.join(', ') || 'none proven'],
      ['Remedy', remedy ?? 'none'],
      ['Waited', String(before.waiting)],
      ['Delivered', `${after.delivered}, ${after.waiting} still waiting`],
    ])
    return { json: outcome, text: `\n${text}`, exitCode: result === 'still waiting' ? 1 : 0 }
  }
}

async function readScenarioFile(file: string): Promise<Record<string, unknown>> {
  const refused = (why: string) => new Failure('bad-input', `The scenario file ${file} cannot be used: ${why}.`)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw refused(error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error instanceof Error ? error.message : String(error))
  }
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw refused(error instanceof Error ? error.message : 'it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('it does not hold a JSON object')
  return { ...value }
}
