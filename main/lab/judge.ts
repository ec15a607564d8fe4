// Compares how a play ended with what its scenario expects.
import type { Outcome, Played } from '../../preload/contract/rehearsal.ts'
import type { Scenario } from './scenario.ts'

type Ended = Pick<Outcome, 'before' | 'causes' | 'remedy' | 'after' | 'result'>

export function judged({ name, expected }: Scenario, ended: Ended, milliseconds: number): Outcome {
  const { causes, remedy = null, result } = expected
  const wrong = ended.causes.filter((cause) => !causes.includes(cause))
  const missed = causes.filter((cause) => !ended.causes.includes(cause))
  const isRightRemedy = expected.remedy === undefined || isMeant(remedy, ended.remedy)
  return {
    scenario: name,
    ...ended,
    expected: { causes, remedy, result },
    named: causes.filter((cause) => ended.causes.includes(cause)),
    false: wrong,
    missed,
    seconds: Math.round(milliseconds / 100) / 10,
    asExpected: wrong.length === 0 && missed.length === 0 && isRightRemedy && ended.result === result,
  }
}

/** A time that is not over yet differs in each play, and a remedy without its object stands for any of its kind. */
function isMeant(expected: string | null, named: string | null): boolean {
  const [kind] = named?.split(':') ?? []
  return expected === named || (expected !== null && expected === kind) || (kind === 'wait' && expected?.startsWith('wait:') === true)
}

/** A play that did not come to its end, with the sentence that says why. */
export function unplayed(scenario: Scenario, failure: string, milliseconds: number): Played {
  const nothing = { before: { waiting: 0, lastError: null }, causes: [], remedy: null, after: { waiting: 0, delivered: 0 }, result: 'still waiting' as const }
  return { ...judged(scenario, nothing, milliseconds), asExpected: false, failure }
}
