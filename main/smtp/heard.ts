// What a pasted text says: the reply inside all that is wrapped around it, and the codes that it gives.
import { longestReply } from '../../preload/contract/smtp.ts'
import { spokenIn } from './bounce.ts'
import { decoded } from './text.ts'
import { unwrap, type Unwrapped } from './unwrap.ts'

export interface Codes {
  code: string | null
  enhanced: string | null
}

export interface Heard {
  pasted: string
  unwrapped: Unwrapped
  codes: Codes
}

export function heard(text: string): Heard {
  const pasted = decoded(spokenIn(text.slice(0, longestReply).replace(/\r\n?/g, '\n')))
  const unwrapped = unwrap(pasted)
  return { pasted, unwrapped, codes: codesOf(unwrapped) }
}

/** The innermost reply's own, else those of what stands around it. */
function codesOf({ inner, around, status }: Unwrapped): Codes {
  let code: string | null = null
  let enhanced: string | null = null
  for (const text of [inner, ...around]) {
    code ??= basicCode(text)
    enhanced ??= enhancedCode(text)
    if (code !== null) break
  }
  return { code, enhanced: enhanced ?? status }
}

export function basicCode(text: string): string | null {
  const match = /^\W{0,4}([245]\d\d)(?=[ \-:;#(–]|,\s?["“„]|$)/.exec(text) ?? /(?:^|[\s:;>(,'"#=])([245]\d\d)(?=[ -]#?[245]\.\d{1,3}\.\d{1,3}\b)/.exec(text)
  return match?.[1] ?? null
}

export function enhancedCode(text: string): string | null {
  const match = /^\W{0,4}(?:[245]\d\d[ \-:;,–]{1,3})?\W{0,2}([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text) ?? /#([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text) ?? /(?<![\d.\w])([45]\.[0-7]\.\d{1,3})(?![\d.]*\d|\w)/.exec(text)
  return match?.[1] ?? null
}
