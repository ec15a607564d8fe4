// The three ways to cross the border: a call, a stream (long work with progress and cancel), an event.
import type { z } from 'zod'
import type { FailureValue } from './failure.ts'

export const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) =>
  ({ kind: 'call', input, output }) as const

export const stream = <I extends z.ZodType, P extends z.ZodType, O extends z.ZodType>(input: I, progress: P, output: O) =>
  ({ kind: 'stream', input, progress, output }) as const

/** An event carries a revision, not data: who hears it asks again for what it shows. */
export const event = <P extends z.ZodType>(payload: P) => ({ kind: 'event', payload }) as const

export type Call = ReturnType<typeof call>
export type Stream = ReturnType<typeof stream>
export type Event = ReturnType<typeof event>
export type Topic = Record<string, Call | Stream | Event>

export type Result<T> = { ok: true; value: T } | { ok: false; error: FailureValue }

/** A stream under way: its end, and the means to cancel it. */
export interface Running<T> {
  result: Promise<Result<T>>
  cancel(): void
}

/** What the view may do with one entry of the contract. */
export type Client<E> = E extends { kind: 'call'; input: infer I extends z.ZodType; output: infer O extends z.ZodType }
  ? (input: z.input<I>) => Promise<Result<z.output<O>>>
  : E extends { kind: 'stream'; input: infer I extends z.ZodType; progress: infer P extends z.ZodType; output: infer O extends z.ZodType }
    ? (input: z.input<I>, onProgress: (progress: z.output<P>) => void) => Running<z.output<O>>
    : E extends { kind: 'event'; payload: infer P extends z.ZodType }
      ? (listener: (payload: z.output<P>) => void) => () => void
      : never

/** What a handler gets beside its parsed input. */
export interface Asked<P = never> {
  signal: AbortSignal
  progress(value: P): void
}

/** What the main side must answer with for one entry of the contract; events have no handler. */
export type Handler<E> = E extends { kind: 'call'; input: infer I extends z.ZodType; output: infer O extends z.ZodType }
  ? (input: z.output<I>, asked: Asked) => Promise<z.input<O>>
  : E extends { kind: 'stream'; input: infer I extends z.ZodType; progress: infer P extends z.ZodType; output: infer O extends z.ZodType }
    ? (input: z.output<I>, asked: Asked<z.input<P>>) => Promise<z.input<O>>
    : never
