// The result pane of Edge Transport: the edge servers, and below them the one that is selected.
import type { EdgeServer } from '../../preload/contract/servers.ts'
import { Failed } from '../parts/Failed.tsx'
import { ServiceMark } from '../parts/ServiceMark.tsx'
import { Table, type Column } from '../parts/Table.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { count, number } from '../parts/format.ts'
import { serviceName, transportName } from '../parts/names.ts'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { ServerDetails } from './ServerDetails.tsx'
import { useWhere } from './place.ts'
import { askServersAgain, useSelected, useServers } from './servers.ts'

const columns: Column<EdgeServer>[] = [
  { name: 'Name', cell: ({ name }) => name },
  { name: 'Transport', width: '18%', cell: ({ transport }) => transportName[transport] },
  { name: 'Version', width: '16%', cell: ({ version }) => version },
  {
    name: 'Service',
    width: '18%',
    cell: ({ service }) => <ServiceMark state={service.state} />,
    text: ({ service }) => serviceName[service.state],
  },
  { name: 'Mail', width: '12%', isNumber: true, cell: ({ waiting }) => (waiting === null ? '–' : number(waiting)) },
]

export function EdgeServers() {
  const { list, failure } = useServers()
  const selected = useSelected()
  const { select, openProperties } = useWhere()
  return (
    <div className="page">
      <PaneHeader title="Edge Transport" note={list ? count(list.length, 'server') : ''} />
      {failure && <Failed failure={failure} onAgain={() => void askServersAgain()} />}
      {!list && !failure && (
        <div className="page-body">
          <Waiting>Looking for the edge server</Waiting>
        </div>
      )}
      {list && (
        <>
          <div className="upper">
            <Table
              label="Edge servers"
              columns={columns}
              rows={list}
              keyOf={({ id }) => id}
              selected={selected?.id ?? null}
              onSelect={(id) => {
                const chosen = list.find((one) => one.id === id)
                if (chosen) select(chosen.id)
              }}
              onOpen={(id) => {
                const chosen = list.find((one) => one.id === id)
                if (chosen) openProperties(chosen.id)
              }}
              empty="No edge server was found on this machine."
            />
          </div>
          {selected && <ServerDetails key={selected.id} server={selected} />}
        </>
      )}
    </div>
  )
}
