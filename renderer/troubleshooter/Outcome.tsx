// What the checks came to: the causes in the order in which they bite, what can be done, and what is worth knowing.
import { Button } from 'react-aria-components'
import type { Diagnosis, Note } from '../../preload/contract/diagnosis.ts'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { count, milliseconds } from '../parts/format.ts'
import { CauseShown } from './CauseShown.tsx'
import { Findings } from './FindingShown.tsx'
import { withTimes } from './names.ts'
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
  const [icon, headline] = headOf(diagnosis)
  return (
    <section className="trouble-outcome" aria-label="Outcome" data-healthy={shown.length === 0 || undefined}>
      <header>
        <h2>
          <Icon name={icon} />
          {headline}
        </h2>
        <Button onPress={() => void askReport()}>Save report …</Button>
      </header>
      {(healthy || shown.length === 0) && <p className="selectable trouble-text">{withTimes(text)}</p>}
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
              <NoteShown key={note.name + note.text} note={note} findings={findings.filter(({ id }) => note.findings.includes(id))} />
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

/** One that says what its finding says is told once. */
function NoteShown({ note: { text }, findings }: { note: Note; findings: Diagnosis['findings'] }) {
  const isSaid = findings.some((finding) => finding.text === text)
  return (
    <li>
      {!isSaid && <p className="selectable">{withTimes(text)}</p>}
      <Findings label="Seen in" isLabelShown={false} findings={findings} />
    </li>
  )
}

function headOf({ healthy, causes }: Diagnosis): [IconName, string] {
  if (healthy) return causes.some(({ proof }) => proof === 'likely') ? ['warning', 'No cause is proven'] : ['done', 'Nothing wrong found']
  const proven = causes.filter(({ proof }) => proof === 'proven').length
  return ['failed', proven === 1 ? 'The cause is proven' : `${count(proven, 'cause')} are proven`]
}
