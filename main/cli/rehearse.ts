import { readFile } from 'node:fs/promises'
import { Failure } from '../../preload/contract/failure.ts'
import type { Core, Said, Verb } from './perform.ts'
import { duration, facts, table } from './output.ts'

export interface RehearsalWanted {
  name?: string | undefined
  scenario?: string
  list?: true
  all?: true
}

const usual = 'wrong-adapter'

export function rehearse({ name, scenario: file, list, all }: RehearsalWanted): Verb {
  return async (core) => {
    if (list) {
      const found = await core.ask('rehearsal', 'scenarios', {})
      return { json: found, text: table(['Scenario', 'What happens'], found.scenarios.map(({ name, title }) => [name, title])) }
    }
    if (all && name !== undefined) throw new Failure('bad-input', 'Give the name of a scenario or --all, not both.')
    if (all) return rehearseAll(core)
    if (name !== undefined && file !== undefined) throw new Failure('bad-input', 'Give the name of a scenario or --scenario with a file, not both.')
    const scenario = file === undefined ? (name ?? usual) : await readScenarioFile(file)
    const outcome = await core.ask('rehearsal', 'play', { scenario }, (scene) => core.tell(scene, scene.text))
    const { causes, remedy, before, after, result, expected, asExpected } = outcome
    const text = facts([
      ['Result', result],
      ['Causes', causes.join(', ') || 'none proven'],
      ['Remedy', remedy ?? 'none'],
      ['Waited', String(before.waiting)],
      ['Delivered', `${after.delivered}, ${after.waiting} still waiting`],
      ['As expected', asExpected ? 'yes' : `no: ${expected.result}, ${expected.causes.join(', ') || 'no cause'}`],
    ])
    return { json: outcome, text: `\n${text}`, exitCode: asExpected ? 0 : 1 }
  }
}

async function rehearseAll(core: Core): Promise<Said> {
  const told = await core.ask('rehearsal', 'playAll', {}, (played) => core.tell(played, `${played.asExpected ? 'ok   ' : 'NOT  '} ${played.scenario}  ${duration(played.seconds * 1000)}`))
  const { scenarios, asExpected, seconds } = told
  const list = (names: string[]) => names.join(', ') || '–'
  const rows = scenarios.map(({ scenario, expected, causes, false: wrong, missed, remedy, result, failure, asExpected: right }) => [
    right ? 'ok' : 'NOT', scenario, list(expected.causes), list(causes), list(wrong), list(missed), remedy ?? '–', failure ?? result,
  ])
  const text = table(['', 'Scenario', 'Expected', 'Named', 'False', 'Missed', 'Remedy', 'Result'], rows)
  const isRight = asExpected === scenarios.length
  return { json: told, text: `\n${text}\n\n${asExpected} of ${scenarios.length} ended as expected, in ${duration(seconds * 1000)}.`, exitCode: isRight ? 0 : 1 }
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
