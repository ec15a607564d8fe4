// What the test is about: the recipient, the sender, and only if ticked a message; the rest under “More”.
import { useId, useState, type FormEvent } from 'react'
import { Button } from 'react-aria-components'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { FormField } from './FormField.tsx'
import { More } from './More.tsx'
import { moreFields, shownProblems, useForm, write, type Problems } from './form.ts'
import { cancel, lookUp, startTest, useTesting } from './testing.ts'

/** Begins, or leads to the first field that keeps it from beginning. */
function begin(form: HTMLFormElement | null, work: () => Promise<void>): void {
  void work()
  const [first] = Object.keys(shownProblems(useForm.getState()))
  if (first !== undefined) form?.querySelector<HTMLElement>(`[data-field=${first}]`)?.focus()
}

export function Form({ server }: { server: ServerId }) {
  const id = useId()
  const form = useForm()
  const { draft } = form
  const { phase } = useTesting()
  const [isMore, setMore] = useState(false)
  const problems = shownProblems(form)
  const isWrongThere = moreFields.some((field) => problems[field] !== undefined)
  const isIdle = phase === 'nothing'
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    begin(event.currentTarget, startTest)
  }
  const formOf = () => document.getElementById(id) as HTMLFormElement | null
  return (
    <form id={id} className="smtp-form" aria-label="SMTP test" noValidate onSubmit={submit}>
      <div className="smtp-row">
        <FormField field="recipient" label="Recipient:" value={draft.recipient} problem={problems.recipient} placeholder="alice@example.test" />
        <FormField field="from" label="From:" value={draft.from} problem={problems.from} placeholder="empty: the null sender <>" />
      </div>
      <div className="smtp-row smtp-buttons">
        <div className="smtp-tick">
          <input id={`${id}-sends`} type="checkbox" checked={draft.sends} onChange={(event) => write({ sends: event.target.checked })} />
          <label htmlFor={`${id}-sends`}>Send a message (DATA)</label>
        </div>
        <Button aria-expanded={isMore || isWrongThere} isDisabled={isWrongThere} onPress={() => setMore(!isMore)}>
          More {isMore || isWrongThere ? '▴' : '▾'}
        </Button>
        <span className="smtp-space" />
        <Button isDisabled={!isIdle} onPress={() => begin(formOf(), lookUp)}>
          Look up
        </Button>
        {isIdle ? (
          <Button key="test" type="submit" className="default">
            Test
          </Button>
        ) : (
          <Button key="cancel" isDisabled={phase === 'cancelling'} onPress={cancel}>
            {phase === 'cancelling' ? 'Cancelling …' : 'Cancel'}
          </Button>
        )}
      </div>
      {draft.sends && <Message subject={draft.subject} body={draft.body} problems={problems} />}
      {(isMore || isWrongThere) && <More server={server} draft={draft} problems={problems} />}
    </form>
  )
}

function Message({ subject, body, problems }: { subject: string; body: string; problems: Problems }) {
  const id = useId()
  return (
    <div className="smtp-message" role="group" aria-label="Message">
      <FormField field="subject" label="Subject:" value={subject} problem={problems.subject} />
      <div className="smtp-field">
        <label htmlFor={id}>Text:</label>
        <textarea id={id} data-field="body" rows={3} spellCheck={false} value={body} aria-invalid={problems.body !== undefined} aria-describedby={`${id}-problem`} onChange={(event) => write({ body: event.target.value })} />
        {problems.body !== undefined && (
          <p id={`${id}-problem`} className="problem">
            {problems.body}
          </p>
        )}
      </div>
    </div>
  )
}
