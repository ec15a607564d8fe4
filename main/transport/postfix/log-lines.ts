// A line of Postfix's log: what it says of which message, in either form of time.
import type { Attempt } from '../../../preload/contract/queues.ts'

/** `at` in milliseconds since 1970; of a log with whole seconds the beginning of that second. */
export type Told = { id: string; at: number } & (
  | { kind: 'taken'; source: string | null }
  | { kind: 'active'; from: string; size: number }
  | { kind: 'tried'; to: string; relay: string; dsn: string; status: 'sent' | 'deferred' | 'bounced'; text: string }
  | { kind: 'expired'; from: string }
  | { kind: 'damaged' }
  | { kind: 'requeued' }
  | { kind: 'moved' }
  | { kind: 'removed'; byHand: boolean }
)
type What = Told extends infer T ? (T extends { id: string; at: number } ? Omit<T, 'id' | 'at'> : never) : never

const traditional = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) \S+ ([^\s[]+)\[\d+\]: (.*)$/s
const rfc3339 = /^(\d{4}-\d\d-\d\dT\S+) \S+ ([^\s[]+)\[\d+\]: (.*)$/s
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const day = 86_400_000

/** `name` is the instance's `syslog_name`: several write to one log. Null where the line says nothing of a message. */
export function readLogLine(line: string, name: string, now = Date.now()): Told | null {
  const [, month = '', date, hour, minute, second, byName, rest] = traditional.exec(line) ?? []
  const [, stamp, byStamp, stampedRest] = month === '' ? (rfc3339.exec(line) ?? []) : []
  const program = byName ?? byStamp ?? ''
  if (!program.startsWith(`${name}/`)) return null
  const told = about(rest ?? stampedRest ?? '', program.slice(program.lastIndexOf('/') + 1))
  if (!told) return null
  const at = stamp === undefined ? withYear(months.indexOf(month), [date, hour, minute, second].map(Number), now) : Date.parse(stamp)
  return Number.isNaN(at) ? null : ({ ...told.what, id: told.id, at } as Told)
}

/** The traditional form has no year: the latest that is not in the future, but for a clock that differs. */
function withYear(month: number, [date = 1, hour = 0, minute = 0, second = 0]: number[], now: number): number {
  const year = new Date(now).getFullYear()
  const at = new Date(year, month, date, hour, minute, second).getTime()
  return at > now + day ? new Date(year - 1, month, date, hour, minute, second).getTime() : at
}

const tried = /^to=<(.*?)>, (?:orig_to=<.*?>, )?relay=(.*?), (?:conn_use=\d+, )?delay=\S+, delays=\S+, dsn=(\S+), status=(sent|deferred|bounced) \((.*)\)$/s

function about(text: string, program: string): { id: string; what: What } | null {
  const damaged = /^warning: (?:saving corrupt file "|corrupted queue file: \S*\/)([0-9A-Za-z]+)/.exec(text)?.[1]
  if (damaged !== undefined) return { id: damaged, what: { kind: 'damaged' } }
  const [, id, said = ''] = /^(?!warning:)([0-9A-Za-z]{6,}): (.*)$/s.exec(text) ?? []
  const what = id === undefined ? null : whatOf(said, program)
  return id === undefined || what === null ? null : { id, what }
}

function whatOf(said: string, program: string): What | null {
  if (said === 'removed') return { kind: 'removed', byHand: program === 'postsuper' }
  if (said === 'requeued') return { kind: 'requeued' }
  if (said === 'placed on hold' || said === 'released from hold') return { kind: 'moved' }
  const [, to, relay = '', dsn = '', status, answer = ''] = tried.exec(said) ?? []
  if (to !== undefined) return { kind: 'tried', to, relay, dsn, status: status as 'sent' | 'deferred' | 'bounced', text: answer }
  const [, from, size, expired] = /^from=<(.*?)>, (?:size=(\d+), nrcpt=\d+ \(queue active\)|(status=(?:force-)?expired, returned to sender))/.exec(said) ?? []
  if (from !== undefined) return expired === undefined ? { kind: 'active', from, size: Number(size) } : { kind: 'expired', from }
  const client = /^client=[^[]*\[([^\]]+)\]/.exec(said)?.[1]
  if (client !== undefined) return { kind: 'taken', source: client }
  return /^uid=\d+ from=</.test(said) ? { kind: 'taken', source: null } : null
}

/** How far the attempt got, by Postfix's own words for it. */
export function stageOf(text: string): Attempt['stage'] {
  if (/\b(?:said|refused to talk to me): [245]\d\d/.test(text)) return 'smtp'
  if (/Name service error|Host or domain name not found|Host not found|unable to look up host|Malformed DNS|nullMX|does not accept mail/i.test(text)) return 'dns'
  return /\bconnect to |lost connection|Connection (?:refused|timed out|reset)|timed out while|Network is unreachable|No route to host|conversation with /i.test(text) ? 'connect' : 'other'
}
