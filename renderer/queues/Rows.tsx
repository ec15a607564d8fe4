// One of the Queue Viewer's lists as a table.
import { memo, useCallback, useMemo, type CSSProperties, type MouseEvent, type ReactNode } from 'react'
import { LongTable, rowParts } from '../parts/LongTable.tsx'
import type { Spot } from '../parts/RowMenu.tsx'
import { rowAt } from '../parts/pages.ts'
import { ColumnHead } from './ColumnHead.tsx'
import type { Column } from './columns.tsx'
import { useActing } from './acting.ts'
import { pressed, type Keys } from './keys.ts'
import type { ListOf } from './list.ts'
import { useWidths } from './widths.ts'

interface Props<R> {
  table: string
  label: string
  list: ListOf<R>
  columns: readonly Column<R>[]
  keys: Keys
  /** Where there is none. */
  empty: string
  onMenu(at: Spot): void
}

export function Rows<R>({ table, label, list, columns, keys, empty, onMenu }: Props<R>) {
  const { pages, total, selected, at, scroll, view, isKnown, failure } = list.use()
  const isActing = useActing(({ current }) => current !== null)
  const widths = useWidths((all) => all[table])
  const { sort } = view
  const widthOf = ({ id, width }: Column<R>) => widths?.[id] ?? width
  const press = useCallback(
    (event: MouseEvent, place: number) => {
      if (event.shiftKey) list.extendTo(place)
      else if (event.ctrlKey || event.metaKey) list.toggle(place)
      else list.select(place)
    },
    [list],
  )
  // Rows come and go many times while the list is scrolled; its heads stay.
  const heads = useMemo(
    () =>
      columns.map((column, at) => ({
        name: column.name,
        sorted: sort.by === column.id ? (sort.descending ? ('descending' as const) : ('ascending' as const)) : undefined,
        head: (
          <ColumnHead
            table={table}
            column={column}
            width={widths?.[column.id] ?? column.width}
            sort={sort}
            isFirst={at === 0}
            onSort={() => list.show({ sort: { by: column.id, descending: sort.by === column.id && !sort.descending } })}
          />
        ),
      })),
    [columns, widths, sort, table, list],
  )
  const width = columns.reduce((sum, column) => sum + widthOf(column), 0)
  // The last one takes what the window leaves.
  const tracks = columns.map((column, at) => (at === columns.length - 1 ? `minmax(${widthOf(column)}px, 1fr)` : `${widthOf(column)}px`))
  return (
    <div className="rows-place">
      <LongTable
        id={table}
        label={label}
        columns={heads}
        className="wide"
        style={{ '--columns': tracks.join(' '), '--wide': `${width}px` } as CSSProperties}
        total={total}
        at={at}
        scroll={scroll}
        isEditing={isActing}
        row={(place, key) => {
          const row = rowAt(pages, place)
          const isSelected = selected === 'all' || (row !== undefined && selected.has(list.idOf(row)))
          return <Row key={key} table={table} place={place} row={row} columns={columns} isSelected={isSelected} isActive={place === at} onPress={press} onOpen={keys['Enter']} />
        }}
        onSeen={list.need}
        onKey={(event, screen) => pressed(event, screen, list, keys)}
        onMenu={onMenu}
      />
      {isKnown && total === 0 && !failure && <p className="rows-empty">{empty}</p>}
    </div>
  )
}

interface RowProps<R> {
  table: string
  place: number
  /** Undefined while it is read. */
  row: R | undefined
  columns: readonly Column<R>[]
  isSelected: boolean
  isActive: boolean
  onPress(event: MouseEvent, place: number): void
  onOpen: (() => void) | undefined
}

const Row = memo(function Row<R>({ table, place, row, columns, isSelected, isActive, onPress, onOpen }: RowProps<R>) {
  return (
    <div
      {...rowParts(table, place, isSelected, isActive)}
      aria-busy={row === undefined || undefined}
      onMouseDown={(event) => {
        if (event.button === 0 || !isSelected) onPress(event, place)
      }}
      onDoubleClick={onOpen}
    >
      {columns.map(({ id, name, isNumber = false, cell }) => (
        <div key={id} role="gridcell" data-column={name} className={isNumber ? 'number' : ''}>
          {row === undefined ? '' : cell(row)}
        </div>
      ))}
    </div>
  )
}) as <R>(props: RowProps<R>) => ReactNode
