// The Mail Flow Troubleshooter: from what waits to the proven cause, its evidence and the remedy.
import { useEffect, useRef } from 'react'
import { Button } from 'react-aria-components'
import type { FailureValue } from '../../preload/contract/failure.ts'
import { ServerChoice } from '../console/ServerChoice.tsx'
import { useWhere } from '../console/place.ts'
import { useServers } from '../console/servers.ts'
import { Announced } from '../parts/Announced.tsx'
import { Failed } from '../parts/Failed.tsx'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { useCauseHidden } from '../rehearsal/rehearsal.ts'
import { ChecksShown } from './ChecksShown.tsx'
import { EgressLine } from './EgressLine.tsx'
import { MovedShown } from './MovedShown.tsx'
import { withTimes } from './names.ts'
import { Outcome } from './Outcome.tsx'
import { courseText } from './told.ts'
import { cancel, findOut, setServer, type, useTroubleshooter, type Troubleshooting } from './troubleshooter.ts'
import './troubleshooter.css'

export default function Troubleshooter() {
  const server = useWhere((where) => where.server)
  const servers = useServers(({ list }) => list) ?? []
  const now = useTroubleshooter()
  useEffect(() => setServer(server), [server])
  const { checks, diagnosis, told, moved, failure, wasCancelled } = now
  const isHidden = useCauseHidden(server)
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
        {failure && <Failed failure={failure} {...(isTyped(failure) ? {} : { onAgain: () => void findOut() })} />}
        {wasCancelled && <p className="note">Cancelled. What was found until then is shown.</p>}
        {told.length > 0 && <Told told={told} />}
        {moved && <MovedShown moved={moved} />}
        {diagnosis && <Outcome diagnosis={diagnosis} isHidden={isHidden} />}
        {checks.length > 0 && <ChecksShown checks={checks} isOver={now.phase === 'nothing'} />}
        {checks.length === 0 && !failure && now.phase === 'nothing' && !wasCancelled && <Invitation />}
      </div>
    </div>
  )
}

function Form({ now: { typed, phase } }: { now: Troubleshooting }) {
  const isBusy = phase !== 'nothing'
  const button = useRef<HTMLButtonElement>(null)
  // The remedy’s own button takes no press meanwhile: what can be pressed is to cancel it.
  useEffect(() => {
    if (phase === 'curing') button.current?.focus()
  }, [phase])
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
      <Button ref={button} type={isBusy ? 'button' : 'submit'} className={isBusy ? '' : 'default'} isDisabled={phase === 'cancelling'} onPress={() => isBusy && cancel()}>
        {phase === 'cancelling' ? 'Cancelling …' : isBusy ? 'Cancel' : 'Find out'}
      </Button>
      <p id="trouble-hint" className="note">
        A domain, a mail address, a queue or a message’s id; * for all that waits.
      </p>
      {isBusy && <div role="progressbar" aria-label={phase === 'curing' ? 'Carrying the remedy out' : 'Finding out'} className="marquee" />}
    </form>
  )
}

/** What is typed is to be mended: to ask the same again is of no use. */
const isTyped = ({ code }: FailureValue) => code === 'bad-input' || code === 'not-found'

const Told = ({ told }: Pick<Troubleshooting, 'told'>) => (
  <section className="trouble-told">
    <h2>What was done</h2>
    <ul aria-label="What was done">
      {told.map((text, at) => (
        <li key={at}>{withTimes(text)}</li>
      ))}
    </ul>
  </section>
)

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
  return isHidden ? 'All checks have ended.' : withTimes(`${target === '*' ? 'All that waits' : target}: ${diagnosis.text}`)
}
