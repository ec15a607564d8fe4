// The embedded transport's parameters as the Limits tab shows them: names, words and ranges are Exchange's.
import { limitsSchema, type LimitName } from '../../../preload/contract/limits.ts'
import type { Parameter, secondsUnits } from '../../../preload/contract/parameters.ts'

const { maxPerDomainOutboundConnections: perDomain } = limitsSchema.shape

const duration = (name: Exclude<LimitName, 'maxPerDomainOutboundConnections'>, unit: (typeof secondsUnits)[number], heading: string, label: string, help: string): Parameter => {
  const { minValue, maxValue } = limitsSchema.shape[name]
  return { name, tab: 'limits', heading, label, help: `${help} (${name})`, takes: { kind: 'seconds', unit, least: minValue ?? 1, most: maxValue }, fixed: null }
}

export const embeddedParameters: Parameter[] = [
  duration('transientFailureRetryInterval', 'seconds', 'Retries', 'Transient failure retry interval', 'How long a message waits between two attempts.'),
  duration('messageExpirationTimeout', 'days', 'Message expiration', 'Maximum time since submission', 'After that a message that could not be delivered is returned to its sender.'),
  duration('delayNotificationTimeout', 'hours', 'Notifications', 'Notify sender when message is delayed more than', 'After that a sender is told, once, that the message is delayed.'),
  {
    name: 'maxPerDomainOutboundConnections',
    tab: 'limits',
    heading: 'Connection restrictions',
    label: 'Maximum concurrent outbound connections per domain',
    help: 'How many connections to one domain are open at the same time. (maxPerDomainOutboundConnections)',
    takes: { kind: 'count', least: perDomain.minValue ?? 1, most: perDomain.maxValue },
    fixed: null,
  },
]
