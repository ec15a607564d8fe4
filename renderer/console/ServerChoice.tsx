// In the head of a tool: which edge server it is about, where there is a choice.
import type { ServerId } from '../../preload/contract/server-id.ts'
import { transportName } from '../parts/names.ts'
import { useWhere } from './place.ts'
import { useServers } from './servers.ts'

export function ServerChoice() {
  const selected = useWhere(({ server }) => server)
  const servers = useServers(({ list }) => list) ?? []
  if (servers.length < 2) return null
  return (
    <label className="server-choice">
      Edge server{' '}
      <select value={selected} onChange={(event) => useWhere.getState().select(event.target.value as ServerId)}>
        {servers.map((server) => (
          <option key={server.id} value={server.id}>
            {server.name} ({transportName[server.transport]})
          </option>
        ))}
      </select>
    </label>
  )
}
