// How long the transport tries, waits and keeps silent, with the original's words.
import { FieldError, Input, Label, TextField } from 'react-aria-components'
import { limitFields, limitLabel, limitProblem, type LimitsDraft } from './limits.ts'

export function Limits({ draft, onDraft }: { draft: LimitsDraft; onDraft(draft: LimitsDraft): void }) {
  return (
    <div className="limits">
      {limitFields.map(({ limit, heading, label }) => {
        const typed = draft[limit]
        const problem = limitProblem(limit, typed)
        return (
          <section key={limit} aria-labelledby={`heading-of-${limit}`}>
            <h3 id={`heading-of-${limit}`}>{heading}</h3>
            <TextField className="limit" value={typed.text} isInvalid={problem !== null} onChange={(text) => onDraft({ ...draft, [limit]: { ...typed, text } })}>
              <Label>{limitLabel(label, typed)}:</Label>
              <Input type="text" inputMode="numeric" spellCheck={false} />
              <FieldError className="field-error">{problem}</FieldError>
            </TextField>
          </section>
        )
      })}
    </div>
  )
}
