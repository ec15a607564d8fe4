// The double's hosts file: lines in memory that can be edited, written by others, and undone.
import type { HostsEdit, HostsFile, HostsFinding, HostsRow, HostsSave, HostsWanted, PatchLine } from '../../preload/contract/hosts.ts'
import type { Answers } from '../../preload/contract/index.ts'
import { Failure } from '../../preload/contract/failure.ts'

export interface HostsDouble {
  answers: Answers['hosts']
  lines(): readonly string[]
  /** As somebody else would write it. */
  write(lines: readonly string[]): void
  file: Pick<HostsFile, 'readOnly' | 'hidden' | 'notes'>
  /** What `check` finds beyond the rows, one after the other; it hangs after the last where `hangs` is set. */
  findings: HostsFinding[]
  hangs: boolean
  plan(wanted: HostsWanted): { words: string[]; patch: PatchLine[] }
  save(wanted: HostsWanted, id: string): { words: string[]; patch: PatchLine[] }
  planBack(id: string): { words: string[]; patch: PatchLine[] }
  undo(id: string, undoId: string): { words: string[]; patch: PatchLine[] }
}

const entryPattern = /^(#?)\s*([\da-f.:]{3,})\s+([^#]+?)\s*(?:#\s*(.*))?$/i

export function hostsDouble(changed: () => void, pause: () => Promise<unknown>): HostsDouble {
  let lines: readonly string[] = ['127.0.0.1 localhost', '', '# [Mail hosts]', '203.0.113.25 mx1.example.test # while DNS is wrong', '#203.0.113.26 mx2.example.test']
  const states = new Map<string, readonly string[]>()
  const saves: (HostsSave & { before: readonly string[] })[] = []
  const hash = () => hashOf(lines, states)

  const needState = (of: string) => {
    const state = states.get(of)
    if (!state) throw new Failure('not-found', 'What the hosts file was when you read it is not known any more.')
    return state
  }
  const write = (next: readonly string[]) => {
    lines = next
    hash()
    changed()
  }
  const planned = ({ hash: of, edit, evenReadOnly }: HostsWanted) => {
    if (of !== hash()) throw new Failure('changed-meanwhile', 'The hosts file was changed meanwhile.')
    if ((double.file.readOnly || double.file.hidden) && !evenReadOnly) throw new Failure('bad-input', 'The hosts file is read-only.')
    const after = edited(lines, edit)
    return { words: [wordsOf(edit)], patch: patchOf(lines, after), after }
  }
  const file = (): HostsFile => ({
    path: '/etc/hosts',
    hash: hash(),
    exists: true,
    bytes: lines.join('\n').length,
    lines: lines.length,
    entries: lines.map(rowOf).filter(({ kind }) => kind === 'entry').length,
    encoding: 'UTF-8',
    lineEndings: 'LF',
    transport: 'The embedded relay asks the hosts file before any DNS server.',
    ...double.file,
  })
  const saveOf = (id: string) => {
    const save = saves.find((one) => one.id === id)
    if (!save) throw new Failure('not-found', `There is no change “${id}”.`)
    return save
  }
  const double: HostsDouble = {
    lines: () => lines,
    write,
    file: { readOnly: false, hidden: false, notes: [] },
    findings: [],
    hangs: false,
    plan: planned,
    save: (wanted, id) => {
      const { words, patch, after } = planned(wanted)
      saves.unshift({ id, at: new Date().toISOString(), by: 'the console (process 1)', words, patch, undone: false, isUndo: false, before: lines })
      write(after)
      return { words, patch }
    },
    planBack: (id) => {
      const oldest = saveOf(id)
      return { words: oldest.words.map((word) => `Taken back: ${word}`), patch: patchOf(lines, oldest.before) }
    },
    undo: (id, undoId) => {
      const oldest = saveOf(id)
      const { words, patch } = double.planBack(id)
      for (const save of saves.slice(0, saves.indexOf(oldest) + 1)) save.undone = true
      saves.unshift({ ...oldest, id: undoId, words, patch, undone: false, isUndo: true })
      write(oldest.before)
      return { words, patch }
    },
    answers: {
      list: async ({ filter, show, page }) => {
        await pause()
        const rows = withGroups(lines.map(rowOf))
        const found = rows
          .filter((row) => show === 'all' || (show === 'entries' ? row.address !== null : row.findings.length > 0))
          .filter((row) => filter === '' || [row.address, ...row.names, row.comment, row.group].some((part) => part?.toLowerCase().includes(filter.toLowerCase())))
        return { file: file(), rows: found.slice(page.offset, page.offset + page.limit), total: found.length }
      },
      moved: async ({ hash: of, lines: asked }) => {
        const before = needState(of)
        return { hash: hash(), lines: asked.map((line) => lines.indexOf(before[line - 1] ?? '') + 1 || null) }
      },
      check: async (_, { progress, signal }) => {
        for (const finding of double.findings) {
          await pause()
          signal.throwIfAborted()
          progress(finding)
        }
        if (double.hangs) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Failure('cancelled', 'It was cancelled.'))))
        return { file: file(), findings: double.findings, notKnown: [] }
      },
      suggest: async ({ queue }) => ({
        text: `The DNS servers of LAN know the mail hosts of ${queue}.`,
        entries: [
          { name: `mx1.${queue}`, address: '203.0.113.25', text: '10.0.0.10 (LAN) answers 203.0.113.25.' },
          { name: `mx2.${queue}`, address: null, text: 'No DNS server knows an address.' },
        ],
      }),
      compare: async ({ hash: of, edit }) => {
        const before = needState(of)
        const ours = edited(before, edit)
        const line = edit.kind === 'set' || edit.kind === 'text' ? edit.line : 0
        const isConflict = line > 0 && before[line - 1] !== lines[line - 1]
        return {
          theirs: patchOf(before, lines),
          ours: patchOf(before, ours),
          merged: isConflict ? null : { hash: hash(), edit, patch: patchOf(lines, edited(lines, edit)) },
          conflicts: isConflict ? [{ line, before: before[line - 1] ?? '', theirs: lines[line - 1] ?? '', ours: ours[line - 1] ?? '' }] : [],
        }
      },
      history: async () => ({ saves: saves.map(({ before: _, ...save }) => save), next: saves.find(({ undone, isUndo }) => !undone && !isUndo)?.id ?? null }),
    },
  }
  return double
}

