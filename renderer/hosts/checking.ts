// The check of the hosts file that is under way or was made last: what it finds, as it is found.
import { create } from 'zustand'
import type { Running } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { HostsFinding } from '../../preload/contract/hosts.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { openForm } from './forms.ts'

export interface Check {
  phase: 'none' | 'running' | 'done' | 'cancelled' | 'failed'
  /** Of the file that was checked; null before it is known. */
  hash: string | null
  findings: readonly HostsFinding[]
  /** What could not be found out, a sentence each. */
  notKnown: readonly string[]
  failure: FailureValue | null
}

const none: Check = { phase: 'none', hash: null, findings: [], notKnown: [], failure: null }
export const useCheck = create<Check>(() => none)

let running: Running<unknown> | null = null

export function check(server: ServerId): void {
  openForm({ kind: 'check', server })
  running?.cancel()
  useCheck.setState({ ...none, phase: 'running' })
  const own = edgewise.hosts.check({ server }, (finding) => {
    if (running === own) useCheck.setState(({ findings }) => ({ findings: [...findings, finding] }))
  })
  running = own
  void settled(own.result).then((result) => {
    if (running !== own) return
    running = null
    if (result.ok) useCheck.setState({ phase: 'done', hash: result.value.file.hash, findings: result.value.findings, notKnown: result.value.notKnown })
    else if (result.error.code === 'cancelled') useCheck.setState({ phase: 'cancelled' })
    else useCheck.setState({ phase: 'failed', failure: result.error })
  })
}

export const cancelCheck = () => running?.cancel()
