// Messages that were removed within the last day, the latest first, and the way back into the queue.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import type { Removal } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Table, type Column } from '../parts/Table.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { number, time } from '../parts/format.ts'
import { putBack, showRemovals } from './acting.ts'

const columns: Column<Removal>[] = [
  { name: 'Removed', width: '22%', cell: ({ at }) => time(at) },
  { name: 'Messages', width: '76px', isNumber: true, cell: ({ messages }) => number(messages) },
  { name: 'Next hops', cell: ({ nextHops }) => nextHops.join(', ') },
  { name: 'NDR', width: '60px', cell: ({ ndr }) => (ndr ? 'sent' : 'none') },
  { name: 'Kept until', width: '28%', cell: ({ until }) => time(until) },
]

export function Removals({ server }: { server: ServerId }) {
  const { value, failure, again } = useFollowed(server, () => edgewise.queues.removals({ server }), changesOf(server))
  const [chosen, setChosen] = useState<string | null>(null)
  const removals = value?.removals ?? []
  const selected = removals.find(({ id }) => id === chosen) ?? removals[0]
  const close = () => showRemovals(false)
  const back = () => {
    if (!selected) return
    close()
    putBack(server, selected.id, selected.messages)
  }
  return (
    <Dialog
      title="Removed messages"
      className="removals"
      onClose={close}
      footer={
        <>
          <Button isDisabled={!selected} onPress={back}>
            Put back
          </Button>
          <Button autoFocus className="default" onPress={close}>
            Close
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        {failure && <Failed failure={failure} onAgain={() => void again()} />}
        {!value && !failure && <Waiting>Reading the removals</Waiting>}
        {value && (
          <div className="removals-list">
            <Table label="Removals" columns={columns} rows={removals} keyOf={({ id }) => id} selected={selected?.id ?? null} onSelect={setChosen} empty="Nothing was removed within the last day." />
          </div>
        )}
        {selected && (
          <p className="hint">
            Until then they lie in <span className="selectable">{selected.folder}</span>; then they are deleted.
          </p>
        )}
      </div>
    </Dialog>
  )
}
