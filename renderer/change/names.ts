// What a change is called in its dialog: one of the settings, of the hosts file, or the way back from either. Pure.
import { isKept, type Course } from './course.ts'

interface Names {
  question: string
  /** The button that begins it. */
  verb: string
  underWay: string
  /** What is said before its first step. */
  beginning: string
  kept: string
  keptText: string
  notKept: string
  notKeptText: string
  failed: string
  /** What becomes of it where the restart is not ticked. */
  withoutRestart: string
}

const settings: Names = {
  question: 'Apply these changes?',
  verb: 'Apply',
  underWay: 'Applying the changes',
  beginning: 'Asking the DNS servers once more …',
  kept: 'Kept',
  keptText: 'The changes are kept.',
  notKept: 'Rolled back',
  notKeptText: 'The changes were rolled back.',
  failed: 'Not applied',
  withoutRestart: 'Without a restart it is saved, and takes effect with the next one.',
}
const hosts: Names = {
  question: 'Save the hosts file?',
  verb: 'Save',
  underWay: 'Saving the hosts file',
  beginning: 'Saving the hosts file …',
  kept: 'Saved',
  keptText: 'The hosts file is saved.',
  notKept: 'Rolled back',
  notKeptText: 'The hosts file is as it was.',
  failed: 'Not saved',
  withoutRestart: 'Without a restart it is saved, and what waits is tried at its next retry.',
}
const back: Names = {
  question: 'Take this change back?',
  verb: 'Roll back',
  underWay: 'Taking the change back',
  beginning: 'Taking the change back …',
  kept: 'Taken back',
  keptText: 'The change is taken back.',
  notKept: 'Not taken back',
  notKeptText: 'The change could not be taken back, and is as it was.',
  failed: 'Not taken back',
  withoutRestart: 'Without a restart it is saved, and takes effect with the next one.',
}

export function namesOf({ subject }: Pick<Course, 'subject'>): Names {
  if (subject.kind === 'back') return back
  return subject.wanted.hosts ? hosts : settings
}

/** How it ended, in a sentence. */
export function endingOf(course: Course): string {
  const { keptText, notKeptText } = namesOf(course)
  return isKept(course) ? keptText : notKeptText
}
