// Restarting the transport service before the administrator's eyes: each state as it is reached, then the downtime.
import { Button } from 'react-aria-components'
import { Dialog } from '../parts/Dialog.tsx'
import { Icon } from '../parts/Icon.tsx'
import { seconds } from '../parts/format.ts'
import { restartStepName } from '../parts/names.ts'
import { useNow } from '../parts/now.ts'
import { useRestart } from './restart.ts'

/** The contract's order, said here so that its schemas are not loaded for it. */
const restartSteps = Object.keys(restartStepName) as (keyof typeof restartStepName)[]

export default function RestartDialog() {
  const { current, begin, cancel, close } = useRestart()
  if (!current) return null
  const { server, name, phase, restarted, failure } = current
  const isUnderWay = phase === 'running' || phase === 'cancelling'

  return (
    <Dialog
      title={`${name}: transport service`}
      className="restart"
      onClose={isUnderWay ? undefined : close}
      footer={
        isUnderWay ? (
          <Button isDisabled={phase === 'cancelling'} onPress={cancel}>
            {phase === 'cancelling' ? 'Cancelling …' : 'Cancel'}
          </Button>
        ) : (
          <>
            {phase === 'failed' && <Button onPress={() => begin(server, name)}>Try again</Button>}
            <Button autoFocus className="default" onPress={close}>
              Close
            </Button>
          </>
        )
      }
    >
      <div className="dialog-body" aria-live="polite">
        <h3 className="instruction">{phase === 'done' ? 'The transport service is serving again.' : phase === 'failed' ? 'The transport service was not restarted.' : 'Restarting the transport service …'}</h3>
        <Steps />
        {isUnderWay && <div role="progressbar" aria-label="Restarting the transport service" className="marquee" />}
        {restarted && (
          <p className="outcome">
            {restarted.downtime > 0 ? `It took no mail for ${seconds(restarted.downtime)}.` : 'It was not running before, so no mail was turned away.'}
          </p>
        )}
        {failure && (
          <p className="outcome failed-outcome" role="alert">
            {failure.message} {failure.remedy}
          </p>
        )}
      </div>
    </Dialog>
  )
}

function Steps() {
  const current = useRestart((store) => store.current)
  const now = useNow(current?.phase === 'running' || current?.phase === 'cancelling')
  if (!current) return null
  const reached = new Map(current.steps.map(({ step, at }) => [step, at]))
  const last = current.steps.at(-1)?.step
  return (
    <ol className="steps">
      {restartSteps.filter((step) => step !== 'draining' || reached.has(step)).map((step) => {
        const at = reached.get(step)
        const isLast = step === last && current.phase !== 'done'
        const state = at === undefined ? 'ahead' : isLast ? (current.phase === 'failed' ? 'hangs' : 'now') : 'reached'
        return (
          <li key={step} data-state={state}>
            <span className="step-mark" aria-hidden="true">
              {state === 'hangs' ? <Icon name="warning" /> : state === 'reached' ? '✓' : state === 'now' ? '▸' : ''}
            </span>
            <span>{restartStepName[step]}</span>
            <span className="step-time" aria-live="off">
              {at === undefined ? '' : isLast && current.phase !== 'failed' ? seconds(Math.max(at, now - current.begun)) : seconds(at)}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
