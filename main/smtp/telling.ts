// The steps of a dialogue on their way to whoever listens. Words are found for a step once the next command is on the
// wire: the host works meanwhile, instead of waiting for them.
import type { SmtpFinding, SmtpStage, SmtpStep, Tls, Verdict } from '../../preload/contract/smtp-test.ts'
import type { Reply } from './line-reader.ts'
import { enhancedOf, explainedOf } from './said.ts'

export type Told = (step: SmtpStep) => void

/** A step but for its times. */
export interface Draft {
  stage: SmtpStage
  sent?: string | null
  reply?: Reply | null
  verdict: Verdict
  text: string
  tls?: Tls | null
  findings?: SmtpFinding[]
}

/** Both in milliseconds: since 1970, and on a clock that nobody sets. */
export interface Moment {
  date: number
  at: number
}

export const now = (): Moment => ({ date: Date.now(), at: performance.now() })

let lastTime = { date: 0, text: '' }
/** To write the time takes as long as half of a step, and several steps are done within one millisecond. */
function timeText(date: number): string {
  if (date !== lastTime.date) lastTime = { date, text: new Date(date).toISOString() }
  return lastTime.text
}

export class Telling {
  private told: Told = () => {}
  private untold: (() => SmtpStep)[] = []

  /** What is done in the work is told, all of it by its end. */
  async to(told: Told, work: () => Promise<unknown>): Promise<void> {
    this.told = told
    try {
      await work()
    } finally {
      this.tell()
    }
  }

  /** Of a step that has ended now. */
  add({ date, at }: Moment, draft: () => Draft): void {
    const ms = Math.round((performance.now() - at) * 10) / 10
    this.untold.push(() => {
      const { stage, sent = null, reply = null, verdict, text, tls = null, findings = [] } = draft()
      const said = reply === null ? null : { code: reply.code, enhanced: enhancedOf(reply), lines: reply.lines }
      return { stage, at: timeText(date), ms, sent, reply: said, verdict, text, explained: explainedOf(stage, verdict, reply?.lines ?? [], text), tls, findings }
    })
  }

  /** Before each wait, so that nothing is told late. */
  tell(): void {
    if (this.untold.length === 0) return
    const steps = this.untold
    this.untold = []
    for (const step of steps) this.told(step())
  }
}
