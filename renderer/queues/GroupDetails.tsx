// Of the group that the keyboard is on: how much waits for this reason, and the reason explained.
import { Button } from 'react-aria-components'
import { Explained } from './Explained.tsx'
import { run } from './actions.ts'
import { said } from './chosen.ts'
import type { Group } from './groups.ts'

export function GroupDetails({ group }: { group: Group }) {
  return (
    <section className="queue-details" aria-label="Reason">
      <header>
        <h2>{said(group)}</h2>
        <div className="buttons">
          <Button onPress={() => run('why')}>Why?</Button>
          <Button onPress={() => run('open')}>Show its messages</Button>
        </div>
      </header>
      <Explained error={group.error} explained={group.explained} />
    </section>
  )
}
