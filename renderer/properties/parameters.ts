// The draft of a transport's parameters: each as it is typed, in the unit of its label where that is possible. Pure.
import { parameterProblem as valueProblem, rangeText, type Parameter, type ParameterTab, type ParameterValue, type ParameterValues, type secondsUnits } from '../../preload/contract/parameters.ts'
import { number } from '../parts/format.ts'

type Unit = (typeof secondsUnits)[number]
const secondsIn: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 }

export interface ParameterDraft {
  text: string
  /** Of a number of seconds alone. */
  unit: Unit
}
/** A parameter's name → what is typed. */
export type ParametersDraft = Record<string, ParameterDraft>

export function parametersDraftOf(parameters: readonly Parameter[], values: ParameterValues): ParametersDraft {
  const draft = parameters.map(({ name, takes }): [string, ParameterDraft] => {
    const value = values[name] ?? ''
    if (takes.kind !== 'seconds' || typeof value !== 'number') return [name, { text: String(value), unit: 'seconds' }]
    const unit = value % secondsIn[takes.unit] === 0 ? takes.unit : 'seconds'
    return [name, { text: String(value / secondsIn[unit]), unit }]
  })
  return Object.fromEntries(draft)
}

export const parameterLabel = ({ label, takes }: Pick<Parameter, 'label' | 'takes'>, { unit }: ParameterDraft) => (takes.kind === 'seconds' ? `${label} (${unit})` : label)

const isWhole = (text: string) => /^\d+$/.test(text)

function valueOf({ takes }: Pick<Parameter, 'takes'>, { text, unit }: ParameterDraft): ParameterValue {
  const typed = text.trim()
  if (takes.kind === 'flag') return typed === 'true'
  if (takes.kind === 'seconds') return isWhole(typed) ? Number(typed) * secondsIn[unit] : typed
  return takes.kind === 'count' && isWhole(typed) ? Number(typed) : typed
}

/** What is wrong with what is typed, as a sentence; null where nothing is. */
export function parameterProblem(parameter: Pick<Parameter, 'takes'>, draft: ParameterDraft): string | null {
  const { takes } = parameter
  const problem = valueProblem(parameter, valueOf(parameter, draft))
  if (problem === null || (takes.kind !== 'seconds' && takes.kind !== 'count')) return problem
  const each = takes.kind === 'seconds' ? secondsIn[draft.unit] : 1
  const least = Math.max(takes.kind === 'seconds' ? 1 : takes.least, Math.ceil(takes.least / each))
  const most = takes.most === null ? null : Math.floor(takes.most / each)
  const range = `a whole number ${takes.kind === 'seconds' ? `of ${draft.unit} ` : ''}${rangeText({ least, most }, number)}`
  const typed = draft.text.trim()
  return typed === '' ? `Type ${range}.` : `“${typed}” is not ${range}.`
}

/** What is typed; where it is wrong, what is saved, which is never sent then. */
export function parametersOf(parameters: readonly Parameter[], draft: ParametersDraft, saved: ParameterValues): ParameterValues {
  const values = parameters.flatMap((parameter): [string, ParameterValue][] => {
    const { name } = parameter
    const typed = draft[name]
    const value = typed && parameterProblem(parameter, typed) === null ? valueOf(parameter, typed) : saved[name]
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(values)
}

/** What cannot be saved counts as a change as well: closing the dialog would lose it. */
export function areParametersChanged(parameters: readonly Parameter[], draft: ParametersDraft, saved: ParameterValues): boolean {
  return parametersProblem(parameters, draft) !== null || !sameValues(parametersOf(parameters, draft, saved), saved)
}

export const sameValues = (a: ParameterValues, b: ParameterValues) => [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => a[name] === b[name])

const tabNames: Record<ParameterTab, string> = { limits: 'Limits', log: 'Log Settings' }

export function parametersProblem(parameters: readonly Parameter[], draft: ParametersDraft): string | null {
  for (const parameter of parameters) {
    const typed = draft[parameter.name]
    const problem = typed ? parameterProblem(parameter, typed) : null
    if (problem) return `${tabNames[parameter.tab]}, ${parameter.label}: ${problem}`
  }
  return null
}
