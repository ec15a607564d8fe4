// What the Toolbox holds.
import { Button } from 'react-aria-components'
import { Icon } from '../parts/Icon.tsx'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { useWhere } from './place.ts'

const tools = [
  { place: 'queues', icon: 'queue', name: 'Queue Viewer', purpose: 'Shows what waits, for which next hop, since when and why.' },
  { place: 'troubleshooter', icon: 'troubleshooter', name: 'Mail Flow Troubleshooter', purpose: 'Finds out why mail is delayed: the proven cause, its evidence, and who can put it right.' },
  { place: 'smtp', icon: 'smtp', name: 'SMTP Test', purpose: 'Talks to every mail host of a recipient, step by step, and explains what each of them answers.' },
  { place: 'hosts', icon: 'hosts', name: 'Hosts File', purpose: 'Shows and edits the names and addresses that this machine knows before it asks any DNS server.' },
  { place: 'rehearsal', icon: 'rehearsal', name: 'Rehearsal', purpose: 'Plays a whole incident on this machine, to find and to remedy it with your own hands.' },
] as const

export function Toolbox() {
  const go = useWhere((where) => where.go)
  return (
    <div className="page">
      <PaneHeader title="Toolbox" note={`${tools.length} tools`} />
      <ul className="page-body tools">
        {tools.map(({ place, icon, name, purpose }) => (
          <li key={place}>
            <Icon name={icon} />
            <div>
              <h2>{name}</h2>
              <p>{purpose}</p>
              <Button aria-label={`Open ${name}`} onPress={() => go(place)}>
                Open
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
