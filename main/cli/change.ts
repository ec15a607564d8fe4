// One guarded change from the command line: the plan shown, its steps told, “Keep these changes?” asked at a terminal.
import { createInterface } from 'node:readline/promises'
import type { Change, ChangeProgress, Plan, Wanted } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Core } from './perform.ts'
import { duration, facts, table } from './output.ts'

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
  const lines = [
    ...(plan.diff.length === 0 ? ['Nothing would be different.'] : [table(['What', 'Now', 'Then'], plan.diff.map(({ what, before, after }) => [what, before, after]))]),
    ...plan.warnings.map((warning) => `Warning: ${warning}`),
    ...(plan.refused === null ? [] : [`Refused: ${plan.refused} (--force does it all the same.)`]),
  ]
  return { plan, text: lines.join('\n') }
}

export async function carryOut(core: Core, wanted: Wanted, guard: Guard, by: string): Promise<Change> {
  if (guard.drain && !guard.restart) throw new Failure('bad-input', '--drain goes with --restart: it delivers what is due before the restart.')
  if (!guard.yes && !core.json && process.stdin.isTTY && process.stdout.isTTY) {
    const { plan, text } = await planText(core, wanted)
    core.tell({}, text)
    if (plan.diff.length > 0 && !(await agreed(`Apply${guard.restart ? ' and restart the transport service' : ''}?`, core.signal)))
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
  const { id, began, by, words, diff, steps, resumed } = change
  return [
    facts([['Change', id], ['Began', began], ['By', by], ['Ended', change.ended], ['Outcome', changeText(change)], ['Interrupted', resumed ? 'yes; a later start brought it to its end' : null]]),
    '',
    ...words,
    '',
    table(['What', 'Before', 'After'], diff.map(({ what, before, after }) => [what, before, after])),
    '',
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
  const limit = AbortSignal.any([core.signal, AbortSignal.timeout(Math.max(1, Date.parse(until) - Date.now()))])
  const keep = asked && (await agreed(`Keep these changes? Rolled back at ${new Date(until).toLocaleTimeString()}.`, limit))
  await core.ask('changes', 'keep', { server: 'local', id, keep }).catch(() => {})
}

async function agreed(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim())
  } catch {
    return false
  } finally {
    terminal.close()
  }
}
