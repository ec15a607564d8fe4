// One line of the text view while it is typed anew: Enter shows the diff, Escape leaves the line as it is.
import { begin } from './saving.ts'
import { useHosts } from './hosts.ts'

const end = () => useHosts.setState({ editing: null })

/** As Enter does: shows the diff, or ends where nothing was typed. */
export function finishLine(): void {
  const { editing } = useHosts.getState()
  if (!editing) return
  const { line, was, text, subject } = editing
  if (text === was) end()
  else begin(subject, { kind: 'text', line, text, instead: true }, end)
}

export function LineField() {
  const { editing } = useHosts()
  if (!editing) return null
  const { line, text } = editing
  return (
    <div role="gridcell" className="line-field">
      <input
        type="text"
        autoFocus
        spellCheck={false}
        aria-label={`Line ${line}`}
        value={text}
        onChange={(event) => useHosts.setState({ editing: { ...editing, text: event.target.value } })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') end()
          else if (event.key === 'Enter') finishLine()
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
    </div>
  )
}
