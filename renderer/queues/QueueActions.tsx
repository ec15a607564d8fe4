// In the actions pane: what can be done with the queues or messages that are selected.
import { Action } from '../parts/Action.tsx'
import { actions, parts, run } from './actions.ts'
import { useActionContext } from './chosen.ts'

const titles = ['Queue Viewer', 'Selected', 'Removal'] as const

export default function QueueActions() {
  const context = useActionContext()
  return parts.map((part, at) => (
    <section key={titles[at]} aria-label={titles[at]}>
      <h3>{titles[at]}</h3>
      <ul>
        {part.map((name) => {
          const { label, icon, keys, isPossible } = actions[name]
          return <Action key={name} icon={icon} label={label(context.tab)} keys={keys} isDisabled={!isPossible(context)} onPress={() => run(name)} />
        })}
      </ul>
    </section>
  ))
}
