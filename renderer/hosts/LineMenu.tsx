// The actions on the selected lines, as a menu.
import { RowMenu, type Spot } from '../parts/RowMenu.tsx'
import { actionNames, actions, run } from './actions.ts'
import { useHosts } from './hosts.ts'

const names = actionNames.filter((name) => name !== 'text')

export function LineMenu({ at, onClose }: { at: Spot | null; onClose(): void }) {
  const hosts = useHosts()
  const offered = names.map((name) => ({ id: name, label: actions[name].label(hosts), icon: actions[name].icon, keys: actions[name].keys, isPossible: actions[name].isPossible(hosts) }))
  const choose = (id: string) => {
    const name = names.find((one) => one === id)
    if (name) run(name)
  }
  return <RowMenu label="Selected lines" offered={[offered]} at={at} onRun={choose} onClose={onClose} />
}
