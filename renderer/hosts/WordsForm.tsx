// One line of words: a group's name, a comment, a whole line of the file.
import { useState } from 'react'
import { firstProblem } from '../../preload/contract/failure.ts'
import { hostsEditSchema } from '../../preload/contract/hosts.ts'
import { sentence } from './draft.ts'
import { Field } from './EntryForm.tsx'
import { closeForm, type Form } from './forms.ts'
import { FormDialog } from './FormDialog.tsx'
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
    <FormDialog title={title} problem={problem} onEnter={enter}>
      <Field label={label} text={text} hint={hint} autoFocus onType={setText} />
    </FormDialog>
  )
}
