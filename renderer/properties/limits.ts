// The Limits tab's draft: each limit in the unit of its label, and in seconds where it is no whole number of these. Pure.
import { limitsSchema, type LimitName, type Limits } from '../../preload/contract/limits.ts'
import { number } from '../parts/format.ts'

interface Unit {
  name: string
  seconds: number
}

const second: Unit = { name: 'seconds', seconds: 1 }
const hour: Unit = { name: 'hours', seconds: 3_600 }
const day: Unit = { name: 'days', seconds: 86_400 }

/** In the order of the tab, with the original's headings and labels. */
export const limitFields: readonly { limit: LimitName; heading: string; label: string; unit: Unit }[] = [
  { limit: 'transientFailureRetryInterval', heading: 'Retries', label: 'Transient failure retry interval', unit: second },
  { limit: 'messageExpirationTimeout', heading: 'Message expiration', label: 'Maximum time since submission', unit: day },
  { limit: 'delayNotificationTimeout', heading: 'Notifications', label: 'Notify sender when message is delayed more than', unit: hour },
]

export interface LimitDraft {
  text: string
  unit: Unit
}
export type LimitsDraft = Record<LimitName, LimitDraft>

export function limitsDraftOf(limits: Limits): LimitsDraft {
  const draft = limitFields.map(({ limit, unit }): [LimitName, LimitDraft] => {
    const shown = limits[limit] % unit.seconds === 0 ? unit : second
    return [limit, { text: String(limits[limit] / shown.seconds), unit: shown }]
  })
  return Object.fromEntries(draft) as LimitsDraft
}

/** The least and the most that may be typed, as the contract has them. */
function rangeOf(limit: LimitName, { seconds }: Unit): { least: number; most: number } {
  const { minValue, maxValue } = limitsSchema.shape[limit]
  return { least: Math.max(1, Math.ceil((minValue ?? 1) / seconds)), most: Math.floor((maxValue ?? Number.MAX_SAFE_INTEGER) / seconds) }
}

export const limitLabel = (label: string, { unit }: LimitDraft) => `${label} (${unit.name})`

/** What is wrong with what is typed, as a sentence; null where nothing is. */
export function limitProblem(limit: LimitName, { text, unit }: LimitDraft): string | null {
  const { least, most } = rangeOf(limit, unit)
  const typed = text.trim()
  const value = Number(typed)
  if (/^\d+$/.test(typed) && value >= least && value <= most) return null
  const range = `a whole number of ${unit.name} from ${number(least)} to ${number(most)}`
  return typed === '' ? `Type ${range}.` : `“${typed}” is not ${range}.`
}

/** What is typed, in seconds; where it is wrong, what is saved, which is never sent then. */
export function limitsOf(draft: LimitsDraft, saved: Limits): Limits {
  const limits = limitFields.map(({ limit }): [LimitName, number] => {
    const typed = draft[limit]
    return [limit, limitProblem(limit, typed) === null ? Number(typed.text.trim()) * typed.unit.seconds : saved[limit]]
  })
  return Object.fromEntries(limits) as Limits
}

/** What cannot be saved counts as a change as well: closing the dialog would lose it. */
export function areLimitsChanged(draft: LimitsDraft, saved: Limits): boolean {
  return limitsProblem(draft) !== null || !sameLimits(limitsOf(draft, saved), saved)
}

export const sameLimits = (a: Limits, b: Limits) => limitFields.every(({ limit }) => a[limit] === b[limit])

export function limitsProblem(draft: LimitsDraft): string | null {
  for (const { limit, label } of limitFields) {
    const problem = limitProblem(limit, draft[limit])
    if (problem) return `Limits, ${label}: ${problem}`
  }
  return null
}
