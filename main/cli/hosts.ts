// The hosts file from the command line: its lines, one edit at a time, what is amiss, and the way back.
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsEdit, HostsRow } from '../../preload/contract/hosts.ts'
import type { Core, Said, Verb } from './perform.ts'
import { agreed } from './agreed.ts'
import { carryOut, changeText, follow, type Guard, isAtTerminal, mustFit, planLines, planText, rolledBack } from './change.ts'
import { number, table, time } from './output.ts'

export interface HostsListed {
  filter?: string
  problems?: true
  limit: number
  offset: number
}

export interface HostsGuard extends Guard {
  evenReadOnly?: true
}

type Kind = HostsRow['kind']

const largestPage = 10_000

export function listHosts({ filter = '', problems, limit, offset }: HostsListed): Verb {
  return async (core) => {
    const found = await core.ask('hosts', 'list', { server: 'local', filter, show: problems ? 'problems' : 'entries', page: { offset, limit } })
    const { file, rows, total } = found
    const count = rows.length === total ? [] : [`${number(rows.length)} of ${number(total)} lines: --offset and --limit show others.`]
    const none = problems ? 'Nothing is amiss by itself; edgewise hosts check asks the DNS servers too.' : 'No entry.'
    const shown = rows.length === 0 ? none : table(['Line', 'Address', 'Names', 'Group', 'Comment', 'Note'], rows.map(cells))
    return { json: found, text: core.json ? '' : [`${file.path} (${file.encoding}, ${file.lineEndings})`, '', shown, ...count, '', file.transport].join('\n') }
  }
}

function cells({ line, kind, address, names, text, group, comment, findings, use }: HostsRow): string[] {
  const note = [...(kind === 'disabled' ? ['disabled'] : []), ...findings.map((finding) => finding.text)]
  const shown = note.length === 0 && use && !use.used ? [use.text] : note
  return [String(line), address ?? '–', names.join(' ') || text, group ?? '–', comment ?? '–', shown.join(' ') || '–']
}

export interface HostsAdded extends HostsGuard {
  comment?: string
  group?: string
}

export function addHosts(address: string, names: string[], { comment, group, ...guard }: HostsAdded): Verb {
  return async (core) => {
    const { hash, rows } = await allOf(core, group ?? null)
    const after = group === undefined ? null : lastOf(group, rows)
    return change(core, hash, { kind: 'add', entries: [{ address, names, comment: comment || null }], after }, guard, 'add')
  }
}

function lastOf(group: string, rows: HostsRow[]): number {
  const last = rows.findLast((row) => row.group === group)
  if (last) return last.line
  throw new Failure('not-found', `The hosts file has no group “${group}”.`, 'A group is what stands under a line such as “# [mail hosts]”.')
}

export interface HostsSet extends HostsGuard {
  address?: string
  names?: string
  comment?: string
}

export function editHosts(target: string, { address, names, comment, ...guard }: HostsSet): Verb {
  return async (core) => {
    if (address === undefined && names === undefined && comment === undefined) throw new Failure('bad-input', 'Nothing to edit: give --address, --names or --comment.')
    const { hash, lines } = await found(core, [target], ['entry', 'disabled'])
    const [line = 0] = lines
    const listed = names?.split(/[,\s]+/).filter((name) => name !== '')
    // Without a comment there is none, rather than one of no letters.
    return change(core, hash, { kind: 'set', line, address, names: listed, ...(comment === undefined ? {} : { comment: comment || null }) }, guard, 'edit')
  }
}

const concerned: Record<'enable' | 'disable' | 'remove', Kind[]> = { enable: ['disabled'], disable: ['entry'], remove: ['entry', 'disabled'] }

export function switchHosts(kind: 'enable' | 'disable' | 'remove', targets: string[], guard: HostsGuard): Verb {
  return async (core) => {
    const { hash, lines } = await found(core, targets, concerned[kind])
    return change(core, hash, { kind, lines }, guard, kind)
  }
}

export const checkHosts: Verb = async (core) => {
  const checked = await core.ask('hosts', 'check', { server: 'local' }, (finding) => core.tell({ finding }, `Line ${finding.line}, ${finding.level === 'warning' ? 'warning' : 'note'}: ${finding.text}`))
  const warnings = checked.findings.filter(({ level }) => level === 'warning').length
  const said = [warnings === 0 ? 'Nothing is amiss.' : `${number(warnings)} ${warnings === 1 ? 'warning' : 'warnings'}.`, ...checked.notKnown.map((why) => `Not known: ${why}`)]
  return { json: checked, text: said.join('\n'), exitCode: warnings === 0 ? 0 : 1 }
}

export const hostsHistory: Verb = async (core) => {
  const history = await core.ask('hosts', 'history', { server: 'local' })
  const rows = history.saves.map(({ id, at, by, words, undone, isUndo }) => [id.slice(0, 8), time(at), isUndo ? 'undo' : 'save', undone ? 'taken back' : id === history.next ? 'next to undo' : '–', by, words.join(' ')])
  return { json: history, text: rows.length === 0 ? 'The hosts file was not saved here yet.' : table(['Change', 'When', 'Kind', 'State', 'By', 'What'], rows) }
}

