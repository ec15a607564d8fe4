// The management console: tree, result pane, actions pane, and the dialogs above them.
import { lazy, Suspense, useEffect, useState } from 'react'
import { edgewise } from '../api.ts'
import { useChange } from '../change/change.ts'
import { useForms } from '../hosts/forms.ts'
import { useActing } from '../queues/acting.ts'
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
  change: () => import('../change/ChangeDialog.tsx'),
  closing: () => import('./ClosingDialog.tsx'),
  properties: () => import('../properties/Properties.tsx'),
  hosts: () => import('../hosts/HostsFile.tsx'),
  hostsActions: () => import('../hosts/HostsActions.tsx'),
  hostsDialogs: () => import('../hosts/HostsDialogs.tsx'),
  queues: () => import('../queues/QueueViewer.tsx'),
  queueActions: () => import('../queues/QueueActions.tsx'),
  queueDialogs: () => import('../queues/QueueDialogs.tsx'),
  smtp: () => import('../smtp/SmtpTest.tsx'),
  smtpActions: () => import('../smtp/SmtpActions.tsx'),
  troubleshooter: () => import('../troubleshooter/Troubleshooter.tsx'),
  saving: () => import('../parts/SaveDialog.tsx'),
  quiz: () => import('../rehearsal/QuizDialog.tsx'),
  rehearsal: () => import('../rehearsal/Rehearsal.tsx'),
  restart: () => import('./RestartDialog.tsx'),
}
const ChangeDialog = lazy(later.change)
const ClosingDialog = lazy(later.closing)
const HostsFile = lazy(later.hosts)
const HostsActions = lazy(later.hostsActions)
const HostsDialogs = lazy(later.hostsDialogs)
const Properties = lazy(later.properties)
const QueueViewer = lazy(later.queues)
const QueueActions = lazy(later.queueActions)
const QueueDialogs = lazy(later.queueDialogs)
const Rehearsal = lazy(later.rehearsal)
const QuizDialog = lazy(later.quiz)
const SaveDialog = lazy(later.saving)
const SmtpTest = lazy(later.smtp)
const SmtpActions = lazy(later.smtpActions)
const RestartDialog = lazy(later.restart)
const Troubleshooter = lazy(later.troubleshooter)

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
