// After a remedy: how it ended, and what moved.
import { useEffect, useRef } from 'react'
import { useChange } from '../change/change.ts'
import { Icon } from '../parts/Icon.tsx'
import { withTimes } from './names.ts'
import type { Moved } from './troubleshooter.ts'

export function MovedShown({ moved: { title, text, moved } }: { moved: Moved }) {
  const section = useRef<HTMLElement>(null)
  const isChanging = useChange(({ current }) => current !== null)
  // The button that was pressed is gone with its remedy: whoever went nowhere else meanwhile goes on from here.
  useEffect(() => {
    if (isChanging) return
    const frame = requestAnimationFrame(() => {
      const { activeElement } = document
      if (activeElement === document.body || activeElement?.closest('.trouble-form button')) section.current?.focus()
    })
    return () => cancelAnimationFrame(frame)
  }, [isChanging])
  return (
    <section ref={section} tabIndex={-1} className="trouble-moved" aria-label="What moved">
      <Icon name="done" />
      <div role="status">
        <h2>What moved</h2>
        <p className="selectable">
          {withTimes(`${title}: ${text}`)}
        </p>
        <ul>
          {(moved.length > 0 ? moved : ['Nothing moved.']).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
    </section>
  )
}
