// The raw transcript of a dialogue, with the time of each line. Secrets are masked in the steps already.
import type { SmtpStep, Spoken } from './smtp-test.ts'

/** `<` the host, `>` we, `*` what is told of it. Times are UTC. */
export function transcript({ host, address, port, steps }: Spoken): string {
  return [`* ${host} [${address}]:${port}`, ...steps.flatMap(stepLines), ''].join('\n')
}

/** The lines of one step, as they are told while it runs. */
export function stepLines({ at, ms, stage, sent, reply, verdict, text, tls, findings }: SmtpStep): string[] {
  const began = clock(at, 0)
  const ended = clock(at, ms)
  return [
    ...(sent === null ? [] : sent.split('\n').map((line) => `${began} > ${line}`)),
    ...(reply?.lines ?? []).map((line) => `${ended} < ${line}`),
    ...(reply === null || verdict === 'failed' || stage === 'connect' ? [`${ended} * ${text}`] : []),
    ...(tls?.chain ?? []).map(({ subject, issuer, validTo }) => `${ended} * certificate of ${subject}, issued by ${issuer}, until ${validTo}`),
    ...findings.map((finding) => `${ended} * ${finding.text}`),
  ]
}

const clock = (at: string, later: number) => new Date(Date.parse(at) + later).toISOString().slice(11, 23)
