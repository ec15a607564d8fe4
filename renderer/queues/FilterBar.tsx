// Which queues or messages are shown: the filter as a text, and as rows of field, operator and value.
import { useId, useState } from 'react'
import { Button } from 'react-aria-components'
import type { Subject } from '../../preload/contract/filter.ts'
import { printFilter } from '../../preload/contract/filter-text.ts'
import { Builder } from './Builder.tsx'
import { apply, draftOfText, listFor, show, useFilters, write } from './filters.ts'

export function FilterBar({ subject }: { subject: Subject }) {
  const { [subject]: draft } = useFilters()
  const list = listFor(subject)
  const [isBuilding, setBuilding] = useState(false)
  const id = useId()
  const { filter } = list.useView()
  const applied = printFilter(filter)
  const isApplied = draft.text.trim() === applied
  return (
    <search className="queue-filter">
      <form
        className="filter-line"
        onSubmit={(event) => {
          event.preventDefault()
          apply(subject)
        }}
      >
        <label htmlFor={id}>Filter:</label>
        <input
          id={id}
          type="text"
          spellCheck={false}
          placeholder="lastError contains 4.4.7 and received older-than 2h"
          aria-invalid={draft.problem !== null}
          aria-describedby={`${id}-problem`}
          value={draft.text}
          onChange={(event) => write(subject, draftOfText(event.target.value, subject, draft.rows))}
        />
        <Button type="submit" isDisabled={draft.problem !== null || isApplied}>
          Apply
        </Button>
        <Button isDisabled={draft.text === '' && applied === ''} onPress={() => show(subject, { all: [] })}>
          Clear
        </Button>
        <Button aria-expanded={isBuilding} onPress={() => setBuilding(!isBuilding)}>
          Conditions {isBuilding ? '▴' : '▾'}
        </Button>
      </form>
      {isBuilding && <Builder subject={subject} />}
      <p id={`${id}-problem`} className="problem" role="alert">
        {draft.problem !== null && `${draft.problem} Until it can be read, nothing can be done by this filter.`}
      </p>
    </search>
  )
}
