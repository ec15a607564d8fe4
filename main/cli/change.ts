// One guarded change from the command line: the plan shown, its steps told, “Keep these changes?” asked at a terminal.
import type { Change, ChangeProgress, Plan, Wanted } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { PatchLine } from '../../preload/contract/hosts.ts'
import type { Core } from './perform.ts'
import { agreed } from './agreed.ts'
import { duration, facts, plain, table } from './output.ts'
import { withLimit } from '../time-limit.ts'

export interface Guard {
  restart?: true
  drain?: true
  dryRun?: true
  force?: true
  yes?: true
  keep?: true
}

export const rolledBack = 5

export async function planText(core: Core, wanted: Wanted): Promise<{ plan: Plan; text: string }> {
  const plan = await core.ask('changes', 'plan', { server: 'local', wanted }, (told) => tell(core, told))
  return { plan, text: planLines(plan) }
}

export function planLines(plan: Plan): string {
  return [
    ...(isNothing(plan) ? ['Nothing would be different.'] : []),
    ...(plan.diff.length === 0 ? [] : [table(['What', 'Now', 'Then'], plan.diff.map(({ what, before, after }) => [what, before, after]))]),
    ...(plan.patch && plan.patch.length > 0 ? [patchText(plan.patch)] : []),
    ...plan.warnings.map((warning) => `Warning: ${warning}`),
    ...(plan.refused === null ? [] : [`Refused: ${plan.refused} (--force does it all the same.)`]),
  ].join('\n')
}

const isNothing = ({ diff, patch = [] }: Pick<Plan, 'diff' | 'patch'>) => diff.length === 0 && patch.length === 0

/** Whether there is somebody who can be asked. */
export const isAtTerminal = (core: Core, { yes }: Guard): boolean => !yes && !core.json && process.stdin.isTTY && process.stdout.isTTY

const marks = { kept: ' ', removed: '-', added: '+' } as const

/** As `diff -u` shows it, with the number of each line in front. */
export function patchText(patch: PatchLine[]): string {
  const widest = Math.max(...patch.map(({ line }) => String(line).length))
  return patch.map(({ kind, line, text }) => (kind === 'left out' ? `${' '.repeat(widest)} … ${plain(text)}`.trimEnd() : `${String(line).padStart(widest)} ${marks[kind]} ${plain(text)}`.trimEnd())).join('\n')
}

/** Before anything is asked or told. */
export function mustFit({ drain, restart }: Guard): void {
  if (drain && !restart) throw new Failure('bad-input', '--drain goes with --restart: it delivers what is due before the restart.')
}

export async function carryOut(core: Core, wanted: Wanted, guard: Guard, by: string): Promise<Change> {
  mustFit(guard)
  if (isAtTerminal(core, guard)) {
    const { plan, text } = await planText(core, wanted)
    core.tell({}, text)
    if (!isNothing(plan) && !(await agreed(`Apply${guard.restart ? ' and restart the transport service' : ''}?`, core.signal)))
      throw new Failure('cancelled', 'Nothing was changed.')
  }
  return core.ask(
    'changes',
    'run',
    { server: 'local', wanted, restart: guard.restart ?? false, drain: guard.drain ?? false, force: guard.force ?? false, keep: guard.keep ?? false, by },
    (told) => follow(core, told),
  )
}

export function changeText({ state, reason }: Change): string {
  return `${state === 'rolled back' ? 'Rolled back' : 'Kept'}: ${reason ?? ''}`
}

export function changeInFull(change: Change): string {
  const { id, began, by, words, diff, patch = [], steps, resumed } = change
  return [
    facts([['Change', id], ['Began', began], ['By', by], ['Ended', change.ended], ['Outcome', changeText(change)], ['Interrupted', resumed ? 'yes; a later start brought it to its end' : null]]),
    '',
    ...words,
    '',
    ...(diff.length === 0 ? [] : [table(['What', 'Before', 'After'], diff.map(({ what, before, after }) => [what, before, after])), '']),
    ...(patch.length === 0 ? [] : [patchText(patch), '']),
    table(['Step', 'After', 'What happened'], steps.map(({ step, at, text }) => [step, duration(at), text])),
  ].join('\n')
}

/** Tells what comes, and answers “Keep these changes?”: unanswered it would hold the command until the time is up. */
export function follow(core: Core, told: ChangeProgress): void {
  tell(core, told)
  if (told.kind === 'keep?') void keepOrNot(core, told)
}

function tell(core: Core, told: ChangeProgress): void {
  // A plan is printed once it is whole.
  if (told.kind === 'described') return
  if (told.kind === 'probed') core.tell(told, `  ${told.probed.text}`)
  else if (told.kind === 'step') core.tell(told, `${told.step.step.padEnd(12)} ${duration(told.step.at).padStart(8)}  ${told.step.text}`)
  else core.tell(told, `Not verified: ${told.text}`)
}

/** Nobody can answer where there is no terminal: then it is rolled back at once, and --keep is the way to say it before. */
async function keepOrNot(core: Core, { id, until }: { id: string; until: string }): Promise<void> {
  const asked = !core.json && process.stdin.isTTY === true
  const limit = withLimit(core.signal, Math.max(1, Date.parse(until) - Date.now()))
  const keep = asked && (await agreed(`Keep these changes? Rolled back at ${new Date(until).toLocaleTimeString()}.`, limit))
  await core.ask('changes', 'keep', { server: 'local', id, keep }).catch(() => {})
}