export function undoHosts(id: string | undefined, guard: HostsGuard): Verb {
  return async (core) => {
    const { saves, next } = await core.ask('hosts', 'history', { server: 'local' })
    const wanted = id ?? next
    if (wanted === null) throw new Failure('failed', 'There is no save of the hosts file to take back.', 'edgewise hosts history shows what was saved and taken back.')
    const chosen = saves.filter((save) => save.id.startsWith(wanted))
    const [save] = chosen
    if (!save) throw new Failure('not-found', `“${wanted}” is none of the last saves of the hosts file.`, 'edgewise hosts history shows them.')
    if (chosen.length > 1) throw new Failure('bad-input', `More than one save begins with “${wanted}”.`, 'Give more of its id.')
    const evenReadOnly = guard.evenReadOnly ?? false
    if (guard.dryRun || isAtTerminal(core, guard)) {
      const plan = await core.ask('changes', 'planBack', { server: 'local', id: save.id, evenReadOnly })
      const text = [...plan.words, '', planLines(plan)].join('\n')
      if (guard.dryRun) return { json: { plan }, text }
      core.tell({}, text)
      if (!(await agreed('Take it back?', core.signal))) throw new Failure('cancelled', 'Nothing was changed.')
    }
    const asked = { server: 'local' as const, id: save.id, restart: guard.restart ?? false, evenReadOnly, by: 'edgewise hosts undo' }
    const back = await core.ask('changes', 'rollBack', asked, (told) => follow(core, told))
    return { json: { change: back }, text: changeText(back), exitCode: back.state === 'rolled back' ? rolledBack : 0 }
  }
}

/** Planned first, so that its warnings are seen where nobody is asked. */
async function change(core: Core, hash: string, edit: HostsEdit, { evenReadOnly, ...guard }: HostsGuard, verb: string): Promise<Said> {
  mustFit(guard)
  const wanted = { hosts: { hash, edit, evenReadOnly: evenReadOnly ?? false } }
  const { plan, text } = await planText(core, wanted)
  if (guard.dryRun) return { json: { plan }, text }
  if (!core.json && !isAtTerminal(core, guard)) for (const warning of plan.warnings) core.tell({}, `Warning: ${warning}`)
  const done = await carryOut(core, wanted, guard, `edgewise hosts ${verb}`)
  return { json: { change: done, warnings: plan.warnings }, text: changeText(done), exitCode: done.state === 'rolled back' ? rolledBack : 0 }
}

/** Lines by their number, or by a name that stands on one of them alone. */
async function found(core: Core, targets: string[], kinds: Kind[]): Promise<{ hash: string; lines: number[] }> {
  const lines: number[] = []
  let hash: string | null = null
  for (const target of targets) {
    const isLine = /^\d+$/.test(target)
    const all = await allOf(core, isLine ? null : target.replace(/\.$/, ''))
    if (hash !== null && hash !== all.hash) throw changedMeanwhile()
    hash = all.hash
    lines.push(isLine ? Number(target) : lineNamed(target, all.rows, kinds))
  }
  return { hash: hash ?? '', lines: [...new Set(lines)] }
}

function lineNamed(target: string, rows: HostsRow[], kinds: Kind[]): number {
  const plain = (name: string) => name.replace(/\.$/, '').toLowerCase()
  const named = rows.filter(({ kind, names }) => kinds.includes(kind) && names.some((name) => plain(name) === plain(target)))
  const [row] = named
  if (!row) throw new Failure('not-found', `The hosts file has no ${kinds.length > 1 ? '' : kinds[0] === 'disabled' ? 'disabled ' : 'enabled '}entry for “${target}”.`, 'edgewise hosts list shows all.')
  if (named.length > 1)
    throw new Failure('bad-input', `“${target}” stands on ${number(named.length)} lines: ${named.slice(0, 20).map(({ line, address }) => `${line} (${address})`).join(', ')}${named.length > 20 ? ' …' : ''}.`, 'Give the number of the line that you mean.')
  return row.line
}

/** The rows in which the filter is found; none where only the file’s hash is wanted. */
async function allOf(core: Core, filter: string | null): Promise<{ hash: string; rows: HostsRow[] }> {
  const page = (offset: number) => core.ask('hosts', 'list', { server: 'local', filter: filter ?? '', page: { offset, limit: filter === null ? 1 : largestPage } })
  const { file, rows, total } = await page(0)
  while (filter !== null && rows.length < total) {
    const more = await page(rows.length)
    if (more.file.hash !== file.hash) throw changedMeanwhile()
    rows.push(...more.rows)
  }
  return { hash: file.hash, rows: filter === null ? [] : rows }
}

const changedMeanwhile = () => new Failure('changed-meanwhile', 'The hosts file was changed while it was read. Nothing was written.', 'Run the command again.')
