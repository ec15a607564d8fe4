// The guarded change that the console is about: planned, carried out, cancelled, answered for. One at a time.
import { create } from 'zustand'
import type { Result, Running } from '../../preload/contract/call.ts'
import type { Change, ChangeProgress, Plan, Wanted } from '../../preload/contract/changes.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { begun, canApply, courseOf, ended, failed, isKept, isUnderWay, sentOptions, withPlan, withProgress, type Course, type Options, type Past, type Subject } from './course.ts'

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
  /** True where another dialog goes on from this failure, and this one is to be gone. */
  takesOver?: (failure: FailureValue) => boolean
  /** It was agreed to as a diff already: a plan that nothing speaks against is carried out at once. */
  isAgreed?: boolean
  /** Who asked for it says itself that it was saved; a dialog that waits for “Close” would be one key too many. */
  closesWhenSaved?: boolean
}

interface Store {
  current: Current | null
  plan(wanted: Wanted, begin: Begin): void
  /** From a change that was kept; nothing happens before the administrator says so. */
  goBack(change: Past, begin: Begin): void
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
  const fail = (failure: FailureValue) => {
    if (last?.takesOver?.(failure)) set({ current: null })
    else update((course) => failed(course, failure))
  }
  const begin = (subject: Subject, asked: Begin) => {
    const { current } = get()
    if (current && isUnderWay(current)) return
    running?.cancel()
    running = null
    last = asked
    const { server, name, restart } = asked
    set({ current: { ...courseOf(subject, restart), server, name } })
    follow<Plan>(
      (tell) => (subject.kind === 'back' ? edgewise.changes.planBack({ server, ...subject.change }, tell) : edgewise.changes.plan({ server, wanted: subject.wanted }, tell)),
      (result) => {
        if (!result.ok) return fail(result.error)
        update((course) => withPlan(course, result.value))
        if (asked.isAgreed && result.value.warnings.length === 0) get().apply()
      },
    )
  }
  const run = ({ server, subject, ...course }: Current, tell: (told: ChangeProgress) => void): Running<Change> => {
    const { restart, drain, force } = sentOptions({ subject, ...course })
    return subject.kind === 'back'
      ? edgewise.changes.rollBack({ server, ...subject.change, restart }, tell)
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
          if (result.ok) update((course) => ended(course, result.value))
          else fail(result.error)
          const kept = result.ok && result.value.state === 'kept'
          void last?.onEnded?.(kept)
          if (kept && last?.closesWhenSaved && !current.options.restart) get().close()
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
