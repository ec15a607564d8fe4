// A last error in plain words, worked out once for each text: thousands of messages share a few of them.
import type { Explained, ReplyCategory } from '../../preload/contract/smtp.ts'
import { explain } from '../smtp/reply.ts'

/** Greylisting names a time or an address of its own in each answer. */
const mostRemembered = 10_000
const remembered = new Map<string, Explained>()

export function explained(text: string | null): Explained | null {
  if (text === null) return null
  const known = remembered.get(text)
  if (known) return known
  const found = explain(text)
  const [oldest] = remembered.keys()
  if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest)
  remembered.set(text, found)
  return found
}

export const reasonOf = (text: string | null): ReplyCategory | null => explained(text)?.category ?? null
