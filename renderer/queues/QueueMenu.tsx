// The actions on the selected rows, as a menu.
import { RowMenu, type Spot } from '../parts/RowMenu.tsx'
import { actions, parts, run } from './actions.ts'
import { useActionContext } from './chosen.ts'

export function QueueMenu({ at, onClose }: { at: Spot | null; onClose(): void }) {
  const context = useActionContext()
  const offered = parts.map((part) => part.map((name) => ({ id: name, label: actions[name].label(context.tab), icon: actions[name].icon, keys: actions[name].keys, isPossible: actions[name].isPossible(context) })))
  const choose = (id: string) => {
    const name = parts.flat().find((one) => one === id)
    if (name) run(name)
  }
  return <RowMenu label="Selected rows" offered={offered} at={at} onRun={choose} onClose={onClose} />
}
