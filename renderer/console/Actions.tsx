// The actions pane: what can be done with the edge server that is selected.
import { Button } from 'react-aria-components'
import type { EdgeServer } from '../../preload/contract/servers.ts'
import { Icon } from '../parts/Icon.tsx'
import { endRehearsal, useRehearsal } from '../rehearsal/rehearsal.ts'
import { useWhere } from './place.ts'
import { useRestart } from './restart.ts'
import { setService, useSelected, useServers } from './servers.ts'

export function Actions() {
  const server = useSelected()
  const { place, go } = useWhere()
  const { open, doing } = useRehearsal()
  return (
    <aside className="actions" aria-label="Actions">
      <h2 className="actions-title">Actions</h2>
      {server && <ForServer server={server} />}
      <h3>Toolbox</h3>
      <ul>
        {place !== 'queues' && <Action icon="queue" label="Queue Viewer" onPress={() => go('queues')} />}
        {open ? (
          <Action icon="rehearsal" label="End rehearsal" isDisabled={doing !== 'nothing'} onPress={() => void endRehearsal()} />
        ) : (
          <Action icon="rehearsal" label="Rehearse the incident" isDisabled={place === 'rehearsal'} onPress={() => go('rehearsal')} />
        )}
      </ul>
    </aside>
  )
}

function ForServer({ server: { id, name, service } }: { server: EdgeServer }) {
  const doing = useServers(({ busy }) => busy[id] ?? null)
  const isRestarting = useRestart(({ current }) => current?.server === id && current.phase === 'running')
  const isStopped = service.state === 'stopped'
  const isBusy = doing !== null || isRestarting
  return (
    <>
      <h3>{name}</h3>
      <ul>
        <Action icon="properties" label="Properties" onPress={() => useWhere.getState().openProperties(id)} />
        <Action icon="restart" label="Restart transport service" isDisabled={isBusy || isStopped} onPress={() => useRestart.getState().begin(id, name)} />
        {isStopped ? (
          <Action icon="start" label={doing ? 'Starting …' : 'Start transport service'} isDisabled={isBusy} onPress={() => void setService(id, 'start')} />
        ) : (
          <Action icon="stop" label={doing ? (doing === 'starting' ? 'Starting …' : 'Stopping …') : 'Stop transport service'} isDisabled={isBusy} onPress={() => void setService(id, 'stop')} />
        )}
      </ul>
    </>
  )
}

function Action({ icon, label, isDisabled = false, onPress }: { icon: Parameters<typeof Icon>[0]['name']; label: string; isDisabled?: boolean; onPress(): void }) {
  return (
    <li>
      <Button className="action" isDisabled={isDisabled} onPress={onPress}>
        <Icon name={icon} />
        {label}
      </Button>
    </li>
  )
}
