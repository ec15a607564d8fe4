// What a phrase is: words that make a category certain, likely or possible. No phrase stands alone: reply.ts weighs them
// against provider codes and enhanced codes. Every gap in a phrase is bounded, so that no text takes long.
import type { ReplyCategory } from '../../preload/contract/smtp.ts'

export type Known = Exclude<ReplyCategory, 'unknown'>

/**
 * Each level outweighs the next one of any category; `possible` counts only where no enhanced code speaks either. Texts
 * are compared in the form that text.ts's `comparable` gives.
 */
export interface Phrases {
  decisive?: RegExp[]
  certain?: RegExp[]
  likely?: RegExp[]
  possible?: RegExp[]
}

export type Level = keyof Phrases
