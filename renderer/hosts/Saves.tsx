// The last saves of the hosts file, newest first, each with what it changed, and the way back from any of them.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import type { HostsSave } from '../../preload/contract/hosts.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { Patch } from '../change/Patch.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Table, type Column } from '../parts/Table.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { useFollowed } from '../parts/follow.ts'
import { time } from '../parts/format.ts'
import { closeForm } from './forms.ts'
import { hostsChangesOf, useHosts } from './hosts.ts'
import { takeBack } from './saving.ts'
import { said, stateOf, withLater } from './undo.ts'

const columns: Column<HostsSave>[] = [
  { name: 'Saved', width: '24%', cell: ({ at }) => time(at) },
  { name: 'What', cell: ({ words }) => words.join(' ') },
  { name: 'By', width: '24%', cell: ({ by }) => by },
  { name: 'State', width: '15%', cell: stateOf },
]

export function Saves({ server }: { server: ServerId }) {
  const { value, failure, again } = useFollowed(server, () => edgewise.hosts.history({ server }), hostsChangesOf(server))
  const file = useHosts((hosts) => hosts.file)
  const [chosen, setChosen] = useState<string | null>(null)
  const saves = value?.saves ?? []
  const selected = saves.find(({ id }) => id === (chosen ?? value?.next)) ?? saves[0]
  const withIt = selected ? withLater(saves, selected) : []
  return (
    <Dialog
      title="Undo saves of the hosts file"
      className="change saves"
      onClose={closeForm}
      footer={
        <>
          <Button className="default" isDisabled={withIt.length === 0} onPress={() => file && takeBack({ server, file }, withIt)}>
            Undo …
          </Button>
          <Button onPress={closeForm}>Close</Button>
        </>
      }
    >
      <div className="dialog-body">
        {failure && <Failed failure={failure} onAgain={() => void again()} />}
        {!value && !failure && <Waiting>Reading the saves</Waiting>}
        {value && (
          <div className="saves-list">
            <Table label="Saves" columns={columns} rows={saves} keyOf={({ id }) => id} selected={selected?.id ?? null} onSelect={setChosen} empty="Nothing was saved yet." />
          </div>
        )}
        {selected && (
          <section>
            <h3>{selected.words.join(' ')}</h3>
            <Patch label="Lines that were changed" patch={selected.patch} />
            <p className="hint" role="status">
              {said(selected, withIt.length)}
            </p>
          </section>
        )}
      </div>
    </Dialog>
  )
}
