// The edge servers of the result pane, and their transport services' start and stop.
import { create } from 'zustand'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import type { EdgeServer } from '../../preload/contract/servers.ts'
import { edgewise, settled } from '../api.ts'
import { changesOf, follow, type Following } from '../parts/follow.ts'
import { say } from './notices.ts'
import { useWhere } from './place.ts'

interface Servers {
  /** Null until they are known. */
  list: readonly EdgeServer[] | null
  failure: FailureValue | null
  /** Whose service is being started or stopped. */
  busy: Partial<Record<ServerId, 'starting' | 'stopping' | null>>
}

export const useServers = create<Servers>(() => ({ list: null, failure: null, busy: {} }))

let following: Following<{ servers: EdgeServer[] }> | null = null

export function followServers(): void {
  following = follow(
    () => edgewise.servers.list({}),
    changesOf(),
    (result) => {
      if (!result.ok) return useServers.setState({ failure: result.error })
      useServers.setState({ list: result.value.servers.map(named), failure: null })
      // The rehearsal's server goes with the rehearsal; what was open of it goes too.
      const where = useWhere.getState()
      const isThere = (id: ServerId | null) => id === null || result.value.servers.some((one) => one.id === id)
      if (!isThere(where.properties)) where.closeProperties()
      if (!isThere(where.server)) where.select('local')
    },
  )
}

/** Two edge servers on one machine may have one name: the rehearsal's is told from the machine's own. */
function named(server: EdgeServer): EdgeServer {
  const isTold = server.id !== 'rehearsal' || server.name.includes('rehearsal')
  return isTold ? server : { ...server, name: `${server.name} (rehearsal)` }
}

export const askServersAgain = () => following?.again()

/** The selected edge server, if it is there. */
export function useSelected(): EdgeServer | null {
  const id = useWhere(({ server }) => server)
  return useServers(({ list }) => list?.find((one) => one.id === id) ?? null)
}

export async function setService(server: ServerId, to: 'start' | 'stop'): Promise<void> {
  const mark = (doing: 'starting' | 'stopping' | null) =>
    useServers.setState(({ busy }) => ({ busy: { ...busy, [server]: doing } }))
  mark(to === 'start' ? 'starting' : 'stopping')
  const result = await settled(edgewise.servers[to]({ server }))
  await askServersAgain()
  mark(null)
  if (!result.ok) say(`The transport service did not ${to}. ${result.error.message} ${result.error.remedy ?? ''}`.trim())
}
