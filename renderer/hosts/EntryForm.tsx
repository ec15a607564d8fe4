// Adds an entry or edits one: address, host names, comment. Of suggestions, those that are ticked.
import { useState } from 'react'
import { Checkbox, Input, Label, TextField } from 'react-aria-components'
import { editOf } from './draft.ts'
import { closeForm, type EntryDraft, type Form } from './forms.ts'
import { FormDialog } from './FormDialog.tsx'
import { begin } from './saving.ts'

export function EntryForm({ form: { subject, line, after, drafts: given, text } }: { form: Extract<Form, { kind: 'entry' }> }) {
  const [drafts, setDrafts] = useState(given)
  const [isAsked, setAsked] = useState(false)
  const drafted = editOf(drafts, line, after)
  const problem = 'problem' in drafted ? drafted.problem : null
  const change = (at: number, part: Partial<EntryDraft>) => setDrafts(drafts.map((draft, place) => (place === at ? { ...draft, ...part } : draft)))
  const enter = () => {
    setAsked(true)
    if ('edit' in drafted) begin(subject, drafted.edit, closeForm)
  }
  return (
    <FormDialog title={line === null ? 'Add entry' : `Edit line ${line}`} problem={isAsked ? problem : null} onEnter={enter}>
      {text && <p className="selectable">{text}</p>}
      {drafts.map((draft, at) => (
        <fieldset key={at} className="entry-draft">
          <legend className="unseen">{drafts.length > 1 ? `Entry ${at + 1}` : 'Entry'}</legend>
          {drafts.length > 1 && (
            <Checkbox isSelected={draft.isWanted} onChange={(isWanted) => change(at, { isWanted })} className="tick">
              <span className="entry-box" data-on={draft.isWanted || undefined} aria-hidden="true">
                {draft.isWanted ? '✓' : ''}
              </span>
              Add {draft.names || 'this one'}
            </Checkbox>
          )}
          {draft.hint && <p className="hint selectable">{draft.hint}</p>}
          <Field label="Address:" text={draft.address} autoFocus={at === 0} onType={(address) => change(at, { address })} />
          <Field label="Host names:" text={draft.names} {...(drafts.length === 1 ? { hint: 'Several are separated by spaces; the first is the canonical one.' } : {})} onType={(names) => change(at, { names })} />
          <Field label="Comment:" text={draft.comment} onType={(comment) => change(at, { comment })} />
        </fieldset>
      ))}
    </FormDialog>
  )
}

export function Field({ label, text, hint, autoFocus = false, onType }: { label: string; text: string; hint?: string; autoFocus?: boolean; onType(text: string): void }) {
  return (
    <TextField className="form-field" value={text} onChange={onType} autoFocus={autoFocus}>
      <Label>{label}</Label>
      <Input type="text" spellCheck={false} />
      {hint && <p className="hint">{hint}</p>}
    </TextField>
  )
}
