// The keys of the lists, as lists of Windows have them.
import type { KeyboardEvent } from 'react'
import type { ListOf } from './list.ts'

/** What a key does beside moving and selecting. */
export type Keys = Readonly<Record<string, (() => void) | undefined>>

/** `screen`: rows that are seen at once. True where the key meant something. */
export function pressed<R>(event: KeyboardEvent, screen: number, list: ListOf<R>, keys: Keys): boolean {
  const { key, ctrlKey, metaKey, shiftKey, altKey } = event
  if (altKey) return false
  const isCtrl = ctrlKey || metaKey
  const { at, total } = list.use.getState()
  const goal = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - screen, PageDown: at + screen, Home: 0, End: total - 1 }[key]
  if (goal !== undefined) {
    if (shiftKey) list.extendTo(goal)
    else if (isCtrl) list.moveTo(goal)
    else list.select(goal)
    return true
  }
  if (key === ' ') {
    if (isCtrl) list.toggle(at)
    else list.select(at)
    return true
  }
  if (isCtrl && key.toLowerCase() === 'a') {
    list.selectAll()
    return true
  }
  const act = isCtrl ? undefined : keys[key]
  act?.()
  return act !== undefined
}
