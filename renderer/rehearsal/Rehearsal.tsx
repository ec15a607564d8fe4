// The page of the Toolbox from which an incident is rehearsed: by the administrator's own hand, or played as a whole.
import { useEffect, useRef } from 'react'
import { Button } from 'react-aria-components'
import type { Outcome } from '../../preload/contract/rehearsal.ts'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { count, number } from '../parts/format.ts'
import { remedyOf, titleOf, withTimes } from '../troubleshooter/names.ts'
import { askScenarios, cancelRehearsal, choose, openQuizRehearsal, openRehearsal, playRehearsal, useRehearsal } from './rehearsal.ts'

export default function Rehearsal() {
  const { scenarios, chosen, open, doing, scenes, outcome, failure } = useRehearsal()
  useEffect(() => void askScenarios(), [])
  const isBusy = doing !== 'nothing'
  const end = useRef<HTMLDivElement>(null)
  // What is told goes on below what the page can show.
  useEffect(() => {
    if (scenes.length > 0) end.current?.scrollIntoView({ block: 'nearest' })
  }, [scenes, outcome])

  return (
    <div className="page">
      <PaneHeader title="Rehearsal" />
      <div className="page-body rehearsal-page">
        <p className="lead">
          Plays a whole incident on this machine, with an edge server of its own: real DNS servers, a real destination, real mail. Nothing of it touches your own edge
          server or leaves the machine.
        </p>
        {scenarios === null && !failure && <Waiting>Reading the scenarios</Waiting>}
        {scenarios && (
          <div className="scenarios">
            <label htmlFor="scenario">Scenario:</label>
            <select id="scenario" size={12} value={chosen ?? ''} onChange={(event) => choose(event.target.value)}>
              {scenarios.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
            <div className="buttons">
              <Button className="default" isDisabled={isBusy || open !== null || chosen === null} onPress={() => chosen !== null && void openRehearsal(chosen)}>
                Rehearse the incident
              </Button>
              <Button isDisabled={isBusy || open !== null || chosen === null} onPress={() => chosen !== null && void playRehearsal(chosen)}>
                Play it for me
              </Button>
              <Button isDisabled={isBusy || open !== null} aria-describedby="quiz-note" onPress={() => void openQuizRehearsal()}>
                Quiz me
              </Button>
              <p id="quiz-note" className="note">
                The quiz plays any one of them and hides its cause: find it, and name it.
              </p>
            </div>
          </div>
        )}
        {open && <p className="note">A rehearsal is open. Its steps stand at the top of the console; end it there to begin another.</p>}
        {(scenes.length > 0 || isBusy) && doing !== 'ending' && (
          <section className="scenes" aria-label="What happens">
            <div role="log" aria-live="polite">
              <ol>
                {scenes.map((text, at) => (
                  // The evidence of what is told before it comes indented.
                  <li key={at} data-inner={/^\s/.test(text) || undefined}>
                    {withTimes(text.trim())}
                  </li>
                ))}
              </ol>
            </div>
            {isBusy && (
              <div className="scenes-foot">
                <Waiting>{doing === 'opening' ? 'Setting the scene' : 'Playing the scenario'}</Waiting>
                <Button onPress={cancelRehearsal}>Cancel</Button>
              </div>
            )}
          </section>
        )}
        {outcome && <OutcomeShown outcome={outcome} />}
        <div ref={end} />
        {failure?.code === 'cancelled' && <p role="status">Cancelled. Nothing of it is left on this machine.</p>}
        {failure && failure.code !== 'cancelled' && <Failed failure={failure} />}
      </div>
    </div>
  )
}

const namesOf = (causes: readonly string[]) => causes.map((name) => `${titleOf(name)} (${name})`).join(', ') || 'none'

const results: Record<Outcome['result'], string> = {
  delivered: 'Delivered. The mail that waited has reached its destination.',
  'still waiting': 'The mail still waits.',
  returned: 'The mail was returned to its sender.',
  'nothing wrong': 'Nothing was wrong.',
}

function OutcomeShown({ outcome }: { outcome: Outcome }) {
  const { before, causes, remedy, after, result, asExpected, expected } = outcome
  return (
    <section className="outcome-card" aria-label="Outcome" data-result={result}>
      <div role="status">
        <h2>
          <Icon name={result === 'still waiting' || result === 'returned' ? 'warning' : 'done'} />
          {results[result]}
        </h2>
      </div>
      <dl className="facts">
        <dt>Before</dt>
        <dd>
          {count(before.waiting, 'message')} waiting
          {before.lastError && <span className="selectable last-error">{before.lastError}</span>}
        </dd>
        <dt>Cause</dt>
        <dd>{namesOf(causes)}</dd>
        <dt>Remedy</dt>
        <dd>{remedy === null ? 'none' : remedyOf(remedy)}</dd>
        <dt>After</dt>
        <dd>
          {count(after.waiting, 'message')} waiting, {number(after.delivered)} delivered
        </dd>
        {!asExpected && (
          <>
            <dt>Expected</dt>
            <dd>
              {namesOf(expected.causes)}; {results[expected.result]}
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}
