// Which lines are shown, and how many these are of all.
import { useId, type RefObject } from 'react'
import { hostsShows } from '../../preload/contract/hosts.ts'
import { count, number } from '../parts/format.ts'
import { show, type, useHosts } from './hosts.ts'
import { isWhole, sameView, type HostsShow } from './pages.ts'

const showNames: Record<HostsShow, string> = { all: 'All lines', entries: 'Entries', problems: 'Lines with findings' }

export function Filter({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const { typed, view, total, file, selected, busy } = useHosts()
  const id = useId()
  const lines = file?.lines ?? 0
  return (
    <div className="hosts-filter" role="search">
      <label htmlFor={id}>Filter:</label>
      <input
        ref={field}
        id={id}
        type="text"
        spellCheck={false}
        aria-describedby={`${id}-how`}
        value={typed.filter}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || typed.filter === '') return
          type('')
          event.preventDefault()
        }}
      />
      <span id={`${id}-how`} className="unseen">
        Found in address, names, comment and group.
      </span>
      <label htmlFor={`${id}-show`}>Show:</label>
      <select id={`${id}-show`} value={typed.show} onChange={(event) => show(event.target.value as HostsShow)}>
        {hostsShows.map((one) => (
          <option key={one} value={one}>
            {showNames[one]}
          </option>
        ))}
      </select>
      <span role="status" className="hosts-count">
        {busy ?? (sameView(typed, view) ? `${isWhole(view) ? '' : `${number(total)} of `}${count(lines, 'line')}${selected.size > 1 ? `, ${number(selected.size)} selected` : ''}` : 'Searching …')}
      </span>
    </div>
  )
}
