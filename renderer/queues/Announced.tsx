// How much waits, for ears only, and not more often than they can follow.
import { useEffect, useState } from 'react'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { count } from '../parts/format.ts'

export function Announced({ server }: { server: ServerId }) {
  const { value } = useFollowed(server, () => edgewise.queues.list({ server }), changesOf(server))
  const queues = value?.queues ?? []
  const waiting = queues.reduce((sum, { messages }) => sum + messages, 0)
  const now = value === null ? '' : waiting === 0 ? 'No mail waits.' : `${count(waiting, 'message')} in ${count(queues.length, 'queue')}.`
  const [said, setSaid] = useState('')
  useEffect(() => {
    const timer = setTimeout(setSaid, 1000, now)
    return () => clearTimeout(timer)
  }, [now])
  return (
    <p role="status" className="unseen">
      {said}
    </p>
  )
}
