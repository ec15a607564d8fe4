// How an action ended for each message or queue, as it ends; those that did not go as wished first, once it is over.
import { useState } from 'react'
import type { Outcome } from '../../preload/contract/queues.ts'
import { LongTable, rowParts } from '../parts/LongTable.tsx'
import { number } from '../parts/format.ts'
import { isUnderWay, mostKept, type Acting } from './acting.ts'
import { outcomeName } from './names.ts'

const table = 'outcomes'
const columns = [{ name: 'Identity' }, { name: 'Ended' }, { name: 'What was said' }]
const amiss: readonly Outcome['outcome'][] = ['failed', 'gone', 'deferred']

export function Outcomes({ acting }: { acting: Acting }) {
  const { rows, counts, done } = acting
  const [at, setAt] = useState(0)
  const shown = isUnderWay(acting) ? rows : [...rows.filter(isAmiss), ...rows.filter((row) => !isAmiss(row))]
  const move = (place: number) => setAt(Math.max(0, Math.min(place, shown.length - 1)))
  const row = shown[at]
  return (
    <section className="outcomes" aria-label="Results">
      <p className="outcome-counts">
        {Object.entries(counts).map(([outcome, many]) => (
          <span key={outcome} data-outcome={outcome}>
            {outcomeName[outcome as Outcome['outcome']]}: {number(many)}
          </span>
        ))}
      </p>
      <LongTable
        id={table}
        label="Results, one by one"
        columns={columns}
        total={shown.length}
        at={Math.min(at, Math.max(0, shown.length - 1))}
        scroll={null}
        row={(place, key) => (
          <div key={key} {...rowParts(table, place, place === at, place === at)} onMouseDown={() => move(place)}>
            <div role="gridcell">{shown[place]?.id}</div>
            <div role="gridcell" data-outcome={shown[place]?.outcome}>
              {shown[place] && outcomeName[shown[place].outcome]}
            </div>
            <div role="gridcell">{shown[place]?.text}</div>
          </div>
        )}
        onSeen={() => undefined}
        onKey={({ key }, screen) => {
          const goal = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - screen, PageDown: at + screen, Home: 0, End: shown.length - 1 }[key]
          if (goal !== undefined) move(goal)
          return goal !== undefined
        }}
        onMenu={() => undefined}
      />
      {/* In full: the column cuts it off. */}
      <p className="outcome-text selectable">{row?.text}</p>
      {done > rows.length && <p className="hint">The last {number(mostKept)} are listed.</p>}
    </section>
  )
}

const isAmiss = ({ outcome }: Outcome) => amiss.includes(outcome)