/** Each state has a name by which it is found again. */
function hashOf(lines: readonly string[], states: Map<string, readonly string[]>): string {
  const text = lines.join('\n')
  const known = [...states].find(([, state]) => state === lines || state.join('\n') === text)
  const name = known?.[0] ?? (states.size + 1).toString(16).padStart(64, '0')
  states.set(name, lines)
  return name
}

function rowOf(text: string, at: number): HostsRow {
  const [, mark, address = null, names = '', comment = null] = entryPattern.exec(text) ?? []
  const isEntry = mark === ''
  const kind = isEntry ? 'entry' : mark === '#' ? 'disabled' : text === '' ? 'blank' : /^# \[.*\]$/.test(text) ? 'heading' : text.startsWith('#') ? 'comment' : 'unreadable'
  const findings: HostsFinding[] = address === '0.0.0.0' ? [{ kind: 'impossible-address', line: at + 1, level: 'warning', text: 'No host can have the address 0.0.0.0.' }] : []
  return { line: at + 1, kind, text, address, names: names.split(/\s+/).filter(Boolean), comment, group: null, findings, use: address === null ? null : { used: isEntry, text: isEntry ? 'Used: the hosts file is asked first.' : 'Not used: it is disabled.' } }
}

function withGroups(rows: HostsRow[]): HostsRow[] {
  let group: string | null = null
  return rows.map((row) => {
    if (row.kind === 'heading') group = row.text.slice(3, -1)
    if (row.kind === 'blank') group = null
    return row.address === null ? row : { ...row, group }
  })
}

const entryText = ({ address, names, comment }: { address: string | null; names: readonly string[]; comment?: string | null | undefined }) => `${address ?? ''} ${names.join(' ')}${comment ? ` # ${comment}` : ''}`

function edited(lines: readonly string[], edit: HostsEdit): string[] {
  const next: (string | null)[] = [...lines]
  if (edit.kind === 'add') next.splice(edit.after ?? lines.length, 0, ...edit.entries.map(entryText))
  else if (edit.kind === 'text') next.splice(edit.instead ? edit.line - 1 : edit.line, edit.instead ? 1 : 0, edit.text)
  else if (edit.kind === 'set') {
    const row = rowOf(lines[edit.line - 1] ?? '', 0)
    next[edit.line - 1] = entryText({ address: edit.address ?? row.address, names: edit.names ?? row.names, comment: edit.comment === undefined ? row.comment : edit.comment })
  } else {
    const taken = edit.lines.map((line) => lines[line - 1] ?? '')
    if (edit.kind === 'enable') for (const line of edit.lines) next[line - 1] = (lines[line - 1] ?? '').replace(/^#\s*/, '')
    if (edit.kind === 'disable') for (const line of edit.lines) next[line - 1] = `#${lines[line - 1] ?? ''}`
    if (edit.kind === 'remove' || edit.kind === 'move' || edit.kind === 'group') for (const line of edit.lines) next[line - 1] = null
    if (edit.kind === 'move') next.splice(edit.before === null ? lines.length : edit.before - 1, 0, ...taken)
    if (edit.kind === 'group') next.splice((edit.lines[0] ?? 1) - 1, 0, `# [${edit.name}]`, ...taken)
  }
  return next.filter((line) => line !== null)
}

const wordsOf = (edit: HostsEdit) => (edit.kind === 'add' ? edit.entries.map(({ address, names }) => `${names.join(', ')} is at ${address}.`).join(' ') : `Lines: ${edit.kind}.`)

/** What both begin and end with is kept; the rest is removed and added. */
function patchOf(before: readonly string[], after: readonly string[]): PatchLine[] {
  let head = 0
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++
  let tail = 0
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const part = (kind: PatchLine['kind'], lines: readonly string[], from: number, to: number) => lines.slice(from, to).map((text, at): PatchLine => ({ kind, line: from + at + 1, text }))
  return [
    ...part('kept', before, Math.max(0, head - 3), head),
    ...part('removed', before, head, before.length - tail),
    ...part('added', after, head, after.length - tail),
    ...part('kept', before, before.length - tail, Math.min(before.length, before.length - tail + 3)),
  ]
}
