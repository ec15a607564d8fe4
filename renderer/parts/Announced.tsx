// What has come of it so far, for ears only, and not more often than they can follow.
import { useEffect, useState } from 'react'

const settledAfter = 1_000
/** Nobody listens to a page of a stranger's words. */
const mostCharacters = 300

export function Announced({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    const timer = setTimeout(setSaid, settledAfter, text.slice(0, mostCharacters))
    return () => clearTimeout(timer)
  }, [text])
  return (
    <p role="status" className="unseen">
      {said}
    </p>
  )
}
