// In the details of an edge server: the last change, how it ended, and the way to its steps and back.
import { lazy, Suspense, useState } from 'react'
import { Button } from 'react-aria-components'
import type { EdgeServer } from '../../preload/contract/servers.ts'
import { edgewise } from '../api.ts'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { time } from '../parts/format.ts'
import { useChange } from './change.ts'
import { canGoBack, stateName, whatOf } from './journal.ts'

const ChangeShown = lazy(() => import('./ChangeShown.tsx'))

export function LastChange({ server: { id, name, service } }: { server: EdgeServer }) {
  const { value } = useFollowed(id, () => edgewise.changes.list({ server: id, limit: 1 }), changesOf(id))
  const [isShown, setShown] = useState(false)
  const change = value?.changes[0]
  if (!change) return null
  const { began, reason, state } = change
  const goBack = () => {
    setShown(false)
    useChange.getState().goBack({ id: change.id }, { server: id, name, restart: change.kind === 'settings' && service.state === 'running' })
  }
  return (
    <>
      <dt>Last change</dt>
      <dd className="last-change">
        <span>
          {time(began)}: {whatOf(change)}
          <span className="note">
            <span data-state={state}>{stateName[state]}.</span> {reason}
          </span>
        </span>
        <Button aria-label="Show the last change" onPress={() => setShown(true)}>
          Show
        </Button>
        {isShown && (
          <Suspense fallback={null}>
            <ChangeShown change={change} onGoBack={canGoBack(change) ? goBack : null} onClose={() => setShown(false)} />
          </Suspense>
        )}
      </dd>
    </>
  )
}
