// From an edit to the file: asked about where the file is read-only, shown as a diff, saved, and compared where others came first.
import type { HostsSave } from '../../preload/contract/hosts.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { useChange } from '../change/change.ts'
import { useServers } from '../console/servers.ts'
import { ask, closeQuestion, type Saving, type Subject } from './forms.ts'
import { saved } from './hosts.ts'
import type { HostsEdit } from '../../preload/contract/hosts.ts'

/** Nothing is written before the administrator has seen the diff and said so. */
export function begin(subject: Subject, edit: HostsEdit, onSaved?: () => void): void {
  whereReadOnly(subject, (evenReadOnly) => save({ ...subject, edit, evenReadOnly, isAgreed: false, onSaved }))
}

function whereReadOnly({ file }: Subject, write: (evenReadOnly: boolean) => void): void {
  if (file.readOnly || file.hidden) ask({ kind: 'read-only', file, write: () => write(true) })
  else write(false)
}

export function save(saving: Saving): void {
  const { server, file, edit, evenReadOnly, isAgreed, onSaved } = saving
  closeQuestion()
  useChange.getState().plan(
    { hosts: { hash: file.hash, edit, evenReadOnly } },
    {
      ...common(server),
      isAgreed,
      takesOver: ({ code }) => {
        if (code !== 'changed-meanwhile') return false
        ask({ kind: 'compare', saving })
        return true
      },
      onClosed: (kept) => {
        if (kept) onSaved?.()
      },
    },
  )
}

/** Takes these saves back, the oldest last. */
export function takeBack(subject: Subject, saves: readonly HostsSave[]): void {
  const oldest = saves.at(-1)
  if (!oldest) return
  whereReadOnly(subject, (evenReadOnly) => useChange.getState().goBack({ id: oldest.id, evenReadOnly }, common(subject.server)))
}

const common = (server: ServerId) => ({
  server,
  name: useServers.getState().list?.find(({ id }) => id === server)?.name ?? '',
  restart: false,
  closesWhenSaved: true,
  onEnded: (kept: boolean) => {
    const { current } = useChange.getState()
    if (kept) return saved(`Saved: ${current?.change?.words.join(' ') ?? ''}`)
  },
})
