// One step: what was sent, the raw reply, what it means and what to do, TLS in full, and what was odd.
import type { SmtpFinding, SmtpStep, Tls } from '../../preload/contract/smtp-test.ts'
import type { Explained } from '../../preload/contract/smtp.ts'
import { Icon } from '../parts/Icon.tsx'
import { count, milliseconds } from '../parts/format.ts'
import { reasonName } from '../queues/names.ts'
import { Lines } from './Lines.tsx'
import { VerdictMark } from './VerdictMark.tsx'
import { stageName } from './names.ts'

export function StepShown({ step }: { step: SmtpStep }) {
  const { stage, ms, sent, reply, verdict } = step
  return (
    <li className="smtp-step" data-verdict={verdict}>
      <h3>
        {stageName[stage]} <VerdictMark verdict={verdict} /> <span className="step-time">{milliseconds(ms)}</span>
      </h3>
      {sent !== null && <Lines className="wire sent" lines={sent.split('\n')} />}
      {reply && <Lines className="wire heard" lines={reply.lines} />}
      <Meaning step={step} />
    </li>
  )
}

/** What stands beneath the raw words, in a transcript too. */
export function Meaning({ step: { text, explained, tls, findings } }: { step: SmtpStep }) {
  // The reason of a failure is told with it already.
  const others = findings.filter((finding) => finding.text !== text && finding.text !== tls?.problem)
  return (
    <>
      {explained ? <ExplainedShown explained={explained} /> : <Lines className="smtp-text" lines={[text]} />}
      {tls && <TlsShown tls={tls} />}
      {others.length > 0 && (
        <ul className="smtp-findings">
          {others.map((finding) => (
            <FindingShown key={finding.kind + finding.text} finding={finding} />
          ))}
        </ul>
      )}
    </>
  )
}

const levelIcon = { info: 'information', warning: 'warning', fault: 'failed' } as const

function FindingShown({ finding: { level, text } }: { finding: SmtpFinding }) {
  return (
    <li>
      <Icon name={levelIcon[level]} />
      <Lines lines={[text]} />
    </li>
  )
}

function ExplainedShown({ explained: { category, meaning, remedy, permanent } }: { explained: Explained }) {
  const again = permanent === null ? '' : permanent ? ', permanent: to try again is of no use' : ', for now: it is tried again'
  return (
    <div className="smtp-explained">
      <p>
        <span className="term">Reason:</span> {reasonName[category]}
        {again}
      </p>
      <Lines className="smtp-text" lines={[meaning]} />
      <p className="selectable">
        <strong>What to do:</strong> {remedy}
      </p>
    </div>
  )
}

function TlsShown({ tls: { protocol, cipher, chain, nameMatches, expiresInDays, problem } }: { tls: Tls }) {
  return (
    <dl className="facts smtp-tls">
      <dt>Protocol</dt>
      <dd>{`${protocol}, ${cipher}`}</dd>
      <dt>Name</dt>
      <dd>{chain.length === 0 ? 'no certificate' : nameMatches ? 'the certificate is for this host' : 'the certificate is for another name'}</dd>
      <dt>Expiry</dt>
      <dd>{expiry(expiresInDays)}</dd>
      <dt>Trust</dt>
      <dd>{problem === null ? 'the certificate can be trusted' : <span className="problem">{problem}</span>}</dd>
      {chain.length > 0 && (
        <>
          <dt>Chain</dt>
          <dd>
            <ol>
              {chain.map(({ subject, issuer, validFrom, validTo }, at) => (
                <li key={at}>{`${subject}, issued by ${issuer}, valid from ${day(validFrom)} to ${day(validTo)}`}</li>
              ))}
            </ol>
          </dd>
        </>
      )}
    </dl>
  )
}

const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const day = (iso: string) => (Number.isNaN(Date.parse(iso)) ? iso : days.format(new Date(iso)))

function expiry(expiresInDays: number | null): string {
  if (expiresInDays === null) return 'not known'
  return expiresInDays < 0 ? `expired ${count(-expiresInDays, 'day')} ago` : `in ${count(expiresInDays, 'day')}`
}
