// What the check of the hosts file finds, as it is found; each finding leads to its line.
import { Button, ListBox, ListBoxItem } from 'react-aria-components'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { count, number } from '../parts/format.ts'
import { cancelCheck, check, useCheck, type Check } from './checking.ts'
import { closeForm } from './forms.ts'
import { goTo } from './selecting.ts'

function headOf(phase: Check['phase'], found: number): string {
  if (phase === 'running') return 'Asking the DNS servers and the mail hosts …'
  if (phase === 'cancelled') return 'Cancelled.'
  if (phase === 'failed') return 'The file could not be checked.'
  return found === 0 ? 'Nothing is amiss.' : count(found, 'finding')
}

export function CheckShown({ server }: { server: ServerId }) {
  const { phase, findings, notKnown, failure } = useCheck()
  const isRunning = phase === 'running'
  const close = () => {
    cancelCheck()
    closeForm()
  }
  const open = (key: string | number) => {
    const finding = findings[Number(key)]
    if (!finding) return
    close()
    void goTo(finding.line)
  }
  return (
    <Dialog
      title="Check of the hosts file"
      className="change check"
      onClose={close}
      footer={
        <>
          {isRunning ? <Button onPress={cancelCheck}>Cancel</Button> : <Button onPress={() => check(server)}>Check again</Button>}
          <Button className="default" onPress={close}>
            Close
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        <div role="status">
          <h3 className="instruction">{headOf(phase, findings.length)}</h3>
        </div>
        {isRunning && <div role="progressbar" aria-label="Checking" className="marquee" />}
        {failure && <Failed failure={failure} onAgain={() => check(server)} />}
        {findings.length > 0 && (
          <>
            <ListBox aria-label="Findings" className="list check-list" selectionMode="single" selectionBehavior="replace" onAction={open} escapeKeyBehavior="none">
              {findings.map(({ line, level, text }, at) => (
                <ListBoxItem key={at} id={at} textValue={`Line ${line}: ${text}`}>
                  <Icon name={level === 'warning' ? 'warning' : 'information'} />
                  <span className="check-line">Line {number(line)}</span>
                  <span>{text}</span>
                </ListBoxItem>
              ))}
            </ListBox>
            <p className="hint">Enter or a double click leads to the line.</p>
          </>
        )}
        {notKnown.length > 0 && (
          <ul className="not-known" aria-label="Not known">
            {notKnown.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  )
}
