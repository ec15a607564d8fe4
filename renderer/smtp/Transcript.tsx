// The raw transcript with its times, and beneath each refusal what it means.
import { useEffect, useRef } from 'react'
import { stepLines } from '../../preload/contract/smtp-transcript.ts'
import type { SmtpStep } from '../../preload/contract/smtp-test.ts'
import { Lines } from './Lines.tsx'
import { Meaning } from './StepShown.tsx'

export function Transcript({ label, steps, explains }: { label: string; steps: readonly SmtpStep[]; explains: boolean }) {
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight
  }, [steps])
  return (
    <div ref={end} className="smtp-transcript" role="log" aria-live="off" aria-label={label} tabIndex={0}>
      {steps.map((step, at) => (
        <div key={at} data-verdict={step.verdict}>
          <Lines className="wire" lines={stepLines(step)} />
          {explains && step.explained && (
            <div className="smtp-aside">
              <Meaning step={step} />
            </div>
          )}
        </div>
      ))}
    </div>
  )
}
