// The double's SMTP test: three mail hosts in memory, of which one takes the mail, one refuses it and one says nothing
// until the test is cancelled; and a dialogue by hand that answers as they do.
import type { Answers } from '../../preload/contract/index.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Hand, SmtpDialogue, SmtpRoute, SmtpStep, SmtpSteps, SmtpTarget, Spoken } from '../../preload/contract/smtp-test.ts'

export interface SmtpDouble {
  answers: Answers['smtpTest']
  /** Sessions that are open. */
  open: Set<string>
  /** What each open session was asked, in its order. */
  asked: Hand[]
  saved: { file: string; dialogues: Spoken[] }[]
  /** Connections and look-ups that were cancelled. */
  cancelled: string[]
}

export const hosts = ['mx1.example.test', 'mx2.example.test', 'mx3.example.test']

export const step = (stage: SmtpStep['stage'], more: Partial<SmtpStep> = {}): SmtpStep => ({ stage, at: '2026-01-05T12:00:00.000Z', ms: 4, sent: null, reply: null, verdict: 'accepted', text: 'Done.', explained: null, tls: null, findings: [], ...more })
const reply = (code: number, text: string) => ({ code, enhanced: null, lines: [`${code} ${text}`] })

export const refusal = step('rcpt', {
  sent: 'RCPT TO:<alice@example.test>',
  reply: reply(550, '5.1.1 User unknown'),
  verdict: 'refused',
  text: 'The host refuses the recipient: 550 5.1.1 User unknown',
  explained: { category: 'recipient-unknown', permanent: true, code: '550', enhanced: '5.1.1', inner: '5.1.1 User unknown', meaning: 'The host does not know the recipient.', remedy: 'Check the address.', stage: 'rcpt', host: null, command: null },
})

/** `mx3.example.test` is known to this machine alone. */
export function routeTo(domain: string): SmtpRoute {
  const found = (names: string[]) => ({ hosts: names.map((host, at) => ({ host, preference: 10 * (at + 1), addresses: [`198.51.100.${at + 1}`], port: null })), text: `${domain} has ${names.length} mail hosts.`, problem: null })
  return { domain, transport: found(hosts), system: found(hosts.slice(0, 2)), differences: ['Only the transport finds mx3.example.test.'] }
}

export function smtpDouble(pause: () => Promise<unknown>): SmtpDouble {
  const open = new Set<string>()
  const asked: Hand[] = []
  const saved: SmtpDouble['saved'] = []
  const cancelled: string[] = []
  const waiting = new Map<string, () => void>()

  const run: Answers['smtpTest']['run'] = async ({ recipient, options }, { signal, progress }) => {
    const route = routeTo(recipient.slice(recipient.lastIndexOf('@') + 1))
    await pause()
    progress({ kind: 'route', route })
    const targets = hosts.map((host, at): SmtpTarget => ({ key: `${host} 198.51.100.${at + 1}`, host, address: `198.51.100.${at + 1}`, family: 4, port: options.port ?? 25 }))
    progress({ kind: 'begun', dialogues: targets })
    const dialogues = await Promise.all(targets.map((target, at) => dialogueOf(target, at)))
    return { dialogues, route, text: `3 dialogues: ${dialogues.map(({ outcome }) => outcome).join(', ')}.` }

    async function dialogueOf(target: SmtpTarget, at: number): Promise<SmtpDialogue> {
      const steps: SmtpStep[] = []
      const tell = (one: SmtpStep) => {
        steps.push(one)
        progress({ kind: 'step', dialogue: target.key, step: one })
      }
      tell(step('connect', { text: `Connected to ${target.address}:25.` }))
      await pause()
      if (at === 2) {
        await new Promise<void>((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done())))
        tell(step('banner', { verdict: 'cancelled', text: 'Cancelled.' }))
      } else {
        tell(step('banner', { reply: reply(220, target.host) }))
        tell(at === 0 ? step('rcpt', { sent: `RCPT TO:<${recipient}>`, reply: reply(250, 'Ok'), text: 'The host takes mail for this recipient.' }) : refusal)
      }
      const last = steps.at(-1)!
      progress({ kind: 'ended', dialogue: target.key, outcome: last.verdict, text: last.text })
      return { ...target, source: '10.0.0.12', outcome: last.verdict, text: last.text, ms: 12, steps }
    }
  }

  const ended = (session: string, steps: SmtpStep[]): SmtpSteps => {
    open.delete(session)
    return { steps, next: null }
  }
  const said = async (session: string, hand: Hand): Promise<SmtpSteps> => {
    if (!open.has(session)) throw new Failure('not-found', 'This dialogue has ended.', 'Connect again.')
    asked.push(hand)
    await pause()
    const next = (text: string): SmtpSteps['next'] => ({ kind: 'line', text })
    if (hand.kind !== 'line') return { steps: [step('auth', { sent: 'AUTH PLAIN ********', reply: reply(235, 'Ok') })], next: next('MAIL FROM:<>') }
    const { text } = hand
    if (text === 'SLOW') {
      if (open.has(session)) await new Promise<void>((done) => waiting.set(session, done))
      return ended(session, [step('other', { sent: text, verdict: 'cancelled', text: 'Cancelled.' })])
    }
    if (text === 'QUIT') return ended(session, [step('quit', { sent: text, reply: reply(221, 'Bye') })])
    if (text === 'AUTH LOGIN') return { steps: [step('auth', { sent: text, reply: reply(334, 'VXNlcm5hbWU6') })], next: next('*') }
    if (text.startsWith('AUTH ')) return { steps: [step('auth', { sent: 'AUTH PLAIN ********', reply: reply(235, 'Ok') })], next: next('MAIL FROM:<>') }
    return { steps: [text.startsWith('RCPT') ? { ...refusal, sent: text } : step('ehlo', { sent: text, reply: reply(250, 'Ok') })], next: next('MAIL FROM:<>') }
  }

  return {
    open,
    asked,
    saved,
    cancelled,
    answers: {
      route: async ({ recipient }, { signal }) => {
        await pause()
        if (signal.aborted) cancelled.push(`route ${recipient}`)
        return routeTo(recipient.slice(recipient.lastIndexOf('@') + 1))
      },
      run,
      open: async ({ host }, { signal }) => {
        await pause()
        if (signal.aborted) {
          cancelled.push(`open ${host}`)
          throw new Failure('cancelled', 'Cancelled.')
        }
        const session = `${host} ${open.size + 1}`
        if (host === hosts[2]) return { session, steps: [step('connect', { verdict: 'failed', text: 'No answer.' })], next: null }
        open.add(session)
        return { session, steps: [step('connect'), step('banner', { reply: reply(220, host) })], next: { kind: 'line', text: 'EHLO edge01' } }
      },
      step: ({ session, do: hand }) => said(session, hand),
      close: async ({ session }) => {
        open.delete(session)
        waiting.get(session)?.()
        return {}
      },
      save: async ({ file, dialogues }) => {
        if (saved.some((one) => one.file === file)) throw new Failure('failed', `${file} is there already.`, 'Choose another name.')
        saved.push({ file, dialogues })
        return { file }
      },
    },
  }
}
