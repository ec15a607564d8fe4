// An action from its count to its end: what is meant and how many these are, then each as it ends.
import { Button, Input, Label, TextField } from 'react-aria-components'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { count, number } from '../parts/format.ts'
import { Outcomes } from './Outcomes.tsx'
import { again, cancel, close, isUnderWay, putBack, setFolder, start, type Acting } from './acting.ts'
import { deedNames } from './deeds.ts'

export function Act({ acting }: { acting: Acting }) {
  const { phase, deed } = acting
  const names = deedNames(acting)
  return (
    <Dialog
      title={phase === 'ended' ? names.ended : isUnderWay(acting) ? names.underWay : names.title}
      className="act"
      // What takes mail away is an alert, which nobody answers unawares.
      role={deed.kind === 'remove' && phase === 'asked' ? 'alertdialog' : 'dialog'}
      onClose={isUnderWay(acting) ? undefined : close}
      footer={<Footer acting={acting} />}
    >
      <div className="dialog-body">
        {phase === 'counting' && <Waiting>Counting what is meant</Waiting>}
        {phase === 'asked' && <Question acting={acting} />}
        {phase === 'failed' && acting.failure && <Failed failure={acting.failure} />}
        {(isUnderWay(acting) || phase === 'ended' || acting.rows.length > 0) && <Course acting={acting} />}
      </div>
    </Dialog>
  )
}

function Footer({ acting }: { acting: Acting }) {
  const { phase, deed, messages, queues, folder, end, server } = acting
  const names = deedNames(acting)
  if (phase === 'asked') {
    const isRemoval = deed.kind === 'remove'
    const isNone = messages === 0 && queues === 0
    return (
      <>
        <Button {...(isRemoval ? {} : { autoFocus: true, className: 'default' })} isDisabled={isNone || (deed.kind === 'export' && folder.trim() === '')} onPress={start}>
          {names.verb}
        </Button>
        {/* An Enter pressed unawares removes nothing. */}
        <Button {...(isRemoval ? { autoFocus: true, className: 'default' } : {})} onPress={close}>
          Cancel
        </Button>
      </>
    )
  }
  if (isUnderWay(acting))
    return (
      <Button isDisabled={phase === 'cancelling'} onPress={cancel}>
        {phase === 'cancelling' ? 'Cancelling …' : 'Cancel'}
      </Button>
    )
  return (
    <>
      {phase === 'failed' && <Button onPress={again}>{deed.kind === 'put-back' ? 'Try again' : 'Count again'}</Button>}
      {end?.removal && <PutBack server={server} removal={end.removal} messages={end.counts.removed ?? 0} />}
      <Button key="close" autoFocus={phase === 'ended'} className="default" onPress={close}>
        {phase === 'counting' ? 'Cancel' : 'Close'}
      </Button>
    </>
  )
}

function PutBack({ server, removal, messages }: { server: Acting['server']; removal: string; messages: number }) {
  return <Button onPress={() => putBack(server, removal, messages)}>Put back</Button>
}

function Question({ acting }: { acting: Acting }) {
  const { chosen, messages, queues, deed, folder } = acting
  const { question, hints } = deedNames(acting)
  return (
    <>
      <div role="status">
        <h3 className="instruction">{messages === 0 && queues === 0 ? 'Nothing is meant: what was chosen is no longer in the queue.' : question}</h3>
      </div>
      <p className="selectable chosen">{chosen}</p>
      {hints.map((hint) => (
        <p key={hint} className="hint">
          {hint}
        </p>
      ))}
      {deed.kind === 'export' && (
        <TextField className="export-folder" value={folder} onChange={setFolder}>
          <Label>Folder:</Label>
          <Input type="text" spellCheck={false} />
        </TextField>
      )}
    </>
  )
}

function Course({ acting }: { acting: Acting }) {
  const { phase, done, total, end, deed } = acting
  const names = deedNames(acting)
  return (
    <>
      <div role="status">
        <h3 className="instruction">{phase === 'ended' ? names.ended : phase === 'failed' ? `${number(done)} of ${count(total, names.noun)} were done before that.` : names.underWay}</h3>
      </div>
      {isUnderWay(acting) && (
        <div role="progressbar" aria-label={names.underWay} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done} aria-valuetext={`${number(done)} of ${number(total)}`}>
          <div style={{ width: `${total === 0 ? 0 : (done / total) * 100}%` }} />
        </div>
      )}
      <Outcomes acting={acting} />
      {end?.folder && <p className="selectable">The messages lie in {end.folder}</p>}
      {phase === 'failed' && deed.kind === 'remove' && done > 0 && <p className="hint">What was removed by then stands under “Removed messages” for a day.</p>}
      {end?.removal && deed.kind === 'remove' && <p className="hint">For a day they can be put back: here, or later under “Removed messages”.</p>}
    </>
  )
}
