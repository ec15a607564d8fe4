// The SMTP test: a guided telnet to every mail host of a recipient at once, and one by hand.
import { useEffect } from 'react'
import { ServerChoice } from '../console/ServerChoice.tsx'
import { useWhere } from '../console/place.ts'
import { useServers } from '../console/servers.ts'
import { Failed } from '../parts/Failed.tsx'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { Announced } from '../parts/Announced.tsx'
import { Form } from './Form.tsx'
import { HostDetails } from './HostDetails.tsx'
import { HostTable } from './HostTable.tsx'
import { RouteShown } from './RouteShown.tsx'
import { closeAllBut } from './hand.ts'
import { courseText, setServer, useTesting } from './testing.ts'
import './smtp.css'

export default function SmtpTest() {
  const server = useWhere((where) => where.server)
  const servers = useServers(({ list }) => list) ?? []
  const testing = useTesting()
  const { phase, rows, selected, route, isRouteOpen, failure, text, recipient } = testing
  useEffect(() => setServer(server), [server])
  // A new test takes its rows anew: only what it leaves out is hung up.
  useEffect(() => {
    if (phase === 'nothing') closeAllBut(rows.map(({ key }) => key))
  }, [phase, rows])
  useEffect(() => () => closeAllBut([]), [])
  const row = rows.find(({ key }) => key === selected)
  const course = courseText(testing)
  const name = servers.find(({ id }) => id === server)?.name
  return (
    <div className="page smtp-test">
      <PaneHeader title="SMTP Test" {...(servers.length > 1 || name === undefined ? {} : { note: name })}>
        <ServerChoice />
      </PaneHeader>
      <Form server={server} />
      {failure && <Failed failure={failure} />}
      {route && <RouteShown route={route} isOpen={isRouteOpen} />}
      {course !== '' && (
        <div className="smtp-course">
          <p className="selectable">{phase === 'nothing' && text !== null ? `${recipient}: ${course}` : course}</p>
          {phase !== 'nothing' && <div role="progressbar" aria-label="Testing" className="marquee" />}
        </div>
      )}
      <Announced text={course} />
      <HostTable />
      {row && <HostDetails row={row} />}
    </div>
  )
}
