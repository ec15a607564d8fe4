// How a guarded change goes, from its plan to its end: what each word from main makes of it. Pure; the store and the view follow.
import type { Change, ChangeProgress, Described, Plan, Probed, Step, Wanted } from '../../preload/contract/changes.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'

/** A change that is to be taken back. */
export interface Past extends Pick<Change, 'id'> {
  /** Of the hosts file: also where it is read-only or hidden. */
  evenReadOnly?: boolean
}

/** What is to be done: something new, or the way back from a change that was kept. */
export type Subject = { kind: 'wanted'; wanted: Wanted } | { kind: 'back'; change: Past }

export interface Options {
  restart: boolean
  /** Only with a restart. */
  drain: boolean
  /** Only where the plan is refused. */
  force: boolean
}

export interface Question {
  id: string
  /** ISO 8601. */
  until: string
  text: string
}

export interface Course {
  subject: Subject
  phase: 'planning' | 'planned' | 'running' | 'cancelling' | 'ended' | 'failed'
  described: Described | null
  probed: readonly Probed[]
  refused: string | null
  options: Options
  steps: readonly Step[]
  /** “Keep these changes?”; null while it is not asked. */
  question: Question | null
  change: Change | null
  failure: FailureValue | null
}

export function courseOf(subject: Subject, restart: boolean): Course {
  return {
    subject,
    phase: 'planning',
    described: null,
    probed: [],
    refused: null,
    options: { restart, drain: false, force: false },
    steps: [],
    question: null,
    change: null,
    failure: null,
  }
}

export function withProgress(course: Course, told: ChangeProgress): Course {
  if (told.kind === 'described') return { ...course, described: told.described }
  if (told.kind === 'step') return { ...course, steps: [...course.steps, told.step], question: null }
  if (told.kind === 'keep?') return { ...course, question: { id: told.id, until: told.until, text: told.text } }
  // Once it runs, the servers are asked anew; what they say then stands in the step.
  return course.phase === 'planning' ? { ...course, probed: [...course.probed, told.probed] } : course
}

export function withPlan(course: Course, { probe, refused, ...described }: Plan): Course {
  return { ...course, phase: 'planned', described, probed: probe, refused }
}

export function begun(course: Course): Course {
  return { ...course, phase: 'running', steps: [], question: null, failure: null }
}

export const ended = (course: Course, change: Change): Course => ({ ...course, phase: 'ended', change, steps: change.steps, question: null })

export const failed = (course: Course, failure: FailureValue): Course => ({ ...course, phase: 'failed', failure, question: null })

export const isUnderWay = ({ phase }: Course) => phase === 'running' || phase === 'cancelling'

export const isKept = ({ change }: Course) => change?.state === 'kept'

/** On its way back nothing more can be cancelled. */
export const isGoingBack = ({ phase, steps }: Course) => phase === 'cancelling' || steps.some(({ step }) => step === 'rolling back')

/** Settings tell it by their diff, the hosts file by its lines. */
export const changesAnything = ({ diff, patch = [] }: Pick<Change, 'diff' | 'patch'>) => diff.length > 0 || patch.some(({ kind }) => kind !== 'kept')

export function canApply({ phase, described, refused, options }: Course): boolean {
  return phase === 'planned' && described !== null && changesAnything(described) && (refused === null || options.force)
}

/** What is sent with the options: one that goes with another goes only with it. */
export function sentOptions({ options: { restart, drain, force }, refused }: Course): Options {
  return { restart, drain: restart && drain, force: refused !== null && force }
}

/** The command of the plan with the flags for what is ticked; the last of several restarts, once all is written. */
export function commandWith(command: string, { restart, drain, force }: Options): string {
  const lines = command.split(' && ').map((line) => (force ? `${line} --force` : line))
  return lines.join(' && ') + (restart ? ' --restart' : '') + (restart && drain ? ' --drain' : '')
}

/** Whole seconds until then, as a countdown shows them: the last one is 1. */
export const secondsLeft = (until: string, now: number) => Math.max(0, Math.ceil((Date.parse(until) - now) / 1000))
