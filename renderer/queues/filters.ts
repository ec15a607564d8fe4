// The filter of a list as it is written: conditions in rows and the same as a text; only what can be read is applied.
import { create } from 'zustand'
import { filterFields, operators, queueStatuses, type Condition, type Field, type Filter, type Operator, type Subject } from '../../preload/contract/filter.ts'
import { operatorWords, parseFilter, printFilter, printValue, quoted, type Parsed } from '../../preload/contract/filter-text.ts'
import { replyCategories } from '../../preload/contract/smtp.ts'
import { messageList, queueList } from './lists.ts'

/** As it stands in the builder: a value need not be one yet. */
export interface Row {
  field: Field
  is: Operator
  value: string
}

export interface Draft {
  rows: readonly Row[]
  text: string
  /** Why it cannot be applied. */
  problem: string | null
}

const empty: Draft = { rows: [], text: '', problem: null }
export const useFilters = create<Record<Subject, Draft>>(() => ({ queues: empty, messages: empty }))

export const listFor = (subject: Subject) => (subject === 'queues' ? queueList : messageList)

export function newRow(field: Field = 'lastError'): Row {
  const { kind } = filterFields[field]
  // Of a text a part is known more often than the whole.
  return { field, is: kind === 'text' ? 'contains' : operators[kind][0], value: choicesOf(field)?.[0] ?? '' }
}

/** The values of a field that has only a few. */
export function choicesOf(field: Field): readonly string[] | null {
  const { kind } = filterFields[field]
  return kind === 'status' ? queueStatuses : kind === 'reason' ? replyCategories : kind === 'yes-no' ? ['yes', 'no'] : null
}

/** Another field takes the operator and the value along where it can have them. */
export function withField(row: Row, field: Field): Row {
  const fresh = newRow(field)
  if (filterFields[field].kind === filterFields[row.field].kind) return { ...row, field }
  return choicesOf(field) || choicesOf(row.field) ? fresh : { ...fresh, value: row.value }
}

export function draftOfRows(rows: readonly Row[], subject: Subject): Draft {
  const text = rows.map(({ field, is, value }) => `${field} ${operatorWords[is]} ${filterFields[field].kind === 'text' || !/^[^\s"]+$/.test(value) ? quoted(value) : value}`).join(' and ')
  const read = parse(text, subject)
  return { rows, text, problem: 'problem' in read ? read.problem : null }
}

/** While the text cannot be read, the rows stay what they were. */
export function draftOfText(text: string, subject: Subject, rows: readonly Row[]): Draft {
  const read = parse(text, subject)
  return 'problem' in read ? { rows, text, problem: read.problem } : { rows: read.all.map(rowOf), text, problem: null }
}

const rowOf = (condition: Condition): Row => ({ field: condition.field, is: condition.is, value: printValue(condition) })

/** With nothing written, nothing is left out. */
const parse = (text: string, subject: Subject): Parsed => (text.trim() === '' ? { all: [] } : parseFilter(text, subject))

export const write = (subject: Subject, draft: Draft) => useFilters.setState({ [subject]: draft })

/** What cannot be read is not applied, and nothing can be done by it. */
export function apply(subject: Subject): void {
  const read = parse(useFilters.getState()[subject].text, subject)
  if (!('problem' in read)) show(subject, read)
}

export function show(subject: Subject, filter: Filter): void {
  write(subject, draftOfText(printFilter(filter), subject, []))
  listFor(subject).show({ filter })
}
