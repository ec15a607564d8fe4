// Text that a stranger wrote, of any length: cut until somebody wants all of it, so that no host can make the view stand still.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import { count } from '../parts/format.ts'

const mostLines = 40
const mostCharacters = 1_000

export function Lines({ lines, className = '' }: { lines: readonly string[]; className?: string }) {
  const [isAll, setAll] = useState(false)
  const isLong = lines.length > mostLines || lines.some((line) => line.length > mostCharacters)
  const shown = isAll || !isLong ? lines : lines.slice(0, mostLines).map((line) => (line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line))
  return (
    <div className={`smtp-lines selectable ${className}`}>
      {shown.map((line, at) => (
        <div key={at}>{line}</div>
      ))}
      {isLong && !isAll && <Button onPress={() => setAll(true)}>{`Show all (${count(lines.reduce((sum, line) => sum + line.length, 0), 'character')})`}</Button>}
    </div>
  )
}
