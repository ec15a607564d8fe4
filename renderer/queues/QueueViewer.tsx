// What waits in an edge server's queues, live, and the messages of the queue that is selected.
import { useEffect, useState } from 'react'
import type { Queue } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { useWhere } from '../console/place.ts'
import { useServers } from '../console/servers.ts'
import { Failed } from '../parts/Failed.tsx'
import { Table, type Column } from '../parts/Table.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { count, number, time } from '../parts/format.ts'
import { Messages } from './Messages.tsx'
import './queues.css'

const columns: Column<Queue>[] = [
  { name: 'Next hop', width: '20%', cell: ({ nextHop }) => nextHop },
  { name: 'Delivery type', width: '23%', cell: ({ deliveryType }) => deliveryType },
  { name: 'Messages', width: '76px', isNumber: true, cell: ({ messages }) => number(messages) },
  { name: 'Status', width: '84px', cell: ({ status }) => status },
  { name: 'Next retry', width: '16%', cell: ({ nextRetry }) => time(nextRetry) },
  { name: 'Last error', cell: ({ lastError }) => lastError ?? '' },
]

export default function QueueViewer() {
  const selected = useWhere(({ server }) => server)
  const servers = useServers(({ list }) => list) ?? []
  const name = servers.find(({ id }) => id === selected)?.name ?? ''
  return (
    <div className="page">
      <PaneHeader title="Queue Viewer" {...(servers.length > 1 ? {} : { note: name })}>
        {servers.length > 1 && (
          <label className="server-choice">
            Edge server{' '}
            <select value={selected} onChange={(event) => useWhere.getState().select(event.target.value as ServerId)}>
              {servers.map((server) => (
                <option key={server.id} value={server.id}>
                  {server.name}
                </option>
              ))}
            </select>
          </label>
        )}
      </PaneHeader>
      <Queues key={selected} server={selected} />
    </div>
  )
}

function Queues({ server }: { server: ServerId }) {
  const { value, failure, again } = useFollowed(server, () => edgewise.queues.list({ server }), changesOf(server))
  const [chosen, setChosen] = useState<string | null>(null)
  const queues = value?.queues ?? []
  // Until one is chosen the first is shown; one that has emptied stays chosen, in case it fills again.
  const selected = chosen ?? queues[0]?.nextHop ?? null
  const queue = queues.find(({ nextHop }) => nextHop === selected)

  if (!value) return <div className="page-body">{failure ? <Failed failure={failure} onAgain={() => void again()} /> : <Waiting>Reading the queues</Waiting>}</div>
  return (
    <>
      <div className="upper">
        {failure && <Failed failure={failure} onAgain={() => void again()} />}
        <Table label="Queues" columns={columns} rows={queues} keyOf={({ nextHop }) => nextHop} selected={selected} onSelect={setChosen} empty="No mail waits." />
      </div>
      {queue && (
        <section className="lower" aria-label={`Queue ${queue.nextHop}`}>
          <h2>{queue.nextHop}</h2>
          <dl className="facts queue-facts">
            <dt>Delivery type</dt>
            <dd>{queue.deliveryType}</dd>
            <dt>Last retry</dt>
            <dd>{time(queue.lastRetry)}</dd>
            <dt>Last error</dt>
            <dd className="last-error">{queue.lastError ?? 'none'}</dd>
          </dl>
          <Messages key={queue.nextHop} server={server} queue={queue.nextHop} />
        </section>
      )}
      <Announced queues={queues} />
    </>
  )
}

/** For ears only, and not more often than they can follow. */
function Announced({ queues }: { queues: readonly Queue[] }) {
  const waiting = queues.reduce((sum, { messages }) => sum + messages, 0)
  const now = waiting === 0 ? 'No mail waits.' : `${count(waiting, 'message')} in ${count(queues.length, 'queue')}.`
  const [said, setSaid] = useState('')
  useEffect(() => {
    const timer = setTimeout(setSaid, 1000, now)
    return () => clearTimeout(timer)
  }, [now])
  return (
    <p role="status" className="unseen">
      {said}
    </p>
  )
}
