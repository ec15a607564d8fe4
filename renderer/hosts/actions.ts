// What can be done with the lines that are selected: one list for the actions pane, the menu and the keys.
import { Failure } from '../../preload/contract/failure.ts'
import type { HostsEdit, HostsRow } from '../../preload/contract/hosts.ts'
import { edgewise, settled } from '../api.ts'
import { say } from '../console/notices.ts'
import type { Icon } from '../parts/Icon.tsx'
import { rowAt } from '../parts/pages.ts'
import { check } from './checking.ts'
import { emptyDraft, openForm, type Subject } from './forms.ts'
import { rowsBetween, useHosts, type Hosts } from './hosts.ts'
import { begin, takeBack } from './saving.ts'
import { placeOf, selectedLines, selectedRows } from './selecting.ts'

export const actionNames = ['add', 'edit', 'enable', 'disable', 'remove', 'up', 'down', 'group', 'comment', 'check', 'undo', 'text'] as const
export type ActionName = (typeof actionNames)[number]

interface Action {
  label(hosts: Hosts): string
  icon: Parameters<typeof Icon>[0]['name']
  /** As menus write it. */
  keys: string
  isPossible(hosts: Hosts): boolean
  run(): Promise<void> | void
}

/** A cut line is longer than this: to edit it would be to lose the rest. */
const mostText = 4_000

const isAny = ({ selected }: Hosts) => selected.size > 0
const isOne = ({ selected }: Hosts) => selected.size === 1
const one = ({ selected, pages, at }: Hosts): HostsRow | undefined => {
  const row = rowAt(pages, at)
  return selected.size === 1 && row && selected.has(row.line) ? row : undefined
}
/** Of more than one it is not known before it is looked at. */
const isMaybe = (kind: HostsRow['kind']) => (hosts: Hosts) => (isOne(hosts) ? one(hosts)?.kind === kind : isAny(hosts))
const isEntry = (row: HostsRow | undefined) => row?.kind === 'entry' || row?.kind === 'disabled'

export const actions: Record<ActionName, Action> = {
  add: { label: ({ asText }) => (asText ? 'Insert line …' : 'Add entry …'), icon: 'add', keys: 'Ins', isPossible: ({ file }) => file !== null, run: add },
  edit: { label: () => 'Edit …', icon: 'edit', keys: 'F2', isPossible: (hosts) => one(hosts) !== undefined, run: edit },
  enable: { label: () => 'Enable', icon: 'done', keys: 'Space', isPossible: isMaybe('disabled'), run: () => telling(() => turn('enable')) },
  disable: { label: () => 'Disable', icon: 'silent', keys: 'Space', isPossible: isMaybe('entry'), run: () => telling(() => turn('disable')) },
  remove: { label: () => 'Remove', icon: 'failed', keys: 'Del', isPossible: isAny, run: () => beginWith({ kind: 'remove', lines: selectedLines() }) },
  up: { label: () => 'Move up', icon: 'up', keys: 'Alt+Up', isPossible: isAny, run: () => telling(moveUp) },
  down: { label: () => 'Move down', icon: 'down', keys: 'Alt+Down', isPossible: isAny, run: () => telling(moveDown) },
  group: { label: () => 'Group …', icon: 'group', keys: '', isPossible: isAny, run: group },
  comment: { label: () => 'Comment …', icon: 'comment', keys: '', isPossible: (hosts) => isEntry(one(hosts)), run: comment },
  check: { label: () => 'Check', icon: 'check', keys: '', isPossible: ({ file }) => file !== null, run: () => check(useHosts.getState().server) },
  undo: { label: () => 'Undo …', icon: 'undo', keys: '', isPossible: ({ file }) => file !== null, run: () => openForm({ kind: 'undo', server: useHosts.getState().server }) },
  text: { label: ({ asText }) => (asText ? 'Table view' : 'Text view'), icon: 'text', keys: 'Ctrl+T', isPossible: ({ file }) => file !== null, run: () => useHosts.setState(({ asText }) => ({ asText: !asText, editing: null })) },
}

export function run(name: ActionName): void {
  if (actions[name].isPossible(useHosts.getState())) void actions[name].run()
}

/** Enables what is disabled, or disables what is enabled; of several, as the row of the keyboard is. */
export function turnOver(): void {
  const { pages, at } = useHosts.getState()
  run(rowAt(pages, at)?.kind === 'disabled' ? 'enable' : 'disable')
}

