// What was looked at: each check as it begins and ends, with what it found.
import { Icon, type IconName } from '../parts/Icon.tsx'
import { count, milliseconds } from '../parts/format.ts'
import { FindingShown } from './FindingShown.tsx'
import { verdictIcon, verdictName } from './names.ts'
import { worstOf, type ShownCheck } from './told.ts'

export function ChecksShown({ checks, isOver }: { checks: readonly ShownCheck[]; isOver: boolean }) {
  return (
    <section className="trouble-checks" aria-label="What was looked at">
      <h2>What was looked at</h2>
      <ul>
        {checks.map((check) => (
          <Check key={check.name} check={check} isOver={isOver} />
        ))}
      </ul>
    </section>
  )
}

function Check({ check, isOver }: { check: ShownCheck; isOver: boolean }) {
  const { title, ms, findings } = check
  const worst = worstOf(check)
  const [icon, word]: [IconName, string] = ms === null ? (isOver ? ['silent', 'cut short'] : ['asking', 'under way']) : worst === null ? ['unknown', 'nothing to look at'] : [verdictIcon[worst], verdictName[worst].toLowerCase()]
  return (
    <li data-state={ms === null && !isOver ? 'under way' : 'ended'}>
      <details>
        <summary>
          <Icon name={icon} />
          <span className="check-title">{title}</span>
          <span className="check-word">
            {findings.length === 0 ? word : `${word}, ${count(findings.length, 'finding')}`}
          </span>
          <span className="check-time">{ms === null ? '' : milliseconds(ms)}</span>
        </summary>
        {findings.length === 0 ? (
          <p className="note">{ms !== null ? 'There was nothing to look at.' : isOver ? 'It did not come to its end.' : 'Nothing yet.'}</p>
        ) : (
          <ul aria-label={title}>
            {findings.map((finding) => (
              <FindingShown key={finding.id} finding={finding} />
            ))}
          </ul>
        )}
      </details>
    </li>
  )
}
