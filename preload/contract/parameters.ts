// What a transport lets be set beside the DNS lookups: its parameters, on the Limits and Log Settings tabs.
import { z } from 'zod'

export const parameterTabs = ['limits', 'log'] as const
export type ParameterTab = (typeof parameterTabs)[number]

/** As the transport keeps it: a duration of Postfix stays `5d`. */
export const parameterValue = z.union([z.string().max(10_000), z.number(), z.boolean()])
export type ParameterValue = z.infer<typeof parameterValue>

/** A parameter's name → its value. */
export const parameterValues = z.record(z.string().max(200), parameterValue)
export type ParameterValues = z.infer<typeof parameterValues>

export const secondsUnits = ['seconds', 'minutes', 'hours', 'days'] as const

/** What may be typed. A range's end that is null is not limited. */
export const parameterKindSchema = z.discriminatedUnion('kind', [
  /** A number of seconds, shown in the unit of the original's label where it is a whole number of these. */
  z.object({ kind: z.literal('seconds'), unit: z.enum(secondsUnits), least: z.number(), most: z.number().nullable() }),
  /** Text with a unit of its own, kept as written: `300s`, `5d`; `unit` is what a bare number counts in. */
  z.object({ kind: z.literal('duration'), units: z.array(z.string()), unit: z.string() }),
  z.object({ kind: z.literal('count'), least: z.number(), most: z.number().nullable() }),
  z.object({ kind: z.literal('flag') }),
  z.object({ kind: z.literal('path') }),
  z.object({ kind: z.literal('text') }),
])
export type ParameterKind = z.infer<typeof parameterKindSchema>

export const parameterSchema = z.object({
  /** The transport's own: `transientFailureRetryInterval`, `maximal_queue_lifetime`. */
  name: z.string(),
  tab: z.enum(parameterTabs),
  /** Of its group on the tab. */
  heading: z.string(),
  label: z.string(),
  /** What it sets, in a sentence that names the parameter. */
  help: z.string(),
  takes: parameterKindSchema,
  /** Why it cannot be set here; null where it can. */
  fixed: z.string().nullable(),
})
export type Parameter = z.infer<typeof parameterSchema>

/** As people read it. */
export const parameterText = (value: ParameterValue | undefined): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value ?? ''))

/** Why a value cannot be, as a sentence; null where it can. */
export function parameterProblem({ takes }: Pick<Parameter, 'takes'>, value: ParameterValue): string | null {
  switch (takes.kind) {
    case 'seconds':
    case 'count': {
      const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= takes.least && value <= (takes.most ?? Number.MAX_SAFE_INTEGER)
      return isWhole ? null : `“${value}” is not a whole number${takes.kind === 'seconds' ? ' of seconds' : ''} ${rangeText(takes)}.`
    }
    case 'duration':
      return typeof value === 'string' && new RegExp(`^[0-9]{1,9}[${takes.units.join('')}]?$`).test(value) ? null : `“${value}” is not a duration: a whole number and one of ${takes.units.join(', ')}, such as 5${takes.unit}.`
    case 'flag':
      return typeof value === 'boolean' ? null : `“${value}” is neither true nor false.`
    case 'path':
    case 'text':
      return typeof value === 'string' && !/[\0\r\n]/.test(value) ? null : 'A line break cannot be part of it.'
  }
}

export function rangeText({ least, most }: { least: number; most: number | null }, text: (value: number) => string = String): string {
  return most === null ? `of at least ${text(least)}` : `from ${text(least)} to ${text(most)}`
}
