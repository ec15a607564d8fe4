// An error in plain words beside the raw text: what it means, what to do, and what the text tells of stage, host and codes.
import type { Explained as Words } from '../../preload/contract/smtp.ts'
import { stageName } from './names.ts'

export function Explained({ error, explained }: { error: string | null; explained: Words | null }) {
  if (error === null) return <p className="note">No attempt has failed.</p>
  return (
    <div className="explained">
      <div className="explained-words">
        {explained ? (
          <>
            <p className="selectable">{explained.meaning}</p>
            <p className="selectable">
              <strong>What to do:</strong> {explained.remedy}
            </p>
          </>
        ) : (
          <p>Nothing is known of what this means.</p>
        )}
      </div>
      <div>
        <p className="last-error selectable">{error}</p>
        {explained && <Facts {...explained} />}
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
