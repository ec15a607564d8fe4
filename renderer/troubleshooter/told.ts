// What each word from main makes of what is shown. Pure; the store and the view follow.
import type { Cause, CheckName, Diagnosis, DiagnosisFinding, DiagnosisProgress, Remedy } from '../../preload/contract/diagnosis.ts'
import { remedyWho } from '../../preload/contract/diagnosis.ts'
import { count } from '../parts/format.ts'
import { titleOf } from './names.ts'

export interface ShownCheck {
  name: CheckName
  title: string
  /** Milliseconds; null until it has ended. */
  ms: number | null
  findings: readonly DiagnosisFinding[]
}

export function withTold(checks: readonly ShownCheck[], told: DiagnosisProgress): readonly ShownCheck[] {
  if (told.kind === 'check began') return [...checks, { ...told.check, ms: null, findings: [] }]
  const name = told.kind === 'finding' ? told.finding.check : told.check.name
  return checks.map((check) => {
    if (check.name !== name) return check
    return told.kind === 'finding' ? { ...check, findings: [...check.findings, told.finding] } : { ...check, ms: told.ms }
  })
}

export const checksOf = ({ checks, findings }: Diagnosis): readonly ShownCheck[] =>
  checks.map(({ name, title, ms }) => ({ name, title, ms, findings: findings.filter(({ check }) => check === name) }))

const weight: readonly DiagnosisFinding['verdict'][] = ['bad', 'odd', 'good', 'not-known']

/** The gravest of its findings; null while it has none. */
export const worstOf = ({ findings }: Pick<ShownCheck, 'findings'>) => weight.find((verdict) => findings.some((one) => one.verdict === verdict)) ?? null

/** `3 of 10 checks ended, 2 findings are bad.` What they speak for is known once all have ended. */
export function courseText(checks: readonly ShownCheck[]): string {
  const ended = checks.filter(({ ms }) => ms !== null).length
  const bad = checks.flatMap(({ findings }) => findings).filter(({ verdict }) => verdict === 'bad').length
  return `${ended} of ${count(checks.length, 'check')} ended, ${count(bad, 'finding')} ${bad === 1 ? 'is' : 'are'} bad.`
}

export interface Offered {
  remedy: Remedy
  /** What it is a remedy of. */
  causes: Cause[]
}

/** By who can do them; the same remedy of two causes once, and two texts of one name as two. What is proven comes first. */
export function remediesOf({ causes }: Pick<Diagnosis, 'causes'>): { who: Remedy['who']; offered: Offered[] }[] {
  const all = new Map<string, Offered>()
  for (const cause of causes.filter(({ proof }) => proof !== 'ruled out'))
    for (const remedy of cause.remedies) {
      const isClick = remedy.wanted !== null || remedy.deed !== null
      const key = isClick ? remedy.name : `${remedy.name} ${remedy.text}`
      const known = all.get(key)
      if (known) known.causes.push(cause)
      else all.set(key, { remedy, causes: [cause] })
    }
  return remedyWho.flatMap((who) => {
    const offered = [...all.values()].filter(({ remedy }) => remedy.who === who)
    return offered.length === 0 ? [] : [{ who, offered }]
  })
}

/** The sentences of the contract, with the causes by their titles. */
export const movedText = (moved: string) => moved.replace(/^[a-z\d]+(?:-[a-z\d]+)*(?= is )/, (name) => `“${titleOf(name)}”`)

/** What became of the mail: null where none waited before. */
export function mailMoved(before: number, after: number): string | null {
  if (before === 0) return null
  const waited = `${count(before, 'message')} waited`
  return after === 0 ? `${waited}, and nothing waits any more.` : `${waited}, and ${count(after, 'message')} still ${after === 1 ? 'waits' : 'wait'}.`
}
