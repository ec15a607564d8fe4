// Across the top while a rehearsal is open: the story, what is left to do, what waits and what was delivered.
import { Button } from 'react-aria-components'
import type { RehearsalState } from '../../preload/contract/rehearsal.ts'
import { Icon } from '../parts/Icon.tsx'
import { number } from '../parts/format.ts'
import { isCauseHidden, openQuiz, useQuiz, type Quiz } from './quiz.ts'
import { askTroubleshooter, endRehearsal, isDelivered, isDone, useRehearsal } from './rehearsal.ts'
import './rehearsal.css'

export function RehearsalBar() {
  const { open, doing } = useRehearsal()
  const { answered } = useQuiz()
  if (!open) return null
  const delivered = isDelivered(open)
  const { title, text, steps } = wordsOf(open, answered)
  return (
    <section className="rehearsal-bar" aria-label="Rehearsal" data-delivered={delivered || undefined}>
      <Icon name={delivered ? 'done' : 'rehearsal'} />
      <div className="rehearsal-story">
        <h2>
          {open.quiz && 'Quiz: '}
          {title}
        </h2>
        <p role="status">{text}</p>
        <ol className="rehearsal-steps">
          {steps.map(({ text: step, done }) => (
            <li key={step} data-done={done || undefined}>
              <span className="step-box" aria-hidden="true">
                {done ? '✓' : ''}
              </span>
              {step}
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
        {open.quiz && <Button onPress={openQuiz}>{isCauseHidden(open, answered) ? 'Name the cause …' : 'Show the answer …'}</Button>}
        <Button onPress={askTroubleshooter}>Find out why</Button>
        <Button isDisabled={doing === 'ending'} className={delivered ? 'default' : ''} onPress={() => void endRehearsal()}>
          {doing === 'ending' ? 'Ending …' : 'End rehearsal'}
        </Button>
      </div>
    </section>
  )
}

type Words = Pick<RehearsalState, 'title' | 'steps'> & { text: string }

/** Mail that has arrived ends the hiding in main, and not the quiz; a cause that was named ends the quiz, wherever the mail is. */
function wordsOf(open: RehearsalState, answered: Quiz['answered']): Words {
  const delivered = isDelivered(open)
  if (isCauseHidden(open, answered)) {
    if (delivered) return { title: 'Was anything wrong?', text: 'The mail was delivered. Name the cause, or say that there was none.', steps: [] }
    return { title: open.title, text: open.story, steps: open.steps }
  }
  const { title, story } = answered?.expected ?? open
  if (delivered) return { title, text: 'Delivered. All mail has reached its destination: nothing is left to do.', steps: open.steps }
  if (isDone(open)) return { title, text: 'Found. What is left is for others to do: the troubleshooter says for whom, and what.', steps: open.steps }
  // The quiz’s first step is to find the cause.
  return { title, text: story, steps: answered ? open.steps.map((step, at) => ({ ...step, done: step.done || at === 0 })) : open.steps }
}
