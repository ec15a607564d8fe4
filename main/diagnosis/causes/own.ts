// What keeps mail here that has nothing to do with any destination.
import { factsOf } from '../finding.ts'
import { freeSpace, renewCertificate, resume, startService, tellSender } from '../remedies.ts'
import { proven, ruledOut, type Stage } from './naming.ts'

export const ownCauses: Stage = (findings) => {
  const [service] = factsOf(findings, 'service')
  const suspended = factsOf(findings, 'queue').filter(({ fact }) => fact.isSuspended)
  const queues = factsOf(findings, 'queue')
  const expired = factsOf(findings, 'message').filter(({ fact }) => fact.isExpired)
  const [own] = factsOf(findings, 'own-smtp')
  return [
    ...(service?.fact.state === 'stopped' ? [proven('service-stopped', { text: 'The transport service does not run: no mail moves.', by: [service], remedies: [startService] })] : []),
    ...(service?.fact.state === 'running' ? [ruledOut('service-stopped', 'The transport service runs.', [service])] : []),
    ...(suspended.length > 0 ? [proven('queue-suspended', { domains: suspended.map(({ fact }) => fact.domain), text: 'It is suspended: it is not tried until it is resumed.', by: suspended, remedies: [resume] })] : []),
    ...(queues.length > 0 && suspended.length === 0 ? [ruledOut('queue-suspended', 'No queue that was looked at is suspended.', queues)] : []),
    ...(expired.length > 0 ? [proven('expired', { domains: expired.map(({ fact }) => fact.domain), text: 'It waited longer than the message expiration timeout, and was returned to its sender.', by: expired, remedies: [tellSender('The message was returned. What kept it waiting is named beside this; the sender has to send it again.')] })] : []),
    ...(own?.fact.problem === 'busy' ? [proven('edge-busy', { text: 'This edge server itself is short of disk or memory, and takes no mail (back pressure).', by: [own], remedies: [freeSpace] })] : []),
    ...(own?.fact.problem === 'certificate' ? [proven('own-certificate', { text: 'The certificate that this edge server shows in TLS does not do.', by: [own], remedies: [renewCertificate] })] : []),
    ...(own?.fact.problem === null ? [ruledOut('edge-busy', 'This edge server takes mail itself.', [own])] : []),
  ]
}
