// The Queue Viewer's dialogs.
import { useWhere } from '../console/place.ts'
import { Act } from './Act.tsx'
import { Removals } from './Removals.tsx'
import { useActing } from './acting.ts'
import './queues.css'

export default function QueueDialogs() {
  const server = useWhere((where) => where.server)
  const { current, isShowingRemovals } = useActing()
  return (
    <>
      {isShowingRemovals && <Removals server={server} />}
      {current && <Act acting={current} />}
    </>
  )
}
