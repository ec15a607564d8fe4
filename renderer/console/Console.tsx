// The management console: tree, result pane, actions pane, and the dialogs above them.
import { Suspense, useEffect, useState } from 'react'
import { edgewise } from '../api.ts'
import { useChange } from '../change/change.ts'
import { useForms } from '../hosts/forms.ts'
import { useActing } from '../queues/acting.ts'
import { ready } from '../parts/ready.tsx'
import { useSaving } from '../parts/saving.ts'
import { useQuiz } from '../rehearsal/quiz.ts'
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
  ChangeDialog: ready(() => import('../change/ChangeDialog.tsx')),
  ClosingDialog: ready(() => import('./ClosingDialog.tsx')),
  Properties: ready(() => import('../properties/Properties.tsx')),
  HostsFile: ready(() => import('../hosts/HostsFile.tsx')),
  HostsActions: ready(() => import('../hosts/HostsActions.tsx')),
  HostsDialogs: ready(() => import('../hosts/HostsDialogs.tsx')),
  QueueViewer: ready(() => import('../queues/QueueViewer.tsx')),
  QueueActions: ready(() => import('../queues/QueueActions.tsx')),
  QueueDialogs: ready(() => import('../queues/QueueDialogs.tsx')),
  SmtpTest: ready(() => import('../smtp/SmtpTest.tsx')),
  SmtpActions: ready(() => import('../smtp/SmtpActions.tsx')),
  Troubleshooter: ready(() => import('../troubleshooter/Troubleshooter.tsx')),
  SaveDialog: ready(() => import('../parts/SaveDialog.tsx')),
  QuizDialog: ready(() => import('../rehearsal/QuizDialog.tsx')),
  Rehearsal: ready(() => import('../rehearsal/Rehearsal.tsx')),
  RestartDialog: ready(() => import('./RestartDialog.tsx')),
}
const { ChangeDialog, ClosingDialog, Properties, HostsFile, HostsActions, HostsDialogs, QueueViewer, QueueActions, QueueDialogs, SmtpTest, SmtpActions, Troubleshooter, SaveDialog, QuizDialog, Rehearsal, RestartDialog } = later

export function Console() {
  const { place } = useWhere()
  useEffect(() => {
    const idle = requestIdleCallback(() => {
      for (const part of Object.values(later)) void part.read()
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
              {place === 'troubleshooter' && <Troubleshooter />}
              {place === 'smtp' && <SmtpTest />}
              {place === 'hosts' && <HostsFile />}
              {place === 'rehearsal' && <Rehearsal />}
            </Suspense>
          </main>
          <Actions>
            <Suspense fallback={null}>
              {place === 'hosts' && <HostsActions />}
              {place === 'queues' && <QueueActions />}
              {place === 'smtp' && <SmtpActions />}
            </Suspense>
          </Actions>
        </div>
      </div>
      <Dialogs />
    </>
  )
}

function Dialogs() {
  const { properties, closeProperties } = useWhere()
  const isChanging = useChange(({ current }) => current !== null)
  const isEditingHosts = useForms(({ form, question }) => form !== null || question !== null)
  const isSaving = useSaving(({ what }) => what !== null)
  const isAnswering = useQuiz(({ isOpen }) => isOpen)
  const isActing = useActing(({ current, isShowingRemovals }) => current !== null || isShowingRemovals)
  const isRestarting = useRestart(({ current }) => current !== null)
  const name = useServers(({ list }) => list?.find(({ id }) => id === properties)?.name)
  const [isClosing, setClosing] = useState(false)
  useEffect(() => edgewise.app.closing(() => setClosing(true)), [])
  // Each waits for its own code alone: one that is open must not be taken away while another is read.
  return (
    <>
      <Suspense>{properties && <Properties key={properties} server={properties} name={name ?? ''} onClose={closeProperties} />}</Suspense>
      <Suspense>{isActing && <QueueDialogs />}</Suspense>
      <Suspense>{isEditingHosts && <HostsDialogs />}</Suspense>
      <Suspense>{isAnswering && <QuizDialog />}</Suspense>
      <Suspense>{isSaving && <SaveDialog />}</Suspense>
      <Suspense>{isChanging && <ChangeDialog />}</Suspense>
      <Suspense>{isRestarting && <RestartDialog />}</Suspense>
      <Suspense>{isClosing && <ClosingDialog onStay={() => setClosing(false)} />}</Suspense>
    </>
  )
}
