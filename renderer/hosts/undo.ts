// What is said of a save, and what goes back with it. Pure.
import type { HostsSave } from '../../preload/contract/hosts.ts'
import { count } from '../parts/format.ts'

export const stateOf = ({ undone, isUndo }: HostsSave) => (undone ? 'taken back' : isUndo ? 'an undo' : '')

/** The newest first: a save can be taken back only together with those that came after it. */
export function withLater(saves: readonly HostsSave[], { id, undone, isUndo }: HostsSave): HostsSave[] {
  if (undone || isUndo) return []
  return saves.slice(0, saves.findIndex((one) => one.id === id) + 1).filter((one) => !one.undone && !one.isUndo)
}

/** `all`: saves that go back, itself included. */
export function said({ undone, isUndo }: HostsSave, all: number): string {
  if (undone) return 'This save is taken back already.'
  if (isUndo) return 'This is an undo itself. To have its lines again, edit them.'
  return all === 1 ? 'The newest save that still stands.' : `${count(all - 1, 'later save')} ${all === 2 ? 'goes' : 'go'} back with it.`
}
