// What became of a step or a dialogue: a mark and the word.
import type { Verdict } from '../../preload/contract/smtp-test.ts'
import { Icon } from '../parts/Icon.tsx'
import { verdictIcon, verdictName } from './names.ts'

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <span className="verdict" data-verdict={verdict}>
      <Icon name={verdictIcon[verdict]} />
      {verdictName[verdict]}
    </span>
  )
}
