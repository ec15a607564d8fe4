// The cells of a line: as a table of entries, or as the text that stands in the file.
import type { ReactNode } from 'react'
import type { HostsFinding, HostsRow } from '../../preload/contract/hosts.ts'
import { Icon } from '../parts/Icon.tsx'
import { count, number } from '../parts/format.ts'

interface Cell {
  name: string
  /** Of columns that a line which is no entry fills with its text. */
  span?: number
  className?: string
  content: ReactNode
}

export const tableColumns = ['Line', 'On', 'Address', 'Names', 'Comment', 'Group', 'Used', 'Findings'] as const
export const textColumns = ['Line', 'Text'] as const

const kindName: Record<HostsRow['kind'], string> = {
  entry: 'entry',
  disabled: 'disabled entry',
  heading: 'heading',
  comment: 'comment',
  blank: 'blank line',
  unreadable: 'a line that no system understands',
}
export const nameOf = ({ kind }: HostsRow) => kindName[kind]

export function tableCells(row: HostsRow, findings: readonly HostsFinding[]): Cell[] {
  const { line, kind, address, names, comment, group, use, text } = row
  const isEntry = kind === 'entry' || kind === 'disabled'
  const last: Cell[] = [
    { name: 'Group', content: group ?? '' },
    { name: 'Used', content: use ? (use.used ? 'Yes' : 'No') : '' },
    { name: 'Findings', content: findings.length > 0 && <Mark findings={findings} /> },
  ]
  if (!isEntry)
    return [
      { name: 'Line', className: 'number', content: number(line) },
      { name: 'On', content: '' },
      { name: 'Address', span: 3, className: 'other', content: kind === 'blank' ? <span className="unseen">blank</span> : text },
      ...last,
    ]
  return [
    { name: 'Line', className: 'number', content: number(line) },
    { name: 'On', content: <State isOn={kind === 'entry'} /> },
    { name: 'Address', content: address },
    { name: 'Names', content: names.join(' ') },
    { name: 'Comment', content: comment ?? '' },
    ...last,
  ]
}

export function textCells(row: HostsRow, findings: readonly HostsFinding[]): Cell[] {
  return [
    { name: 'Line', className: 'number', content: number(row.line) },
    {
      name: 'Text',
      className: 'raw',
      content: (
        <>
          {findings.length > 0 && <Mark findings={findings} />}
          {row.kind === 'blank' ? <span className="unseen">blank</span> : row.text}
        </>
      ),
    },
  ]
}

function State({ isOn }: { isOn: boolean }) {
  return (
    <>
      <span className="entry-box" data-on={isOn || undefined} aria-hidden="true">
        {isOn ? '✓' : ''}
      </span>
      <span className="unseen">{isOn ? 'enabled' : 'disabled'}</span>
    </>
  )
}

function Mark({ findings }: { findings: readonly HostsFinding[] }) {
  const isWarning = findings.some(({ level }) => level === 'warning')
  return (
    <span className="finding-mark">
      <Icon name={isWarning ? 'warning' : 'information'} />
      <span className="unseen">{count(findings.length, 'finding')}</span>
      <span aria-hidden="true">{findings.length > 1 ? number(findings.length) : ''}</span>
    </span>
  )
}
