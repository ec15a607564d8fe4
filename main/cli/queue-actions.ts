// Actions on queues and messages: which are meant is counted first, and it is done with exactly those.
import { resolve } from 'node:path'
import { Failure } from '../../preload/contract/failure.ts'
import { parseFilter } from '../../preload/contract/filter-text.ts'
import type { Filter, Subject } from '../../preload/contract/filter.ts'
import type { Action, ActEnd, Chosen, Outcome } from '../../preload/contract/queues.ts'
import { agreed } from './agreed.ts'
import { number, plain, table, time } from './output.ts'
import type { Core, Said, Verb } from './perform.ts'

export interface ActionWanted {
  deed: Action['kind']
  /** Next hops, or ids of messages. */
  names: string[]
  filter?: string
  ndr?: true
  folder?: string
  dryRun?: true
  yes?: true
}

export function filterOf(text: string, of: Subject): Filter {
  const parsed = parseFilter(text, of)
  if ('problem' in parsed) throw new Failure('bad-input', parsed.problem, 'Nothing was done. An example: lastError contains "4.4.7" and received older-than 2h')
  return parsed
}

export function act(of: Subject, wanted: ActionWanted): Verb {
  return async (core) => {
    const names = [...new Set(of === 'queues' ? wanted.names.map((name) => name.toLowerCase()) : wanted.names)]
    const what = chosen(of, names, wanted.filter)
    const selected = await core.ask('queues', 'select', { server: 'local', what })
    const { messages, queues } = selected
    const missing = names.length - (of === 'queues' ? queues : messages)
    if (names.length > 0 && missing > 0) throw new Failure('not-found', `${number(missing)} of these ${of} ${missing === 1 ? 'is' : 'are'} not there any more. Nothing was done.`, `See edgewise ${of}.`)
    const count = of === 'queues' ? `${counted(queues, 'queue')} with ${counted(messages, 'message')}` : counted(messages, 'message')
    const words = { retry: 'Retry', suspend: 'Suspend', resume: 'Resume', export: `Export to ${wanted.folder}:`, remove: wanted.ndr ? 'Remove, and tell the senders of,' : 'Remove without telling the senders' }[wanted.deed]
    if (wanted.dryRun) return { json: { messages, queues }, text: `${words} ${count}. Nothing was done.` }
    if (messages + queues === 0) return { json: { counts: {}, folder: null, removal: null }, text: `No ${of === 'queues' ? 'queue' : 'message'} is meant. Nothing was done.` }
    const terminal = !core.json && process.stdin.isTTY === true && process.stdout.isTTY === true
    if (!wanted.yes && !terminal && wanted.deed === 'remove') throw new Failure('bad-input', `${count} would be removed, and nobody can be asked here.`, 'Say --yes, or look first with --dry-run.')
    if (!wanted.yes && terminal && !(await agreed(`${words} ${count}?`, core.signal))) throw new Failure('cancelled', 'Nothing was done.')
    return ended(await core.ask('queues', 'act', { server: 'local', selection: selected.selection, action: action(wanted) }, ({ rows }) => tell(core, rows)))
  }
}

export const removed: Verb = async (core) => {
  const { removals } = await core.ask('queues', 'removals', { server: 'local' })
  const rows = removals.map(({ id, at, messages, nextHops, ndr, until }) => [id, time(at), number(messages), ndr ? 'told' : 'not told', time(until), nextHops.join(', ')])
  return { json: { removals }, text: rows.length === 0 ? 'Nothing was removed that could be put back.' : table(['Removal', 'Removed', 'Messages', 'Senders', 'Kept until', 'Next hops'], rows) }
}

export function putBack(id: string): Verb {
  return async (core) => ended(await core.ask('queues', 'putBack', { server: 'local', removal: id }, ({ rows }) => tell(core, rows)))
}

function chosen(of: Subject, names: string[], filter: string | undefined): Chosen {
  if (names.length > 0 && filter !== undefined) throw new Failure('bad-input', 'Give names or --filter, not both.')
  if (names.length === 0 && filter === undefined)
    throw new Failure('bad-input', `Which ${of} are meant is missing.`, `Name them, or choose them: --filter '${of === 'queues' ? 'inbound is yes' : 'lastError contains "4.4.7"'}'`)
  if (of === 'queues') return { queues: filter === undefined ? { nextHops: names } : { filter: filterOf(filter, of) } }
  return { messages: filter === undefined ? { ids: names } : { filter: filterOf(filter, of) } }
}

function action({ deed, ndr, folder = '' }: ActionWanted): Action {
  if (deed === 'remove') return { kind: deed, ndr: ndr ?? false }
  return deed === 'export' ? { kind: deed, folder: resolve(folder) } : { kind: deed }
}

function tell(core: Core, rows: Outcome[]): void {
  for (const row of rows) core.tell(row, plain(`${row.id}  ${row.outcome.padEnd(9)}  ${row.text}`))
}

function ended({ counts, folder, removal }: ActEnd): Said {
  const told = Object.entries(counts).map(([outcome, count]) => `${number(count)} ${outcome}`)
  const lines = [
    `${told.join(', ') || 'Nothing was done'}.`,
    ...(folder === null || !counts.exported ? [] : [`The messages lie in ${folder}`]),
    ...(removal === null || !counts.removed ? [] : [`For a day they can be put back: edgewise queue put-back ${removal}`]),
  ]
  return { json: { counts, folder, removal }, text: lines.join('\n'), exitCode: counts.failed ? 1 : 0 }
}

const counted = (count: number, what: string) => `${number(count)} ${what}${count === 1 ? '' : 's'}`
