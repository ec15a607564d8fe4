// A change out of the journal: what was changed, how it went, how it ended; and the way back from the newest.
import { Button } from 'react-aria-components'
import type { Change } from '../../preload/contract/changes.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { time } from '../parts/format.ts'
import { Diff } from './Diff.tsx'
import { Patch } from './Patch.tsx'
import { Steps } from './Steps.tsx'
import { stateName } from './journal.ts'
import './change.css'

interface Props {
  change: Change
  /** Null where it cannot be taken back alone. */
  onGoBack: (() => void) | null
  onClose(): void
}

export default function ChangeShown({ change, onGoBack, onClose }: Props) {
  const { began, by, diff, ended, patch, reason, resumed, state, steps } = change
  return (
    <Dialog
      title={`Change of ${time(began)}`}
      className="change"
      onClose={onClose}
      footer={
        <>
          {onGoBack && <Button onPress={onGoBack}>Roll back …</Button>}
          <Button autoFocus className="default" onPress={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        <dl className="facts">
          <dt>Outcome</dt>
          <dd>
            {stateName[state]}
            {reason && <span className="note">{reason}</span>}
          </dd>
          <dt>Made by</dt>
          <dd>{by}</dd>
          <dt>Ended</dt>
          <dd>
            {time(ended)}
            {resumed && <span className="note">It was interrupted; a later start brought it to its end.</span>}
          </dd>
        </dl>
        {diff.length > 0 && <Diff label="What was changed" diff={diff} />}
        {patch && <Patch label="Lines that were changed" patch={patch} />}
        <Steps steps={steps} isOver />
      </div>
    </Dialog>
  )
}
