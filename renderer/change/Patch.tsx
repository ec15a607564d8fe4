// Lines of the hosts file before and after, told by sign and words as well as by colour.
import type { PatchLine } from '../../preload/contract/hosts.ts'
import { count, number } from '../parts/format.ts'

const signs: Record<PatchLine['kind'], string> = { kept: ' ', removed: '−', added: '+', 'left out': '⋯' }
const words: Record<PatchLine['kind'], string> = { kept: '', removed: 'removed: ', added: 'added: ', 'left out': 'lines are left out' }

/** Lines that are drawn: nobody reads more, and a window with all of 200,000 would stand still. */
const most = 1_000

export function Patch({ label, patch }: { label: string; patch: readonly PatchLine[] }) {
  return (
    // It may be wider and longer than its place, and is then scrolled by the arrow keys.
    <div className="patch" role="group" aria-label={label} tabIndex={0}>
      <ol>
        {patch.slice(0, most).map(({ kind, line, text }, place) => (
          <li key={place} data-kind={kind}>
            <span className="patch-line" aria-hidden={kind === 'left out'}>
              {kind === 'left out' ? '' : number(line)}
            </span>
            <span className="patch-sign" aria-hidden="true">
              {signs[kind]}
            </span>
            <span className="unseen">{words[kind]}</span>
            <span className="patch-text">{kind === 'left out' ? '' : text}</span>
          </li>
        ))}
      </ol>
      {patch.length > most && <p className="patch-more">{`And ${count(patch.length - most, 'more line')}.`}</p>}
    </div>
  )
}
