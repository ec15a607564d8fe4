// The steps of a change, each with when it was reached: while it goes on, and in the journal ever after.
import { useEffect, useRef, useState } from 'react'
import type { Step } from '../../preload/contract/changes.ts'
import { seconds } from '../parts/format.ts'
import { changeStepName } from '../parts/names.ts'
import { useNow } from '../parts/now.ts'
import { withoutRepeats } from './journal.ts'

export function Steps({ steps, isOver }: { steps: readonly Step[]; isOver: boolean }) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
  }, [steps.length])
  return (
    <div className="change-steps" role="log" aria-label="Steps" tabIndex={0}>
      <ol ref={list}>
        {withoutRepeats(steps).map(({ step, at, text }, place) => {
          const isNow = !isOver && place === steps.length - 1
          return (
            <li key={place} data-step={step} data-state={isNow ? 'now' : 'reached'}>
              <span className="step-mark" aria-hidden="true">
                {isNow ? '▸' : step === 'failed' || step === 'undecided' || step === 'rolling back' ? '!' : '✓'}
              </span>
              <span className="step-name">{changeStepName[step]}</span>
              <span className="step-text">{text}</span>
              <span className="step-time" aria-live="off">
                {isNow ? <Lasting from={at} /> : seconds(at)}
              </span>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

/** The last one is seen to last. */
function Lasting({ from }: { from: number }) {
  const [since] = useState(() => performance.now())
  const now = useNow(true)
  return seconds(from + Math.max(0, now - since))
}
