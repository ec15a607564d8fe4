// The line that the keyboard is on, in full: what the columns cut off, whether the transport uses it and why, what is amiss.
import { Icon } from '../parts/Icon.tsx'
import { number } from '../parts/format.ts'
import { rowAt } from '../parts/pages.ts'
import { findingsOf, useFindings } from './Lines.tsx'
import { nameOf } from './columns.tsx'
import { useHosts } from './hosts.ts'

export function LineDetails() {
  const { pages, at } = useHosts()
  const found = useFindings()
  const row = rowAt(pages, at)
  // Its place stays, so that the list keeps its height.
  if (!row) return <section className="line-details" aria-label="Line" />
  const { line, kind, text, address, names, comment, group, use } = row
  const findings = findingsOf(row, found.get(line))
  const isEntry = kind === 'entry' || kind === 'disabled'
  return (
    <section className="line-details" aria-label={`Line ${number(line)}`} tabIndex={0}>
      <h2>
        Line {number(line)}: {nameOf(row)}
      </h2>
      <dl className="facts">
        {isEntry ? (
          <>
            <dt>Address</dt>
            <dd>{address}</dd>
            <dt>Names</dt>
            <dd>{names.join(' ')}</dd>
            {comment && (
              <>
                <dt>Comment</dt>
                <dd>{comment}</dd>
              </>
            )}
          </>
        ) : (
          kind !== 'blank' && (
            <>
              <dt>Text</dt>
              <dd>{text}</dd>
            </>
          )
        )}
        {group && (
          <>
            <dt>Group</dt>
            <dd>{group}</dd>
          </>
        )}
        {use && (
          <>
            <dt>Transport</dt>
            <dd>{use.text}</dd>
          </>
        )}
        {findings.length > 0 && (
          <>
            <dt>Findings</dt>
            <dd>
              <ul className="line-findings">
                {findings.map((finding) => (
                  <li key={finding.kind + finding.text}>
                    <Icon name={finding.level === 'warning' ? 'warning' : 'information'} />
                    {finding.text}
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}
