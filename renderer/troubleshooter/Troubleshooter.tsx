// The Mail Flow Troubleshooter: from what waits to the proven cause, its evidence and the remedy.
import { useEffect } from 'react'
import { Button } from 'react-aria-components'
import { ServerChoice } from '../console/ServerChoice.tsx'
import { useWhere } from '../console/place.ts'
import { useServers } from '../console/servers.ts'
import { Announced } from '../parts/Announced.tsx'
import { Failed } from '../parts/Failed.tsx'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { isCauseHidden, useQuiz } from '../rehearsal/quiz.ts'
import { useRehearsal } from '../rehearsal/rehearsal.ts'
import { ChecksShown } from './ChecksShown.tsx'
import { EgressLine } from './EgressLine.tsx'
import { MovedShown } from './MovedShown.tsx'
import { Outcome } from './Outcome.tsx'
import { courseText, withoutAlarm } from './told.ts'
import { cancel, findOut, setServer, type, useTroubleshooter, type Troubleshooting } from './troubleshooter.ts'
import './troubleshooter.css'

export default function Troubleshooter() {
  const server = useWhere((where) => where.server)
  const servers = useServers(({ list }) => list) ?? []
  const now = useTroubleshooter()
  const { open } = useRehearsal()
  const { answered } = useQuiz()
  useEffect(() => setServer(server), [server])
  const { checks, diagnosis, told, moved, failure, wasCancelled } = now
  const isHidden = server === 'rehearsal' && isCauseHidden(open, answered)
  const name = servers.find(({ id }) => id === server)?.name
  return (
    <div className="page troubleshooter">
      <PaneHeader title="Mail Flow Troubleshooter" {...(servers.length > 1 || name === undefined ? {} : { note: name })}>
        <ServerChoice />
      </PaneHeader>
      <Form now={now} />
      <EgressLine key={server} server={server} />
      <Announced text={courseOf(now, isHidden)} />
      <div className="page-body trouble-body">
        {failure && <Failed failure={failure} onAgain={() => void findOut()} />}
        {wasCancelled && <p className="note">Cancelled. What was found until then is shown.</p>}
        {told.length > 0 && (
          <ul className="trouble-told" aria-label="What was done">
            {told.map((text, at) => (
              <li key={at}>{text}</li>
            ))}
          </ul>
        )}
        {moved && <MovedShown moved={moved} />}
        {diagnosis && <Outcome diagnosis={diagnosis} isHidden={isHidden} />}
        {checks.length > 0 && <ChecksShown checks={diagnosis && !isHidden ? withoutAlarm(checks, diagnosis) : checks} isOver={diagnosis !== null || wasCancelled} />}
        {checks.length === 0 && !failure && now.phase === 'nothing' && !wasCancelled && <Invitation />}
      </div>
    </div>
  )
}

function Form({ now: { typed, phase } }: { now: Troubleshooting }) {
  const isBusy = phase !== 'nothing'
  return (
    <form
      className="trouble-form"
      onSubmit={(event) => {
        event.preventDefault()
        void findOut()
      }}
    >
      <label htmlFor="trouble-target">Why is mail delayed to:</label>
      <input id="trouble-target" type="text" spellCheck={false} autoComplete="off" aria-describedby="trouble-hint" value={typed} onChange={(event) => type(event.target.value)} />
      {/* One button, so that the focus stays on it. */}
      <Button type={isBusy ? 'button' : 'submit'} className={isBusy ? '' : 'default'} isDisabled={phase === 'cancelling'} onPress={() => isBusy && cancel()}>
        {phase === 'cancelling' ? 'Cancelling …' : isBusy ? 'Cancel' : 'Find out'}
      </Button>
      <p id="trouble-hint" className="note">
        A domain, a mail address, a queue or a message’s id; empty for all that waits.
      </p>
      {isBusy && <div role="progressbar" aria-label={phase === 'curing' ? 'Carrying the remedy out' : 'Finding out'} className="marquee" />}
    </form>
  )
}

const Invitation = () => (
  <p className="trouble-empty">
    All checks run at once: the transport service, its DNS servers against those of every adapter, the hosts file, every mail host up to the recipient, the sender’s records, blocklists. Nothing is sent.
  </p>
)

function courseOf({ phase, checks, diagnosis, target, wasCancelled }: Troubleshooting, isHidden: boolean): string {
  if (wasCancelled) return 'Cancelled.'
  if (phase === 'curing') return 'The remedy is carried out.'
  if (phase !== 'nothing') return checks.length === 0 ? 'Looking for what waits …' : courseText(checks)
  if (!diagnosis) return ''
  return isHidden ? 'All checks have ended.' : `${target === '*' ? 'All that waits' : target}: ${diagnosis.text}`
}
