// Across the top while a rehearsal is open: the story, what is left to do, what waits and what was delivered.
import { Button } from 'react-aria-components'
import { Icon } from '../parts/Icon.tsx'
import { number } from '../parts/format.ts'
import { endRehearsal, isDelivered, useRehearsal } from './rehearsal.ts'
import './rehearsal.css'

export function RehearsalBar() {
  const { open, doing } = useRehearsal()
  if (!open) return null
  const delivered = isDelivered(open)
  return (
    <section className="rehearsal-bar" aria-label="Rehearsal" data-delivered={delivered || undefined}>
      <Icon name={delivered ? 'done' : 'rehearsal'} />
      <div className="rehearsal-story">
        <h2>{open.title}</h2>
        <p role="status">{delivered ? 'Delivered. The mail that waited has reached its destination, and the incident is over.' : open.story}</p>
        <ol className="rehearsal-steps">
          {open.steps.map(({ text, done }) => (
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
      <Button isDisabled={doing === 'ending'} className={delivered ? 'default' : ''} onPress={() => void endRehearsal()}>
        {doing === 'ending' ? 'Ending …' : 'End rehearsal'}
      </Button>
    </section>
  )
}
