// The conditions of a filter, one in a row; what they come to stands in the text beside them.
import { useRef } from 'react'
import { Button } from 'react-aria-components'
import { filterFields, isFieldOf, mostConditions, operators, type Field, type Operator, type Subject } from '../../preload/contract/filter.ts'
import { apply, choicesOf, draftOfRows, newRow, useFilters, withField, write, type Row } from './filters.ts'
import { fieldName, operatorName, reasonName } from './names.ts'

const fields = Object.keys(filterFields) as Field[]
const examples: Partial<Record<(typeof filterFields)[Field]['kind'], string>> = { bytes: '10mb', past: '2h', future: '30m', number: '20' }

export function Builder({ subject }: { subject: Subject }) {
  const { rows } = useFilters()[subject]
  const add = useRef<HTMLButtonElement>(null)
  const set = (next: readonly Row[]) => write(subject, draftOfRows(next, subject))
  const change = (at: number, row: Row) => set(rows.map((one, place) => (place === at ? row : one)))
  return (
    <div className="builder" role="group" aria-label="Conditions, all of which hold">
      {rows.map((row, at) => (
        <div key={at} className="builder-row" role="group" aria-label={`Condition ${at + 1}`}>
          <select aria-label="Field" value={row.field} onChange={(event) => change(at, withField(row, event.target.value as Field))}>
            {fields.filter((field) => isFieldOf(field, subject)).map((field) => (
              <option key={field} value={field}>
                {fieldName[field]}
              </option>
            ))}
          </select>
          <select aria-label="Operator" value={row.is} onChange={(event) => change(at, { ...row, is: event.target.value as Operator })}>
            {operators[filterFields[row.field].kind].map((is: Operator) => (
              <option key={is} value={is}>
                {operatorName[is]}
              </option>
            ))}
          </select>
          <Value row={row} subject={subject} onChange={(value) => change(at, { ...row, value })} />
          <Button
            aria-label={`Remove condition ${at + 1}`}
            onPress={() => {
              set(rows.filter((_, place) => place !== at))
              add.current?.focus()
            }}
          >
            Remove
          </Button>
        </div>
      ))}
      <div className="builder-row">
        <Button ref={add} isDisabled={rows.length >= mostConditions} onPress={() => set([...rows, newRow()])}>
          Add condition
        </Button>
      </div>
    </div>
  )
}

function Value({ row: { field, value }, subject, onChange }: { row: Row; subject: Subject; onChange(value: string): void }) {
  const choices = choicesOf(field)
  if (!choices)
    return (
      <input
        type="text"
        aria-label="Value"
        spellCheck={false}
        placeholder={examples[filterFields[field].kind]}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply(subject)
        }}
      />
    )
  return (
    <select aria-label="Value" value={value} onChange={(event) => onChange(event.target.value)}>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {field === 'reason' ? reasonName[choice as keyof typeof reasonName] : choice}
        </option>
      ))}
    </select>
  )
}