/** The newest save, without the list of all. */
export async function undoNewest(): Promise<void> {
  const subject = subjectNow()
  if (!subject) return
  const { server } = subject
  const result = await settled(edgewise.hosts.history({ server }))
  if (!result.ok) return say(result.error.message)
  const newest = result.value.saves.find(({ id }) => id === result.value.next)
  if (newest) takeBack(subject, [newest])
  else say('No save of the hosts file is left to be taken back.', 'information')
}

export function subjectNow(): Subject | null {
  const { server, file } = useHosts.getState()
  return file && { server, file }
}

function beginWith(edit: HostsEdit): void {
  const subject = subjectNow()
  if (subject) begin(subject, edit)
}

async function telling(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code !== 'cancelled') say([error.message, error.remedy].filter(Boolean).join(' '))
  }
}

async function turn(to: 'enable' | 'disable'): Promise<void> {
  const rows = await selectedRows()
  const lines = rows.filter(({ kind }) => kind === (to === 'enable' ? 'disabled' : 'entry')).map(({ line }) => line)
  if (lines.length === 0) return say(`None of the selected lines is an entry that could be ${to}d.`, 'information')
  beginWith({ kind: to, lines })
}

function add(): void {
  const subject = subjectNow()
  const { asText, pages, at } = useHosts.getState()
  if (!subject) return
  const after = rowAt(pages, at)?.line ?? 0
  if (!asText) return openForm({ kind: 'entry', subject, line: null, after: null, drafts: [emptyDraft], text: null })
  openForm({
    kind: 'words',
    subject,
    title: 'Insert a line',
    label: after === 0 ? 'First line:' : `New line after line ${after}:`,
    text: '',
    hint: 'As it is to stand in the file.',
    editOf: (text) => ({ kind: 'text', line: after, text, instead: false }),
  })
}

function edit(): void {
  const row = one(useHosts.getState())
  const subject = subjectNow()
  if (!row || !subject) return
  if (useHosts.getState().asText && !isCut(row)) return useHosts.setState({ editing: { line: row.line, was: row.text, text: row.text, subject } })
  if (isEntry(row)) {
    const draft = { ...emptyDraft, address: row.address ?? '', names: row.names.join(' '), comment: row.comment ?? '' }
    return openForm({ kind: 'entry', subject, line: row.line, after: null, drafts: [draft], text: null })
  }
  if (isCut(row)) return say(`Line ${row.line} is too long to be edited here. Use an editor for it, or remove it.`)
  openForm({
    kind: 'words',
    subject,
    title: `Edit line ${row.line}`,
    label: `Line ${row.line}:`,
    text: row.text,
    hint: 'As it is to stand in the file.',
    editOf: (text) => ({ kind: 'text', line: row.line, text, instead: true }),
  })
}

/** Such a line cannot be edited as text: not all of it is at hand. */
export const isCut = ({ text }: HostsRow) => text.length >= mostText

function group(): void {
  const lines = selectedLines()
  const { pages, at } = useHosts.getState()
  const subject = subjectNow()
  if (!subject) return
  openForm({
    kind: 'words',
    subject,
    title: 'Group',
    label: 'Name of the group:',
    text: rowAt(pages, at)?.group ?? '',
    hint: 'The selected lines are put under a heading with this name, where the first of them stands.',
    editOf: (name) => ({ kind: 'group', lines, name }),
  })
}

function comment(): void {
  const row = one(useHosts.getState())
  const subject = subjectNow()
  if (!row || !subject) return
  openForm({
    kind: 'words',
    subject,
    title: `Comment of line ${row.line}`,
    label: 'Comment:',
    text: row.comment ?? '',
    hint: 'Stands behind the entry after a “#”. Empty: the comment is taken away.',
    editOf: (text) => ({ kind: 'set', line: row.line, comment: text.trim() === '' ? null : text }),
  })
}

/** Before the row that is seen above them, whatever the filter hides between. */
async function moveUp(): Promise<void> {
  const lines = selectedLines()
  const place = await placeOf(lines[0] ?? 1)
  if (place === 0) return
  const [above] = await rowsBetween(place - 1, place - 1)
  if (above) beginWith({ kind: 'move', lines, before: above.line })
}

async function moveDown(): Promise<void> {
  const { total, file } = useHosts.getState()
  const lines = selectedLines()
  const place = await placeOf(lines.at(-1) ?? 1)
  if (place >= total - 1) return
  const [below] = await rowsBetween(place + 1, place + 1)
  if (below) beginWith({ kind: 'move', lines, before: below.line === file?.lines ? null : below.line + 1 })
}
