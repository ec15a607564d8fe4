// One line of words: a group's name, a comment, a whole line of the file.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import { firstProblem } from '../../preload/contract/failure.ts'
import { hostsEditSchema } from '../../preload/contract/hosts.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { sentence } from './draft.ts'
import { Field } from './EntryForm.tsx'
import { closeForm, type Form } from './forms.ts'
import { begin } from './saving.ts'

export function WordsForm({ form: { subject, title, label, text: given, hint, editOf } }: { form: Extract<Form, { kind: 'words' }> }) {
  const [text, setText] = useState(given)
  const [problem, setProblem] = useState<string | null>(null)
  const enter = () => {
    const read = hostsEditSchema.safeParse(editOf(text))
    setProblem(read.success ? null : sentence(firstProblem(read.error)))
    if (read.success) begin(subject, read.data, closeForm)
  }
  return (
    <Dialog
      title={title}
      className="entry-form"
      onClose={closeForm}
      footer={
        <>
          <Button className="default" onPress={enter}>
            OK
          </Button>
          <Button onPress={closeForm}>Cancel</Button>
        </>
      }
    >
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault()
          enter()
        }}
      >
        <Field label={label} text={text} hint={hint} autoFocus onType={setText} />
        <p className="problem" role="alert">
          {problem}
        </p>
      </form>
    </Dialog>
  )
}
