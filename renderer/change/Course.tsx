// How the change goes: its steps as they are reached, the question whether to keep it, and how it ended with the evidence.
import { Icon } from '../parts/Icon.tsx'
import { useNow } from '../parts/now.ts'
import { Steps } from './Steps.tsx'
import type { Current } from './change.ts'
import { isGoingBack, isKept, isUnderWay, secondsLeft, type Question } from './course.ts'
import { endingOf, namesOf } from './names.ts'

export function Course({ current }: { current: Current }) {
  const { phase, steps, question, change, failure, subject } = current
  const isOver = !isUnderWay(current)
  return (
    <>
      {!isOver && !question && <h3 className="instruction">{saying(current)}</h3>}
      {phase === 'ended' && (
        <div className="ending" data-state={change?.state} role="status">
          <h3 className="instruction">
            <Icon name={isKept(current) ? 'done' : 'warning'} />
            {endingOf(current)}
          </h3>
          {change?.reason && <p className="selectable">{change.reason}</p>}
          {!isKept(current) && subject.kind === 'wanted' && !subject.wanted.hosts && <p className="hint">What is in effect is what was before. What you chose is still in the Properties, to be corrected.</p>}
        </div>
      )}
      {failure && (
        <div className="ending" data-state="failed" role="alert">
          <h3 className="instruction">
            <Icon name="warning" />
            {failure.code === 'cancelled' ? 'It was cancelled before anything was changed.' : 'It could not be done.'}
          </h3>
          {failure.code !== 'cancelled' && <p className="selectable">{failure.message}</p>}
          {failure.remedy && <p>{failure.remedy}</p>}
        </div>
      )}
      {question && <Keep question={question} />}
      {steps.length > 0 && <Steps steps={steps} isOver={isOver} />}
      {!isOver && !question && <div role="progressbar" aria-label={saying(current)} className="marquee" />}
      {!isOver && !question && !isGoingBack(current) && <p className="hint">To cancel is to roll back what was done so far.</p>}
    </>
  )
}

function saying(current: Current): string {
  if (current.phase === 'cancelling') return 'Cancelled: rolling back …'
  if (isGoingBack(current)) return 'It did not work: rolling back …'
  const { beginning, underWay } = namesOf(current)
  return current.steps.length === 0 ? beginning : `${underWay} …`
}

/** The seconds are seen to run, and are not read out one by one. */
function Keep({ question: { text, until } }: { question: Question }) {
  const left = secondsLeft(until, performance.timeOrigin + useNow(true))
  return (
    <div className="keep">
      <div role="alert">
        <h3 className="instruction">Keep these changes?</h3>
        <p className="selectable">{text}</p>
      </div>
      <p className="countdown" role="timer" aria-live="off">
        {left > 0 ? `Rolled back in ${left} s.` : 'Rolling back …'}
      </p>
    </div>
  )
}
