// Across the top while a rehearsal is open: the story, what is left to do, what waits and what was delivered.
import { Button } from 'react-aria-components'
import { Icon } from '../parts/Icon.tsx'
import { number } from '../parts/format.ts'
import { openTroubleshooter } from '../troubleshooter/troubleshooter.ts'
import { isCauseHidden, openQuiz, useQuiz } from './quiz.ts'
import { endRehearsal, isDelivered, useRehearsal } from './rehearsal.ts'
import './rehearsal.css'

export function RehearsalBar() {
  const { open, doing } = useRehearsal()
  const { answered } = useQuiz()
  if (!open) return null
  const delivered = isDelivered(open)
  const isHidden = isCauseHidden(open, answered)
  // Mail that has arrived ends the hiding in main, and not the quiz.
  const title = isHidden && delivered ? 'Was anything wrong?' : open.title
  return (
    <section className="rehearsal-bar" aria-label="Rehearsal" data-delivered={delivered || undefined}>
      <Icon name={delivered ? 'done' : 'rehearsal'} />
      <div className="rehearsal-story">
        <h2>
          {open.quiz && 'Quiz: '}
          {title}
        </h2>
        <p role="status">{delivered ? (isHidden ? 'The mail was delivered. Name the cause, or say that there was none.' : 'Delivered. The mail that waited has reached its destination, and the incident is over.') : open.story}</p>
        <ol className="rehearsal-steps">
          {(isHidden && delivered ? [] : open.steps).map(({ text, done }) => (
            <li key={text} data-done={done || undefined}>
              <span className="step-box" aria-hidden="true">
                {done ? '✓' : ''}
              </span>
              {text}
              {done && <span className="unseen">, done</span>}
            </li>
          ))}
        </ol>
      </div>
      <dl className="rehearsal-counts">
        <dt>Waiting</dt>
        <dd>{number(open.waiting)}</dd>
        <dt>Delivered</dt>
        <dd>{number(open.delivered)}</dd>
      </dl>
      <div className="rehearsal-buttons">
        {open.quiz && <Button onPress={openQuiz}>{isHidden ? 'Name the cause …' : 'Show the answer …'}</Button>}
        <Button onPress={() => openTroubleshooter('rehearsal', '*')}>Find out why</Button>
        <Button isDisabled={doing === 'ending'} className={delivered ? 'default' : ''} onPress={() => void endRehearsal()}>
        {doing === 'ending' ? 'Ending …' : 'End rehearsal'}
        </Button>
      </div>
    </section>
  )
}
