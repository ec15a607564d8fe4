// Finds out whether this edge server itself takes mail now: its greeting, MAIL FROM, and the certificate that it shows.
import type { SmtpStep } from '../../../preload/contract/smtp-test.ts'
import { transcript } from '../../../preload/contract/smtp-transcript.ts'
import { Dialogue } from '../../smtp/dialogue.ts'
import { parseListen } from '../../transport/embedded/settings.ts'
import type { Check, Told } from '../looking.ts'

/** Seconds: it is on this machine. */
const timeouts = { connect: 3, reply: 5 }

export const ownSmtp: Check = {
  name: 'own-smtp',
  title: 'Whether this edge server takes mail itself',
  limit: 10_000,
  async run({ subject, world, signal }, tell) {
    const { service, name } = subject.properties
    const at = service.state === 'running' && service.listening !== null ? parseListen(service.listening) : null
    if (at === null) return
    const target = { key: 'own', host: name, address: at.address, family: at.address.includes(':') ? 6 : 4, port: at.port } as const
    const steps: SmtpStep[] = []
    // RCPT is never said: the dialogue is ended once MAIL FROM is answered.
    const dialogue = new Dialogue({ target, recipient: `postmaster@${name}`, from: '', helo: name, tls: 'if-offered', auth: null, data: null, source: null, timeouts, reach: (address, port) => world.reach(address, port), signal })
    const told = (step: SmtpStep) => void steps.push(step)
    try {
      await dialogue.open(told)
      for (let round = 0; round < 6 && dialogue.next !== null && !steps.some(({ stage }) => stage === 'mail'); round++) await dialogue.do(dialogue.next, told)
      if (dialogue.next !== null) await dialogue.do({ kind: 'line', text: 'QUIT' }, told)
    } finally {
      dialogue.close()
    }
    tell(judged(steps, transcript({ ...target, steps })))
  },
}

export function judged(steps: SmtpStep[], raw: string): Told {
  const base = { target: '*', raw }
  const busy = steps.find(({ stage, reply }) => (stage === 'banner' || stage === 'mail') && (reply?.code === 452 || reply?.enhanced === '4.3.1' || reply?.enhanced === '4.3.2'))
  if (busy) return { ...base, verdict: 'bad', text: `This edge server itself does not take mail now: it answers ${busy.reply?.lines.join(' ') ?? ''}.`, fact: { kind: 'own-smtp', problem: 'busy' } }
  const tls = steps.find(({ stage }) => stage === 'starttls')
  const isExpired = (tls?.tls?.expiresInDays ?? 0) < 0
  if (tls && (isExpired || tls.findings.some(({ kind }) => kind === 'tls-failed'))) return { ...base, verdict: 'bad', text: `This edge server offers TLS, and ${isExpired ? 'its certificate has expired' : `it fails: ${tls.text.replace(/\.$/, '')}`}.`, fact: { kind: 'own-smtp', problem: isExpired ? 'expired' : 'tls' } }
  const failed = steps.find(({ verdict }) => verdict !== 'accepted')
  if (failed) return { ...base, verdict: 'odd', text: `This edge server does not take mail from itself: ${failed.text}`, fact: null }
  return { ...base, verdict: 'good', text: 'This edge server takes mail itself.', fact: { kind: 'own-smtp', problem: null } }
}
