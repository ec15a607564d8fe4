// An error in plain words beside the raw text: what it means, what to do, and what the text tells of stage, host and codes.
import type { ReactNode } from 'react'
import type { Explained as Words } from '../../preload/contract/smtp.ts'
import { useWhere } from '../console/place.ts'
import { useCauseHidden } from '../rehearsal/rehearsal.ts'
import { stageName } from './names.ts'

interface Props {
  error: string | null
  explained: Words | null
  /** Stands under the words. */
  facts?: ReactNode
  /** Stands under the raw text. */
  children?: ReactNode
}

export function Explained({ error, explained, facts, children }: Props) {
  const isHidden = useCauseHidden(useWhere(({ server }) => server))
  return (
    <div className="explained">
      <div className="explained-words">
        {error === null ? (
          <p className="note">No attempt has failed.</p>
        ) : isHidden ? (
          <p className="note">What it means, and what to do, is told once the quiz is answered.</p>
        ) : explained ? (
          <>
            <p className="selectable">{explained.meaning}</p>
            <p className="selectable">
              <strong>What to do:</strong> {explained.remedy}
            </p>
          </>
        ) : (
          <p>Nothing is known of what this means.</p>
        )}
        {facts}
      </div>
      <div>
        {error !== null && <p className="last-error selectable">{error}</p>}
        {error !== null && explained && <Facts {...explained} />}
        {children}
      </div>
    </div>
  )
}

function Facts({ stage, host, command, code, enhanced, permanent }: Words) {
  const facts = [
    ['Stage', stage && stageName[stage]],
    ['Host', host],
    ['Command', command],
    ['Code', code],
    ['Enhanced code', enhanced],
    ['Permanent', permanent === null ? 'not told' : permanent ? 'yes, to try again is of no use' : 'no'],
  ].filter(([, value]) => value)
  return (
    <dl className="facts error-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
