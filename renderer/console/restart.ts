// A restart of a transport service by itself, up to the measured downtime.
import { create } from 'zustand'
import type { Running } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import type { Restarted, RestartStep } from '../../preload/contract/servers.ts'
import { edgewise, settled } from '../api.ts'

interface Restart {
  server: ServerId
  name: string
  phase: 'running' | 'cancelling' | 'done' | 'failed'
  steps: readonly RestartStep[]
  /** When it was begun, by the view's own clock. */
  begun: number
  restarted: Restarted | null
  failure: FailureValue | null
}

interface Store {
  current: Restart | null
  begin(server: ServerId, name: string): void
  cancel(): void
  close(): void
}

const fresh = (server: ServerId, name: string): Restart => ({
  server,
  name,
  phase: 'running',
  steps: [],
  begun: performance.now(),
  restarted: null,
  failure: null,
})

let running: Running<Restarted> | null = null

export const useRestart = create<Store>((set, get) => {
  const update = (change: Partial<Restart> | ((last: Restart) => Partial<Restart>)) => {
    const { current } = get()
    if (current) set({ current: { ...current, ...(typeof change === 'function' ? change(current) : change) } })
  }
  const isUnderWay = () => get().current?.phase === 'running' || get().current?.phase === 'cancelling'
  return {
    current: null,
    begin: (server, name) => {
      if (isUnderWay()) return
      set({ current: fresh(server, name) })
      running = edgewise.servers.restart({ server }, (step) => update(({ steps }) => ({ steps: [...steps, step] })))
      void settled(running.result).then((result) => {
        running = null
        if (result.ok) update({ phase: 'done', restarted: result.value, steps: result.value.steps })
        else update({ phase: 'failed', failure: result.error })
      })
    },
    cancel: () => {
      update({ phase: 'cancelling' })
      running?.cancel()
    },
    close: () => {
      if (!isUnderWay()) set({ current: null })
    },
  }
})
