// A cause with its proof, and the evidence for and against it.
import type { Cause, Diagnosis } from '../../preload/contract/diagnosis.ts'
import { Icon } from '../parts/Icon.tsx'
import { Findings } from './FindingShown.tsx'
import { causeTitle, proofIcon, proofName, withTimes } from './names.ts'

export function CauseShown({ cause: { name, proof, domains, text, for: by, against, missing }, findings }: { cause: Cause; findings: Diagnosis['findings'] }) {
  const those = (ids: readonly string[]) => findings.filter(({ id }) => ids.includes(id))
  return (
    <li className="cause" data-proof={proof}>
      <h3>
        <Icon name={proofIcon[proof]} />
        <span className="proof">{proofName[proof]}:</span> {causeTitle[name]}
        <span className="cause-name selectable">{name}</span>
      </h3>
      <p className="selectable">{withTimes(text)}</p>
      {domains.length > 0 && <p className="note">About mail for {domains.join(', ')}.</p>}
      {missing !== null && (
        <p className="selectable">
          <strong>What it lacks to be proven:</strong> {missing}
        </p>
      )}
      <Findings label={proof === 'ruled out' ? 'What spoke for it' : 'Evidence for it'} findings={those(by)} />
      <Findings label={proof === 'ruled out' ? 'What rules it out' : 'Evidence against it'} findings={those(against)} />
    </li>
  )
}
