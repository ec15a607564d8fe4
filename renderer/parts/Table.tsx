// A list with columns, as in every pane of the console: one row selected, kept by its key however often the rows change.
import type { ReactNode } from 'react'
import { Cell, Column as AriaColumn, Row, Table as AriaTable, TableBody, TableHeader, type Selection } from 'react-aria-components'

export interface Column<R> {
  name: string
  /** A CSS width; the rest is shared by the columns without one. */
  width?: string
  isNumber?: boolean
  cell(row: R): ReactNode
  /** Where the cell is more than its words. */
  text?(row: R): string
}

interface Props<R> {
  label: string
  columns: readonly Column<R>[]
  rows: readonly R[]
  keyOf(row: R): string
  selected: string | null
  onSelect(key: string | null): void
  /** Double click and Enter. */
  onOpen?: (key: string) => void
  empty: ReactNode
}

export function Table<R extends object>({ label, columns, rows, keyOf, selected, onSelect, onOpen, empty }: Props<R>) {
  const select = (keys: Selection) => {
    const key = keys === 'all' ? undefined : [...keys][0]
    onSelect(key === undefined ? null : String(key))
  }
  return (
    <AriaTable
      aria-label={label}
      className="table"
      selectionMode="single"
      selectionBehavior="replace"
      escapeKeyBehavior="none"
      selectedKeys={selected === null ? [] : [selected]}
      onSelectionChange={select}
      {...(onOpen ? { onRowAction: (key: string | number) => onOpen(String(key)) } : {})}
    >
      <TableHeader>
        {columns.map(({ name, width, isNumber }, at) => (
          <AriaColumn key={name} id={name} isRowHeader={at === 0} className={isNumber ? 'number' : ''} style={width ? { width } : {}}>
            {name}
          </AriaColumn>
        ))}
      </TableHeader>
      <TableBody renderEmptyState={() => <div className="empty">{empty}</div>}>
        {rows.map((row) => (
          <Row key={keyOf(row)} id={keyOf(row)}>
            {columns.map((column) => (
              <Cell key={column.name} className={column.isNumber ? 'number' : ''} textValue={textOf(column, row)}>
                {column.cell(row)}
              </Cell>
            ))}
          </Row>
        ))}
      </TableBody>
    </AriaTable>
  )
}

function textOf<R>(column: Column<R>, row: R): string {
  if (column.text) return column.text(row)
  const shown = column.cell(row)
  return typeof shown === 'string' || typeof shown === 'number' ? String(shown) : ''
}
