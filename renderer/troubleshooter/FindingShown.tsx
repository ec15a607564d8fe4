// A fact with its evidence: what was found, when, and the answer or transcript as it came.
import type { DiagnosisFinding } from '../../preload/contract/diagnosis.ts'
import { Icon } from '../parts/Icon.tsx'
import { time } from '../parts/format.ts'
import { verdictIcon, verdictName, withTimes } from './names.ts'

export function FindingShown({ finding: { target, verdict, text, at, raw } }: { finding: DiagnosisFinding }) {
  return (
    <li className="finding" data-verdict={verdict}>
      <Icon name={verdictIcon[verdict]} />
      <div>
        <p className="selectable">
          <span className="unseen">{verdictName[verdict]}: </span>
          {withTimes(text)}
        </p>
        <details>
          <summary>
            Raw evidence<span className="unseen"> about {target === '*' ? 'this edge server' : target}</span> <span className="finding-time">{time(at)}</span>
          </summary>
          {raw === null ? <p className="note">The sentence is all there is of it.</p> : <pre tabIndex={0}>{raw}</pre>}
        </details>
      </div>
    </li>
  )
}

/** With its label shown as a heading below a cause’s, or for ears alone. */
export function Findings({ label, isLabelShown = true, findings }: { label: string; isLabelShown?: boolean; findings: readonly DiagnosisFinding[] }) {
  if (findings.length === 0) return null
  return (
    <div className="findings">
      {isLabelShown && <h4>{label}</h4>}
      <ul aria-label={label}>
        {findings.map((finding) => (
          <FindingShown key={finding.id} finding={finding} />
        ))}
      </ul>
    </div>
  )
}
