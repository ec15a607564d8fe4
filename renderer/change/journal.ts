// What is said of a change in the journal. Pure.
import type { Change, Step } from '../../preload/contract/changes.ts'
import { changesAnything } from './course.ts'

export const stateName: Record<Change['state'], string> = { open: 'Under way', kept: 'Kept', 'rolled back': 'Rolled back' }

/** In one line: what was changed, and where that were too long, how much more. */
export function whatOf({ words }: Pick<Change, 'words'>): string {
  const [first = 'The transport service was restarted.', ...more] = words
  return more.length === 0 ? first : `${first} And ${more.length} more.`
}

/** The newest that was kept, and changed anything: an older one would take later changes with it. */
export const canGoBack = (change: Pick<Change, 'state' | 'diff' | 'patch'>) => change.state === 'kept' && changesAnything(change)

/** The evidence stands where it came up first: what follows from it need not say it again. */
export function withoutRepeats(steps: readonly Step[]): Step[] {
  const said = new Set<string>()
  return steps.map((step) => {
    const text = said.has(step.text) ? '' : step.text
    said.add(step.text)
    return { ...step, text }
  })
}
