// One dialog from the plan to the end of a change: what is planned, how it goes, whether it is to be kept, how it ended.
import { useEffect, useRef } from 'react'
import { Button } from 'react-aria-components'
import { Dialog } from '../parts/Dialog.tsx'
import { Course } from './Course.tsx'
import { PlanShown } from './PlanShown.tsx'
import { canApply, isGoingBack, isKept, isUnderWay } from './course.ts'
import { useChange, type Current } from './change.ts'
import { namesOf } from './names.ts'
import './change.css'

export default function ChangeDialog() {
  const { current, close } = useChange()
  const body = useRef<HTMLDivElement>(null)
  const { phase } = current ?? {}
  // The button that had the focus is gone with its phase.
  useEffect(() => {
    if (phase === 'running') body.current?.focus()
  }, [phase])
  if (!current) return null
  const isPlan = phase === 'planning' || phase === 'planned'
  return (
    <Dialog title={titleOf(current)} className="change" onClose={isUnderWay(current) ? undefined : close} footer={<Footer current={current} />}>
      <div className="dialog-body" ref={body} tabIndex={-1}>
        {isPlan ? <PlanShown current={current} /> : <Course current={current} />}
      </div>
    </Dialog>
  )
}

function titleOf(current: Current): string {
  const names = namesOf(current)
  if (current.phase === 'planning' || current.phase === 'planned') return names.question
  if (isUnderWay(current)) return isGoingBack(current) ? 'Rolling back' : names.underWay
  if (current.phase === 'failed') return current.failure?.code === 'cancelled' ? 'Cancelled' : names.failed
  return isKept(current) ? names.kept : names.notKept
}

function Footer({ current }: { current: Current }) {
  const store = useChange()
  const { phase, question } = current
  if (phase === 'planning' || phase === 'planned')
    return (
      <>
        <Apply isReady={canApply(current)} label={namesOf(current).verb} onPress={store.apply} />
        <Button onPress={store.close}>Cancel</Button>
      </>
    )
  if (phase === 'running' && question)
    return (
      <>
        <Button onPress={() => store.answer(true)}>Keep</Button>
        {/* What happens anyway is what an Enter pressed unawares does. */}
        <Button key="no" autoFocus className="default" onPress={() => store.answer(false)}>
          Roll back
        </Button>
      </>
    )
  if (isUnderWay(current))
    return (
      <Button isDisabled={isGoingBack(current)} onPress={store.cancel}>
        {isGoingBack(current) ? 'Rolling back …' : 'Cancel and roll back'}
      </Button>
    )
  return (
    <>
      {phase === 'failed' && <Button onPress={store.again}>Plan again</Button>}
      <Button key="close" autoFocus className="default" onPress={store.close}>
        Close
      </Button>
    </>
  )
}

/** The default one takes the focus as soon as it can be pressed, unless the administrator is elsewhere in the dialog by then. */
function Apply({ isReady, label, onPress }: { isReady: boolean; label: string; onPress(): void }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const own = button.current?.closest('.dialog')
    const focused = document.activeElement
    const isElsewhere = own?.contains(focused) && (focused instanceof HTMLInputElement || focused instanceof HTMLButtonElement)
    if (isReady && !isElsewhere) button.current?.focus()
  }, [isReady])
  return (
    <Button ref={button} className="default" isDisabled={!isReady} onPress={onPress}>
      {label}
    </Button>
  )
}
