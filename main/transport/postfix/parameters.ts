// Postfix's parameters as the Limits and Log Settings tabs show them: its own names, and its own units as they are written.
import type { Parameter, ParameterKind, ParameterTab, ParameterValue, ParameterValues } from '../../../preload/contract/parameters.ts'
import type { Instance } from './instance.ts'
import { parametersIn, postconfLimit } from './instance.ts'
import { run } from './programs.ts'

interface Offered {
  name: string
  tab: ParameterTab
  heading: string
  label: string
  help: string
  takes: ParameterKind
}

const units = ['s', 'm', 'h', 'd', 'w']
const duration = (unit: string): ParameterKind => ({ kind: 'duration', units, unit })
const count = (least = 0, most: number | null = null): ParameterKind => ({ kind: 'count', least, most })

/** postconf(5). `unit` is what Postfix takes a bare number for. */
const offered: Offered[] = [
  { name: 'minimal_backoff_time', tab: 'limits', heading: 'Retries', label: 'Shortest time between two attempts', help: 'How long a message waits at least before it is tried again; the time doubles with each attempt.', takes: duration('s') },
  { name: 'maximal_backoff_time', tab: 'limits', heading: 'Retries', label: 'Longest time between two attempts', help: 'How long a message waits at most before it is tried again.', takes: duration('s') },
  { name: 'queue_run_delay', tab: 'limits', heading: 'Retries', label: 'Time between two looks through the queue', help: 'How often it looks for messages whose time has come.', takes: duration('s') },
  { name: 'maximal_queue_lifetime', tab: 'limits', heading: 'Message expiration', label: 'Maximum time in the queue', help: 'After that a message that could not be delivered is returned to its sender.', takes: duration('d') },
  { name: 'bounce_queue_lifetime', tab: 'limits', heading: 'Message expiration', label: 'Maximum time in the queue for a notice', help: 'After that a notice to a sender that could not be delivered is given up.', takes: duration('d') },
  { name: 'delay_warning_time', tab: 'limits', heading: 'Notifications', label: 'Notify sender when message is delayed more than', help: 'After that a sender is told, once, that the message is delayed; 0h: never.', takes: duration('h') },
  { name: 'default_destination_concurrency_limit', tab: 'limits', heading: 'Connections', label: 'Maximum deliveries at once to one destination', help: 'How many messages are delivered to the same destination at the same time; 0: as many as there are.', takes: count() },
  { name: 'initial_destination_concurrency', tab: 'limits', heading: 'Connections', label: 'Deliveries at once to begin with', help: 'With how many it begins at a destination.', takes: count(1) },
  { name: 'default_destination_recipient_limit', tab: 'limits', heading: 'Connections', label: 'Maximum recipients of one delivery', help: 'Messages to more are delivered in parts; 0: no limit.', takes: count() },
  { name: 'default_process_limit', tab: 'limits', heading: 'Connections', label: 'Maximum processes of a service', help: 'How many processes each service of Postfix may have, where master.cf says no other number.', takes: count(1) },
  { name: 'smtp_connect_timeout', tab: 'limits', heading: 'Connections', label: 'Time limit for a connection', help: 'How long a mail host is waited for that does not answer; 0s: as long as the system waits.', takes: duration('s') },
  { name: 'message_size_limit', tab: 'limits', heading: 'Sizes', label: 'Maximum size of a message (bytes)', help: 'Larger ones are not taken; 0: no limit.', takes: count() },
  { name: 'queue_minfree', tab: 'limits', heading: 'Sizes', label: 'Free space that has to be left (bytes)', help: 'With less free in its queue’s file system it takes no mail; 0: it does not look.', takes: count() },
  { name: 'maillog_file', tab: 'log', heading: 'Mail log', label: 'Mail log path', help: 'A file of Postfix’s own instead of the system’s log; empty: the system’s log. Its beginning must be one of maillog_file_prefixes.', takes: { kind: 'path' } },
  { name: 'syslog_facility', tab: 'log', heading: 'Mail log', label: 'Facility of the system’s log', help: 'Where the system’s log files what Postfix says.', takes: { kind: 'text' } },
  { name: 'syslog_name', tab: 'log', heading: 'Mail log', label: 'Name in the log', help: 'What stands before each of its lines.', takes: { kind: 'text' } },
  { name: 'enable_long_queue_ids', tab: 'log', heading: 'Mail log', label: 'Long queue ids', help: 'Ids that no later message gets again, so that the log stays unmistakable.', takes: { kind: 'flag' } },
  { name: 'debug_peer_list', tab: 'log', heading: 'Debugging', label: 'Peers to log more of', help: 'Mail hosts, domains and networks whose dialogues are logged in detail; empty: none.', takes: { kind: 'text' } },
  { name: 'debug_peer_level', tab: 'log', heading: 'Debugging', label: 'How much more to log of these', help: 'The higher, the more.', takes: count(1) },
  { name: 'smtp_tls_loglevel', tab: 'log', heading: 'Debugging', label: 'TLS when sending', help: '0: nothing, 1: a summary; more is for hunting faults.', takes: count(0, 4) },
  { name: 'smtpd_tls_loglevel', tab: 'log', heading: 'Debugging', label: 'TLS when receiving', help: '0: nothing, 1: a summary; more is for hunting faults.', takes: count(0, 4) },
]

/** What main.cf itself says (`postconf -n`), and what held without it (`postconf -d`). */
export interface Origins {
  explicit: ReadonlyMap<string, string>
  defaults: ReadonlyMap<string, string>
}

export async function readOrigins({ configDir }: Pick<Instance, 'configDir'>, signal: AbortSignal): Promise<Origins> {
  const [explicit, defaults] = await Promise.all(['-n', '-d'].map((flag) => printed(configDir, flag, signal)))
  return { explicit: explicit ?? new Map(), defaults: defaults ?? new Map() }
}

/** Of these alone: all of them would have it look for the machine's name in DNS where main.cf does not say it. */
export const printed = async (configDir: string, flag: string, signal: AbortSignal, names: readonly string[] = offered.map(({ name }) => name)): Promise<Map<string, string>> =>
  parametersIn((await run('postconf', [flag, ...names], { configDir, signal, limit: postconfLimit })).output)

/** Those that this version of Postfix has. */
export function parametersOf({ values }: Pick<Instance, 'values'>, { explicit, defaults }: Origins): Parameter[] {
  return offered
    .filter(({ name }) => values.has(name))
    .map((one) => ({ ...one, help: `${one.help} (${one.name}${explicit.has(one.name) ? `, set in main.cf; the default is ${defaults.get(one.name) || 'empty'}` : ', the default'})`, fixed: null }))
}

export function valuesOf({ values }: Pick<Instance, 'values'>, tab: ParameterTab): ParameterValues {
  return Object.fromEntries(offered.flatMap((one) => (one.tab === tab && values.has(one.name) ? [[one.name, valueOf(one, values.get(one.name) ?? '')]] : [])))
}

function valueOf({ takes: { kind } }: Offered, text: string): ParameterValue {
  if (kind === 'count') return /^\d{1,15}$/.test(text) ? Number(text) : text
  return kind === 'flag' ? text === 'yes' : text
}

/** As main.cf has it. */
export const written = (value: ParameterValue): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))
