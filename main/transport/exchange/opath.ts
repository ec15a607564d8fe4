// Our filter as far as Exchange's own can say it (OPATH, -Filter of Get-Queue and Get-Message): it narrows what comes over
// the bridge. What it leaves too many is judged again by the one matcher of all transports.
import type { Condition, Field, Filter, Subject } from '../../../preload/contract/filter.ts'

/** Field → property. Times are left out: the cmdlets read them in the culture of whoever asks. */
const properties: Record<Subject, Partial<Record<Field, string>>> = {
  queues: { nextHop: 'NextHopDomain', status: 'Status', lastError: 'LastError', messages: 'MessageCount' },
  messages: { from: 'FromAddress', subject: 'Subject', status: 'Status', lastError: 'LastError', retries: 'RetryCount' },
}

/** An operator → OPATH's; there is none for “does not contain”. */
const comparisons: Partial<Record<Condition['is'], string>> = { equals: '-eq', 'not-equals': '-ne', over: '-gt', under: '-lt', contains: '-like' }

/**
 * A quote is escaped by a second one. Nothing is said of a text with an asterisk, which -like takes for any text, with what
 * PowerShell might expand, with a typographic quote, which PowerShell takes for a quote too, or with a control character.
 */
const isSayable = (text: string) => text !== '' && !/[*?[\]`$\u2018-\u201f\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

export interface Opath {
  /** Undefined where nothing of it can be said. */
  text: string | undefined
  /** Whether it says all of the filter: then nothing is left to judge. */
  isWhole: boolean
}

export function opathOf({ all }: Filter, subject: Subject): Opath {
  const said = all.flatMap((condition) => clause(condition, subject) ?? [])
  return { text: said.length > 0 ? said.join(' -and ') : undefined, isWhole: said.length === all.length }
}

function clause({ field, is, value }: Condition, subject: Subject): string | null {
  const property = properties[subject][field]
  const comparison = comparisons[is]
  if (property === undefined || comparison === undefined) return null
  if (typeof value === 'number') return `${property} ${comparison} ${value}`
  // Exchange knows states that are shown as one of ours: those are told apart on this side.
  if (typeof value !== 'string' || !isSayable(value) || (field === 'status' && value !== 'Suspended' && value !== 'Retry')) return null
  // What has no value is unequal to everything for us, and to nothing for Exchange.
  if (is === 'not-equals') return null
  return `${property} ${comparison} ${quoted(is === 'contains' ? `*${value}*` : value)}`
}
