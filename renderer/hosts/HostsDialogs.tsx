// The hosts file's dialogs: a form, and above it what a save asks.
import { CheckShown } from './CheckShown.tsx'
import { Compare } from './Compare.tsx'
import { EntryForm } from './EntryForm.tsx'
import { ReadOnly } from './ReadOnly.tsx'
import { Saves } from './Saves.tsx'
import { WordsForm } from './WordsForm.tsx'
import { useForms } from './forms.ts'
import '../change/change.css'
import './hosts.css'

export default function HostsDialogs() {
  const { form, question } = useForms()
  return (
    <>
      {form?.kind === 'entry' && <EntryForm form={form} />}
      {form?.kind === 'words' && <WordsForm form={form} />}
      {form?.kind === 'undo' && <Saves server={form.server} />}
      {form?.kind === 'check' && <CheckShown server={form.server} />}
      {question?.kind === 'read-only' && <ReadOnly question={question} />}
      {question?.kind === 'compare' && <Compare saving={question.saving} />}
    </>
  )
}
