// What the checks came to: the causes in the order in which they bite, what can be done, and what is worth knowing.
import { Button } from 'react-aria-components'
import type { Diagnosis } from '../../preload/contract/diagnosis.ts'
import { Icon } from '../parts/Icon.tsx'
import { count, milliseconds } from '../parts/format.ts'
import { CauseShown } from './CauseShown.tsx'
import { Findings } from './FindingShown.tsx'
import { Remedies } from './Remedies.tsx'
import { askReport } from './reports.ts'

export function Outcome({ diagnosis, isHidden }: { diagnosis: Diagnosis; isHidden: boolean }) {
  const { healthy, text, causes, notes, findings, checks, ms } = diagnosis
  if (isHidden)
    return (
      <section className="trouble-outcome" aria-label="Outcome">
        <h2>What is the cause?</h2>
        <p>The causes and remedies are hidden until the quiz is answered. What was found stands below.</p>
      </section>
    )
  const shown = causes.filter(({ proof }) => proof !== 'ruled out')
  const ruledOut = causes.filter(({ proof }) => proof === 'ruled out')
  return (
    <section className="trouble-outcome" aria-label="Outcome" data-healthy={healthy || undefined}>
      <header>
        <h2>
          <Icon name={healthy ? 'done' : 'failed'} />
          {headline(diagnosis)}
        </h2>
        <Button onPress={() => void askReport()}>Save report …</Button>
      </header>
      {(healthy || shown.length === 0) && <p className="selectable trouble-text">{text}</p>}
      <p className="note">
        {count(checks.length, 'check')} with {count(findings.length, 'finding')} in {milliseconds(ms)}.
      </p>
      {shown.length > 0 && (
        <ol className="causes" aria-label="Causes, in the order in which they bite">
          {shown.map((cause) => (
            <CauseShown key={cause.name + cause.domains.join(' ')} cause={cause} findings={findings} />
          ))}
        </ol>
      )}
      <Remedies diagnosis={diagnosis} />
      {notes.length > 0 && (
        <section className="trouble-notes" aria-label="Worth knowing">
          <h2>Worth knowing, and no fault</h2>
          <ul>
            {notes.map((note) => (
              <li key={note.name + note.text}>
                <p className="selectable">{note.text}</p>
                <Findings label="Seen in" findings={findings.filter(({ id }) => note.findings.includes(id))} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {ruledOut.length > 0 && (
        <details className="ruled-out">
          <summary>{count(ruledOut.length, 'cause')} ruled out</summary>
          <ul className="causes">
            {ruledOut.map((cause) => (
              <CauseShown key={cause.name + cause.domains.join(' ')} cause={cause} findings={findings} />
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function headline({ healthy, causes }: Diagnosis): string {
  if (healthy) return causes.some(({ proof }) => proof === 'likely') ? 'No cause is proven' : 'Nothing wrong found'
  const proven = causes.filter(({ proof }) => proof === 'proven').length
  return proven === 1 ? 'The cause is proven' : `${count(proven, 'cause')} are proven`
}
