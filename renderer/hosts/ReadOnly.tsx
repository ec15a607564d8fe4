// Asked before a file is written that says of itself that it is not to be.
import { Button } from 'react-aria-components'
import { Dialog } from '../parts/Dialog.tsx'
import { closeQuestion, type Question } from './forms.ts'

export function ReadOnly({ question: { file, write } }: { question: Extract<Question, { kind: 'read-only' }> }) {
  const { readOnly, hidden } = file
  const what = [...(readOnly ? ['read-only'] : []), ...(hidden ? ['hidden'] : [])].join(' and ')
  return (
    <Dialog
      title="Hosts File"
      className="question"
      role="alertdialog"
      onClose={closeQuestion}
      footer={
        <>
          <Button
            onPress={() => {
              closeQuestion()
              write()
            }}
          >
            Write all the same
          </Button>
          <Button autoFocus className="default" onPress={closeQuestion}>
            Cancel
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        <h3 className="instruction">The file is {what}.</h3>
        <p>Write all the same, and make it {what} again? You see what is changed before it is written.</p>
      </div>
    </Dialog>
  )
}
