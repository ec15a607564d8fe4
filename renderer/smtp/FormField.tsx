// One field of the form with its label, and beneath it what is wrong with what was typed.
import { useId } from 'react'
import { write, type Draft, type Field } from './form.ts'

interface Props {
  field: { [F in Field]: Draft[F] extends boolean ? never : F }[Field]
  label: string
  value: string
  problem: string | undefined
  placeholder?: string
  type?: 'text' | 'password'
  className?: string
}

export function FormField({ field, label, value, problem, placeholder, type = 'text', className = '' }: Props) {
  const id = useId()
  return (
    <div className={`smtp-field ${className}`}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        data-field={field}
        type={type}
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => write({ [field]: event.target.value })}
      />
      {problem !== undefined && (
        <p id={`${id}-problem`} className="problem">
          {problem}
        </p>
      )}
    </div>
  )
}
