// The lines of the file, as entries or as the text that stands there.
import { memo, useMemo, type MouseEvent } from 'react'
import type { HostsFinding, HostsRow } from '../../preload/contract/hosts.ts'
import { LongTable, rowParts } from '../parts/LongTable.tsx'
import type { Spot } from '../parts/RowMenu.tsx'
import { rowAt } from '../parts/pages.ts'
import { LineField, finishLine } from './LineField.tsx'
import { run } from './actions.ts'
import { useCheck } from './checking.ts'
import { tableCells, tableColumns, textCells, textColumns } from './columns.tsx'
import { need, useHosts } from './hosts.ts'
import { pressed } from './keys.ts'
import { isWhole } from './pages.ts'
import { extendTo, select, toggle } from './selecting.ts'

const table = 'hosts'
const namedColumns = (names: readonly string[]) => names.map((name) => ({ name }))

export function Lines({ onMenu }: { onMenu(at: Spot): void }) {
  const { file, total, pages, selected, at, asText, scroll, view, editing } = useHosts()
  const found = useFindings()
  const line = (place: number, key: string) => {
    const row = rowAt(pages, place)
    const line = row?.line ?? (isWhole(view) ? place + 1 : null)
    return (
      <Line
        key={key}
        place={place}
        row={row}
        found={row ? found.get(row.line) : undefined}
        isSelected={line !== null && selected.has(line)}
        isActive={place === at}
        isEdited={place === at && editing !== null}
        asText={asText}
      />
    )
  }
  return (
    <LongTable
      id={table}
      label={`Lines of ${file?.path ?? 'the hosts file'}`}
      className={asText ? 'as-text' : ''}
      columns={namedColumns(asText ? textColumns : tableColumns)}
      total={total}
      at={at}
      scroll={scroll}
      isEditing={editing !== null}
      row={line}
      onSeen={(seen) => void need(seen)}
      onKey={pressed}
      onMenu={onMenu}
    />
  )
}

interface LineProps {
  place: number
  /** Undefined while it is read. */
  row: HostsRow | undefined
  /** What the check found beyond what the row tells itself. */
  found: readonly HostsFinding[] | undefined
  isSelected: boolean
  isActive: boolean
  isEdited: boolean
  asText: boolean
}

function press(event: MouseEvent, place: number): void {
  if (event.shiftKey) void extendTo(place)
  else if (event.ctrlKey || event.metaKey) toggle(place)
  else void select(place)
}

const Line = memo(function Line({ place, row, found, isSelected, isActive, isEdited, asText }: LineProps) {
  const findings = row ? findingsOf(row, found) : []
  const cells = row ? (asText ? textCells : tableCells)(row, findings) : [{ name: 'Line', span: asText ? 2 : 8, className: '', content: '' }]
  return (
    <div
      {...rowParts(table, place, isSelected, isActive)}
      aria-busy={!row || undefined}
      data-kind={row?.kind}
      onMouseDown={(event) => {
        if (isEdited) return
        // What is typed elsewhere is not left behind.
        if (useHosts.getState().editing) {
          event.preventDefault()
          return finishLine()
        }
        if (event.button === 0 || !isSelected) press(event, place)
      }}
      onDoubleClick={() => {
        if (!isEdited) run('edit')
      }}
    >
      {(isEdited ? cells.slice(0, 1) : cells).map(({ name, span = 1, className = '', content }) => (
        <div key={name} role="gridcell" data-column={name} className={className} {...(span > 1 ? { 'aria-colspan': span, 'data-span': span } : {})}>
          {content}
        </div>
      ))}
      {isEdited && <LineField />}
    </div>
  )
})

/** The check repeats what a row tells by itself. */
export function findingsOf(row: HostsRow, found: readonly HostsFinding[] = []): readonly HostsFinding[] {
  const isNew = ({ kind, text }: HostsFinding) => !row.findings.some((one) => one.kind === kind && one.text === text)
  return found.length === 0 ? row.findings : [...row.findings, ...found.filter(isNew)]
}

/** By line; only while the file is the one that was checked. */
export function useFindings(): ReadonlyMap<number, HostsFinding[]> {
  const { hash, findings } = useCheck()
  const isSame = useHosts(({ file }) => file?.hash === hash)
  return useMemo(() => {
    const byLine = new Map<number, HostsFinding[]>()
    if (isSame) for (const finding of findings) byLine.set(finding.line, [...(byLine.get(finding.line) ?? []), finding])
    return byLine
  }, [isSame, findings])
}
