// The guided test of all hosts at once, each in a dialogue of its own: the slowest holds nobody else.
import { setMaxListeners } from 'node:events'
import type { SmtpDialogue, SmtpStep, SmtpTarget, Verdict } from '../../preload/contract/smtp-test.ts'
import { Dialogue, type DialogueOptions } from './dialogue.ts'

export interface TestOptions extends Omit<DialogueOptions, 'target'> {
  onStep?: ((target: SmtpTarget, step: SmtpStep) => void) | undefined
  onEnd?: ((dialogue: SmtpDialogue) => void) | undefined
}

/** In the order of the targets. Never rejects for what a host does; cancelled, what was not done is told so. */
export async function testHosts(targets: SmtpTarget[], { onStep, onEnd, ...options }: TestOptions): Promise<SmtpDialogue[]> {
  // Every dialogue listens to it: a dozen make more listeners than node takes for intended.
  setMaxListeners(0, options.signal)
  return Promise.all(
    targets.map(async (target) => {
      const dialogue = await testHost(target, options, (step) => onStep?.(target, step))
      onEnd?.(dialogue)
      return dialogue
    }),
  )
}

async function testHost(target: SmtpTarget, options: Omit<DialogueOptions, 'target'>, onStep: (step: SmtpStep) => void): Promise<SmtpDialogue> {
  const begun = performance.now()
  const steps: SmtpStep[] = []
  const dialogue = new Dialogue({ ...options, target })
  const told = (step: SmtpStep) => {
    steps.push(step)
    onStep(step)
  }
  try {
    await dialogue.run(told)
  } finally {
    dialogue.close()
  }
  const { key, host, address, family, port } = target
  const { outcome, text } = outcomeOf(steps)
  return { key, host, address, family, port, source: dialogue.source, outcome, text, ms: Math.round(performance.now() - begun), steps }
}

/** How it went but for the goodbye: what is wrong with that concerns no mail. */
export function outcomeOf(steps: SmtpStep[]): { outcome: Verdict; text: string } {
  const last = steps.findLast(({ stage }) => stage !== 'quit')
  return last === undefined ? { outcome: 'cancelled', text: 'Cancelled.' } : { outcome: last.verdict, text: last.text }
}
