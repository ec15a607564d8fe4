// A table of any length, of which only the rows that are seen are drawn. The focus stays on the table itself, which
// names the row that the keyboard is on: rows come and go while it is scrolled.
import { useEffect, useLayoutEffect, useRef, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import type { Spot } from './RowMenu.tsx'
import type { Seen } from './pages.ts'
import './long-table.css'

/** Pixels. */
export const rowHeight = 24
const headHeight = 25
const menuInset = 60
/** What is drawn before the table has been measured. */
const firstHeight = 360
/** Rows that are drawn above and below what is seen, for a wheel that turns faster than rows are drawn. */
const overscan = 12

export interface LongColumn {
  name: string
  /** What stands in the head, where that is more than the name. */
  head?: ReactNode
  sorted?: 'ascending' | 'descending' | undefined
}

interface Props {
  label: string
  /** Of the document's long tables, so that their rows have names of their own. */
  id: string
  columns: readonly LongColumn[]
  total: number
  /** The place of the row that the keyboard is on. */
  at: number
  /** Where the table is to stand; each object is obeyed once. */
  scroll: Seen | null
  /** While something has the focus that comes from here, such as a field or a dialog; without it the table takes what is lost. */
  isEditing?: boolean
  className?: string
  style?: CSSProperties
  /** One row; its parts come from `rowParts`. `key`: a row that leaves the sight hands its elements on to the next one. */
  row(place: number, key: string): ReactNode
  onSeen(seen: Seen): void
  /** `screen`: rows that are seen at once. True where the key meant something. */
  onKey(event: KeyboardEvent, screen: number): boolean
  /** Where the actions on the selected rows are asked for. */
  onMenu(at: Spot): void
}

const idOf = (table: string, place: number) => `${table}-row-${place}`

/** What every row of such a table has. */
export const rowParts = (table: string, place: number, isSelected: boolean, isActive: boolean) => ({
  role: 'row',
  id: idOf(table, place),
  'aria-rowindex': place + 2,
  'aria-selected': isSelected,
  className: 'line',
  'data-active': isActive || undefined,
  style: { transform: `translateY(${place * rowHeight}px)` },
})

export function LongTable({ label, id, columns, total, at, scroll, isEditing = false, className = '', style, row, onSeen, onKey, onMenu }: Props) {
  const list = useRef<HTMLDivElement>(null)
  // Nothing here is memoised by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => list.current,
    estimateSize: () => rowHeight,
    initialRect: { width: 0, height: firstHeight },
    initialOffset: () => (scroll ? scroll.from * rowHeight + scroll.rest : 0),
    overscan,
    // The row of the keyboard is always there to be named.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(at < total ? [at] : [])])].sort((one, other) => one - other),
    onChange: ({ range, scrollOffset }) => {
      if (range) onSeen({ from: range.startIndex, to: range.endIndex, rest: (scrollOffset ?? 0) - range.startIndex * rowHeight })
    },
  })

  const items = virtualizer.getVirtualItems()
  const { range, scrollRect } = virtualizer
  const slots = Math.max(items.length, Math.ceil((scrollRect?.height ?? firstHeight) / rowHeight) + 2 * overscan + 1)
  const isNear = (place: number) => range !== null && place >= range.startIndex - overscan && place <= range.endIndex + overscan
  // What is typed in stays the element that it is, and the row of the keyboard may be far from what is seen.
  const keyOf = (place: number) => (place === at && (isEditing || !isNear(place)) ? 'active' : `${place % slots}`)

  useLayoutEffect(() => {
    if (scroll && list.current) list.current.scrollTop = scroll.from * rowHeight + scroll.rest
  }, [scroll])
  // Only where the keyboard goes is followed: whoever has scrolled by hand is not called back when the rows change.
  const obeyed = useRef<typeof scroll>(null)
  useEffect(() => {
    const { current } = list
    const isKeyboard = obeyed.current === scroll
    obeyed.current = scroll
    if (!current || !isKeyboard) return
    const top = at * rowHeight
    if (top < current.scrollTop) current.scrollTop = top
    else if (top + rowHeight + headHeight > current.scrollTop + current.clientHeight) current.scrollTop = top + rowHeight + headHeight - current.clientHeight
  }, [at, scroll])
  // What is told of a row below the table comes once it is read, and takes its room from the table.
  useEffect(() => {
    const { current } = list
    if (!current) return
    const bottom = (at + 1) * rowHeight + headHeight
    let before = current.clientHeight
    const observer = new ResizeObserver(() => {
      const { clientHeight, scrollTop } = current
      if (bottom <= scrollTop + before && bottom > scrollTop + clientHeight) current.scrollTop = bottom - clientHeight
      before = clientHeight
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [at])
  useEffect(() => {
    if (!isEditing && document.activeElement === document.body) list.current?.focus()
  }, [isEditing])

  return (
    <div
      ref={list}
      role="grid"
      className={`lines ${className}`}
      style={style}
      aria-label={label}
      aria-multiselectable="true"
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={total > 0 ? idOf(id, at) : undefined}
      tabIndex={0}
      onKeyDown={(event) => {
        const screen = Math.floor((event.currentTarget.clientHeight - headHeight) / rowHeight) - 1
        if (event.target === event.currentTarget && onKey(event, Math.max(1, screen))) event.preventDefault()
      }}
      onContextMenu={(event) => {
        event.preventDefault()
        // The menu key has no button: the menu opens at the row of the keyboard.
        const box = event.button === 2 ? undefined : document.getElementById(idOf(id, at))?.getBoundingClientRect()
        onMenu(box ? { x: box.left + menuInset, y: box.bottom } : { x: event.clientX, y: event.clientY })
      }}
    >
      <div role="rowgroup" className="lines-head">
        <div role="row" aria-rowindex={1} className="line">
          {columns.map(({ name, head, sorted }) => (
            <div key={name} role="columnheader" data-column={name} aria-sort={sorted}>
              {head ?? name}
            </div>
          ))}
        </div>
      </div>
      {total > 0 && (
        <div role="rowgroup" className="lines-body" style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index }) => row(index, keyOf(index)))}
        </div>
      )}
    </div>
  )
}
