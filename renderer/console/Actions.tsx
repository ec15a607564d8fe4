// The actions pane: what can be done with the edge server that is selected.
import type { ReactNode } from 'react'
import type { EdgeServer } from '../../preload/contract/servers.ts'
import { Action } from '../parts/Action.tsx'
import { endRehearsal, useRehearsal } from '../rehearsal/rehearsal.ts'
import { openTroubleshooter } from '../troubleshooter/troubleshooter.ts'
import { useWhere } from './place.ts'
import { useRestart } from './restart.ts'
import { setService, useSelected, useServers } from './servers.ts'

export function Actions({ children }: { children: ReactNode }) {
  const server = useSelected()
  const { place, go } = useWhere()
  const { open, doing } = useRehearsal()
  return (
    <aside className="actions" aria-label="Actions">
      <h2 className="actions-title">Actions</h2>
      {server && <ForServer server={server} />}
      {children}
      <h3>Toolbox</h3>
      <ul>
        {place !== 'queues' && <Action icon="queue" label="Queue Viewer" onPress={() => go('queues')} />}
        {place !== 'troubleshooter' && <Action icon="troubleshooter" label="Mail Flow Troubleshooter" onPress={() => go('troubleshooter')} />}
        {place !== 'smtp' && <Action icon="smtp" label="SMTP Test" onPress={() => go('smtp')} />}
        {place !== 'hosts' && <Action icon="hosts" label="Hosts File" onPress={() => go('hosts')} />}
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
        <Action icon="unknown" label="Why is mail delayed?" onPress={() => openTroubleshooter(id, '*')} />
        {isStopped ? (
          <Action icon="start" label={doing ? 'Starting …' : 'Start transport service'} isDisabled={isBusy} onPress={() => void setService(id, 'start')} />
        ) : (
          <Action icon="stop" label={doing ? (doing === 'starting' ? 'Starting …' : 'Stopping …') : 'Stop transport service'} isDisabled={isBusy} onPress={() => void setService(id, 'stop')} />
        )}
      </ul>
    </>
  )
}

