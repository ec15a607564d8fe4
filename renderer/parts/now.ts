// The view's own clock, for what lasts: ticks only while something is under way.
import { useEffect, useState } from 'react'

const tick = 100

/** Milliseconds, as performance.now() counts them. */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setNow(performance.now()), tick)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}
