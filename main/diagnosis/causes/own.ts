// What keeps mail here that has nothing to do with any destination.
import type { Cause } from '../../../preload/contract/diagnosis.ts'
import { factsOf, type Finding, type Found } from '../finding.ts'
import { rightlySaid } from './astray.ts'
import { freeSpace, renewCertificate, resume, startService, tellSender } from '../remedies.ts'
import { likely, proven, ruledOut, type Stage } from './naming.ts'

export const ownCauses: Stage = (findings) => {
  const [service] = factsOf(findings, 'service')
  const suspended = factsOf(findings, 'queue').filter(({ fact }) => fact.isSuspended)
  const queues = factsOf(findings, 'queue')
  const expired = factsOf(findings, 'message').filter(({ fact }) => fact.isExpired)
  const [own] = factsOf(findings, 'own-smtp')
  const minding = own?.fact.problem === 'expired' || own?.fact.problem === 'tls' ? rightlySaid(findings).filter(({ fact }) => fact.explained.category === 'tls' && /certificate/i.test(fact.explained.inner)) : []
  return [
    ...(service?.fact.state === 'stopped' ? [proven('service-stopped', { text: 'The transport service does not run: no mail moves.', by: [service], remedies: [startService] })] : []),
    ...(service?.fact.state === 'running' ? [ruledOut('service-stopped', 'The transport service runs.', [service])] : []),
    ...(suspended.length > 0 ? [proven('queue-suspended', { domains: suspended.map(({ fact }) => fact.domain), text: 'It is suspended: it is not tried until it is resumed.', by: suspended, remedies: [resume] })] : []),
    ...(queues.length > 0 && suspended.length === 0 ? [ruledOut('queue-suspended', 'No queue that was looked at is suspended.', queues)] : []),
    ...(expired.length > 0 ? [proven('expired', { domains: expired.map(({ fact }) => fact.domain), text: 'It waited longer than the message expiration timeout, and was returned to its sender.', by: expired, remedies: [tellSender('The message was returned. What kept it waiting is named beside this; the sender has to send it again.')] })] : []),
    ...(own?.fact.problem === 'busy' ? [proven('edge-busy', { text: 'This edge server itself is short of disk or memory, and takes no mail (back pressure).', by: [own], remedies: [freeSpace] })] : []),
    ...(own && (own.fact.problem === 'expired' || own.fact.problem === 'tls') ? [ownCertificate(own, minding)] : []),
    ...(own?.fact.problem === null ? [ruledOut('edge-busy', 'This edge server takes mail itself.', [own])] : []),
  ]
}

/** An old one is nobody’s trouble until somebody refuses it; with one that fails, whoever tries TLS comes to nothing. */
function ownCertificate(own: Found<'own-smtp'>, minding: Found<'said'>[]): Cause {
  const isExpired = own.fact.problem === 'expired'
  const parts = { domains: [...new Set(minding.map(({ fact }) => fact.domain))], by: [own, ...minding] as Finding[], remedies: [renewCertificate], text: isExpired ? `The certificate that this edge server shows in TLS has expired${minding.length > 0 ? ', and the destination takes no mail with it' : ''}.` : 'TLS with this edge server fails: its certificate does not do.' }
  return isExpired && minding.length === 0 ? likely('own-certificate', 'The word of somebody who refuses it: most do not look.', parts) : proven('own-certificate', parts)
}
