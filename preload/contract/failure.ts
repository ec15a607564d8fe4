// How every refusal and fault is told, on both sides of the border and by the command line.
import type { z } from 'zod'

export const failureCodes = [
  'bad-input',
  'not-found',
  'failed',
  'changed-meanwhile',
  'needs-administrator',
  'transport-unreachable',
  'rolled-back',
  'cancelled',
  'timed-out',
  'unknown-call',
  'foreign-sender',
] as const

export type FailureCode = (typeof failureCodes)[number]

export interface FailureValue {
  code: FailureCode
  /** A sentence for the administrator: what is wrong. */
  message: string
  /** What to do about it, where that is known. */
  remedy?: string | undefined
}

/** An error that is meant for the administrator's eyes. Crosses the border as a FailureValue. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly remedy: string | undefined

  constructor(code: FailureCode, message: string, remedy?: string) {
    super(message)
    this.name = 'Failure'
    this.code = code
    this.remedy = remedy
  }

  get value(): FailureValue {
    return { code: this.code, message: this.message, ...(this.remedy === undefined ? {} : { remedy: this.remedy }) }
  }
}

/** The first problem that a schema found, as one sentence that names the place. */
export function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  if (!issue) return 'the value has the wrong form'
  const place = issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''
  // What is wrong with a key of a record lies one level deeper.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  const said = message.endsWith('received undefined') ? 'is missing' : message
  return `${place}${said.replace(/\.$/, '')}`
}
