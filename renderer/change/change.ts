// The guarded change that the console is about: planned, carried out, cancelled, answered for. One at a time.
import { create } from 'zustand'
import type { Result, Running } from '../../preload/contract/call.ts'
import type { Change, ChangeProgress, Plan, Wanted } from '../../preload/contract/changes.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { begun, canApply, courseOf, ended, failed, isKept, isUnderWay, sentOptions, withPlan, withProgress, type Course, type Options, type Subject } from './course.ts'

export interface Current extends Course {
  server: ServerId
  name: string
}

interface Begin {
  server: ServerId
  name: string
  /** Whether a restart is ticked at first. */
  restart: boolean
  /** Told as soon as it ended, while the dialog still shows how. */
  onEnded?: (kept: boolean) => Promise<void> | void
  /** Told when the dialog is closed. */
  onClosed?: (kept: boolean) => void
}

interface Store {
  current: Current | null
  plan(wanted: Wanted, begin: Begin): void
  /** From a change that was kept; nothing happens before the administrator says so. */
  goBack(change: Change, begin: Begin): void
  choose(options: Partial<Options>): void
  apply(): void
  /** Ends the plan, or rolls back what runs. */
  cancel(): void
  answer(keep: boolean): void
  /** Makes the plan anew after a failure. */
  again(): void
  close(): void
}

let running: Running<unknown> | null = null
let last: Begin | null = null

export const useChange = create<Store>((set, get) => {
  const update = (change: (course: Current) => Course) => {
    const { current } = get()
    if (current) set({ current: { ...current, ...change(current) } })
  }
  /** What is told of one that is no longer shown falls on deaf ears. */
  const follow = <T>(start: (tell: (told: ChangeProgress) => void) => Running<T>, end: (result: Result<T>) => void) => {
    let own: Running<T> | null = null
    const isShown = () => own === null || running === own
    own = start((told) => isShown() && update((course) => withProgress(course, told)))
    running = own
    void settled(own.result).then((result) => {
      if (!isShown()) return
      running = null
      end(result)
    })
  }
  const begin = (subject: Subject, asked: Begin) => {
    const { current } = get()
    if (current && isUnderWay(current)) return
    running?.cancel()
    running = null
    last = asked
    const { server, name, restart } = asked
    set({ current: { ...courseOf(subject, restart), server, name } })
    if (subject.kind === 'back') return
    follow<Plan>(
      (tell) => edgewise.changes.plan({ server, wanted: subject.wanted }, tell),
      (result) => update((course) => (result.ok ? withPlan(course, result.value) : failed(course, result.error))),
    )
  }
  const run = ({ server, subject, ...course }: Current, tell: (told: ChangeProgress) => void): Running<Change> => {
    const { restart, drain, force } = sentOptions({ subject, ...course })
    return subject.kind === 'back'
      ? edgewise.changes.rollBack({ server, id: subject.change.id, restart }, tell)
      : edgewise.changes.run({ server, wanted: subject.wanted, restart, drain, force }, tell)
  }
  return {
    current: null,
    plan: (wanted, asked) => begin({ kind: 'wanted', wanted }, asked),
    goBack: (change, asked) => begin({ kind: 'back', change }, asked),
    choose: (options) => update((course) => ({ ...course, options: { ...course.options, ...options } })),
    apply: () => {
      const { current } = get()
      if (!current || !canApply(current)) return
      set({ current: { ...current, ...begun(current) } })
      follow<Change>(
        (tell) => run(current, tell),
        (result) => {
          update((course) => (result.ok ? ended(course, result.value) : failed(course, result.error)))
          void last?.onEnded?.(result.ok && result.value.state === 'kept')
        },
      )
    },
    cancel: () => {
      const { current, close } = get()
      if (!current || !isUnderWay(current)) return close()
      update((course) => ({ ...course, phase: 'cancelling' }))
      running?.cancel()
    },
    answer: (keep) => {
      const { current } = get()
      if (!current?.question) return
      const { server, question } = current
      update((course) => ({ ...course, question: null }))
      // Too late is no failure of its own: it was rolled back, and says so.
      void settled(edgewise.changes.keep({ server, id: question.id, keep }))
    },
    again: () => {
      const { current } = get()
      if (current && last) begin(current.subject, { ...last, restart: current.options.restart })
    },
    close: () => {
      const { current } = get()
      if (!current || isUnderWay(current)) return
      running?.cancel()
      running = null
      set({ current: null })
      last?.onClosed?.(isKept(current))
    },
  }
})
