// In the actions pane: what can be done with the hosts file and the lines that are selected.
import { Action } from '../parts/Action.tsx'
import { actionNames, actions, run } from './actions.ts'
import { useHosts } from './hosts.ts'

export default function HostsActions() {
  const hosts = useHosts()
  return (
    <>
      <h3>Hosts File</h3>
      <ul>
        {actionNames.map((name) => {
          const { label, icon, keys, isPossible } = actions[name]
          return <Action key={name} icon={icon} label={label(hosts)} keys={keys} isDisabled={!isPossible(hosts)} onPress={() => run(name)} />
        })}
      </ul>
    </>
  )
}
