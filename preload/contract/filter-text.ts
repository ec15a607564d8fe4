// A filter as text, for the command line and for the view: `lastError contains "4.4.7" and received older-than 2h and size over 1mb`.
import { firstProblem } from './failure.ts'
import { type Condition, conditionSchema, type Field, type FieldKind, type Filter, filterFields, isFieldOf, longestValue, mostConditions, operators, type Operator, queueStatuses, type Subject } from './filter.ts'
import { replyCategories } from './smtp.ts'

/** What an operator is called in the text. */
export const operatorWords: Record<Operator, string> = {
  equals: 'is',
  'not-equals': 'is-not',
  contains: 'contains',
  'not-contains': 'contains-not',
  over: 'over',
  under: 'under',
  'older-than': 'older-than',
  'newer-than': 'newer-than',
}
const byWord = new Map(Object.entries(operatorWords).map(([operator, word]) => [word, operator as Operator]))

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 }
const bytes = { b: 1, kb: 1_000, mb: 1_000_000, gb: 1_000_000_000 }

/** Longer than any filter of the allowed conditions and values. */
const longestText = mostConditions * (longestValue * 2 + 100)

export type Parsed = Filter | { problem: string }

/** The problem names the place, counted from 1. An empty text means nothing, not everything: it is a problem, too. */
export function parseFilter(text: string, of: Subject): Parsed {
  if (text.length > longestText) return { problem: `A filter has at most ${longestText} characters; this one has ${text.length}.` }
  try {
    return new Parser(text, of).filter()
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

export function printFilter({ all }: Filter): string {
  const valueText = (condition: Condition) => (filterFields[condition.field].kind === 'text' ? quoted(printValue(condition)) : printValue(condition))
  return all.map((condition) => `${condition.field} ${operatorWords[condition.is]} ${valueText(condition)}`).join(' and ')
}

export const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`

/** As it is typed, without quotes: `4.4.7`, `2h`, `yes`. */
export function printValue({ field, value }: Condition): string {
  const kind: FieldKind = filterFields[field].kind
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return value
  if (kind === 'number') return String(value)
  const units = Object.entries(kind === 'bytes' ? bytes : seconds).reverse()
  const [unit, size] = units.find(([, one]) => value > 0 && value % one === 0) ?? units.at(-1) ?? ['', 1]
  return `${value / size}${unit}`
}

class Problem extends Error {}

interface Token {
  text: string
  isQuoted: boolean
  /** Where it begins, counted from 1. */
  at: number
}

class Parser {
  private readonly tokens: Token[]
  private readonly of: Subject
  private next = 0
  private readonly end: number

  constructor(text: string, of: Subject) {
    this.tokens = tokensOf(text)
    this.end = text.length + 1
    this.of = of
  }

  filter(): Filter {
    const all: Condition[] = []
    do all.push(this.condition())
    while (this.and())
    if (all.length > mostConditions) throw new Problem(`A filter has at most ${mostConditions} conditions; this one has ${all.length}.`)
    return { all }
  }

  private and(): boolean {
    const token = this.tokens[this.next]
    if (!token) return false
    if (token.isQuoted || token.text.toLowerCase() !== 'and') throw new Problem(`${place(token.at)}“${token.text}”: “and” and a further condition may follow here, or nothing.`)
    this.next++
    return true
  }

  private condition(): Condition {
    const fields = (Object.keys(filterFields) as Field[]).filter((field) => isFieldOf(field, this.of))
    const field = this.word(fields, `a field of ${this.of}`)
    const kind: FieldKind = filterFields[field].kind
    const is = byWord.get(this.word(operators[kind].map((operator: Operator) => operatorWords[operator]), `what ${field} can be asked for`))
    const token = this.take(`a value for ${field}`)
    const parsed = conditionSchema.safeParse({ field, is, value: valueOf(kind, token) })
    if (!parsed.success) throw new Problem(`${place(token.at)}“${token.text}” is no value for ${field}: ${firstProblem(parsed.error).replace(/^value: /, '')}.`)
    return parsed.data
  }

  private word<T extends string>(choices: readonly T[], what: string): T {
    const token = this.take(what)
    const choice = choices.find((one) => !token.isQuoted && one.toLowerCase() === token.text.toLowerCase())
    if (choice === undefined) throw new Problem(`${place(token.at)}“${token.text}” is not ${what}: ${list(choices)}.`)
    return choice
  }

  private take(what: string): Token {
    const token = this.tokens[this.next++]
    if (!token) throw new Problem(`${place(this.end)}the filter ends where ${what} is missing.`)
    return token
  }
}

function valueOf(kind: FieldKind, { text, isQuoted, at }: Token): unknown {
  if (kind === 'text') return text
  const wrong = (choices: readonly string[]) => new Problem(`${place(at)}“${text}” is not one of ${list(choices)}.`)
  const oneOf = (choices: readonly string[]) => {
    const choice = choices.find((one) => one.toLowerCase() === text.toLowerCase())
    if (choice === undefined) throw wrong(choices)
    return choice
  }
  if (kind === 'status') return oneOf(queueStatuses)
  if (kind === 'reason') return oneOf(replyCategories)
  if (kind === 'yes-no') return oneOf(['yes', 'no']) === 'yes'
  const [, digits = '', unit = ''] = (isQuoted ? null : /^(\d{1,15})([a-z]*)$/i.exec(text)) ?? []
  if (kind === 'number') {
    if (digits === '' || unit !== '') throw new Problem(`${place(at)}“${text}” is no whole number.`)
    return Number(digits)
  }
  const units: Record<string, number> = kind === 'bytes' ? bytes : seconds
  const size = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  if (digits === '' || size === undefined) throw new Problem(`${place(at)}“${text}” is no ${kind === 'bytes' ? 'size' : 'time'}: a whole number with ${list(Object.keys(units))}, such as ${kind === 'bytes' ? '1mb' : '2h'}.`)
  return Number(digits) * size
}

/** Words, and texts between double quotes in which \" and \\ stand for themselves. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(?:"((?:[^"\\]|\\["\\])*)"(?=\s|$)|([^\s"]+)(?=\s|$))/gy
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const from = pattern.lastIndex
    const match = pattern.exec(text)
    const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0) + 1
    if (!match) throw new Problem(`${place(at)}a text between double quotes is not ended, or something stands directly beside it.`)
    const [, quoted, plain = ''] = match
    tokens.push({ text: quoted === undefined ? plain : quoted.replace(/\\(.)/gs, '$1'), isQuoted: quoted !== undefined, at })
  }
  return tokens
}

const place = (at: number) => `At character ${at} of the filter: `
const list = (choices: readonly string[]) => `${choices.slice(0, -1).join(', ')}${choices.length > 1 ? ' or ' : ''}${choices.at(-1) ?? ''}`
