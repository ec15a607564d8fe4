// Exchange's parameters of the Limits and Log Settings tabs: the original dialog's words, Set-TransportService's names and
// ranges (its reference page; the 2010 dialog's own ranges are narrower in places).
import type { Parameter, ParameterKind, ParameterTab, ParameterValue, ParameterValues, secondsUnits } from '../../../preload/contract/parameters.ts'
import { printInterval, readInterval } from './interval.ts'
import type { TransportValues } from './protocol.ts'

type Name = Extract<keyof TransportValues, string>

const day = 86_400

const interval = (unit: (typeof secondsUnits)[number], least: number, most: number): ParameterKind => ({ kind: 'seconds', unit, least, most })
/** `unlimited` is a value too. */
const unlimited: ParameterKind = { kind: 'text' }

const parameter = (tab: ParameterTab, heading: string, name: Name, label: string, takes: ParameterKind, help: string): Parameter & { name: Name } => ({
  name,
  tab,
  heading,
  label,
  help: `${help} (${name})`,
  takes,
  fixed: null,
})

const all = [
  parameter('limits', 'Retries', 'OutboundConnectionFailureRetryInterval', 'Outbound connection failure retry interval', interval('minutes', 1, 20 * day), 'How long a destination is left alone after connecting to it failed.'),
  parameter('limits', 'Retries', 'TransientFailureRetryInterval', 'Transient failure retry interval', interval('seconds', 1, day / 2), 'How long it waits between the first attempts after a failure.'),
  parameter('limits', 'Retries', 'TransientFailureRetryCount', 'Transient failure retry attempts', { kind: 'count', least: 0, most: 15 }, 'How many of these attempts there are, before the longer interval.'),
  parameter('limits', 'Message expiration', 'MessageExpirationTimeout', 'Maximum time since submission', interval('days', 5, 90 * day), 'After that a message that could not be delivered is returned to its sender.'),
  parameter('limits', 'Notifications', 'DelayNotificationTimeout', 'Notify sender when message is delayed more than', interval('hours', 1, 30 * day), 'After that a sender is told that the message is delayed.'),
  parameter('limits', 'Connection restrictions', 'MaxOutboundConnections', 'Maximum concurrent outbound connections', unlimited, 'To all destinations together: a number or unlimited.'),
  parameter('limits', 'Connection restrictions', 'MaxPerDomainOutboundConnections', 'Maximum concurrent outbound connections per domain', unlimited, 'To one destination: a number or unlimited.'),
  parameter('log', 'Message tracking log', 'MessageTrackingLogEnabled', 'Enable message tracking log', { kind: 'flag' }, 'Whether every step of every message is noted.'),
  parameter('log', 'Message tracking log', 'MessageTrackingLogPath', 'Message tracking log path', { kind: 'path' }, 'The folder of the message tracking log.'),
  parameter('log', 'Connectivity log', 'ConnectivityLogEnabled', 'Enable connectivity log', { kind: 'flag' }, 'Whether every outbound connection is noted, with its DNS lookups.'),
  parameter('log', 'Connectivity log', 'ConnectivityLogPath', 'Connectivity log path', { kind: 'path' }, 'The folder of the connectivity log.'),
  parameter('log', 'Protocol log', 'SendProtocolLogPath', 'Send protocol log path', { kind: 'path' }, 'The folder of the dialogues with destinations.'),
  parameter('log', 'Protocol log', 'ReceiveProtocolLogPath', 'Receive protocol log path', { kind: 'path' }, 'The folder of the dialogues with those that send mail here.'),
]

/** Those that this Exchange has, with their values; an interval that is not whole seconds is shown and cannot be set here. */
export function parametersOf(values: TransportValues): { parameters: Parameter[] } & Record<ParameterTab, ParameterValues> {
  const read: { parameters: Parameter[] } & Record<ParameterTab, ParameterValues> = { parameters: [], limits: {}, log: {} }
  for (const one of all) {
    const raw = values[one.name]
    if (raw === null || raw === undefined || Array.isArray(raw)) continue
    const value = one.takes.kind === 'seconds' ? readInterval(String(raw)) : raw
    const isKept = one.takes.kind === 'seconds' && typeof value === 'string'
    read.parameters.push(isKept ? { ...one, takes: { kind: 'text' }, fixed: 'It is no whole number of seconds, and is left as it is.' } : one)
    read[one.tab][one.name] = value
  }
  return read
}

/** As the cmdlet takes it. */
export function printParameter(name: string, value: ParameterValue): ParameterValue {
  const takes = all.find((one) => one.name === name)?.takes
  return takes?.kind === 'seconds' && typeof value === 'number' ? printInterval(value) : value
}
