// Sorts what comes whole from main. Pure.
import type { Sort } from './list.ts'

type Sortable = Record<string, unknown>
const words = new Intl.Collator(undefined, { numeric: true })

/** What has no value comes last, whichever way it is sorted; equal ones keep their order. */
export function orderOf({ by, descending }: Sort): (one: object, other: object) => number {
  return (one, other) => {
    const [a, b] = [(one as Sortable)[by], (other as Sortable)[by]]
    const isNone = Number(a === null || a === undefined) - Number(b === null || b === undefined)
    if (isNone !== 0) return isNone
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b))
    return descending ? -order : order
  }
}
