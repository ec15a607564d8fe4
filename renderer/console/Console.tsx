// The management console: tree, result pane, actions pane, and the dialogs above them.
import { lazy, Suspense, useEffect, useState } from 'react'
import { edgewise } from '../api.ts'
import { useChange } from '../change/change.ts'
import { RehearsalBar } from '../rehearsal/RehearsalBar.tsx'
import { Actions } from './Actions.tsx'
import { ConsoleTree } from './ConsoleTree.tsx'
import { EdgeServers } from './EdgeServers.tsx'
import { NoticeBar } from './NoticeBar.tsx'
import { Toolbox } from './Toolbox.tsx'
import { useWhere } from './place.ts'
import { useRestart } from './restart.ts'
import { useServers } from './servers.ts'
import './console.css'

// What the first look at the console does not need is read while the administrator looks.
const later = {
  change: () => import('../change/ChangeDialog.tsx'),
  closing: () => import('./ClosingDialog.tsx'),
  properties: () => import('../properties/Properties.tsx'),
  queues: () => import('../queues/QueueViewer.tsx'),
  rehearsal: () => import('../rehearsal/Rehearsal.tsx'),
  restart: () => import('./RestartDialog.tsx'),
}
const ChangeDialog = lazy(later.change)
const ClosingDialog = lazy(later.closing)
const Properties = lazy(later.properties)
const QueueViewer = lazy(later.queues)
const Rehearsal = lazy(later.rehearsal)
const RestartDialog = lazy(later.restart)

export function Console() {
  const { place } = useWhere()
  useEffect(() => {
    const idle = requestIdleCallback(() => {
      for (const load of Object.values(later)) void load()
    })
    return () => cancelIdleCallback(idle)
  }, [])

  return (
    <>
      <div className="console">
        <NoticeBar />
        <RehearsalBar />
        <div className="panes">
          <nav className="tree-pane" aria-label="Console tree">
            <ConsoleTree />
          </nav>
          <main className="result-pane">
            <Suspense fallback={null}>
              {place === 'edge' && <EdgeServers />}
              {place === 'toolbox' && <Toolbox />}
              {place === 'queues' && <QueueViewer />}
              {place === 'rehearsal' && <Rehearsal />}
            </Suspense>
          </main>
          <Actions />
        </div>
      </div>
      <Dialogs />
    </>
  )
}

function Dialogs() {
  const { properties, closeProperties } = useWhere()
  const isChanging = useChange(({ current }) => current !== null)
  const isRestarting = useRestart(({ current }) => current !== null)
  const name = useServers(({ list }) => list?.find(({ id }) => id === properties)?.name)
  const [isClosing, setClosing] = useState(false)
  useEffect(() => edgewise.app.closing(() => setClosing(true)), [])
  // Each waits for its own code alone: one that is open must not be taken away while another is read.
  return (
    <>
      <Suspense>{properties && <Properties key={properties} server={properties} name={name ?? ''} onClose={closeProperties} />}</Suspense>
      <Suspense>{isChanging && <ChangeDialog />}</Suspense>
      <Suspense>{isRestarting && <RestartDialog />}</Suspense>
      <Suspense>{isClosing && <ClosingDialog onStay={() => setClosing(false)} />}</Suspense>
    </>
  )
}
