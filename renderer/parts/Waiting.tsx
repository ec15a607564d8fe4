// Tells that something takes time, once it has taken long enough to be noticed.
import { useEffect, useState } from 'react'

const noticedAfter = 300

export function Waiting({ children }: { children: string }) {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(setLate, noticedAfter, true)
    return () => clearTimeout(timer)
  }, [])
  if (!isLate) return null
  return (
    <div className="waiting">
      <span>{children}</span>
      <div role="progressbar" aria-label={children} className="marquee" />
    </div>
  )
}
