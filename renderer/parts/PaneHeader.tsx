// The head of the result pane: what is shown, and how much of it.
import type { ReactNode } from 'react'

export function PaneHeader({ title, note, children }: { title: string; note?: string; children?: ReactNode }) {
  return (
    <header className="pane-header">
      <h1>{title}</h1>
      {note && <span className="pane-note">{note}</span>}
      {children}
    </header>
  )
}
