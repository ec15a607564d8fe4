// The head of a column: sorts, and is made wider and narrower with the mouse or the keyboard.
import type { KeyboardEvent, PointerEvent } from 'react'
import type { Column } from './columns.tsx'
import type { Sort } from './list.ts'
import { setWidth } from './widths.ts'

/** Pixels of one press. */
const step = 16

interface Props {
  table: string
  column: Pick<Column<unknown>, 'id' | 'name' | 'isSorted'>
  width: number
  sort: Sort
  /** The first of the heads is what Tab leads to; the arrows lead on. */
  isFirst: boolean
  onSort(): void
}

export function ColumnHead({ table, column: { id, name, isSorted = true }, width, sort, isFirst, onSort }: Props) {
  const press = (event: KeyboardEvent<HTMLButtonElement>) => {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (way === 0) return
    if (event.shiftKey) setWidth(table, id, width + way * step)
    else neighbour(event.currentTarget, way)?.focus()
    event.preventDefault()
  }
  const drag = (event: PointerEvent<HTMLSpanElement>) => {
    if (event.button !== 0) return
    const handle = event.currentTarget
    const from = event.clientX
    handle.setPointerCapture(event.pointerId)
    handle.onpointermove = (moved) => setWidth(table, id, width + moved.clientX - from)
    handle.onlostpointercapture = () => {
      handle.onpointermove = null
    }
  }
  return (
    <>
      <button
        type="button"
        className="column-head"
        tabIndex={isFirst ? 0 : -1}
        aria-keyshortcuts="Shift+ArrowLeft Shift+ArrowRight"
        title={`${isSorted ? 'Enter sorts. ' : ''}Shift with an arrow changes the width.`}
        onClick={isSorted ? onSort : undefined}
        onKeyDown={press}
      >
        <span className="column-name">{name}</span>
        {sort.by === id && (
          <span className="column-sort" aria-hidden="true">
            {sort.descending ? '▾' : '▴'}
          </span>
        )}
      </button>
      <span className="column-handle" aria-hidden="true" onPointerDown={drag} />
    </>
  )
}

function neighbour(button: HTMLButtonElement, way: number): HTMLButtonElement | undefined {
  const all = [...(button.closest('[role=row]')?.querySelectorAll<HTMLButtonElement>('.column-head') ?? [])]
  return all[all.indexOf(button) + way]
}
