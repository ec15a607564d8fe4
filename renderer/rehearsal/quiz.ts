// The quiz of a rehearsal: the cause is hidden until it is named, rightly or not.
import { create } from 'zustand'
import { causeNames } from '../../preload/contract/diagnosis.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { Outcome, RehearsalState } from '../../preload/contract/rehearsal.ts'
import { edgewise, settled } from '../api.ts'

/** `nothing`: that nothing is wrong. */
export const choices = ['nothing', ...causeNames] as const
export type Choice = (typeof choices)[number]

interface Answered {
  /** Null where it was given up. */
  picked: Choice | null
  isRight: boolean
  expected: Outcome['expected'] & { title: string; story: string }
}

export interface Quiz {
  /** Whether its dialog is open. */
  isOpen: boolean
  answered: Answered | null
  isAsking: boolean
  failure: FailureValue | null
}

const unanswered: Quiz = { isOpen: false, answered: null, isAsking: false, failure: null }
export const useQuiz = create<Quiz>(() => unanswered)
const { getState: get, setState: set } = useQuiz

export const forgetQuiz = () => set(unanswered)
export const openQuiz = () => set({ isOpen: true, failure: null })
export const closeQuiz = () => set({ isOpen: false })

/** Nothing in the console names the cause before the administrator has. */
export const isCauseHidden = (open: RehearsalState | null, answered: Quiz['answered']) => open?.quiz === true && answered === null

export const isRightOf = (picked: Choice | null, causes: readonly string[]) => (picked === 'nothing' ? causes.length === 0 : picked !== null && causes.includes(picked))

/** Null gives it up: the answer is shown all the same. */
export async function answerQuiz(picked: Choice | null): Promise<void> {
  if (get().isAsking || get().answered) return
  set({ isAsking: true, failure: null })
  const result = await settled(edgewise.rehearsal.answer({}))
  if (!result.ok) return set({ isAsking: false, failure: result.error })
  set({ isAsking: false, answered: { picked, isRight: isRightOf(picked, result.value.causes), expected: result.value } })
}
