// The keys of the list, as lists of Windows have them.
import type { KeyboardEvent } from 'react'
import { run, turnOver, undoNewest } from './actions.ts'
import { useHosts } from './hosts.ts'
import { extendTo, moveTo, select, selectAll, toggle } from './selecting.ts'

/** `screen`: rows that are seen at once. True where the key meant something. */
export function pressed(event: KeyboardEvent, screen: number): boolean {
  const { key, ctrlKey, metaKey, shiftKey, altKey } = event
  const isCtrl = ctrlKey || metaKey
  const { at, total } = useHosts.getState()
  if (altKey) {
    if (key !== 'ArrowUp' && key !== 'ArrowDown') return false
    run(key === 'ArrowUp' ? 'up' : 'down')
    return true
  }
  const goal = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - screen, PageDown: at + screen, Home: 0, End: total - 1 }[key]
  if (goal !== undefined) {
    if (shiftKey) void extendTo(goal)
    else if (isCtrl) moveTo(goal)
    else void select(goal)
    return true
  }
  const act = isCtrl ? withCtrl[key.toLowerCase()] : alone[key]
  act?.(at)
  return act !== undefined
}

const alone: Record<string, (at: number) => void> = {
  ' ': turnOver,
  Enter: () => run('edit'),
  F2: () => run('edit'),
  Insert: () => run('add'),
  Delete: () => run('remove'),
}
const withCtrl: Record<string, (at: number) => void> = {
  ' ': toggle,
  a: () => void selectAll(),
  n: () => run('add'),
  t: () => run('text'),
  z: () => void undoNewest(),
}
