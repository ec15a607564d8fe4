// One tab of a transport's parameters, in the groups and with the words that the transport gives.
import { useId } from 'react'
import { FieldError, Input, Label, Text, TextField } from 'react-aria-components'
import type { Parameter } from '../../preload/contract/parameters.ts'
import { parameterLabel, parameterProblem, type ParameterDraft, type ParametersDraft } from './parameters.ts'

interface Props {
  parameters: readonly Parameter[]
  draft: ParametersDraft
  onDraft(draft: ParametersDraft): void
}

export function Parameters({ parameters, draft, onDraft }: Props) {
  const headings = [...new Set(parameters.map(({ heading }) => heading))]
  return (
    <div className="parameters">
      {headings.map((heading, at) => (
        <section key={heading} aria-labelledby={`parameters-${at}`}>
          <h3 id={`parameters-${at}`}>{heading}</h3>
          {parameters
            .filter((one) => one.heading === heading)
            .map((parameter) => {
              const typed = draft[parameter.name]
              return typed && <Field key={parameter.name} parameter={parameter} typed={typed} onText={(text) => onDraft({ ...draft, [parameter.name]: { ...typed, text } })} />
            })}
        </section>
      ))}
    </div>
  )
}

function Field({ parameter, typed, onText }: { parameter: Parameter; typed: ParameterDraft; onText(text: string): void }) {
  const { takes, help, fixed } = parameter
  const hint = fixed === null ? help : `${help} ${fixed}`
  const id = useId()
  if (takes.kind === 'flag')
    return (
      <div className="parameter flag">
        <input type="checkbox" id={id} checked={typed.text === 'true'} disabled={fixed !== null} aria-describedby={`${id}-hint`} onChange={(event) => onText(String(event.target.checked))} />
        <label htmlFor={id}>{parameter.label}</label>
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      </div>
    )
  const problem = parameterProblem(parameter, typed)
  return (
    <TextField className={`parameter ${takes.kind}`} value={typed.text} isDisabled={fixed !== null} isInvalid={problem !== null} onChange={onText}>
      <Label>{parameterLabel(parameter, typed)}:</Label>
      <Input type="text" inputMode={takes.kind === 'seconds' || takes.kind === 'count' ? 'numeric' : 'text'} spellCheck={false} />
      <FieldError className="field-error">{problem}</FieldError>
      <Text slot="description" className="hint">
        {hint}
      </Text>
    </TextField>
  )
}
