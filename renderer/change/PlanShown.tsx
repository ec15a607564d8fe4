// The plan: what is to be done, in words and as a diff, what speaks against it, and what the DNS servers say to it.
import { useId } from 'react'
import type { Probed } from '../../preload/contract/changes.ts'
import { Icon } from '../parts/Icon.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { milliseconds } from '../parts/format.ts'
import { verdictName } from '../parts/names.ts'
import { CopyCommand } from './CopyCommand.tsx'
import { Diff } from './Diff.tsx'
import { Patch } from './Patch.tsx'
import { useChange, type Current } from './change.ts'
import { commandWith, sentOptions } from './course.ts'
import { namesOf } from './names.ts'

export function PlanShown({ current }: { current: Current }) {
  const { described, phase, refused, server, subject } = current
  return (
    <>
      {!described && <Waiting>Making the plan</Waiting>}
      {described && (
        <>
          {described.words.length === 0 ? <p>Nothing would be different.</p> : described.words.map((sentence) => <p key={sentence}>{sentence}</p>)}
          {described.diff.length > 0 && <Diff label="What is changed" diff={described.diff} />}
          {described.patch && <Patch label="Lines that are changed" patch={described.patch} />}
          {described.warnings.map((warning) => (
            <p key={warning} className="plan-warning">
              <Icon name="warning" />
              <span>{warning}</span>
            </p>
          ))}
        </>
      )}
      {described && subject.kind === 'wanted' && !subject.wanted.hosts && <Probe probed={current.probed} isOver={phase === 'planned'} isRefused={refused !== null} />}
      {refused !== null && (
        <div className="refused" role="alert">
          <Icon name="failed" />
          <p>
            <strong>Refused.</strong> {refused} Nothing is changed unless you apply it all the same.
          </p>
        </div>
      )}
      {described && <Choices current={current} />}
      {/* A rehearsal's edge server has a home folder that no command line knows: its command would change the machine's own. */}
      {phase === 'planned' && server !== 'rehearsal' && described && described.command.edgewise !== '' && (
        <CopyCommand command={commandWith(described.command.edgewise, sentOptions(current))} powershell={described.command.powershell} />
      )}
    </>
  )
}

const marks = { answers: 'done', denies: 'denied', fails: 'failed', silent: 'silent' } as const

function Probe({ probed, isOver, isRefused }: { probed: readonly Probed[]; isOver: boolean; isRefused: boolean }) {
  const id = useId()
  return (
    <section className="probe" aria-labelledby={id}>
      <h3 id={id}>What the DNS servers answer</h3>
      <ul aria-live="polite">
        {probed.map(({ server, name, type, verdict, text, ms }) => (
          <li key={`${server} ${type} ${name}`} data-verdict={verdict}>
            <Icon name={marks[verdict]} />
            <span className="selectable">
              <span className="unseen">{verdictName[verdict]}: </span>
              {text}
            </span>
            <span className="step-time">{milliseconds(ms)}</span>
          </li>
        ))}
      </ul>
      {!isOver && <div role="progressbar" aria-label="Asking the DNS servers" className="marquee" />}
      {isOver && probed.length === 0 && !isRefused && <p className="hint">No DNS server has to be asked for this.</p>}
    </section>
  )
}

function Choices({ current: { options, refused, subject } }: { current: Current }) {
  const choose = useChange((store) => store.choose)
  return (
    <div className="choices">
      <Choice label="Restart the transport service and verify that mail moves" isSet={options.restart} onSet={(restart) => choose({ restart })} hint={options.restart ? 'Rolled back by itself if none does.' : namesOf({ subject }).withoutRestart} />
      {subject.kind === 'wanted' && (
        <div className="under">
          <Choice label="Drain first" isSet={options.restart && options.drain} isDisabled={!options.restart} onSet={(drain) => choose({ drain })} hint="Takes no mail any more and delivers what is due, then restarts." />
        </div>
      )}
      {refused !== null && <Choice label="Apply all the same" isSet={options.force} onSet={(force) => choose({ force })} hint="If you know better than the probe." />}
    </div>
  )
}

function Choice({ label, hint, isSet, isDisabled = false, onSet }: { label: string; hint: string; isSet: boolean; isDisabled?: boolean; onSet(isSet: boolean): void }) {
  const id = useId()
  return (
    <div className="choice">
      <input type="checkbox" id={id} checked={isSet} disabled={isDisabled} aria-describedby={`${id}-hint`} onChange={(event) => onSet(event.target.checked)} />
      <label htmlFor={id}>{label}</label>
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  )
}
